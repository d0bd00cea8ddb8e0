"""`galaxy figure`: the paper's table of heatmaps, a test galaxy of each class a row, a run a column."""

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from galaxy_core.cli.shell.chosen import (
    Device,
    finished_classifiers,
    galaxies_of,
    open_lineup,
    say_if_coarse,
)
from galaxy_core.cli.shell.heat_pictures import HeatScale
from galaxy_core.cli.shell.output import Overwrite, check_out, tell
from galaxy_core.cli.shell.sentences import say
from galaxy_core.errors import BadValueError

if TYPE_CHECKING:
    import numpy as np

    from galaxy_core.data.galaxy10 import Galaxies
    from galaxy_core.maps.figure import FigureRow
    from galaxy_core.runs.run import Run

GRAD_CAM, CENTRED = "grad-cam", "class-centred"
PREDICTED, TRUE = "predicted", "true"
TITLES = {GRAD_CAM: "Grad-CAM", CENTRED: "Class-centred map"}


def figure(
    run: Annotated[
        list[str], typer.Argument(help="Finished runs, or a sweep, whose name means all its runs.")
    ],
    out: Annotated[Path, typer.Option(help="The PNG to write.")],
    class_: Annotated[
        list[int] | None,
        typer.Option("--class", help="Galaxies of this class, by its number; may be given again."),
    ] = None,
    rows: Annotated[int, typer.Option(help="How many galaxies.", min=1, max=100)] = 10,
    data: Annotated[
        Path | None, typer.Option(help="The galaxies, where they are no longer in place.")
    ] = None,
    map_: Annotated[
        str,
        typer.Option("--map", help=f"{GRAD_CAM}, as in the paper, or {CENTRED}."),
    ] = GRAD_CAM,
    of: Annotated[str, typer.Option(help=f"The class the maps are of: {PREDICTED} or {TRUE}.")] = PREDICTED,
    heat_scale: HeatScale = "this-map",
    device: Device = "auto",
    overwrite: Overwrite = False,
) -> None:
    """Draw what each run looks at, on the same test galaxies: Grad-CAM of the predicted class, as the paper does."""
    from galaxy_core.maps.figure import draw_figure
    from galaxy_core.maps.heat_scale import checked
    from galaxy_core.report.rows import labels_of
    from galaxy_core.results.table import table_rows

    check_out(out, overwrite, data, kinds=(".png",))
    _check_one_of("--map", map_, (GRAD_CAM, CENTRED))
    _check_one_of("--of", of, (PREDICTED, TRUE))
    scale = checked(heat_scale)
    runs = finished_classifiers(run)
    labels = labels_of(table_rows(runs))
    classes = _checked_classes(class_, len(runs[0].classes))
    galaxies = galaxies_of(runs, data)
    chosen = choose(galaxies.labels, _shared_test_part(runs, galaxies), classes, rows)
    say_if_coarse(runs)
    made = _rows(runs, labels, galaxies, chosen, is_centred=map_ == CENTRED, of=of, device=device)
    title = f"{TITLES[map_]} of the {of} class"
    draw_figure(made, out, overwrite=overwrite, title=title, scale=scale)
    tell(out, f"{len(chosen)} galaxies by {len(runs)} runs in {out}")


def choose(labels: "np.ndarray", candidates: "np.ndarray", classes: list[int], n: int) -> list[int]:
    """The first candidate of each class, then the second of each, until there are `n` (or no more)."""
    of_class = [candidates[labels[candidates] == c] for c in classes]
    deepest = max(len(indices) for indices in of_class)
    turns = (int(indices[turn]) for turn in range(deepest) for indices in of_class if turn < len(indices))
    return list(islice(turns, n))


def _check_one_of(option: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise BadValueError(f"{option} must be one of {', '.join(allowed)}, got {value!r}")


def _checked_classes(classes: list[int] | None, n_classes: int) -> list[int]:
    for number in classes or []:
        if not 0 <= number < n_classes:
            raise BadValueError(
                f"--class must lie in 0..{n_classes - 1}, got {number}; see `galaxy data info`"
            )
    return list(dict.fromkeys(classes or range(n_classes)))


def _shared_test_part(runs: "list[Run]", galaxies: "Galaxies") -> "np.ndarray":
    """Galaxies that none of the runs was trained on, as far as is known."""
    from galaxy_core.prediction.evaluate import part_of_all

    shared, unsure = part_of_all(runs, galaxies)
    for sentence in unsure:
        say(sentence)
    if not len(shared):
        raise BadValueError("these runs have no test galaxy in common; draw one figure for each split")
    return shared


def _rows(
    runs: "list[Run]",
    labels: dict[str, str],
    galaxies: "Galaxies",
    chosen: list[int],
    *,
    is_centred: bool,
    of: str,
    device: str,
) -> "list[FigureRow]":
    import numpy as np

    from galaxy_core.maps.figure import FigureRow, explained_cell

    if not chosen:
        raise BadValueError("the test part has no galaxy of that class; choose another --class")
    images = np.asarray(galaxies.images[chosen])
    explained = open_lineup(runs, device).explain(images)
    wanted = [int(galaxies.labels[index]) if of == TRUE else None for index in chosen]
    columns = {name: label.replace("\u00a0", " ") for name, label in labels.items()}
    return [
        FigureRow(
            image,
            galaxies.classes[galaxies.labels[index]],
            tuple(
                explained_cell(label, explained[name], i, galaxies.classes, wanted[i], centred=is_centred)
                for name, label in columns.items()
            ),
        )
        for i, (index, image) in enumerate(zip(chosen, images, strict=True))
    ]
