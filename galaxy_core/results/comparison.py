"""Runs against each other on the galaxies both were tested on, as sentences, text, CSV and plain JSON.

It reads what was written when the runs were tested; nothing is predicted here.
"""

import dataclasses
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from galaxy_core.errors import BadValueError
from galaxy_core.files.csv_text import csv_text
from galaxy_core.metrics.paired import Judged, Pair, compare_all, in_words
from galaxy_core.results.neighbours import neighbours_of
from galaxy_core.results.render import text_table
from galaxy_core.results.setting import DRAWS, QUESTION, setting_of, unlike
from galaxy_core.results.table import table_rows
from galaxy_core.runs.config import MOST_FOLDS
from galaxy_core.runs.names import without_fold
from galaxy_core.runs.run import CONFIG, Run

COLUMNS = (
    *(item.name for item in dataclasses.fields(Pair)),
    "is_distinguishable",
    "sentence",
)
METHOD = (
    "Paired on the same galaxies: exact McNemar test (sign flips where seeds are pooled or galaxies share a piece of "
    "sky), interval of the same test at 95 % for each pair alone, p-values corrected for the number of pairs by Holm."
)


def compare_runs(runs: Sequence[Run], *, across: Collection[str] = QUESTION, seed: int = 0) -> list[Pair]:
    """Every pair of rows among some tested runs; runs that differ in their seed or fold alone are one row.

    Rows that differ in anything but `across` (names of `setting`) are said to be unlike. Errors: MissingError for a
    run that is not tested yet, BadValueError where the runs were tested on different files, or where there is but
    one row.
    """
    pairs = compare_all(judged(runs), np.random.default_rng(seed))
    settings = {name: setting_of(members[0], DRAWS) for name, members in _members(runs).items()}
    return [replace(one, unlike=unlike(settings[one.first], settings[one.second], across)) for one in pairs]


def judged(runs: Sequence[Run]) -> list[Judged]:
    """The rows those runs make, in the order of the table: the seeds and folds of one setting pooled.

    Where all runs are of one setting, each is a row of its own.
    """
    _require_same_data(runs)
    return [_pooled(name, members) for name, members in _members(runs).items()]


def row_names(runs: Sequence[Run]) -> dict[str, str]:
    """The row that each run, by its name, is one of: the names that the pairs of `compare_runs` have."""
    return {run.name: row for row, members in _members(runs).items() for run in members}


def comparison_notes(pairs: Sequence[Pair]) -> list[str]:
    """What must stand beside the sentences: how it was tested, and what would have been seen at all."""
    notes = [METHOD]
    found = sorted(100 * pair.detectable for pair in pairs)
    about = f"{found[0]:.0f}" if found[-1] - found[0] < 1 else f"{found[0]:.0f} to {found[-1]:.0f}"
    n_pairs, n_galaxies = pairs[0].n_pairs, max(pair.n_galaxies for pair in pairs)
    notes.append(
        f"With {n_galaxies} galaxies and {n_pairs} {'pair' if n_pairs == 1 else 'pairs'}, differences below about "
        f"{about} points are likely to go unseen: not distinguishable does not mean equal."
    )
    if any(pair.unlike for pair in pairs):
        notes.append(
            "Where rows differ in more than what is compared, the numbers of their pair say nothing of it."
        )
    if any(pair.n_draws < 2 for pair in pairs):
        notes.append("One training a row: how much a second training would move it is not in these numbers.")
    return notes


def comparison_json(pairs: Sequence[Pair]) -> dict[str, Any]:
    """The pairs with their sentences, and the notes, as plain JSON."""
    return {"pairs": [_values(pair) for pair in pairs], "notes": comparison_notes(pairs)}


def comparison_csv(pairs: Iterable[Pair], *, spreadsheet_safe: bool = True) -> str:
    """One line a pair with the columns of COLUMNS, in full precision."""
    lines = ([_values(pair)[name] for name in COLUMNS] for pair in pairs)
    return csv_text(COLUMNS, lines, spreadsheet_safe=spreadsheet_safe)


def comparison_text(pairs: Sequence[Pair], width: int = 110) -> str:
    """A table for a terminal, with notes below."""
    headings = ("pair", "95 %", "p (corrected)", "seeds or folds")
    table = text_table(headings, map(pair_fields, pairs), width, left=["pair"])
    return table + "".join(f"{note}\n" for note in comparison_notes(pairs))


def pair_fields(pair: Pair) -> tuple[str, str, str, str]:
    """The sentence, its interval, p and the spread over seeds or folds, as of the one that is ahead."""
    sign = 100 if pair.difference >= 0 else -100

    def points(*ends: float) -> str:
        low, high = sorted(sign * end for end in ends)
        return f"{low:+.1f} to {high:+.1f}"

    draws = "one"
    if pair.draw_low is not None and pair.draw_high is not None:
        draws = f"{pair.n_draws}: {points(pair.draw_low, pair.draw_high)}"
    return in_words(pair), points(pair.low, pair.high), f"{pair.p_corrected:.3g}", draws


def _values(pair: Pair) -> dict[str, Any]:
    derived = {"is_distinguishable": pair.is_distinguishable, "sentence": in_words(pair)}
    return {**dataclasses.asdict(pair), **derived}


def _members(runs: Sequence[Run]) -> dict[str, list[Run]]:
    """The runs of each row by its name, in the order of the table."""
    by_name = {run.name: run for run in runs}
    ordered = [by_name[row.run] for row in table_rows(runs)]
    groups: dict[str, list[Run]] = {}
    for run in ordered:
        groups.setdefault(setting_of(run, DRAWS), []).append(run)
    if len(groups) == 1:
        groups = {run.name: [run] for run in ordered}
    return dict(zip(_names_of_rows(list(groups.values())), groups.values(), strict=True))


def _pooled(name: str, members: Sequence[Run]) -> Judged:
    answers = [run.predictions() for run in members]
    draws = [_draw(run) for run in members]
    return Judged(
        name,
        np.concatenate([one.index for one in answers]),
        np.concatenate([one.labels == one.probabilities.argmax(axis=1) for one in answers]),
        np.concatenate([np.full(len(one.index), draw) for draw, one in zip(draws, answers, strict=True)]),
        tuple(dict.fromkeys(group for run in members for group in neighbours_of(run))),
    )


def _draw(run: Run) -> int:
    """One number for the seed and the fold: what two rows must share for their runs to be compared one by one."""
    if not (run.path / CONFIG).is_file():
        return 0
    return run.config.seed * (MOST_FOLDS + 1) + (0 if run.config.fold is None else 1 + run.config.fold)


def _names_of_rows(groups: Sequence[Sequence[Run]]) -> list[str]:
    """The shortest names that tell the rows apart: the percentage, the policy with it, else the runs."""
    rows = [table_rows(members[:1])[0] for members in groups]
    for names in (
        [f"{row.imagenet_percent} %" for row in rows],
        [f"{row.policy} {row.imagenet_percent} %" for row in rows],
    ):
        if len(set(names)) == len(names):
            return names
    return [without_fold(members[0].name) if len(members) > 1 else members[0].name for members in groups]


def _require_same_data(runs: Sequence[Run]) -> None:
    tested_on = {run.name: (run.card().get("data") or {}).get("sha256") for run in runs}
    names = list(tested_on)
    other = next((name for name in names if tested_on[name] != tested_on[names[0]]), None)
    if other is not None:
        raise BadValueError(
            f"{names[0]} and {other} were tested on different files; rows of different galaxies cannot be paired"
        )
