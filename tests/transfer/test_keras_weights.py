"""Weights that Keras saved elsewhere: read exactly, or refused by the name of the first wrong tensor."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import h5py
import numpy as np
import pytest
from foreign_files import places

from galaxy_core.errors import BadFileError, BadValueError
from galaxy_core.networks.policy import initial_tensors
from galaxy_core.networks.registry import get_backbone
from galaxy_core.transfer.weights.foreign import Foreign
from galaxy_core.transfer.weights.formats import read_foreign
from galaxy_core.transfer.weights.keras_layers import Layout

DENSENET = get_backbone("densenet121")

TENSORS = initial_tensors(DENSENET, 10, "scratch", 0.0, 3, None)
BN_BETA = places()["bn/beta"]


def read(data: bytes, epsilon: float | None = None) -> Foreign:
    """What the bytes of a `.weights.h5` come to."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "mine.weights.h5"
        path.write_bytes(data)
        return read_foreign(path, epsilon=epsilon)


def saved(tensors: dict[str, np.ndarray] = TENSORS, root: str = "layers", **changes: Any) -> bytes:
    """A file as Keras lays it out, each tensor named in `changes` replaced (None: left out)."""
    with BytesIO() as buffer:
        with h5py.File(buffer, "w") as file:
            for name, path in places(root).items():
                value = changes.get(name.replace("/", "__"), tensors[name])
                if value is not None:
                    file[path] = value
        return buffer.getvalue()


def test_a_tensor_that_is_missing_is_named() -> None:
    with pytest.raises(BadFileError, match="no tensor predictions/bias"):
        read(saved(predictions__bias=None))


def test_a_tensor_that_is_not_finite_is_named() -> None:
    with pytest.raises(BadFileError, match=r"bn/beta .* not finite"):
        read(saved(bn__beta=np.full(1024, np.nan, "f4")))


def test_a_link_out_of_the_file_is_never_followed(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "other.h5", "w") as other:
        other["secret"] = np.zeros(1024, "f4")
    link = h5py.ExternalLink(str(tmp_path / "other.h5"), "secret")
    with pytest.raises(BadFileError, match="no tensor bn/beta"):
        read(saved(bn__beta=link))


def spoilt(make: Callable[[h5py.File], object]) -> bytes:
    """A file whose `bn/beta` is gone, and what `make` puts into it instead."""
    with BytesIO(saved(bn__beta=None)) as buffer:
        with h5py.File(buffer, "a") as file:
            make(file)
        return buffer.getvalue()


def huge_chunk(file: h5py.File) -> None:
    """Four bytes a number, 64 million numbers a chunk, of which the tensor is a thousandth."""
    values = file.create_dataset(
        BN_BETA, (1024,), "f4", chunks=(2**26,), maxshape=(None,), compression="gzip"
    )
    values.id.write_direct_chunk((0,), b"x")


def times(file: h5py.File) -> None:
    """Of the type for times, which NumPy does not know."""
    h5py.h5d.create(file.id, BN_BETA.encode(), h5py.h5t.UNIX_D32LE, h5py.h5s.create_simple((1024,)))


def test_a_tensor_in_a_chunk_that_unpacks_to_much_is_refused_by_name() -> None:
    with pytest.raises(BadFileError, match=r"tensor bn/beta of .* chunks of shape \(67108864,\), too large"):
        read(spoilt(huge_chunk))


def test_numbers_of_the_type_for_times_are_refused_in_a_sentence() -> None:
    with pytest.raises(BadFileError, match=r"mine\.weights\.h5 is no whole weights file of Keras"):
        read(spoilt(times))


GOOD = saved()


def more(add: Callable[[h5py.File], object]) -> bytes:
    """A good file to which `add` has put something."""
    with BytesIO(GOOD) as buffer:
        with h5py.File(buffer, "a") as file:
            add(file)
        return buffer.getvalue()


def layer(file: h5py.File, path: str, name: str, *shapes: tuple[int, ...]) -> None:
    own = file.create_group(f"{path}/vars")
    own.attrs["name"] = name
    for i, shape in enumerate(shapes):
        own[str(i)] = np.ones(shape, "f4")


def whole_list(file: h5py.File, without: str = "") -> None:
    """The groups of all layers without weights, as Keras writes them."""
    for path in set(Layout(DENSENET, "layers", "layers").layers.values()) - set(file["layers"]) - {without}:
        if path not in file:
            layer(file, path, "")


STRANGE: dict[str, Callable[[h5py.File], object]] = {
    r"the layer 'layers/batch_normalization_121' \(named 'my_bn', 4 tensors\)": lambda file: layer(
        file, "layers/batch_normalization_121", "my_bn", *[(1024,)] * 4
    ),
    r"the layer 'layers/normalization' \(named 'normalization', 3 tensors\)": lambda file: layer(
        file, "layers/normalization", "normalization", (3,), (3,), ()
    ),
    r"the layer 'layers/dense_1' .* 2 tensors": lambda file: layer(
        file, "layers/dense_1", "dense_1", (10, 10), (10,)
    ),
    r"the layer 'layers/leaky_re_lu' .* 0 tensors": lambda file: layer(file, "layers/leaky_re_lu", "x"),
    r"the layer 'layers/activation_121'": lambda file: layer(file, "layers/activation_121", "x"),
    r"the layer 'layers/functional/layers/conv2d'": lambda file: layer(
        file, "layers/functional/layers/conv2d", "x", (1, 1, 3, 3)
    ),
    r"the tensor 'layers/conv2d_7/vars/1'": lambda file: file.create_dataset(
        "layers/conv2d_7/vars/1", data=np.ones(128, "f4")
    ),
    r"the tensor 'vars/0'": lambda file: file.create_dataset("vars/0", data=np.ones(3, "f4")),
    r"the tensor 'layers/dense/vars/2'": lambda file: file.__setitem__(
        "layers/dense/vars/2", h5py.SoftLink("/layers/dense/vars/0")
    ),
    r"holds the tensor '\\x1b\[2J": lambda file: file.create_dataset("\x1b[2J" * 500, data=1.0),
    "lacks the layer 'layers/activation_7'": lambda file: whole_list(file, "layers/activation_7"),
    "holds far more than the weights": lambda file: file.__setitem__("layers/mine/layers", file["layers"]),
}


@pytest.mark.parametrize("words", STRANGE)
def test_a_layer_or_tensor_that_ours_has_not_is_refused_by_name(words: str) -> None:
    with pytest.raises(BadFileError, match=rf"^mine\.weights\.h5 .*{words}") as caught:
        read(more(STRANGE[words]))
    assert len(str(caught.value)) < 400


def test_what_only_training_needs_is_told_to_be_left_out() -> None:
    def trained(file: h5py.File) -> None:
        whole_list(file)
        for path in ("layers/rescaling", "layers/dropout", "layers/random_flip"):
            layer(file, path, "x")
        file["layers/dropout/seed_generator/vars/0"] = np.ones(2)
        layer(file, "optimizer", "adam", (), (), (7, 7, 3, 64))

    found = read(more(trained))
    assert found.left_out == ["the optimizer (3 tensors)", "seeds of random layers (1 tensors)"]
    assert all(np.array_equal(found.tensors[name], value) for name, value in TENSORS.items())


def test_a_batch_normalisation_before_the_dense_layer_is_part_of_it_once_its_epsilon_is_told() -> None:
    rng = np.random.default_rng(0)
    norm = [rng.uniform(0.5, 2, 1024).astype("f4") for _ in range(4)]

    def normalised(file: h5py.File) -> None:
        for i, values in enumerate(norm):
            file[f"layers/batch_normalization_121/vars/{i}"] = values

    with pytest.raises(BadFileError, match="does not say which layers without weights it has"):
        read(more(normalised), 0.1)
    data = more(lambda file: (normalised(file), whole_list(file)))
    with pytest.raises(
        BadFileError, match=r"holds the layer 'layers/batch_normalization_121' .* --epsilon 0\.001"
    ):
        read(data)
    found = read(data, 0.1)
    assert found.folded == ["the batch normalisation before the dense layer (epsilon 0.1)"]
    gamma, beta, mean, variance = norm
    features = rng.uniform(0, 1, (5, 1024))
    shown = gamma * (features - mean) / np.sqrt(variance + 0.1) + beta
    expected = shown @ TENSORS["predictions/kernel"] + TENSORS["predictions/bias"]
    logits = features @ found.tensors["predictions/kernel"] + found.tensors["predictions/bias"]
    np.testing.assert_allclose(logits, expected, atol=1e-5)
    with pytest.raises(BadValueError, match="epsilon must lie in"):
        read(data, 0.0)


@pytest.fixture(scope="module")
def model() -> Any:
    from galaxy_core.transfer.classifier import build_classifier, load_tensors

    model = build_classifier(DENSENET, 32, 10, frozen={"conv1_conv", "conv1_bn"})
    load_tensors(model, TENSORS)
    return model


def bytes_of(model: Any, folder: Path) -> bytes:
    model.save_weights(folder / "real.weights.h5")
    return (folder / "real.weights.h5").read_bytes()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # within Keras
def test_layers_that_keras_itself_saved_between_ours_are_refused_by_name(model: Any, tmp_path: Path) -> None:
    from galaxy_core.transfer.classifier import import_keras

    layers = import_keras().layers
    average = model.get_layer("average").output
    heads = {
        "batch_normalization_121": [layers.BatchNormalization(), layers.Dense(10)],
        "dense_1": [layers.Dense(10), layers.Dense(10)],
        "re_lu": [layers.ReLU(), layers.Dense(10)],
    }
    for strange, head in heads.items():
        x = average
        for one in head:
            x = one(x)
        other = import_keras().Model(model.input, x)
        data = bytes_of(other, tmp_path)
        for epsilon in (None, 0.001) if strange != "batch_normalization_121" else (None,):
            with pytest.raises(BadFileError, match=rf"holds the layer 'layers/{strange}' \(named"):
                read(data, epsilon)
        if strange == "batch_normalization_121":
            assert read(data, 0.001).folded
