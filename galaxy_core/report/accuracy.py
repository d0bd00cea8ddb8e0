"""The accuracy table beside the paper's, and what seeds and folds make of it."""

from collections.abc import Sequence
from statistics import fmean

from galaxy_core.networks.cut import cut_at
from galaxy_core.networks.registry import get_backbone
from galaxy_core.numerals import NOTHING, number, percent
from galaxy_core.report.markup import (
    Markup,
    Section,
    element,
    joined,
    paragraphs,
    table,
    with_interval,
)
from galaxy_core.report.rows import Material, share_taken_over
from galaxy_core.results.pooled_table import PooledTable
from galaxy_core.results.render import references, seed_fields
from galaxy_core.results.render_pooled import pooled_notes
from galaxy_core.results.table import TableRow, seed_summary, table_notes

_HEADS = (
    *("run", "policy", "source", "layers", "parameters", "training loss", "training accuracy"),
    *("test loss", "test accuracy (95 %)", "balanced"),
    *("paper: training loss", "paper: training accuracy", "paper: test loss", "paper: test accuracy"),
)
_INTERVALS = (
    "Intervals of single runs are Wilson's at 95 % and cover the choice of test galaxies, not the training."
)


def accuracy_section(material: Material) -> Section:
    """The table, and what must stand beside it."""
    notes = [*table_notes(material.runs), *pooled_notes(material.pooled), _INTERVALS]
    notes += references(material.classes)
    caption = "Layers and parameters: the share below the cut. Losses in nats; training: last epoch, augmented batches."
    body = joined(
        [
            table(_HEADS, map(_line, material.lines), caption=caption, numbers_from=3),
            paragraphs(notes, class_="note"),
            _seeds(material),
            _folds(material.pooled),
        ]
    )
    cited = ("wilson", *(("korn",) if material.pooled.rows else ()))
    return Section("table", "The table, beside the paper's", body, cited)


def best_line(material: Material) -> Markup:
    """The setting that is right most often, in one sentence; of several seeds the mean, not the luckiest."""
    best = max(_settings(material), key=_mean_accuracy)
    first = best[0]
    what = f"Most often right: {share_taken_over(first)}, {first.policy}, test accuracy "
    if len(best) == 1:
        return joined([what, with_interval(first.test_accuracy, first.test_low, first.test_high), "."])
    return joined([what, f"{_mean_accuracy(best):.3f}, the mean of {len(best)} seeds."])


def _settings(material: Material) -> list[list[TableRow]]:
    """The lines of each setting: its seeds, or the one line of a cross-validation."""
    groups: dict[str, list[TableRow]] = {}
    singles = {run.name for run in material.singles}
    for row in material.lines:
        groups.setdefault(row.setting if row.run in singles else row.run, []).append(row)
    return list(groups.values())


def _mean_accuracy(rows: Sequence[TableRow]) -> float:
    return fmean(row.test_accuracy or 0.0 for row in rows)


def _line(row: TableRow) -> tuple[object, ...]:
    return (
        *(row.run, row.policy, row.source, f"{row.imagenet_percent} %", _parameters(row)),
        *(number(row.train_loss), number(row.train_accuracy), number(row.test_loss)),
        element("strong", with_interval(row.test_accuracy, row.test_low, row.test_high)),
        number(row.balanced_accuracy),
        number(row.paper_train_loss, 2),
        number(row.paper_train_accuracy, 2),
        number(row.paper_test_loss, 2),
        number(row.paper_test_accuracy, 2),
    )


def _parameters(row: TableRow) -> str:
    if not 0 <= row.imagenet_percent <= 100:
        return NOTHING
    cut = cut_at(get_backbone(row.backbone), row.imagenet_percent / 100)
    return percent(cut.parameter_share)


def _seeds(material: Material) -> Markup | None:
    """Mean and spread over seeds; None where no setting has two."""
    singles = {run.name for run in material.singles}
    summaries = seed_summary(row for row in material.lines if row.run in singles)
    if all(item.n_seeds < 2 for item in summaries):
        return None
    heads = (
        "policy",
        "source",
        "layers below the cut",
        "seeds",
        "mean",
        "spread (sd)",
        "range",
        "told apart by",
    )
    return table(heads, map(seed_fields, summaries), caption="Test accuracy over seeds.", numbers_from=2)


def _folds(pooled: PooledTable) -> Markup | None:
    """How cross-validations spread over their seeds; None where there is none."""
    if not pooled.rows:
        return None
    rows = [
        (
            *(row.name, str(row.n_galaxies), str(row.n_folds), str(row.n_seeds), str(row.n_mocks)),
            with_interval(row.test_accuracy, row.test_low, row.test_high),
            number(row.test_spread),
            with_interval(row.balanced_accuracy, row.balanced_low, row.balanced_high),
        )
        for row in pooled.rows
    ]
    heads = ("cross-validation", "galaxies", "folds", "seeds", "mocks", "test accuracy", "sd", "balanced")
    return table(heads, rows, caption="Cross-validations: folds pooled, seeds averaged.")
