"""What did each source promise before training, and how well does that rank the runs made of it?

A forecast lies with the source, since it is of no run, and is found by all that it depends on: the sha256 of its
weights and of the galaxies, the split, the seed and the view.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from galaxy_core import __version__
from galaxy_core.data.galaxy10 import Galaxies
from galaxy_core.data.split import Split, split_galaxies
from galaxy_core.errors import BadValueError, MissingError, quoted
from galaxy_core.results.provenance import data_of
from galaxy_core.results.records import FORECAST, VERSION, VERSIONS, Kept, Record, keep, kept, said_by_name
from galaxy_core.results.table import NO_SOURCE, TableRow, table_rows
from galaxy_core.runs.names import shipped_folder
from galaxy_core.runs.run import Run, find_run
from galaxy_core.studies.charts import over_share
from galaxy_core.studies.sources.forecast import DepthScore, Forecast, forecast
from galaxy_core.studies.sources.named import NONE_TAKEN, mark_of_source, source_taken, sources_of, view_of
from galaxy_core.studies.sources.ranking import NAMES, ranked, ranking_in_words, undertrained_in_words
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
from galaxy_core.transfer.source import IMAGENET, Source

if TYPE_CHECKING:
    from pandas import DataFrame

KEY = ("weights_sha256", "data_sha256", "split_hash", "seed", "crop", "image_size")
AT, MEASURED = " at a cut of ", "test accuracy measured after training"
_FIELDS = tuple(item.name for item in dataclasses.fields(DepthScore))


@dataclass(frozen=True)
class Promised:
    """A run and what its source promised; None where it took nothing over: the row from which all sources start."""

    run: Run
    row: TableRow
    forecast: Forecast | None


def rows(asked: Asked, progress: Progress) -> Iterator[Row]:
    """Scores of the frozen features of each source at each cut, and how they rank the runs that took it over."""
    settings = table_rows(asked.runs)
    sources = sources_of(settings)
    found: dict[str, Forecast] = {}
    for k, name in enumerate(sources):
        with refused_in_words(asked.told):
            begun = asked.run(next(row.run for row in settings if row.source == name))
            found[name] = _measured(name, begun, asked, share_of(progress, k, len(sources)))
    return tell([Promised(asked.run(row.run), row, found.get(row.source)) for row in settings])


def _measured(name: str, begun: Run, asked: Asked, progress: Progress) -> Forecast:
    """The forecast of a source in the view of a run made of it, on that run's own split where it is of its galaxies."""
    galaxies, seed = asked.galaxies, asked.seed
    if not seed and data_of(begun).get("sha256") == galaxies.sha256:
        split, seed = begun.split(), begun.config.split_seed
    else:
        split = split_galaxies(galaxies.labels, galaxies.ra, galaxies.dec, seed=seed)
    source = source_taken(name, begun)
    record = measured_forecast(source, galaxies, split, view_of(begun), seed=seed, progress=progress)
    keep_forecast(record)
    return forecast_of(record)


def tell(promised: Sequence[Promised]) -> Iterator[Row]:
    """Every score of each source, the accuracies measured after training, and how the scores rank these."""
    sources = {one.row.source: one.forecast for one in promised if one.forecast}
    for name, found in sources.items():
        yield from depth_rows(name, found)
    for row in (one.row for one in promised if sources):
        if row.test_accuracy is not None:
            yield Row(row.run, MEASURED, row.test_accuracy, row.test_low, row.test_high)
    for name, found in sources.items():
        for policy in dict.fromkeys(one.row.policy for one in promised if one.row.source == name):
            # at a cut of 0 a run has no source: it is the row from which all sources start
            alike = [
                one.run
                for one in promised
                if one.row.policy == policy and one.row.source in (name, NO_SOURCE)
            ]
            yield from rank_rows(f"{name} against {policy}", found, alike)


def depth_rows(name: str, found: Forecast) -> Iterator[Row]:
    """Every score of a source at every cut."""
    for one in found.depths:
        at = f"{AT}{round(100 * one.cut)} %"
        neighbours = (one.neighbours, one.neighbours_low, one.neighbours_high)
        yield Row(name, f"{NAMES['neighbours']}{at}", *neighbours)
        yield Row(name, f"{NAMES['probe']}{at}", one.probe, one.probe_low, one.probe_high)
        yield Row(name, f"{NAMES['log_me']}{at}", one.log_me)
        yield Row(name, f"{NAMES['h_score']}{at}", one.h_score)
    if found.leep is not None:
        yield Row(name, "LEEP", found.leep)


def rank_rows(of: str, found: Forecast, runs: Sequence[Run]) -> Iterator[Row]:
    """How each score ranks these runs, where there are enough of them to rank, and what that is worth in words."""
    ranks = ranked(found.depths, runs)
    for name, rank in ranks.items():
        if rank["tau"] is not None:
            score = f"Kendall's tau of {NAMES[name]} with the accuracy of {rank['n']} rows"
            yield Row(of, score, rank["tau"], rank["low"], rank["high"])
            yield Row(of, f"p of {NAMES[name]}", rank["p"])
    for said in (ranking_in_words(ranks), undertrained_in_words(found.depths, runs)):
        if said:
            yield Row(of, said)


def measured_forecast(
    source: Source,
    galaxies: Galaxies,
    split: Split,
    view: tuple[int, int],
    *,
    seed: int = 0,
    progress: Progress | None = None,
    scored: Progress | None = None,
) -> Record:
    """The forecast and all that is needed to make it again, as plain JSON; parameters as of `forecast`."""
    network, tensors = source.backbone, source.tensors
    found = forecast(network, tensors, galaxies, split, view, seed=seed, progress=progress, scored=scored)
    return {
        "galaxy_core": __version__,
        VERSION: VERSIONS[FORECAST],
        "source": source.name,
        "weights_sha256": source.sha256,
        "data": {"file": galaxies.path.name, "origin": galaxies.origin},
        "data_sha256": galaxies.sha256,
        "crop": view[0],
        "image_size": view[1],
        "seed": seed,
        "split_hash": split.hash,
        **dataclasses.asdict(found),
        "depths": [dataclasses.asdict(one) for one in found.depths],
    }


def keep_forecast(record: Record) -> None:
    """Put the record beside its source; weights without a mark keep nothing."""
    if record["weights_sha256"]:
        keep(_place_of(record["source"]), FORECAST, record, KEY)


def kept_promises(asked: Sequence[tuple[Run, TableRow]]) -> Kept[Promised]:
    """What was kept of the sources of these runs, with every run that the scores are held against.

    Of runs on other galaxies than the first of their source, and of such that start from none of these sources, the
    question cannot be asked.
    """
    found: dict[str, Promised] = {}
    missing: list[str] = []
    unusable = [] if any(row.source != NO_SOURCE for _, row in asked) else [NONE_TAKEN]
    for name in dict.fromkeys(row.source for _, row in asked if row.source != NO_SOURCE):
        begun = next(run for run, row in asked if row.source == name)
        data = data_of(begun).get("sha256")
        alike = [(run, row) for run, row in asked if data_of(run).get("sha256") == data]
        of_source = {run.name: (run, row) for run, row in alike if row.source == name}
        promise = None
        with refused_in_words(unusable):
            promise = _kept_forecast(name, begun)
        if promise is None:
            missing += of_source
            continue
        found |= {run.name: Promised(run, row, None) for run, row in alike if row.source == NO_SOURCE}
        found |= {one: Promised(*pair, promise) for one, pair in of_source.items()}
    return Kept(found, tuple(missing), tuple(unusable))


def _kept_forecast(name: str, begun: Run) -> Forecast | None:
    marks = (mark_of_source(begun), data_of(begun).get("sha256"), begun.card().get("split_hash"))
    wanted = dict(zip(KEY, (*marks, begun.config.split_seed, *view_of(begun)), strict=True))
    try:
        record = kept(_place_of(name), FORECAST, wanted)
    except (MissingError, BadValueError):  # there is no such source here any more
        return None
    return None if record is None else forecast_of(record)


def _place_of(source: str) -> Run:
    """The folder of a source; of ImageNet's weights, which have none, as if they had come with the project."""
    return Run(shipped_folder() / IMAGENET) if source == IMAGENET else find_run(source)


def forecast_of(record: Mapping[str, Any]) -> Forecast:
    """The forecast a record holds, every number checked; BadFileError, by name, for what is none."""
    with said_by_name(f"{FORECAST} of {quoted(record.get('source'))}"):
        depths = tuple(_depth(one) for one in record["depths"])
        leep = None if record["leep"] is None else _number(record["leep"])
        return Forecast(depths, leep, int(_number(record["n_train"])), int(_number(record["n_test"])))


def _depth(values: Mapping[str, Any]) -> DepthScore:
    numbers = {name: _number(values[name]) for name in _FIELDS if name != "layer"}
    n_features = int(numbers.pop("n_features"))
    if not 0 <= numbers["cut"] <= 1:
        raise ValueError(f"a cut of {numbers['cut']:g} does not lie in [0, 1]")
    return DepthScore(layer=str(values["layer"])[:80], n_features=n_features, **numbers)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{quoted(value)} is no number")
    return float(value)


def sentence(frame: DataFrame) -> str:
    """How the scores rank what was measured after training."""
    taus = dict.fromkeys(frame.score[frame.score.str.startswith("Kendall's tau")])
    none = "Too few rows were trained from one source to say whether its scores rank them."
    return " ".join(span_in_words(frame, score) for score in taus) or none


def chart(frame: DataFrame) -> Figure:
    """Accuracy of a linear probe and of five neighbours on the features below each cut, and of the trained runs."""
    parts = frame.score.str.split(AT)
    percents = parts.str[1].str.removesuffix(" %").astype(float)
    told = frame.assign(score=parts.str[0], percent=percents.fillna(frame.percent))
    told["curve"] = told.curve.where(percents.isna(), told.of)
    names = {NAMES[name]: f"{NAMES[name]} on frozen features" for name in ("probe", "neighbours")}
    return over_share(
        told, {**names, MEASURED: "measured after training"}, "accuracy on test galaxies", ".0%"
    )


STUDY = Study(
    *("transferability", 110, TRUST, "What did the sources promise?", rows, sentence, chart),
    kept=kept_promises,
    tell=tell,
    note="Neighbours and a linear probe on the source's frozen features below each cut, beside what training measured. "
    "Kendall's tau is 1 where a score puts the rows in the order that training found, 0 where it tells nothing; its "
    "range: rows that the test galaxies cannot tell apart may come in either order. With six rows only a tau of 0.87 "
    "and more is beyond chance at 95 %, for one score chosen beforehand. What is learned above the cut no forecast of "
    "frozen features can know.",
    cited=("you", "bao", "nguyen", "kendall"),
)
