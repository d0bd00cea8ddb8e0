"""Every engine gives the same answers, and the device that is asked for is the one that is taken."""

from types import SimpleNamespace

import numpy as np
import pytest
from tiny_backbone import tiny

from galaxy_core.errors import BadValueError, MissingError
from galaxy_core.networks.policy import initial_tensors
from galaxy_core.networks.registry import BACKBONES, get_backbone
from galaxy_core.serving import engine, jax_engine
from galaxy_core.serving.engine import open_engine
from galaxy_core.serving.graph import build_table
from galaxy_core.serving.jax_engine import JaxEngine
from galaxy_core.serving.lineup import Lineup, Unsaved
from galaxy_core.serving.writer import Model

WANTED = ("m/logits", "m/maps")
TURNS = {"efficientnet_lite0": 8}
OFTEN = ("densenet121", "efficientnet_lite0", "efficientnet_v2_s")
"""One of each family; the others are the same operations on other numbers."""


def lively_table(backbone, turns=1):
    """A network whose statistics fit nothing in particular and whose logits differ."""
    rng = np.random.default_rng(3)
    tensors = initial_tensors(backbone, 4, "scratch", 0.0, seed=1, source=None)
    drawn = {
        one: np.float32(values * rng.uniform(0.8, 1.2, values.shape) + rng.normal(0, 0.02, values.shape))
        for one, values in tensors.items()
    }
    kept = {one: np.abs(values) if one.endswith("variance") else values for one, values in drawn.items()}
    return build_table([("m", Model(backbone, kept, turns))])


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).integers(0, 256, (3, 64, 64, 3), dtype=np.uint8)


@pytest.mark.parametrize(
    "name", [one if one in OFTEN else pytest.param(one, marks=pytest.mark.long) for one in BACKBONES]
)
def test_jax_answers_as_onnx_runtime_does_in_every_family_and_turn(name, images):
    table = lively_table(get_backbone(name), TURNS.get(name, 1))
    expected = open_engine(table, {"m": 4}).run(WANTED, images)
    found = JaxEngine(table, "float32").run(WANTED, images)
    for one, other in zip(found, expected, strict=True):
        assert one.dtype == np.float32
        assert np.ptp(other) > 0.01
        np.testing.assert_allclose(one, other, atol=1e-4)


def test_an_image_has_the_same_answer_however_many_are_asked_with_it_and_none_has_a_shape(
    images, monkeypatch
):
    monkeypatch.setattr(jax_engine, "SIZES", (1, 4))
    made = JaxEngine(lively_table(tiny()), "float32")
    together = made.run(WANTED, images)
    for i in (1, 2):
        alone = made.run(WANTED, images[i : i + 1])
        for one, all_of_them in zip(alone, together, strict=True):
            np.testing.assert_allclose(one[0], all_of_them[i], atol=1e-5)
    assert [one.shape for one in made.run(WANTED, images[:0])] == [(0, 4), (0, 4, 8, 8)]
    beyond = made.run(WANTED, np.concatenate([images, images]))  # one more than is computed at once
    np.testing.assert_allclose(beyond[0][3:], together[0], atol=1e-5)
    assert made._program._cache_size() == 3


def test_bf16_leaves_the_head_whole_and_moves_an_answer_by_little(images):
    table = lively_table(tiny())
    exact, low = (JaxEngine(table, precision).run(WANTED, images) for precision in ("float32", "bf16"))
    for one, other in zip(low, exact, strict=True):
        assert one.dtype == np.float32
        assert 0 < np.abs(one - other).max() < 0.02 * np.abs(other).max()
    bias = low[0] - low[1].mean((2, 3))
    np.testing.assert_allclose(bias, np.broadcast_to(bias[0], bias.shape), atol=1e-5)


@pytest.fixture
def card(tmp_path, monkeypatch):
    """A driver that lists a card, and a JAX that computes on it."""
    (tmp_path / "0000:01:00.0").mkdir()
    monkeypatch.setattr(engine, "NVIDIA", tmp_path)
    monkeypatch.setattr(jax_engine, "card_of_jax", lambda: "made card")
    return tmp_path


def test_without_a_card_auto_is_the_processor_and_gpu_is_refused_in_a_sentence(
    tensors, made_run, tmp_path, monkeypatch
):
    monkeypatch.setattr(engine, "NVIDIA", tmp_path / "none")
    runs = [made_run("a", tensors(0))]
    automatic = Lineup(runs, device="auto")
    assert (automatic.where, automatic.batch_size) == ("", 16)
    with pytest.raises(MissingError, match=r"no NVIDIA graphics card .* --device cpu"):
        Lineup(runs, device="gpu")
    for device in ("cpu", "auto"):
        with pytest.raises(BadValueError, match="JAX on a graphics card"):
            Lineup(runs, device=device, precision="bf16")


def test_a_card_that_nothing_installed_computes_on_is_refused_with_what_to_install(
    tensors, made_run, card, monkeypatch
):
    monkeypatch.setattr(jax_engine, "card_of_jax", lambda: "")
    runs = [made_run("a", tensors(0))]
    assert Lineup(runs, device="auto").where == ""
    with pytest.raises(MissingError, match=r"pip install .*\[gpu\].*onnxruntime-gpu"):
        Lineup(runs, device="gpu")


def test_a_build_for_cards_that_falls_back_to_the_processor_is_not_taken_for_a_card(
    tensors, made_run, card, monkeypatch
):
    import onnxruntime

    monkeypatch.setattr(jax_engine, "card_of_jax", lambda: "")
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: [engine.CUDA, engine.PROCESSOR])
    runs = [made_run("a", tensors(0))]
    with pytest.warns(UserWarning, match="CUDAExecutionProvider"):
        assert Lineup(runs, device="auto").where == ""


@pytest.mark.parametrize("device", ["auto", "gpu"])
def test_a_line_up_on_a_card_takes_larger_batches_and_answers_as_on_the_processor(images, card, device):
    backbone = tiny()
    tensors = initial_tensors(backbone, 4, "scratch", 0.0, seed=1, source=None)
    run = Unsaved("a", SimpleNamespace(crop=48, image_size=64, network=backbone, turns=8), tensors)
    on_card, here = Lineup([run], device=device), Lineup([run], device="cpu")
    assert (on_card.where, on_card.batch_size) == ("made card, by JAX in float32", 256)
    found, expected = on_card.explain(images)["a"], here.explain(images)["a"]
    np.testing.assert_allclose(found.logits, expected.logits, atol=1e-5)
    np.testing.assert_allclose(found.maps, expected.maps, atol=1e-5)
    assert found.view == expected.view


@pytest.mark.parametrize("words", [{"device": "tpu"}, {"precision": "int4"}])
def test_an_unknown_device_or_precision_is_refused_with_the_choices(tensors, made_run, words):
    with pytest.raises(BadValueError, match=r"must be one of (auto, cpu, gpu|float32, bf16), got"):
        Lineup([made_run("a", tensors(0))], **words)


def test_jax_is_on_the_processor_here_and_says_so():
    import jax

    assert bool(jax_engine.card_of_jax()) == (jax.devices()[0].platform != "cpu")
