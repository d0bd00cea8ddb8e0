"""Is the difference real: accuracies with their intervals, both kinds of batch normalisation, every pair of rows."""

from __future__ import annotations

from collections.abc import Iterator

from galaxy_core.metrics.paired import Pair, in_words
from galaxy_core.metrics.statistics import wilson_interval
from galaxy_core.report.evidence.asked import Answer, Asked, Progress, Row, command
from galaxy_core.results.comparison import compare_runs
from galaxy_core.results.cross_validation import is_fold
from galaxy_core.results.pooled_table import PooledRow, pooled_table
from galaxy_core.results.table import TableRow, seed_summary, table_rows
from galaxy_core.runs.run import Run

STATISTICS = {"keras": "Keras' moving averages", "re-estimated": "re-estimated statistics"}


def accuracy(asked: Asked, progress: Progress) -> Answer:
    """Test accuracy of every run, of every whole cross-validation, and over the seeds of a setting."""
    answer = Answer()
    for row in table_rows(asked.runs):
        if row.test_accuracy is None:
            answer.sentences.append(
                f"{row.run} was never tested, so it has no accuracy; `galaxy evaluate` tests it"
            )
        else:
            answer.rows += _line(row)
    pooled = pooled_table(asked.runs)
    answer.rows += [one for row in pooled.rows for one in _pooled(row, asked)]
    answer.rows += _seeds(asked)
    answer.sentences += pooled.missing
    return answer


def batch_norm(asked: Asked, progress: Progress) -> Answer:
    """The same weights with both kinds of statistics, each with Wilson's interval."""
    answer = Answer()
    for row in table_rows(asked.runs):
        rows = list(_both_statistics(asked.run(row.run)))
        if not rows:
            answer.sentences.append(
                f"{row.run} was tested with one kind of batch-normalisation statistics alone"
            )
        answer.rows += rows
    return answer


def compare(asked: Asked, progress: Progress) -> Answer:
    """Every pair of rows on the galaxies that both were tested on, p-values corrected for all of them."""
    shown_by = command("compare", *asked.names, "--json")
    pairs = compare_runs(asked.runs)
    unlike = [in_words(pair) for pair in pairs if pair.unlike]
    return Answer([row for pair in pairs for row in _pair(pair, shown_by)], unlike)


def _line(row: TableRow) -> Iterator[Row]:
    shown_by = command("table", row.run, "--json")
    yield Row(row.run, "test accuracy", row.test_accuracy, row.test_low, row.test_high, shown_by)
    balanced = (row.balanced_accuracy, row.balanced_low, row.balanced_high)
    yield Row(row.run, "balanced test accuracy", *balanced, shown_by)
    yield Row(row.run, "test loss", row.test_loss, None, None, shown_by)
    if row.paper_test_accuracy is not None:
        yield Row(row.run, "test accuracy of the paper's row", row.paper_test_accuracy, None, None, shown_by)


def _pooled(row: PooledRow, asked: Asked) -> Iterator[Row]:
    shown_by = command("table", *asked.names, "--pooled", "--json")
    folds = f"{row.n_folds} folds pooled, mean of {row.n_seeds} {'seed' if row.n_seeds == 1 else 'seeds'}"
    yield Row(row.name, f"test accuracy, {folds}", row.test_accuracy, row.test_low, row.test_high, shown_by)
    balanced = (row.balanced_accuracy, row.balanced_low, row.balanced_high)
    yield Row(row.name, f"balanced test accuracy, {folds}", *balanced, shown_by)
    if row.test_spread is not None:
        yield Row(row.name, "standard deviation over seeds", row.test_spread, None, None, shown_by)


def _seeds(asked: Asked) -> Iterator[Row]:
    """Mean and spread where a setting has several seeds; no interval: three seeds bound nothing at 95 %."""
    singles = [run for run in asked.runs if not is_fold(run)]
    shown_by = command("table", *asked.names)
    for one in seed_summary(table_rows(singles)):
        if one.spread is not None:
            told = f", {one.told}" if one.told else ""
            of = f"{one.policy}, {one.source} {one.imagenet_percent} %{told}"
            yield Row(of, f"test accuracy, mean of {one.n_seeds} seeds", one.mean, None, None, shown_by)
            yield Row(of, "standard deviation over seeds", one.spread, None, None, shown_by)


def _both_statistics(run: Run) -> Iterator[Row]:
    metrics = run.measured() or {}
    both, n = metrics.get("batch_norm") or {}, metrics.get("n", 0)
    shown_by = command("table", run.name)
    shares = {kind: both[kind]["accuracy"] for kind in STATISTICS if kind in both}
    for kind, share in shares.items():
        interval = wilson_interval(round(share * n), n)
        yield Row(run.name, f"test accuracy, {STATISTICS[kind]}", share, *interval, shown_by)
    if len(shares) == len(STATISTICS):
        gain = shares["re-estimated"] - shares["keras"]
        yield Row(run.name, "gained by re-estimated statistics", gain, None, None, shown_by)


def _pair(pair: Pair, shown_by: str) -> Iterator[Row]:
    of = f"{pair.first} minus {pair.second}{' (unlike)' if pair.unlike else ''}"
    yield Row(of, "difference in test accuracy", pair.difference, pair.low, pair.high, shown_by)
    single = {
        "p of this pair alone": pair.p_value,
        f"p corrected for {pair.n_pairs} {'pair' if pair.n_pairs == 1 else 'pairs'}": pair.p_corrected,
        "distinguishable (1) or not (0)": float(pair.is_distinguishable),
        "difference that would be found four times in five": pair.detectable,
        f"lowest difference of {pair.n_draws} seeds or folds": pair.draw_low,
        f"highest difference of {pair.n_draws} seeds or folds": pair.draw_high,
    }
    for score, value in single.items():
        if value is not None:
            yield Row(of, score, value, None, None, shown_by)
