"""Two networks layer by layer: where they part, in words, as a table, and found again in a run folder."""

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from galaxy_core.errors import BadFileError
from galaxy_core.networks.policy import initial_tensors
from galaxy_core.networks.registry import get_backbone
from galaxy_core.results.records import SIMILARITY, is_kept
from galaxy_core.runs.run import Run
from galaxy_core.studies.sources.layers import (
    LayerAlignment,
    align,
    compare_layers,
    every_depth,
    layer_features,
    similarity_csv,
    stayed_in_words,
)
from galaxy_core.studies.sources.similarity_record import (
    keep_similarity,
    kept_similarity,
    similarity_record,
)
from galaxy_core.transfer.source import Source

DENSENET = get_backbone("densenet121")

MakeRun = Callable[..., Run]
FIRST, SECOND, DATA = "11" * 32, "22" * 32, "ab" * 32
VIEWS = (96, 96), (128, 64)
TURNED = VIEWS[1], VIEWS[0]


def alignment(*diagonal: float, layers: tuple[str, ...] = every_depth(DENSENET)) -> LayerAlignment:
    """A table with those values on its diagonal, the last one repeated, and unlike corners."""
    n = len(layers)
    values = np.diag([*diagonal, *[diagonal[-1]] * (n - len(diagonal))]).astype(float)
    values[0, -1], values[-1, 0] = 0.25, 0.125
    return LayerAlignment(DENSENET, layers, values, 700)


def test_layers_lie_in_the_order_of_the_network_and_a_cut_parts_them() -> None:
    found = alignment(1.0)
    assert found.percents == sorted(found.percents)
    assert len({round(percent) for percent in found.percents}) == len(every_depth(DENSENET))
    assert found.percents[-1] == 100
    assert (found.n_below(0), found.n_below(1)) == (0, len(every_depth(DENSENET)))
    for cut in (0.2, 0.4, 0.6, 0.8):
        n = found.n_below(cut)
        assert found.percents[n - 1] <= 100 * cut + 0.2 < found.percents[n]


def test_a_source_is_shown_galaxies_as_the_run_is_and_keeps_what_lies_below_the_cut() -> None:
    source = initial_tensors(DENSENET, 10, "scratch", 0.0, 1, None)
    view = SimpleNamespace(crop=64, image_size=64)
    made = initial_tensors(DENSENET, 10, "transfer_frozen", 0.4, 2, {**source})
    run: Any = SimpleNamespace(config=view, network=DENSENET, tensors=lambda: made)
    images = np.random.default_rng(0).integers(0, 256, (24, 64, 64, 3), dtype=np.uint8)
    galaxies: Any = SimpleNamespace(images=images, labels=np.zeros(24, int))
    found = compare_layers(run, Source("s", DENSENET, source, FIRST), galaxies, layers=every_depth(DENSENET))
    n = found.n_below(0.4)
    np.testing.assert_allclose(found.diagonal[:n], 1, atol=1e-6)
    assert found.diagonal[-1] < 0.999
    apart = [
        layer_features(DENSENET, one, galaxies, (64, 64), layers=every_depth(DENSENET))
        for one in (run.tensors(), source)
    ]
    np.testing.assert_allclose(align(DENSENET, *apart).values, found.values)


def test_the_sentence_says_up_to_where_two_networks_make_the_same() -> None:
    same = stayed_in_words(alignment(1.0), "a", "b")
    assert (
        same == "a and b make the same of galaxies at every layer: linear CKA at least 1.00 on 700 galaxies."
    )
    parted = stayed_in_words(alignment(1.0, 1.0, 0.8, 0.3, 0.5), "a", "b")
    assert f"the same of galaxies up to {every_depth(DENSENET)[1]}" in parted
    assert "linear CKA 0.50 at the last layer, at its lowest 0.30 at" in parted
    assert "differ from pool1" in stayed_in_words(alignment(0.5), "a", "b")
    assert "tells these galaxies apart" in stayed_in_words(alignment(np.nan), "a", "b")


def test_the_table_has_a_line_a_pair_of_layers() -> None:
    lines = similarity_csv({("=a", "b"): alignment(0.5, layers=DENSENET.ends_of_blocks)}).splitlines()
    assert len(lines) == 1 + 25
    assert lines[1] == "'=a,pool1,b,pool1,0.5,700"
    assert lines[5] == "'=a,pool1,b,relu,0.25,700"


def test_a_comparison_is_kept_in_a_folder_and_found_whichever_is_named_first(make_run: MakeRun) -> None:
    shipped, own = make_run("a", folder="models"), make_run("b")
    made = similarity_record(("a", FIRST), ("b", SECOND), DATA, VIEWS, alignment(0.5))
    keep_similarity([shipped, own], made)
    assert not (shipped.path / SIMILARITY).exists()
    found = kept_similarity([shipped, own], FIRST, SECOND, DATA, VIEWS)
    np.testing.assert_array_equal(found.values, alignment(0.5).values)
    turned = kept_similarity([own, shipped], SECOND, FIRST, DATA, TURNED)
    np.testing.assert_array_equal(turned.values, alignment(0.5).values.T)
    assert kept_similarity([own], FIRST, SECOND, "00" * 32, VIEWS) is None
    assert kept_similarity([own], FIRST, SECOND, DATA, TURNED) is None
    assert kept_similarity([own], FIRST, SECOND, DATA, VIEWS, seed=1) is None


def test_what_has_no_mark_is_neither_kept_nor_found(make_run: MakeRun) -> None:
    run = make_run("a")
    keep_similarity([run], similarity_record(("a", ""), ("b", SECOND), DATA, VIEWS, alignment(0.5)))
    assert not is_kept(run, SIMILARITY)
    assert kept_similarity([run], "", SECOND, DATA, VIEWS) is None


def test_a_layer_that_never_changes_is_kept_as_unknown(make_run: MakeRun) -> None:
    run = make_run("a")
    keep_similarity([run], similarity_record(("a", FIRST), ("b", SECOND), DATA, VIEWS, alignment(np.nan)))
    assert np.isnan(kept_similarity([run], FIRST, SECOND, DATA, VIEWS).diagonal).all()


@pytest.mark.parametrize("values", [[[0.5]], "none", [["a"] * 9] * 9, [[7.0] * 9] * 9])
def test_a_damaged_comparison_is_refused_by_name(make_run: MakeRun, values: Any) -> None:
    run = make_run("a")
    made = similarity_record(("a", FIRST), ("b", SECOND), DATA, VIEWS, alignment(0.5))
    (run.path / SIMILARITY).write_text(json.dumps({**made, "values": values, "version": 1}))
    with pytest.raises(BadFileError, match=r"similarity.json of a is damaged .* measure again"):
        kept_similarity([run], FIRST, SECOND, DATA, VIEWS)


def test_fewer_layers_can_be_shown_of_a_table() -> None:
    few = alignment(0.5, 0.4).only(DENSENET.ends_of_blocks)
    assert few.layers == DENSENET.ends_of_blocks
    assert few.values[0, -1] == 0.25
