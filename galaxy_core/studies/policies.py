"""The policies side by side: accuracy of each over the share taken over, and which can be told apart at one cut."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from galaxy_core.networks.policy import POLICIES, needs_source
from galaxy_core.results.comparison import compare_runs
from galaxy_core.results.pooled_table import as_table_rows, pooled_table
from galaxy_core.results.provenance import data_of
from galaxy_core.results.setting import DRAWS, QUESTION, recipe_of, setting_of, unlike
from galaxy_core.results.table import TableRow, table_rows
from galaxy_core.runs.config import TrainConfig
from galaxy_core.runs.run import CONFIG, Run
from galaxy_core.studies import difference
from galaxy_core.studies.charts import over_share
from galaxy_core.studies.study import (
    DIFFERENCE,
    Asked,
    Figure,
    Option,
    Progress,
    Row,
    Study,
    refused_in_words,
    span_in_words,
)

if TYPE_CHECKING:
    from pandas import DataFrame

TEST, SCRATCH = "test accuracy", "scratch"
"""Scratch is random and trained throughout, wherever the cut lies: one network for every cut."""
SETTINGS = (
    *("epochs", "learning_rate", "schedule", "batch_size", "crop", "image_size", "batch_norm", "precision"),
    *("n_folds", "n_mocks", "backbone"),
)
"""What `galaxy reproduce` takes as an option of that name, without `n_`."""
ByPolicy = dict[str, list[TableRow]]


def rows(asked: Asked, progress: Progress) -> Iterator[Row]:
    """The curve of each policy, the pairs at one cut, and in sentences what is unlike and how to train what is missing.

    Runs of one policy have nothing to compare: no rows.
    """
    found = by_policy(asked.runs)
    asked.told.extend(_missing(asked.runs, found))
    if len(found) < 2:
        return
    for row in chain.from_iterable(found.values()):
        yield Row(row.run, TEST, row.test_accuracy, row.test_low, row.test_high)
    first = next(iter(found.values()))[0]
    others = (unlike(first.setting, row.setting, (*QUESTION, *DRAWS)) for row in chain(*found.values()))
    if other := next(filter(None, others), ""):
        asked.told.append(f"These policies were not all trained by one recipe ({other})")
    with refused_in_words(asked.told):
        yield from _pairs(asked, found)


def by_policy(runs: Sequence[Run]) -> ByPolicy:
    """The tested lines of each policy, in the order of POLICIES: single runs, and folds pooled."""
    pooled = pooled_table(runs)
    lines = [row for row in table_rows(runs) if row.run not in pooled.runs] + as_table_rows(pooled.rows)
    tested = [row for row in lines if row.test_accuracy is not None]
    found = {policy: [row for row in tested if row.policy == policy] for policy in POLICIES}
    return {policy: members for policy, members in found.items() if members}


def _pairs(asked: Asked, found: ByPolicy) -> Iterator[Row]:
    """The policies against each other at the cut asked for, or the nearest at which two or more were tested."""
    percents = _percents(found)
    if not percents:
        asked.told.append(
            "no two policies were tested at the same cut, so there is no pair of them to compare"
        )
        return
    wanted = int(asked.options["percent"])
    percent = min(percents, key=lambda one: (abs(one - wanted), -len(_at(found, one)), one))
    alike = _with_scratch(found, percent)
    runs = [run for run in difference.tested(asked) if _stands_for(run, alike)]
    yield from difference.rows_of_pairs(compare_runs(runs, seed=asked.seed))


def _stands_for(run: Run, lines: Sequence[TableRow]) -> bool:
    """Whether the run is one of the lines, or a fold of one."""
    (own,) = table_rows([run])
    return (own.policy, own.imagenet_percent) in {(row.policy, row.imagenet_percent) for row in lines}


def _percents(found: ByPolicy) -> list[int]:
    every = {row.imagenet_percent for row in chain.from_iterable(found.values())}
    return sorted(percent for percent in every if len(_at(found, percent)) > 1)


def _at(found: ByPolicy, percent: int) -> list[str]:
    """The policies that were tested at that cut itself."""
    return [policy for policy, rows in found.items() if any(row.imagenet_percent == percent for row in rows)]


def _with_scratch(found: ByPolicy, percent: int) -> list[TableRow]:
    """The lines at that cut, and scratch of any one cut where it was not trained at this."""
    there = [row for rows in found.values() for row in rows if row.imagenet_percent == percent]
    scratch = _from_scratch(found)
    if not scratch or any(row in there for row in scratch):
        return there
    return [*there, *(row for row in scratch if row.imagenet_percent == scratch[0].imagenet_percent)]


def _from_scratch(found: ByPolicy) -> list[TableRow]:
    """Lines of the policy scratch; else those of another that takes nothing over at its cut, which is the same."""
    if SCRATCH in found:
        return found[SCRATCH]
    nothing = [rows for rows in found.values() if any(_takes_nothing(row) for row in rows)]
    return [row for row in nothing[0] if _takes_nothing(row)] if nothing else []


def _takes_nothing(row: TableRow) -> bool:
    return row.imagenet_percent == 0 and not needs_source(row.policy, 0.0)


def _missing(runs: Sequence[Run], found: ByPolicy) -> Iterator[str]:
    """The policies that nobody trained, with the commands that train them by the recipe of the first run."""
    missing = [one for one in POLICIES if one not in found and not (one == SCRATCH and _from_scratch(found))]
    if not missing:
        return
    commands = ", then ".join(f"`{command}`" for command in _commands(runs, missing))
    how = f"; by the recipe of these: {commands}" if commands else ""
    yield f"not trained on these galaxies yet: {', '.join(missing)}{how}"


def _commands(runs: Sequence[Run], policies: Sequence[str]) -> Iterator[str]:
    """One for the policies with a cut, and one for scratch, which needs to be trained at a single one."""
    configs = [run.config for run in runs if (run.path / CONFIG).is_file()]
    if not configs:
        return
    config = configs[0]
    usual = TrainConfig(config.data)
    values = [(_option(name), getattr(config, name), getattr(usual, name)) for name in SETTINGS]
    preset = [] if config.preset in (usual.preset, "paper") else ["--preset", config.preset]
    recipe = ["galaxy", "reproduce", "--data", "FILE", *preset]
    # a preset may set anything, so that with one what is usual is said, too
    said = [
        (option, value) for option, value, other in values if value != other or (preset and value is not None)
    ]
    recipe += [str(word) for pair in said for word in pair]
    n_seeds = len({one.seed for one in configs if one.policy == config.policy})
    recipe += ["--seeds", str(n_seeds)] if n_seeds > 1 else []
    sources = [one.source for one in configs if needs_source(one.policy, one.cut)]
    source = ["--source", sources[0]] if sources else []
    with_cut = [word for policy in policies if policy != SCRATCH for word in ("--policy", policy)]
    if with_cut:
        yield shlex.join([*recipe, *source, *with_cut, "--name", "policies"])
    if SCRATCH in policies:
        yield shlex.join([*recipe, "--policy", SCRATCH, "--percent", "0", "--name", "policies"])


def _option(name: str) -> str:
    return f"--{name.removeprefix('n_').replace('_', '-')}"


def sentence(frame: DataFrame) -> str:
    """The worst and the best, and how many pairs at one cut can be told apart."""
    pairs = frame[frame.score == difference.MINUS]
    told = f" At one cut: {difference.sentence(frame)}" if len(pairs) else ""
    return span_in_words(frame, TEST) + told


def chart(frame: DataFrame) -> Figure:
    """A curve a policy, source, seed and recipe over the share taken over."""
    return over_share(frame, {TEST: TEST}, TEST, ".0%")


def choices(runs: Sequence[Run]) -> Mapping[str, Sequence[Option]]:
    """The cuts at which two policies or more were tested."""
    return {"percent": _percents(by_policy(runs))}


def beside(runs: Sequence[Run], others: Sequence[Run]) -> list[Run]:
    """The runs, and among others those of policies that they have not, on the same galaxies and split.

    Of several recipes the one of the runs where it is there, since another may be what makes the difference.
    """
    wanted, recipe = _tested_on(runs[0]), recipe_of(setting_of(runs[0]))
    alike = [one for one in others if _tested_on(one) == wanted]
    found = list(runs)
    own = {run.config.policy for run in runs}
    for policy in (one for one in POLICIES if one not in own):
        by_recipe: dict[str, list[Run]] = {}
        for one in alike:
            if one.config.policy == policy:
                by_recipe.setdefault(recipe_of(setting_of(one)), []).append(one)
        found += by_recipe.get(recipe) or next(iter(by_recipe.values()), [])
    return found


def _tested_on(run: Run) -> tuple[object, object]:
    """What runs must share to be compared: the file, and the split or the kind of cross-validation."""
    config = run.config
    kind = run.card().get("split_hash") if config.n_folds is None else config.n_folds
    return data_of(run).get("sha256"), kind


STUDY = Study(
    *("policies", 35, DIFFERENCE, "What does each way of training make of the share?", rows, sentence, chart),
    options={"percent": 20},
    choices=choices,
    beside=beside,
    needs_galaxies=False,
    note="The paper's words fit more than one way of training; a line each. Pairs are compared at one cut; to scratch "
    "the cut means nothing, so it is compared at every one.",
    bars="Wilson's 95 % interval over galaxies",
    cited=("mcnemar", "bonett", "holm", "connor"),
)
