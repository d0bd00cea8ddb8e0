import subprocess
import sys

import numpy as np
import pytest

from galaxy_core.errors import BadFileError, BadValueError
from galaxy_core.networks.policy import initial_tensors
from galaxy_core.networks.registry import get_backbone
from galaxy_core.transfer.batch_norm import reestimate_batch_norm
from galaxy_core.transfer.classifier import build_classifier, get_tensors, import_keras, load_tensors

DENSENET = get_backbone("densenet121")

SIZE = 64


def images(n, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (n, SIZE, SIZE, 3), dtype=np.uint8)


def forward(model, photographs):
    """Op by op: compiling for one batch would take longer."""
    return np.asarray(model(photographs, training=False))


@pytest.fixture(scope="module")
def model():
    """A classifier for images of any size, its statistics estimated, so that its logits are of the order of one."""
    model = build_classifier(DENSENET, None, 10)
    load_tensors(model, initial_tensors(DENSENET, 10, "scratch", 0, 0, None))
    reestimate_batch_norm(model, [images(8)])
    return model


def test_an_unknown_precision_is_refused_with_the_choices():
    with pytest.raises(BadValueError, match="one of float32, mixed, got 'half'"):
        build_classifier(DENSENET, SIZE, 10, precision="half")


def test_importing_the_module_does_not_import_keras():
    code = "import sys, galaxy_core.transfer.classifier; sys.exit('keras' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.slow
def test_importing_keras_prints_nothing():
    code = "from galaxy_core.transfer.classifier import import_keras; import_keras().ops.ones(1)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")


@pytest.mark.slow
def test_the_model_holds_exactly_the_tensors_of_the_table(model):
    assert {name: tensor.shape for name, tensor in get_tensors(model).items()} == DENSENET.tensor_shapes(10)


@pytest.mark.slow
def test_tensors_come_back_as_they_were_loaded(model):
    tensors = get_tensors(model)
    load_tensors(model, tensors)
    again = get_tensors(model)
    assert all(np.array_equal(tensors[name], again[name]) for name in tensors)
    assert all(tensor.flags.c_contiguous and tensor.dtype == np.float32 for tensor in again.values())


@pytest.mark.slow
def test_a_missing_misshapen_or_unknown_tensor_is_refused_and_nothing_is_assigned(model):
    before = get_tensors(model)
    changed = {name: tensor + 1 for name, tensor in before.items()}
    for wrong, words in [
        (changed | {"bn/gamma": np.zeros(3)}, r"bn/gamma of shape \(3,\), expected \(1024,\)"),
        ({name: t for name, t in changed.items() if name != "bn/beta"}, "no tensor bn/beta"),
        (changed | {"conv9/kernel": np.zeros(3)}, "conv9/kernel, unknown"),
    ]:
        with pytest.raises(BadFileError, match=words):
            load_tensors(model, wrong)
    assert np.array_equal(get_tensors(model)["conv1_conv/kernel"], before["conv1_conv/kernel"])


@pytest.mark.slow
def test_preprocessing_is_that_of_the_imagenet_weights(keras, model):
    ours = forward(keras.Model(model.input, model.get_layer("preprocess").output), images(1))
    theirs = keras.applications.densenet.preprocess_input(images(1).astype("float32"))
    assert ours == pytest.approx(theirs, abs=1e-5)


@pytest.mark.slow
def test_bytes_and_floats_of_the_same_values_give_the_same_logits(model):
    photographs = images(2)
    assert np.array_equal(forward(model, photographs), forward(model, photographs.astype("float32")))


@pytest.mark.slow
def test_the_logits_are_the_mean_of_the_feature_layer_times_the_head(keras, model):
    tensors = get_tensors(model)
    features = forward(keras.Model(model.input, model.get_layer(DENSENET.feature_layer).output), images(2))
    assert features.shape == (2, SIZE // 32, SIZE // 32, 1024)
    logits = features.mean(axis=(1, 2)) @ tensors["predictions/kernel"] + tensors["predictions/bias"]
    assert forward(model, images(2)) == pytest.approx(logits, abs=1e-4)


@pytest.mark.slow
def test_mixed_precision_keeps_tensors_and_logits_in_float32(keras):
    before = keras.config.dtype_policy().name
    model = build_classifier(DENSENET, SIZE, 10, precision="mixed")
    assert keras.config.dtype_policy().name == before
    assert {variable.dtype for variable in model.weights} == {"float32"}
    assert model.get_layer("conv1_conv").compute_dtype == "bfloat16"
    assert model.output.dtype == "float32"


def test_an_engine_that_the_networks_do_not_run_on_is_refused_in_a_sentence(monkeypatch):
    monkeypatch.delitem(sys.modules, "keras", raising=False)
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    with pytest.raises(
        BadValueError, match="must be tensorflow or jax, got 'torch'; set one of them, or unset it"
    ):
        import_keras()
