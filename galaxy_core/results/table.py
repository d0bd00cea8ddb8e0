"""The accuracy table: one row a run, in the order and with the columns that scripts rely on.

It reads run folders and computes nothing about galaxies; `render` shows them.
"""

import math
import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from galaxy_core.data.classes import GALAXY10, Classes
from galaxy_core.errors import BadValueError
from galaxy_core.networks.policy import POLICIES, needs_source
from galaxy_core.networks.registry import DEFAULT_BACKBONE
from galaxy_core.results.paper import paper_row
from galaxy_core.results.provenance import data_of, tested_on, tested_part, trained_on
from galaxy_core.results.setting import NO_SOURCE, Setting, check_same_classes, setting_of, told_apart
from galaxy_core.runs.run import CONFIG, Run

PAPER_COLUMNS = ("paper_test_accuracy", "paper_train_loss", "paper_train_accuracy", "paper_test_loss")


@dataclass(frozen=True)
class TableRow:
    """One run. Accuracies and losses are None until there are any; the test columns until the run is done.

    `imagenet_percent` is the cut in percent whatever the source; `test_low` and `test_high` bound the test
    accuracy at 95 %, `balanced_low` and `balanced_high` the balanced one; `setting` is what the seeds of one setting
    agree in, as JSON, `classes` what it tells apart (these four are no columns of the CSV,
    which scripts rely on). The training columns are those of
    the last epoch, measured on augmented batches.
    """

    run: str
    policy: str
    source: str
    imagenet_percent: int
    trainable_percent: int
    seed: int | None
    train_loss: float | None
    train_accuracy: float | None
    test_loss: float | None
    test_accuracy: float | None
    test_low: float | None
    test_high: float | None
    balanced_accuracy: float | None
    paper_test_accuracy: float | None
    balanced_low: float | None = None
    balanced_high: float | None = None
    backbone: str = DEFAULT_BACKBONE
    paper_train_loss: float | None = None
    paper_train_accuracy: float | None = None
    paper_test_loss: float | None = None
    setting: Setting = ""
    classes: Classes = GALAXY10


@dataclass(frozen=True)
class SeedSummary:
    """Test accuracy over the seeds of one setting; `spread` is the standard deviation (n − 1).

    One seed has no spread: None. `told` is what tells the setting from others of its policy, source and percentage:
    `epochs 8`; mostly empty.
    """

    policy: str
    source: str
    imagenet_percent: int
    n_seeds: int
    mean: float
    spread: float | None
    lowest: float
    highest: float
    told: str = ""


def table_rows(runs: Iterable[Run]) -> list[TableRow]:
    """The rows of those runs, sorted by policy, ImageNet percent, seed and name.

    Errors: BadValueError for a run that is a source of weights and no classifier, or of other classes than the
    first, BadFileError for a damaged one.
    """
    runs = list(runs)
    rows = [_row(run) for run in runs]
    check_same_classes(runs)
    return sorted(rows, key=_order)


def is_source(run: Run) -> bool:
    """Whether the run holds, or is being trained to hold, pre-trained weights without a classifier."""
    return run.is_source


def seed_summary(rows: Iterable[TableRow]) -> list[SeedSummary]:
    """Mean and spread of the test accuracy over the finished seeds of each setting."""
    groups: dict[Setting, list[TableRow]] = {}
    for row in rows:
        if row.test_accuracy is not None:
            groups.setdefault(row.setting, []).append(row)
    return [
        _summary(members, told) for members, told in zip(groups.values(), _told(groups.values()), strict=True)
    ]


def _told(groups: Iterable[Sequence[TableRow]]) -> list[str]:
    """For each group what tells it from those that look the same in the columns of a summary."""
    firsts = [members[0] for members in groups]
    found = dict.fromkeys((row.setting for row in firsts), "")
    for columns in {(row.policy, row.source, row.imagenet_percent) for row in firsts}:
        same = [row.setting for row in firsts if (row.policy, row.source, row.imagenet_percent) == columns]
        found |= dict(zip(same, told_apart(same), strict=True)) if len(same) > 1 else {}
    return list(found.values())


def table_notes(runs: Iterable[Run]) -> list[str]:
    """What must stand beside the numbers: the galaxies each run that was tested was trained and tested on."""
    finished = [run for run in runs if run.is_finished and not run.is_source and run.measured()]
    tested = Counter(tested_on(run) for run in finished)
    notes = [sentence if len(tested) == 1 else f"{sentence} ({n} runs)" for sentence, n in tested.items()]
    notes += trained_on(finished)
    if len({tested_part(run) for run in finished}) > 1:
        notes.append("These runs were not tested on the same galaxies: do not compare them row by row.")
    elif len({run.card().get("fold") for run in finished}) > 1:
        notes.append("Runs of different folds were tested on different galaxies: compare the pooled rows.")
    if any(data_of(run).get("origin") != "survey" and run.classes == GALAXY10 for run in finished):
        notes.append("The paper's numbers are for the full Galaxy10 DECaLS, these are not: no like for like.")
    return notes


def _row(run: Run) -> TableRow:
    if is_source(run):
        raise BadValueError(
            f"{run.name} holds pre-trained weights and no classifier, so it has no row; "
            f"train with `--source {run.name}` first"
        )
    card = run.card() if run.is_finished else {}
    metrics = (run.measured() or {}) if run.is_finished else {}
    last = run.history()[-1:] or [{}]
    columns, classes = _columns(run, card), run.classes
    paper = paper_row(columns["policy"], columns["imagenet_percent"], classes)
    return TableRow(
        run=run.name,
        **columns,
        train_loss=finite(last[0].get("loss")),
        train_accuracy=finite(last[0].get("accuracy")),
        test_loss=finite(metrics.get("loss")),
        test_accuracy=finite(metrics.get("accuracy")),
        test_low=finite(metrics.get("accuracy_low")),
        test_high=finite(metrics.get("accuracy_high")),
        balanced_accuracy=finite(metrics.get("balanced_accuracy")),
        paper_test_accuracy=paper.test_accuracy if paper else None,
        balanced_low=finite(metrics.get("balanced_low")),
        balanced_high=finite(metrics.get("balanced_high")),
        paper_train_loss=paper.train_loss if paper else None,
        paper_train_accuracy=paper.train_accuracy if paper else None,
        paper_test_loss=paper.test_loss if paper else None,
        setting=setting_of(run),
        classes=classes,
    )


def _columns(run: Run, card: dict[str, Any]) -> dict[str, Any]:
    """Policy, source, percentages and seed: from the config, or from the card where that is all there is."""
    if (run.path / CONFIG).is_file():
        config = run.config
        policy, cut, seed, backbone = config.policy, config.cut, config.seed, config.backbone
        asked = config.source if needs_source(policy, cut) else NO_SOURCE
    else:
        policy, cut, seed, asked = str(card.get("policy", "")), _card_cut(run, card), None, NO_SOURCE
        backbone = str(card.get("backbone", DEFAULT_BACKBONE))
    percent = round(100 * cut)
    return {
        "policy": policy,
        "source": _source_name(card) if card else asked,
        "imagenet_percent": percent,
        "trainable_percent": 100 - percent,
        "seed": seed,
        "backbone": backbone,
    }


def _source_name(card: dict[str, Any]) -> str:
    source = card.get("source")
    name = source.get("name") if isinstance(source, dict) else source
    return str(name or NO_SOURCE)


def _card_cut(run: Run, card: dict[str, Any]) -> float:
    cut = finite(card.get("cut"))
    if cut is None:
        raise BadValueError(f"run {run.name} has no config.json and its card no cut; restore config.json")
    return cut


def _order(row: TableRow) -> tuple[int, str, int, int, str]:
    known = list(POLICIES)
    place = known.index(row.policy) if row.policy in known else len(known)
    return place, row.policy, row.imagenet_percent, -1 if row.seed is None else row.seed, row.run


def _summary(members: Sequence[TableRow], told: str) -> SeedSummary:
    row, values = members[0], [row.test_accuracy for row in members if row.test_accuracy is not None]
    spread = statistics.stdev(values) if len(values) > 1 else None
    columns = (row.policy, row.source, row.imagenet_percent)
    return SeedSummary(
        *columns, len(values), statistics.fmean(values), spread, min(values), max(values), told
    )


def finite(value: Any) -> float | None:
    """The number, or None where there is none or it says nothing (NaN after a diverged epoch)."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and math.isfinite(value) else None
