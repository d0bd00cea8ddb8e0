"""The sources that runs took layers from, by name, as weights."""

from __future__ import annotations

from collections.abc import Iterable

from galaxy_core.errors import BadValueError
from galaxy_core.results.table import NO_SOURCE, TableRow
from galaxy_core.runs.run import Run
from galaxy_core.transfer.source import Source, load_source


def sources_of(rows: Iterable[TableRow]) -> list[str]:
    """Every source once, in the order of the rows; BadValueError where there is none."""
    found = list(dict.fromkeys(row.source for row in rows if row.source != NO_SOURCE))
    if not found:
        raise BadValueError("none of these runs took layers from a source; name one that did")
    return found


def source_of(name: str, run: Run) -> Source:
    """The weights of that name for the network of the run; BadValueError where it names no weights."""
    source = load_source(name, run.network)
    if source is None:
        raise BadValueError(
            f"there are no features to score in a source named {name}; name a run or imagenet"
        )
    return source
