"""What each run loses with the texture, the colour or the outline of its test galaxies.

The paper holds that little transfer carries contours and shapes, much of it advanced features. Then the rows with
little transfer should lose most with the outline, and the others less.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from galaxy_core.data.galaxy10 import Galaxies
from galaxy_core.images.degrade import CUES
from galaxy_core.metrics.resample import Estimate, mean_estimates
from galaxy_core.results.records import CUES as RECORD
from galaxy_core.results.records import Record, estimate_from, estimates_from, keep, kept_of, origin_of
from galaxy_core.results.table import TableRow, table_rows
from galaxy_core.runs.run import Run
from galaxy_core.studies.charts import over_share
from galaxy_core.studies.paper.thesis import (
    CRITERION,
    SHAPE_OVER_TEXTURE,
    THESIS,
    curves_of,
    in_words,
    thesis_test,
)
from galaxy_core.studies.shown import (
    N_AT_ONCE,
    OpenLineup,
    Progress,
    TestPart,
    open_lineup,
    test_parts,
)
from galaxy_core.studies.study import HEAT, Asked, Figure, Row, Study, measured, span_in_words

if TYPE_CHECKING:
    from pandas import DataFrame

COLUMNS = ("run", "policy", "imagenet_percent", "seed", "without", "n", "accuracy", "drop", "low", "high")


@dataclass(frozen=True)
class RunCues:
    """Accuracy of one run on whole images and without each cue, and by how much it falls, in shares of galaxies.

    `drops` has one entry more, the drop without outline minus that without texture: above 0 the run lives by
    shape more than by texture.
    """

    setting: TableRow
    accuracy: Estimate
    drops: dict[str, Estimate]
    without: dict[str, Estimate]

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """One tuple of COLUMNS a cue."""
        own = self.setting
        for name, drop in self.drops.items():
            value = drop.to_json()
            numbers = (value[key] for key in ("value", "low", "high"))
            left = self.without[name].value if name in self.without else None
            yield (own.run, own.policy, own.imagenet_percent, own.seed, name, drop.n, left, *numbers)

    def to_json(self) -> dict[str, Any]:
        """Plain values for cues.json."""
        groups = {"drops": self.drops, "without": self.without}
        plain = {
            group: {name: value.to_json() for name, value in values.items()}
            for group, values in groups.items()
        }
        return {"accuracy": self.accuracy.to_json(), **plain}

    @classmethod
    def from_json(cls, setting: TableRow, record: Record) -> RunCues:
        """What `to_json` wrote, of the run with that row; errors as of `records.estimate_from`."""
        drops = estimates_from(record["drops"], (*CUES, SHAPE_OVER_TEXTURE))
        return cls(setting, estimate_from(record["accuracy"]), drops, estimates_from(record["without"], CUES))


def study_cues(
    runs: Sequence[Run],
    galaxies: Galaxies,
    *,
    seed: int = 0,
    lineup_of: OpenLineup = open_lineup,
    progress: Progress | None = None,
) -> list[RunCues]:
    """Drop of accuracy of every run on its own test part without each of CUES, in the order of the table.

    Paired on the same galaxies, with bootstrap intervals over them; kept in the run folder. The outline is
    shuffled within the pixels that a run sees.
    """
    found: dict[str, RunCues] = {}
    settings = {row.run: row for row in table_rows(runs)}
    for part in test_parts(runs, galaxies):
        is_right = _right_answers(part, galaxies, lineup_of, seed, progress)
        for run in part.runs:
            found[run.name] = _drops(settings[run.name], is_right[run.name], seed)
            head = {**origin_of(run, galaxies, part.part), "seed": seed}
            keep(run, RECORD, {**head, **found[run.name].to_json()})
    return [found[name] for name in settings]


def _right_answers(
    part: TestPart, galaxies: Galaxies, lineup_of: OpenLineup, seed: int, progress: Progress | None
) -> dict[str, np.ndarray]:
    """Whether each run is right, bool (N, 1 + cues): on whole images, then without each cue."""
    lineup, crop = lineup_of(part.runs), part.view.crop
    right: dict[str, list[np.ndarray]] = {run.name: [] for run in part.runs}
    for start in range(0, len(part.indices), N_AT_ONCE):
        rows = part.indices[start : start + N_AT_ONCE]
        images, labels = np.asarray(galaxies.images[rows]), galaxies.labels[rows]
        rng = np.random.default_rng([seed, start])
        shown = [images, *(degrade(images, crop, rng) for degrade in CUES.values())]
        said = [lineup.predict(version) for version in shown]
        for name, answers in right.items():
            answers.append(np.stack([logits[name].argmax(axis=1) == labels for logits in said], axis=1))
        if progress:
            progress(start + len(rows), len(part.indices))
    return {name: np.concatenate(answers) for name, answers in right.items()}


def _drops(setting: TableRow, is_right: np.ndarray, seed: int) -> RunCues:
    right = is_right.astype(np.float64)
    drops = right[:, :1] - right[:, 1:]
    names = list(CUES)
    shape = drops[:, names.index("outline")] - drops[:, names.index("texture")]
    columns = np.concatenate([right, drops, shape[:, None]], axis=1)
    accuracy, *others = mean_estimates(columns, np.random.default_rng(seed))
    without = dict(zip(names, others, strict=False))
    lost = dict(zip([*names, SHAPE_OVER_TEXTURE], others[len(names) :], strict=True))
    return RunCues(setting, accuracy, lost, without)


def rows(asked: Asked, progress: Progress) -> Iterator[Row]:
    """Accuracy lost with the texture, the colour and the outline, and the paper's thesis for each curve of runs."""
    found = study_cues(asked.runs, asked.galaxies, **asked.drawing(progress))
    tests = {curve: thesis_test(members) for curve, members in curves_of(found).items()}
    asked.told.extend(f"{curve}: {in_words(test)}" for curve, test in tests.items() if test)
    return tell(found)


def tell(found: Sequence[RunCues]) -> Iterator[Row]:
    """The rows of each run, and of the thesis."""
    for one in found:
        yield measured(one.setting.run, "test accuracy on whole images", one.accuracy)
        for cue, drop in one.drops.items():
            yield measured(one.setting.run, f"test accuracy lost without {cue}", drop)
    for curve, members in curves_of(found).items():
        test = thesis_test(members)
        if test:
            of = f"{curve}: 20 and 40 % minus 80 and 100 %"
            yield measured(of, "lost without outline minus without texture", test.difference)
            yield Row(of, f'paper, "{THESIS}": {test.verdict}')


def sentence(frame: DataFrame) -> str:
    """What is lost without the outline, and what without texture."""
    return " ".join(
        span_in_words(frame, f"test accuracy lost without {cue}", "+.2f") for cue in ("outline", "texture")
    )


def chart(frame: DataFrame) -> Figure:
    """What is lost with each cue over the share taken over."""
    names = {f"test accuracy lost without {cue}": f"without {cue}" for cue in CUES}
    return over_share(frame, names, "test accuracy lost", ".0%")


STUDY = Study(
    *("cues", 90, HEAT, "Contours and shapes, or advanced features?", rows, sentence, chart),
    kept=lambda asked: kept_of(asked, RECORD, RunCues.from_json),
    tell=tell,
    note=f"Fall of the accuracy on the same galaxies once a cue is taken away. The thesis holds if {CRITERION}; the "
    "condition is ours.",
    cited=("geirhos", "efron"),
)
