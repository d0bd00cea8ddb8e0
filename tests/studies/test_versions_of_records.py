"""What each measurement says of a small world, by its version: numbers that change without one are found here."""

from pathlib import Path

import numpy as np
import pytest

from galaxy_core.metrics.alignment import alignment_matrix
from galaxy_core.prediction.calibrate import measured_trust
from galaxy_core.results.records import VERSIONS
from galaxy_core.results.table import table_rows
from galaxy_core.runs.run import list_runs
from galaxy_core.studies.registry import get_study
from galaxy_core.studies.sources.forecast import _score

MODELS = Path(__file__).parents[2] / "models"

FORECASTS = {
    1: {"neighbours": 0.833333, "probe": 0.9, "probe_low": 0.743789, "log_me": -0.907727, "h_score": 0.303879}
}
SIMILARITIES = {1: [0.465178, 0.282479, 0.0709192, 0.252321]}
CALIBRATIONS = {
    1: {
        "temperature": 0.570328,
        "error": 0.0853404,
        "high": 0.204,
        "threshold": 0.171397,
        "covered": 0.871429,
        "energy": -4.49257,
    }
}


def features(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Two classes that a line parts badly."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % 2
    return rng.normal(size=(n, 4)) + labels[:, None], labels


def test_forecasts_that_come_out_otherwise_have_another_version() -> None:
    parts = [features(n, seed) for seed, n in enumerate((60, 20, 30))]
    one = _score(0.2, "relu", [part for part, _ in parts], [labels for _, labels in parts])
    found = {name: getattr(one, name) for name in ("neighbours", "probe", "probe_low", "log_me", "h_score")}
    assert found == pytest.approx(FORECASTS[VERSIONS["forecast.json"]], rel=1e-3)


def test_alignments_that_come_out_otherwise_have_another_version() -> None:
    first = {"a": features(40, 0)[0], "b": features(40, 1)[0]}
    found = alignment_matrix(first, {"a": features(40, 0)[0] ** 2, "b": features(40, 2)[0]})
    assert np.ravel(found) == pytest.approx(SIMILARITIES[VERSIONS["similarity.json"]], rel=1e-3)


def test_calibrations_that_come_out_otherwise_have_another_version() -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 10, 120)
    logits = rng.normal(size=(120, 10)) + 2 * np.eye(10)[labels]
    measured = measured_trust(logits[:50], labels[:50], logits[50:], labels[50:])
    found = {
        "temperature": measured["temperature"],
        "error": measured["after"]["error"]["value"],
        "high": measured["after"]["error"]["high"],
        "threshold": measured["sets"][0]["threshold"],
        "covered": measured["sets"][0]["covered"],
        "energy": measured["novelty"]["energy"][0],
    }
    assert found == pytest.approx(CALIBRATIONS[VERSIONS["calibration.json"]], rel=1e-3)


@pytest.mark.parametrize("name", ["calibration", "cues", "similarity", "transferability"])
def test_what_ships_with_the_project_is_read_as_it_lies(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    monkeypatch.setenv("GALAXY_MODELS", str(MODELS))
    monkeypatch.setenv("GALAXY_RUNS", str(tmp_path))
    runs = {run.name: run for run in list_runs() if not run.is_source}
    kept = get_study(name).kept
    assert runs
    assert kept
    found = kept([(runs[row.run], row) for row in table_rows(runs.values())])
    assert found.unusable == ()
    lying = {one for one, run in runs.items() if (run.path / f"{name}.json").is_file()}
    # what began with nothing has changed from nothing
    alone = {one for one in lying if name == "similarity" and runs[one].card()["source"] is None}
    assert lying - alone <= found.found.keys()
