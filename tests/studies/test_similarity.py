"""Two networks layer by layer: what stayed below a cut, as rows and a chart, and found again in a run folder."""

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from galaxy_core.networks.policy import initial_tensors
from galaxy_core.networks.registry import get_backbone
from galaxy_core.results.records import SIMILARITY, VERSIONS, keep, weights_sha256
from galaxy_core.results.table import table_rows
from galaxy_core.runs.run import Run
from galaxy_core.studies.similarity import (
    KEY,
    STUDY,
    Compared,
    LayerAlignment,
    _key,
    align,
    every_depth,
    layer_features,
    tell,
)
from galaxy_core.studies.sources.named import mark_of_source, view_of
from galaxy_core.studies.study import Asked, framed

DENSENET = get_backbone("densenet121")

MakeRun = Callable[..., Run]
DATA = "ab" * 32


def alignment(*diagonal: float) -> LayerAlignment:
    """A table with those values on its diagonal, the last one repeated."""
    layers = every_depth(DENSENET)
    values = np.diag([*diagonal, *[diagonal[-1]] * (len(layers) - len(diagonal))]).astype(float)
    return LayerAlignment(DENSENET, layers, values, 700)


def record(run: Run, found: LayerAlignment, **changed: Any) -> dict[str, Any]:
    """As the study keeps it, of the run and its source."""
    marks = (weights_sha256(run), mark_of_source(run), DATA)
    return {**_key(*marks, view_of(run), view_of(run)), **found.to_json(), **changed}


def test_layers_lie_in_the_order_of_the_network_and_a_cut_parts_them() -> None:
    found = alignment(1.0)
    assert found.percents == sorted(found.percents)
    assert len({round(percent) for percent in found.percents}) == len(every_depth(DENSENET))
    assert found.percents[-1] == 100
    assert (found.n_below(0), found.n_below(1)) == (0, len(every_depth(DENSENET)))
    for cut in (0.2, 0.4, 0.6, 0.8):
        n = found.n_below(cut)
        assert found.percents[n - 1] <= 100 * cut + 0.2 < found.percents[n]


def test_two_networks_that_share_what_is_below_a_cut_are_alike_there_and_not_above() -> None:
    source = initial_tensors(DENSENET, 10, "scratch", 0.0, 1, None)
    made = initial_tensors(DENSENET, 10, "transfer_frozen", 0.4, 2, {**source})
    images = np.random.default_rng(0).integers(0, 256, (24, 64, 64, 3), dtype=np.uint8)
    galaxies: Any = SimpleNamespace(images=images, labels=np.zeros(24, int))
    found = align(
        DENSENET, *(layer_features(DENSENET, one, galaxies, (64, 64)) for one in (made, {**source}))
    )
    n = found.n_below(0.4)
    np.testing.assert_allclose(found.diagonal[:n], 1, atol=1e-6)
    assert found.diagonal[-1] < 0.999
    assert found.n_images == 24


def test_a_chart_has_a_row_a_run_and_a_line_at_its_cut(make_run: MakeRun) -> None:
    runs = [make_run("a", percent=20), make_run("b", percent=80)]
    compared = [Compared(run.name, "imagenet", run.config.cut, alignment(1.0, 0.5)) for run in runs]
    frame = framed(list(tell(compared)), Asked(tuple(runs), ("a", "b")), lambda names: "")
    figure = STUDY.chart(frame)
    (heat,) = figure["data"]
    assert heat["y"] == ["a", "b"]
    assert heat["x"][0].startswith("pool1 (")
    assert heat["x"][-1] == "relu (100 %)"
    assert heat["z"][0][:2] == [1.0, 0.5]
    assert [line["x0"] + 0.5 for line in figure["layout"]["shapes"]] == [
        alignment(1.0).n_below(cut) for cut in (0.2, 0.8)
    ]
    said = STUDY.sentence(frame)
    assert "Linear CKA with imagenet, mean below the cut: from 0.56 of b to 0.67 of a." in said
    assert "Linear CKA with imagenet at relu (100 %): from 0.50 of a to 0.50 of b." in said


def test_what_was_kept_of_a_run_and_its_source_is_found_and_nothing_else(make_run: MakeRun) -> None:
    run = make_run("a", weights_sha256="11" * 32)
    asked = [(run, table_rows([run])[0])]
    for changed in (
        {"seed": 1},
        {"second_sha256": "00" * 32},
        {"data_sha256": "00" * 32},
        {"first_view": [9, 9]},
    ):
        keep(run, SIMILARITY, record(run, alignment(0.25), **changed), KEY)
    assert STUDY.kept(asked).missing == ("a",)
    keep(run, SIMILARITY, record(run, alignment(0.5)), KEY)
    found = STUDY.kept(asked).found["a"]
    np.testing.assert_array_equal(found.found.values, alignment(0.5).values)
    assert (found.other, found.cut) == ("imagenet", pytest.approx(0.2))


def test_a_run_without_a_source_is_neither_missing_nor_found(make_run: MakeRun) -> None:
    alone, run = make_run("a", policy="scratch", percent=0), make_run("b", weights_sha256="11" * 32)
    rows = {row.run: row for row in table_rows([alone, run])}
    kept = STUDY.kept([(one, rows[one.name]) for one in (alone, run)])
    assert (kept.found, kept.missing) == ({}, ("b",))
    assert "took layers from a source" in STUDY.kept([(alone, rows["a"])]).unusable[0]


def test_a_layer_that_never_changes_is_kept_as_unknown(make_run: MakeRun) -> None:
    run = make_run("a", weights_sha256="11" * 32)
    keep(run, SIMILARITY, record(run, alignment(np.nan)), KEY)
    frame, _ = STUDY.known_frame([run])
    assert frame.value.isna().all()
    assert STUDY.chart(frame)["data"][0]["text"][0] == ["–"] * len(every_depth(DENSENET))


@pytest.mark.parametrize("values", [[[0.5]], "none", [["a"] * 9] * 9, [[7.0] * 9] * 9])
def test_a_damaged_comparison_is_refused_by_name(make_run: MakeRun, values: Any) -> None:
    run = make_run("a", weights_sha256="11" * 32)
    made = record(run, alignment(0.5), values=values, version=VERSIONS[SIMILARITY])
    (run.path / SIMILARITY).write_text(json.dumps({"records": [made]}))
    (sentence,) = STUDY.kept([(run, table_rows([run])[0])]).unusable
    assert "similarity.json of a is damaged" in sentence
    assert "measure again" in sentence
