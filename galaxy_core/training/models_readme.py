"""`models/README.md`: the table of all shipped models, made from their cards, and what they must not be used for."""

from pathlib import Path
from typing import Any

from galaxy_core.files.atomic import write_text_atomically
from galaxy_core.networks.policy import taken_in_words
from galaxy_core.numerals import percent
from galaxy_core.runs.run import CARD, METRICS, WEIGHTS, Run
from galaxy_core.training.ship import ACKNOWLEDGEMENTS

LEAD = """# Shipped models

Real models, in the explorer from the first page on and without a network. Each folder is a run like any other, but
read-only; its `card.json` says all of it. They are made by

```bash
make models PHOTOGRAPHS=folder-of-labelled-photographs GALAXIES=real.h5
```

which can be interrupted and carried on with at any time, and says beforehand how long it takes. Stored at half size
(kernels of convolutions float16, batch normalisation and head float32); every number below was measured with the stored
weights.

A checkpoint holds the tensors that were trained here. What it took over unchanged it names by source, sha256 and
tensor, and reads from there: from the source beside it, or from the installed package of ImageNet weights, whose
licence (Apache-2.0) stays its own. `galaxy runs pack` writes a whole one. Each card states the licence.

`folds/` holds what the same recipes answered in every fold of a cross-validation, without their weights: `galaxy table
NAME-folds` pools them, `galaxy study difference NAME-folds` compares their rows.
"""
LIMITS = """
## What they must not be used for

- **No measurement of the sky.** Their galaxies are few and balanced over the classes, as the sky is not.
- **No claim about ImageNet** by what comes from a source above: it has seen a fraction of ImageNet, as small
  pictures, for as long as its card says. What comes from the source `imagenet` began with weights trained on all of it.
- **No word on where they look** where the maps are that coarse: no study of them is made.
- **Research and education only** for the sources and everything trained from them: the photographs they were trained on
  have these terms.
- Other telescopes, colours or scales than those of the DESI Legacy Imaging Surveys: the answers mean nothing there.

## Acknowledgements
"""


def write_readme(folder: Path) -> Path:
    """Write README.md from the cards of the runs in `folder`; returns its path."""
    runs = [Run(path) for path in sorted(folder.iterdir()) if (path / CARD).is_file()]
    sources = [run for run in runs if run.is_source]
    classifiers = [run for run in runs if not run.is_source]
    parts = [LEAD, _sources(sources), _classifiers(classifiers), LIMITS]
    thanks = "\n".join(f"- {sentence}" for sentence in ACKNOWLEDGEMENTS) + "\n"
    path = folder / "README.md"
    write_text_atomically(path, "\n".join(part for part in parts if part) + "\n" + thanks)
    return path


def _sources(runs: list[Run]) -> str:
    if not runs:
        return ""
    head = [
        "source",
        "classes",
        "images seen",
        "side",
        "right on held-out photographs",
        "hours",
        "device",
        "MB",
    ]
    return "## Sources\n\n" + _table(head, [_source_row(run, run.card()) for run in runs])


def _source_row(run: Run, card: dict[str, Any]) -> list[str]:
    measured = card["held_out"]
    interval = f"{percent(measured['accuracy_low'], 1)}–{percent(measured['accuracy_high'], 1)}"
    return [
        run.name,
        str(len(card["classes"])),
        f"{card['images_seen']:,} ({card['passes']:g} passes)",
        f"{card['image_size']} px",
        f"{percent(measured['accuracy'], 1)} ({interval}, {measured['n']:,} photographs)",
        f"{card['seconds'] / 3600:.1f}",
        card["environment"]["device"],
        _megabytes(run),
    ]


def _classifiers(runs: list[Run]) -> str:
    if not runs:
        return ""
    head = [
        "classifier",
        "network",
        "policy",
        "taken over",
        "source",
        "trained on",
        "sees",
        "own test part",
        "all folds",
        "min",
        "MB",
    ]
    rows = [_classifier_row(run, run.card()) for run in runs if (run.path / METRICS).is_file()]
    return "## Classifiers\n\n" + _table(head, rows) + "\n" + READING


READING = """*Own test part* is accuracy on galaxies this very checkpoint has never seen, with its 95 % interval;
*all folds* is a cross-validation of the same recipe, every galaxy tested once, where it was made. Real galaxies alone
are in both, the classes balanced. *Sees* is the central square of an image that it answers from, and the cells of its
maps, which cover that square alone: fewer than 6 × 6 are too coarse to say where a network looks."""


def _classifier_row(run: Run, card: dict[str, Any]) -> list[str]:
    metrics, data, source = run.metrics(), card["data"], card["source"]
    n_mock = f" and {data['n_train_mock']:,} mock" if data.get("n_train_mock") else ""
    own = _interval(metrics["accuracy"], metrics["accuracy_low"], metrics["accuracy_high"], metrics["n"])
    every = card.get("cross_validation")
    pooled = (
        _interval(every["test_accuracy"], every["test_low"], every["test_high"], every["n_galaxies"])
        if every
        else "–"
    )
    return [
        run.name,
        run.network.title,
        card["policy"],
        taken_in_words(card["policy"], round(100 * card["cut"])),
        _source(source, card.get("before", [])),
        f"{data['n_train']} real{n_mock}",
        _seen(run),
        own,
        pooled,
        f"{(card['seconds'] + sum(stage['seconds'] for stage in card.get('before', []))) / 60:.1f}",
        _megabytes(run),
    ]


def _seen(run: Run) -> str:
    """The pixels a network sees, and into how many cells its maps divide them."""
    view = run.config.view
    n_cells = run.network.map_cells(view.size)
    return f"{view.crop} px, {n_cells} × {n_cells} cells"


def _source(source: dict[str, Any] | None, before: list[dict[str, Any]]) -> str:
    """Where the weights come from: the first source, where there were stages of which only the last is here."""
    if before:
        return f"{before[-1]['source']}, in {len(before) + 1} stages"
    return source["name"] if source else "none"


def _interval(value: float, low: float, high: float, n: int) -> str:
    return f"{percent(value, 1)} ({percent(low, 1)}–{percent(high, 1)}, {n} galaxies)"


def _megabytes(run: Run) -> str:
    return f"{(run.path / WEIGHTS).stat().st_size / 1e6:.1f}"


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
