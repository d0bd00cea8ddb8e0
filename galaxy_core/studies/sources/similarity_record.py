"""What two networks make alike, layer by layer, kept in the folder of one of them: measured once, read by every page.

A record is found by the weights and views of both, the galaxies and the seed that draws of them, whichever of the two
is named first.
"""

from collections.abc import Sequence

from galaxy_core import __version__
from galaxy_core.results.records import SIMILARITY, Record, keep, kept, said_by_name
from galaxy_core.runs.run import Run
from galaxy_core.studies.sources.layers import LayerAlignment, every_depth

MARKS = ("first_sha256", "second_sha256", "data_sha256")
KEY = (*MARKS, "first_view", "second_view", "seed")
View = tuple[int, int]


def similarity_record(
    first: tuple[str, str],
    second: tuple[str, str],
    data_sha256: str,
    views: tuple[View, View],
    found: LayerAlignment,
    *,
    seed: int = 0,
) -> Record:
    """The alignment as plain JSON; first and second: the name of a network and the sha256 of its weights.

    views: crop and size in pixels in which each was shown the galaxies.
    """
    return {
        "galaxy_core": __version__,
        "first": first[0],
        "second": second[0],
        "first_sha256": first[1],
        "second_sha256": second[1],
        "data_sha256": data_sha256,
        "first_view": list(views[0]),
        "second_view": list(views[1]),
        "seed": seed,
        **found.to_json(),
    }


def keep_similarity(folders: Sequence[Run], record: Record) -> None:
    """Put it into the first of the folders that is one's own, else beside one's own; nothing without marks."""
    if all(record[name] for name in MARKS):
        keep(next((run for run in folders if not run.is_shipped), folders[0]), SIMILARITY, record, KEY)


def kept_similarity(
    folders: Sequence[Run],
    first_sha256: str,
    second_sha256: str,
    data_sha256: str,
    views: tuple[View, View],
    *,
    seed: int = 0,
) -> LayerAlignment | None:
    """What was kept of those two at `every_depth` in any of the folders, rows the first's layers; else None.

    Errors: BadFileError for a damaged file.
    """
    marks = (first_sha256, second_sha256, data_sha256)
    if not all(marks):
        return None
    of_first, of_second = (list(view) for view in views)
    wanted = (*marks, of_first, of_second, seed)
    turned = (second_sha256, first_sha256, data_sha256, of_second, of_first, seed)
    for run in folders:
        for values, is_turned in ((wanted, False), (turned, True)):
            record = kept(run, SIMILARITY, dict(zip(KEY, values, strict=True)))
            found = None if record is None else _alignment_of(record, run)
            if found is not None and found.layers == every_depth(found.backbone):
                return found.transposed() if is_turned else found
    return None


def _alignment_of(record: Record, run: Run) -> LayerAlignment:
    with said_by_name(f"{SIMILARITY} of {run.name}"):
        return LayerAlignment.from_json(record)
