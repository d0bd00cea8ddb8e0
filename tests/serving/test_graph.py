import json
from collections import Counter
from pathlib import Path

import numpy as np
import onnx
import pytest

from galaxy_core.errors import BadFileError, BadValueError
from galaxy_core.networks.cut import cut_at
from galaxy_core.networks.registry import get_backbone
from galaxy_core.serving.engine import open_session
from galaxy_core.serving.graph import INPUT, build_graph, build_table, save_graph
from galaxy_core.serving.writer import Model

DENSENET = get_backbone("densenet121")

N_CONVS = sum(layer.kind == "conv" for layer in DENSENET.layers) + 1  # the maps are one more


def as_models(models):
    return [(name, Model(DENSENET, tensors)) for name, tensors in models.items()]


def count(models, operation: str = "Conv") -> int:
    return Counter(node.op_type for node in build_table(as_models(models)).nodes)[operation]


def run(models, images) -> dict[str, np.ndarray]:
    names = [f"{name}/{what}" for name in models for what in ("logits", "maps")]
    session = open_session(build_table(as_models(models)), dict.fromkeys(models, 10))
    return dict(zip(names, session.run(names, {INPUT: images}), strict=True))


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (2, 64, 64, 3), dtype=np.uint8)


def test_six_identical_models_are_one(tensors) -> None:
    weights = tensors(0)
    assert count({"a": weights}) == N_CONVS
    assert count(dict.fromkeys("abcdef", weights)) == N_CONVS


def test_six_models_from_nothing_share_nothing_but_the_preprocessing(tensors) -> None:
    models = {name: tensors(seed) for seed, name in enumerate("abcdef")}
    assert count(models) == 6 * N_CONVS
    assert count(models, "Cast") == 1


@pytest.mark.parametrize("cut", [0.2, 0.4, 0.8, 1.0])
def test_models_alike_below_a_cut_share_what_is_below_it(cut: float, tensors, alike_below) -> None:
    base = tensors(0)
    n_below = sum(layer.kind == "conv" for layer in cut_at(DENSENET, cut).below)
    assert count({"a": base, "b": alike_below(base, cut, 1)}) == 2 * N_CONVS - n_below


def test_a_cut_between_a_convolution_and_its_normalisation_costs_one_convolution(
    tensors, alike_below
) -> None:
    base = tensors(0)
    assert cut_at(DENSENET, 0.6).boundary == "conv4_block17_1_conv"
    n_below = sum(layer.kind == "conv" for layer in cut_at(DENSENET, 0.6).below)
    assert count({"a": base, "b": alike_below(base, 0.6, 1)}) == 2 * N_CONVS - n_below + 1


def test_one_changed_weight_parts_the_models_from_there_on(tensors) -> None:
    base = tensors(0)
    changed = base | {"conv5_block16_2_conv/kernel": base["conv5_block16_2_conv/kernel"].copy()}
    changed["conv5_block16_2_conv/kernel"][0, 0, 0, 0] += 1e-3
    assert count({"a": base, "b": changed}) == N_CONVS + 2  # that convolution and the maps


def test_sharing_changes_no_answer(tensors, alike_below, images) -> None:
    base = tensors(0)
    models = {"a": base, "b": alike_below(base, 0.6, 1), "c": alike_below(base, 0.2, 2)}
    together = run(models, images)
    for name, weights in models.items():
        alone = run({name: weights}, images)
        for output, values in alone.items():
            np.testing.assert_allclose(together[output], values, atol=1e-5, rtol=1e-5)
    assert not np.allclose(together["a/logits"], together["b/logits"])


def test_the_mean_of_a_map_is_logit_minus_bias(tensors, images) -> None:
    weights = tensors(3)
    answers = run({"m": weights}, images)
    means = answers["m/maps"].mean(axis=(2, 3), dtype=np.float64)
    np.testing.assert_allclose(means + weights["predictions/bias"], answers["m/logits"], atol=1e-5)


@pytest.mark.parametrize(("n", "height", "width"), [(1, 32, 32), (5, 64, 64), (1, 96, 64)])
def test_number_and_size_of_images_are_free(n: int, height: int, width: int, tensors) -> None:
    answers = run({"m": tensors(0)}, np.zeros((n, height, width, 3), np.uint8))
    assert answers["m/logits"].shape == (n, 10)
    assert answers["m/maps"].shape == (n, 10, height // 32, width // 32)


def test_a_batch_answers_as_its_images_do_alone(tensors) -> None:
    images = np.random.default_rng(2).integers(0, 256, (5, 64, 64, 3), dtype=np.uint8)
    session = open_session(build_table([("m", Model(DENSENET, tensors(0)))]), {"m": 10})
    together = session.run(["m/logits"], {INPUT: images})[0]
    alone = [session.run(["m/logits"], {INPUT: images[i : i + 1]})[0] for i in range(5)]
    np.testing.assert_allclose(together, np.concatenate(alone), atol=1e-5, rtol=1e-5)


def test_half_precision_weights_answer_as_their_widened_selves(tensors, images) -> None:
    halves = {name: values.astype(np.float16) for name, values in tensors(0).items()}
    widened = {name: values.astype(np.float32) for name, values in halves.items()}
    assert count({"a": halves, "b": widened}) == N_CONVS
    answers = run({"a": halves}, images)
    assert answers["a/logits"].dtype == np.float32
    assert np.array_equal(answers["a/logits"], run({"b": widened}, images)["b/logits"])


def test_the_graph_is_whole_valid_and_says_what_it_is(tensors, images, tmp_path: Path) -> None:
    import onnxruntime

    weights = tensors(0)
    classes, about = [f"class {c}" for c in range(10)], {"crop": 192, "image_size": 96, "source": None}
    model = build_graph(
        {"run-1.a": Model(DENSENET, weights)}, classes={"run-1.a": classes}, about={"run-1.a": about}
    )
    save_graph(model, tmp_path / "model.onnx")
    onnx.checker.check_model(str(tmp_path / "model.onnx"), full_check=True)
    read = onnx.load(tmp_path / "model.onnx")
    assert (read.producer_name, read.opset_import[0].version) == ("galaxy_core", 17)
    assert [value.name for value in read.graph.output] == ["run-1.a/logits", "run-1.a/maps"]
    session = onnxruntime.InferenceSession(str(tmp_path / "model.onnx"), providers=["CPUExecutionProvider"])
    card = json.loads(session.get_modelmeta().custom_metadata_map["card"])
    told_of = card["models"]["run-1.a"]
    assert card["classes"] == classes
    assert about.items() <= told_of.items()
    assert (told_of["backbone"], told_of["preprocessing"]["name"]) == ("densenet121", "imagenet")
    assert list(card["inputs"]) == [value.name for value in session.get_inputs()] == [INPUT]
    assert card["inputs"][INPUT].startswith("uint8 (N, H, W, 3), RGB 0-255")
    told = [name.replace("<model>", "run-1.a") for name in card["outputs"]]
    assert told == [value.name for value in session.get_outputs()]
    assert [text.split(";")[0].split("),")[0] for text in card["outputs"].values()] == [
        "float32 (N, classes)",
        "float32 (N, classes, H/32, W/32",
    ]
    logits = session.run(["run-1.a/logits"], {INPUT: images})[0]
    np.testing.assert_allclose(logits, run({"m": weights}, images)["m/logits"], atol=1e-5, rtol=1e-5)


def test_a_missing_or_misshapen_tensor_is_refused_by_name(tensors) -> None:
    weights = tensors(0)
    with pytest.raises(BadFileError, match=r"the model mine has no tensor conv1_bn/gamma"):
        build_graph({"mine": Model(DENSENET, {n: v for n, v in weights.items() if n != "conv1_bn/gamma"})})
    with pytest.raises(BadFileError, match=r"predictions/kernel of shape \(1024, 10\), expected \(1024, 9\)"):
        build_graph({"mine": Model(DENSENET, weights | {"predictions/bias": np.zeros(9, np.float32)})})


def test_a_graph_of_nothing_is_refused() -> None:
    with pytest.raises(BadValueError, match="at least one model"):
        build_graph({})


@pytest.mark.slow
@pytest.mark.parametrize("size", [64, 96])
def test_logits_and_maps_equal_those_of_keras(size: int, tensors) -> None:
    from galaxy_core.maps.cam import closed_form_maps
    from galaxy_core.transfer.classifier import build_classifier, import_keras, load_tensors

    keras = import_keras()
    weights = tensors(4)
    model = build_classifier(DENSENET, size, 10)
    load_tensors(model, weights)
    images = np.random.default_rng(5).integers(0, 256, (3, size, size, 3), dtype=np.uint8)
    answers = run({"m": weights}, images)
    both = keras.Model(model.inputs[0], [model.get_layer("relu").output, model.output])
    features, logits = (np.asarray(value) for value in both(images, training=False))
    assert np.abs(logits).max() > 1
    np.testing.assert_allclose(answers["m/logits"], logits, atol=1e-4, rtol=0)
    maps = closed_form_maps(features, weights["predictions/kernel"])
    np.testing.assert_allclose(answers["m/maps"], maps, atol=1e-4, rtol=0)
