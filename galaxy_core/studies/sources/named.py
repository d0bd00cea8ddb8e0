"""The sources that runs took layers from, by name, as weights."""

from __future__ import annotations

from collections.abc import Iterable

from galaxy_core.errors import BadValueError
from galaxy_core.results.table import NO_SOURCE, TableRow
from galaxy_core.runs.run import Run
from galaxy_core.transfer.source import Source, load_source

NONE_TAKEN = "none of these runs took layers from a source; name one that did"


def sources_of(rows: Iterable[TableRow]) -> list[str]:
    """Every source once, in the order of the rows; BadValueError where there is none."""
    found = list(dict.fromkeys(row.source for row in rows if row.source != NO_SOURCE))
    if not found:
        raise BadValueError(NONE_TAKEN)
    return found


def source_of(name: str, run: Run) -> Source:
    """The weights of that name for the network of the run; BadValueError where it names no weights."""
    source = load_source(name, run.network)
    if source is None:
        raise BadValueError(
            f"there are no features to score in a source named {name}; name a run or imagenet"
        )
    return source


def source_taken(name: str, run: Run) -> Source:
    """The source that the run took layers from; BadValueError where it is another one now than when the run began."""
    source, begun = source_of(name, run), mark_of_source(run)
    if begun and source.sha256 and begun != source.sha256:
        raise BadValueError(
            f"{run.name} was begun from other weights than {source.name} has now, so what it kept cannot be told; "
            "train it again"
        )
    return source


def mark_of_source(run: Run) -> str:
    """The sha256 of the source's weights as the run remembers it; empty where it does not."""
    source = run.card().get("source")
    return str(source.get("sha256") or "") if isinstance(source, dict) else ""


def view_of(run: Run) -> tuple[int, int]:
    """Crop and size in pixels in which the run is shown galaxies."""
    return run.config.crop, run.config.image_size
