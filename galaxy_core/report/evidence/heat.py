"""Is the heat on the galaxy: focus, agreement, elements, cues and faithfulness of the maps of all runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from galaxy_core.metrics.resample import Estimate
from galaxy_core.report.evidence.asked import Answer, Asked, Progress, Row, command, measured
from galaxy_core.runs.run import Run

if TYPE_CHECKING:
    from galaxy_core.studies.agreement import Agreement
    from galaxy_core.studies.cues import RunCues
    from galaxy_core.studies.elements import ElementHeat
    from galaxy_core.studies.faithfulness import RunFaithfulness
    from galaxy_core.studies.focus import RunFocus


def focus(asked: Asked, progress: Progress) -> Answer:
    """Every focus score, the same minus each null, the shift test, and the paper's sentence with its verdict."""
    from galaxy_core.studies.focus import study_focus

    runs, answer = _fine_enough(asked)
    if runs:
        found = study_focus(runs, asked.galaxies, seed=asked.seed, progress=progress, **asked.serving)
        answer.rows += [row for one in found for row in _focus(one, asked)]
    return answer


def agreement(asked: Asked, progress: Progress) -> Answer:
    """Rank correlation of the maps of each two runs, and how much of what differs is the seed."""
    from galaxy_core.studies.agreement import study_agreement

    runs, answer = _fine_enough(asked)
    if runs:
        found = study_agreement(runs, asked.galaxies, seed=asked.seed, progress=progress, **asked.serving)
        answer.rows += _agreement(found, asked)
        answer.sentences += [] if found.noise else [found.sentence]
    return answer


def elements(asked: Asked, progress: Progress) -> Answer:
    """Heat over area on every element of rendered galaxies, over all of them and over each class."""
    from galaxy_core.studies.elements import study_elements

    runs, answer = _fine_enough(asked)
    if runs:
        found = study_elements(runs, n_galaxies=asked.n_mocks, progress=progress, **asked.serving)
        answer.rows += [row for heat in found for row in _element(heat, asked)]
    return answer


def cues(asked: Asked, progress: Progress) -> Answer:
    """Accuracy lost with the texture, the colour and the outline, and the paper's thesis for each policy."""
    from galaxy_core.studies.cues import study_cues

    found = study_cues(asked.runs, asked.galaxies, seed=asked.seed, progress=progress, **asked.serving)
    rows = [row for one in found for row in _cues(one, asked)]
    return Answer([*rows, *_thesis(found, asked)])


def faithfulness(asked: Asked, progress: Progress) -> Answer:
    """Deletion, insertion, ROAD and average drop against a random map, and maps of a run that forgot its weights."""
    from galaxy_core.studies.faithfulness import study_faithfulness

    runs, answer = _fine_enough(asked)
    if runs:
        how = {"n_galaxies": asked.n_galaxies, "seed": asked.seed, "progress": progress, **asked.serving}
        found = study_faithfulness(runs, asked.galaxies, **how)
        answer.rows += [row for one in found for row in _faithfulness(one, asked)]
    return answer


def _fine_enough(asked: Asked) -> tuple[list[Run], Answer]:
    """The runs whose maps can be studied, and an answer that says so far why the others are left out."""
    from galaxy_core.maps.cells import coarse_in_words, fine_enough

    return fine_enough(asked.runs), Answer(sentences=coarse_in_words(asked.runs))


def _focus(focus: RunFocus, asked: Asked) -> Iterator[Row]:
    name = focus.setting.run
    shown_by = _of_run("focus", name, asked)
    for score, value in focus.scores.items():
        yield measured(name, score, value, shown_by)
        for null, minus in focus.minus.items():
            yield measured(name, f"{score} minus that of the {null}", minus[score], shown_by)
    if focus.follow:
        yield measured(name, "slope of the heat's move over the galaxy's", focus.follow, shown_by)
    if focus.claim:
        verdict = f'paper, "{focus.claim.sentence}": {focus.claim.verdict(focus.scores)}'
        yield Row(name, verdict, None, None, None, shown_by)


def _agreement(found: Agreement, asked: Asked) -> Iterator[Row]:
    for pair in found.pairs:
        first, second = pair.first.run, pair.second.run
        kind = "of one setting" if pair.is_same_setting else "of two settings"
        shown_by = _of_pair((first, second), asked)
        yield measured(
            f"{first} and {second}", f"rank correlation of maps {kind}", pair.correlation, shown_by
        )
    overall: dict[str, Estimate | None] = {
        "rank correlation of maps between seeds of one setting": found.noise,
        "rank correlation of maps between settings": found.between,
        "rank correlation between settings minus between seeds": found.difference,
    }
    for score, value in overall.items():
        if value:
            yield measured("all runs", score, value, _of_pair(asked.names, asked))


def _element(heat: ElementHeat, asked: Asked) -> Iterator[Row]:
    name = heat.setting.run
    shown_by = command("elements", name, "--out", "elements.csv", "--galaxies", asked.n_mocks)
    score = f"heat over area: {heat.element} of {heat.class_name}"
    yield measured(name, score, heat.enrichment, shown_by)
    yield measured(name, f"{score}, minus that of the light", heat.beyond, shown_by)


def _cues(cues: RunCues, asked: Asked) -> Iterator[Row]:
    name = cues.setting.run
    shown_by = _of_run("cues", name, asked)
    yield measured(name, "test accuracy on whole images", cues.accuracy, shown_by)
    for cue, drop in cues.drops.items():
        yield measured(name, f"test accuracy lost without {cue}", drop, shown_by)


def _thesis(found: list[RunCues], asked: Asked) -> Iterator[Row]:
    from galaxy_core.studies.thesis import THESIS, curves_of, thesis_test

    for curve, members in curves_of(found).items():
        test = thesis_test(members)
        if test:
            shown_by = asked.own_command("cues", [one.setting.run for one in members])
            of, score = (
                f"{curve}: 20 and 40 % minus 80 and 100 %",
                "lost without outline minus without texture",
            )
            yield measured(of, score, test.difference, shown_by)
            yield Row(of, f'paper, "{THESIS}": {test.verdict}', None, None, None, shown_by)


def _faithfulness(one: RunFaithfulness, asked: Asked) -> Iterator[Row]:
    name = one.setting.run
    shown_by = _of_run("faithfulness", name, asked, "--galaxies", asked.n_galaxies)
    for score, value in one.scores.items():
        yield measured(name, score, value, shown_by)
        yield measured(name, f"{score} minus that of a random map", one.minus_random[score], shown_by)
    for part, value in one.randomised.items():
        yield measured(name, f"rank correlation with maps after forgetting the {part}", value, shown_by)


def _of_run(verb: str, name: str, asked: Asked, *more: object) -> str:
    return command(verb, name, *asked.data_words, "--out", f"{verb}.csv", *more, *asked.seed_words)


def _of_pair(names: tuple[str, ...], asked: Asked) -> str:
    files = ("--out", "focus.csv", "--agreement", "agreement.csv", "--shift", 0)
    return command("focus", *names, *asked.data_words, *files, *asked.seed_words)
