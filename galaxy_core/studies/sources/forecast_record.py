"""What a source promised some galaxies before training, kept beside its weights: measured once, read by every page.

A record lies with the source and is found by all that it depends on: the sha256 of its weights and of the galaxies,
the split, the seed and the view.
"""

import dataclasses
import math
from collections.abc import Mapping
from typing import Any

from galaxy_core import __version__
from galaxy_core.data.galaxy10 import Galaxies
from galaxy_core.data.split import Split
from galaxy_core.errors import BadValueError, MissingError, quoted
from galaxy_core.files.csv_text import csv_text
from galaxy_core.results.records import FORECAST, VERSION, VERSIONS, Record, keep, kept, said_by_name
from galaxy_core.runs.names import shipped_folder
from galaxy_core.runs.run import Run, find_run
from galaxy_core.studies.sources.forecast import DepthScore, Forecast, Progress, forecast
from galaxy_core.transfer.source import IMAGENET, Source

KEY = ("weights_sha256", "data_sha256", "split_hash", "seed", "crop", "image_size")
MEASURED = "measured_accuracy"
_FIELDS = tuple(item.name for item in dataclasses.fields(DepthScore))


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


def kept_forecast(
    source: str,
    weights_sha256: str,
    data_sha256: str,
    split_hash: str,
    view: tuple[int, int],
    *,
    seed: int = 0,
) -> Record | None:
    """The record of that source, those galaxies so divided and that view; None where there is none, or no such source.

    Errors: BadFileError where the file is damaged.
    """
    if not weights_sha256:
        return None
    try:
        place = _place_of(source)
    except (MissingError, BadValueError):
        return None
    wanted = dict(zip(KEY, (weights_sha256, data_sha256, split_hash, seed, *view), strict=True))
    return kept(place, FORECAST, wanted)


def _place_of(source: str) -> Run:
    """The folder of a source; of ImageNet's weights, which have none, as if they had come with the project."""
    return Run(shipped_folder() / IMAGENET) if source == IMAGENET else find_run(source)


def forecast_of(record: Mapping[str, Any]) -> Forecast:
    """The forecast a record holds, every number checked; BadFileError, by name, for what is none."""
    with said_by_name(f"{FORECAST} of {quoted(record.get('source'))}"):
        depths = tuple(_depth(one) for one in record["depths"])
        leep = None if record["leep"] is None else _number(record["leep"])
        return Forecast(depths, leep, int(_number(record["n_train"])), int(_number(record["n_test"])))


def forecast_csv(found: Forecast, measured: Mapping[int, float]) -> str:
    """A line a cut: every number of `DepthScore`, and the accuracy that was measured once it was trained."""
    rows = (
        (*(getattr(one, name) for name in _FIELDS), measured.get(round(100 * one.cut)))
        for one in found.depths
    )
    return csv_text((*_FIELDS, MEASURED), rows)


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
