"""What did each source promise before training, and how well does that rank the runs made of it?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from galaxy_core.data.split import split_galaxies
from galaxy_core.results.table import NO_SOURCE, TableRow, table_rows
from galaxy_core.runs.run import Run
from galaxy_core.studies.charts import intervals
from galaxy_core.studies.sources.forecast import Forecast
from galaxy_core.studies.sources.forecast_record import forecast_of, keep_forecast, measured_forecast
from galaxy_core.studies.sources.named import source_of, sources_of
from galaxy_core.studies.sources.ranking import NAMES, ranked
from galaxy_core.studies.study import (
    TRUST,
    Asked,
    Figure,
    Progress,
    Row,
    Study,
    refused_in_words,
    share_of,
    span_in_words,
)

if TYPE_CHECKING:
    from pandas import DataFrame


def rows(asked: Asked, progress: Progress) -> Iterator[Row]:
    """Scores of the frozen features of each source at each cut, and how they rank the runs that took it over."""
    settings = table_rows(asked.runs)
    sources = sources_of(settings)
    for k, name in enumerate(sources):
        with refused_in_words(asked.told):
            yield from _forecast(name, settings, asked, share_of(progress, k, len(sources)))


def _forecast(name: str, settings: Sequence[TableRow], asked: Asked, progress: Progress) -> list[Row]:
    """The forecast of one source in the view of the runs made of it, and its rank correlations, policy by policy."""
    galaxies, seed = asked.galaxies, asked.seed
    begun = asked.run(next(row.run for row in settings if row.source == name))
    view = (begun.config.crop, begun.config.image_size)
    split = split_galaxies(galaxies.labels, galaxies.ra, galaxies.dec, seed=seed)
    record = measured_forecast(source_of(name, begun), galaxies, split, view, seed=seed, progress=progress)
    keep_forecast(record)
    found = forecast_of(record)
    made = list(depth_rows(name, found))
    for policy in dict.fromkeys(row.policy for row in settings if row.source == name):
        # at a cut of 0 a run has no source: it is the row from which all sources start
        alike = [row.run for row in settings if row.policy == policy and row.source in (name, NO_SOURCE)]
        made += rank_rows(f"{name} against {policy}", found, [asked.run(run) for run in alike])
    return made


def depth_rows(name: str, found: Forecast) -> Iterator[Row]:
    """Every score of a source at every cut."""
    for one in found.depths:
        at = f"at a cut of {round(100 * one.cut)} %"
        neighbours = (one.neighbours, one.neighbours_low, one.neighbours_high)
        yield Row(name, f"{NAMES['neighbours']} {at}", *neighbours)
        yield Row(name, f"{NAMES['probe']} {at}", one.probe, one.probe_low, one.probe_high)
        yield Row(name, f"{NAMES['log_me']} {at}", one.log_me)
        yield Row(name, f"{NAMES['h_score']} {at}", one.h_score)
    if found.leep is not None:
        yield Row(name, "LEEP", found.leep)


def rank_rows(of: str, found: Forecast, runs: Sequence[Run]) -> Iterator[Row]:
    """How each score ranks these runs, where there are enough of them to rank."""
    for name, rank in ranked(found.depths, runs).items():
        if rank["tau"] is not None:
            score = f"Kendall's tau of {NAMES[name]} with the accuracy of {rank['n']} rows"
            yield Row(of, score, rank["tau"], rank["low"], rank["high"])
            yield Row(of, f"p of {NAMES[name]}", rank["p"])


def sentence(frame: DataFrame) -> str:
    """How the scores rank what was measured after training."""
    taus = dict.fromkeys(frame.score[frame.score.str.startswith("Kendall's tau")])
    none = "Too few rows were trained from one source to say whether its scores rank them."
    return " ".join(span_in_words(frame, score) for score in taus) or none


def chart(frame: DataFrame) -> Figure:
    """Accuracy of a linear probe and of five neighbours on the features below each cut."""
    known = frame[frame.score.str.contains(" at a cut of ") & frame.low.notna()]
    parts = known.score.str.split(" at a cut of ")
    told = known.assign(of=known.of + ", cut " + parts.str[1], score=parts.str[0])
    return intervals(told, [NAMES["probe"], NAMES["neighbours"]], "accuracy on frozen features", ".0%")


STUDY = Study("transferability", 110, TRUST, "What did the sources promise?", rows, sentence, chart)
