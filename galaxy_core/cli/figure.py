"""`galaxy figure`: the paper's table of heatmaps, a test galaxy of each class a row, a run a column."""

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from galaxy_core.cli.shell.chosen import finished_classifiers, galaxies_of, open_lineup, say_if_coarse
from galaxy_core.cli.shell.output import Overwrite, check_out, tell
from galaxy_core.cli.shell.sentences import say
from galaxy_core.errors import BadValueError

if TYPE_CHECKING:
    import numpy as np

    from galaxy_core.data.classes import Classes
    from galaxy_core.data.galaxy10 import Galaxies
    from galaxy_core.maps.figure import FigureCell, FigureRow
    from galaxy_core.results.table import TableRow
    from galaxy_core.runs.run import Run
    from galaxy_core.serving.lineup import Explained


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
    overwrite: Overwrite = False,
) -> None:
    """Draw what each run looks at, on the same test galaxies and one scale of colours."""
    from galaxy_core.maps.figure import draw_figure

    check_out(out, overwrite, data, kinds=(".png",))
    labelled = _in_order(finished_classifiers(run))
    classes = _checked_classes(class_, len(next(iter(labelled.values())).classes))
    galaxies = galaxies_of(list(labelled.values()), data)
    candidates = _shared_test_part(list(labelled.values()), galaxies)
    chosen = choose(galaxies.labels, candidates, classes, rows)
    say_if_coarse(list(labelled.values()))
    draw_figure(_rows(labelled, galaxies, chosen), out, overwrite=overwrite)
    tell(out, f"{len(chosen)} galaxies by {len(labelled)} runs in {out}")


def choose(labels: "np.ndarray", candidates: "np.ndarray", classes: list[int], n: int) -> list[int]:
    """The first candidate of each class, then the second of each, until there are `n` (or no more)."""
    of_class = [candidates[labels[candidates] == c] for c in classes]
    deepest = max(len(indices) for indices in of_class)
    turns = (int(indices[turn]) for turn in range(deepest) for indices in of_class if turn < len(indices))
    return list(islice(turns, n))


def _checked_classes(classes: list[int] | None, n_classes: int) -> list[int]:
    for number in classes or []:
        if not 0 <= number < n_classes:
            raise BadValueError(
                f"--class must lie in 0..{n_classes - 1}, got {number}; see `galaxy data info`"
            )
    return list(dict.fromkeys(classes or range(n_classes)))


def _in_order(runs: "list[Run]") -> "dict[str, Run]":
    """The runs as the table orders them, by the words above their columns."""
    from galaxy_core.results.table import table_rows

    by_name, rows = {run.name: run for run in runs}, table_rows(runs)
    labels = [_label(row) for row in rows]
    if len(set(labels)) < len(labels):
        labels = [row.run for row in rows]
    return {label: by_name[row.run] for label, row in zip(labels, rows, strict=True)}


def _label(row: "TableRow") -> str:
    if row.policy == "scratch" or (row.policy.startswith("transfer") and row.imagenet_percent == 0):
        return "from scratch"
    source = {"imagenet": "ImageNet", "none": "random"}.get(row.source, row.source)
    return f"{source} {row.imagenet_percent} %"


def _shared_test_part(runs: "list[Run]", galaxies: "Galaxies") -> "np.ndarray":
    """The galaxies that none of the runs was trained on, as far as their cards tell."""
    from functools import reduce

    import numpy as np

    from galaxy_core.prediction.evaluate import part_to_test

    parts = [part_to_test(run, galaxies) for run in runs]
    for sentence in dict.fromkeys(sentence for part, _, sentence in parts if part == "all"):
        say(sentence)
    shared = reduce(np.intersect1d, [indices for _, indices, _ in parts])
    if not len(shared):
        raise BadValueError("these runs have no test galaxy in common; draw one figure for each split")
    return shared


def _rows(labelled: "dict[str, Run]", galaxies: "Galaxies", chosen: list[int]) -> "list[FigureRow]":
    import numpy as np

    from galaxy_core.maps.figure import FigureRow

    if not chosen:
        raise BadValueError("the test part has no galaxy of that class; choose another --class")
    images = np.asarray(galaxies.images[chosen])
    lineup = open_lineup(list(labelled.values()))
    explained = lineup.explain(images)
    return [
        FigureRow(
            image,
            galaxies.classes[galaxies.labels[index]],
            tuple(_cell(label, galaxies.classes, explained[run.name], i) for label, run in labelled.items()),
        )
        for i, (index, image) in enumerate(zip(chosen, images, strict=True))
    ]


def _cell(label: str, classes: "Classes", explained: "Explained", i: int) -> "FigureCell":
    from galaxy_core.maps.cam import heatmap, why_blank
    from galaxy_core.maps.figure import FigureCell
    from galaxy_core.serving.lineup import probabilities

    shares = probabilities(explained.logits[i])
    predicted = int(shares.argmax())
    heat = heatmap(explained.maps[i], explained.logits[i], explained.bias, predicted)
    # the maps of all classes are sums of the features: where every one is zero, so are they
    features = explained.maps[i].transpose(1, 2, 0)
    reason = why_blank(heat.values, features=features)
    return FigureCell(label, heat, explained.view, classes[predicted], float(shares[predicted]), reason)
