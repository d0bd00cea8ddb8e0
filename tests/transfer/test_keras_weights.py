"""Weights that Keras saved elsewhere: read exactly, or refused by the name of the first wrong tensor."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from galaxy_core.errors import BadFileError, BadValueError
from galaxy_core.evaluation.table import table_rows
from galaxy_core.runs.config import TrainConfig
from galaxy_core.runs.names import runs_folder
from galaxy_core.runs.run import find_run
from galaxy_core.transfer.densenet121 import tensor_shapes
from galaxy_core.transfer.keras_weights import _places, read_keras_weights_file, run_from_keras
from galaxy_core.transfer.policy import initial_tensors

TENSORS = initial_tensors("scratch", 0.0, 3, None)
BN_BETA = _places("layers")["bn/beta"]
CONFIG = TrainConfig("/elsewhere/galaxies.h5", "transfer_frozen", 0.8, "imagenet")


def saved(tensors: dict[str, np.ndarray] = TENSORS, root: str = "layers", **changes: Any) -> bytes:
    """A file as Keras lays it out, each tensor named in `changes` replaced (None: left out)."""
    with BytesIO() as buffer:
        with h5py.File(buffer, "w") as file:
            for name, path in _places(root).items():
                value = changes.get(name.replace("/", "__"), tensors[name])
                if value is not None:
                    file[path] = value
        return buffer.getvalue()


@pytest.mark.parametrize("root", ["layers", "layers/functional/layers"])
def test_every_tensor_comes_back_as_it_was_saved(root: str) -> None:
    found = read_keras_weights_file(saved(root=root), "mine.weights.h5")
    assert list(found) == list(tensor_shapes())
    assert all(np.array_equal(found[name], value) for name, value in TENSORS.items())


def test_the_first_tensor_of_another_shape_is_named() -> None:
    data = saved(conv2_block1_1_conv__kernel=np.zeros((1, 1, 64, 99), "f4"), bn__gamma=np.zeros(7, "f4"))
    with pytest.raises(BadFileError, match=r"tensor conv2_block1_1_conv/kernel .*\(1, 1, 64, 99\), expected"):
        read_keras_weights_file(data, "mine.weights.h5")


def test_a_tensor_that_is_missing_is_named() -> None:
    with pytest.raises(BadFileError, match="no tensor predictions/bias"):
        read_keras_weights_file(saved(predictions__bias=None), "mine.weights.h5")


def test_a_tensor_that_is_not_finite_is_named() -> None:
    with pytest.raises(BadFileError, match=r"bn/beta .* not finite"):
        read_keras_weights_file(saved(bn__beta=np.full(1024, np.nan, "f4")), "mine.weights.h5")


def test_a_link_out_of_the_file_is_never_followed(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "other.h5", "w") as other:
        other["secret"] = np.zeros(1024, "f4")
    link = h5py.ExternalLink(str(tmp_path / "other.h5"), "secret")
    with pytest.raises(BadFileError, match="no tensor bn/beta"):
        read_keras_weights_file(saved(bn__beta=link), "mine.weights.h5")


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
        read_keras_weights_file(spoilt(huge_chunk), "mine.weights.h5")


def test_numbers_of_the_type_for_times_are_refused_in_a_sentence() -> None:
    with pytest.raises(BadFileError, match=r"mine\.weights\.h5 is no whole weights file of Keras"):
        read_keras_weights_file(spoilt(times), "mine.weights.h5")


@pytest.mark.parametrize("data", [b"", b"dear network", saved()[:5000]])
def test_what_is_no_weights_file_is_refused_in_a_sentence(data: bytes) -> None:
    with pytest.raises(BadFileError, match=r"mine\.weights\.h5"):
        read_keras_weights_file(data, "mine.weights.h5")


def test_a_run_of_them_is_whole_and_has_no_test_numbers(own_folders: Path) -> None:
    run = run_from_keras(saved(), "mine.weights.h5", CONFIG, "mine")
    assert run.is_whole
    assert run.status().state == "done"
    assert np.array_equal(find_run("mine").tensors()["bn/gamma"], TENSORS["bn/gamma"])
    (row,) = table_rows([run])
    assert (row.imagenet_percent, row.source, row.test_accuracy) == (20, "imagenet", None)


def test_a_refused_file_and_a_taken_name_leave_no_run(own_folders: Path) -> None:
    with pytest.raises(BadFileError):
        run_from_keras(b"nothing", "mine.weights.h5", CONFIG, "mine")
    assert not (runs_folder() / "mine").exists()
    run_from_keras(saved(), "mine.weights.h5", CONFIG, "mine")
    with pytest.raises(BadValueError, match="exists"):
        run_from_keras(saved(), "mine.weights.h5", CONFIG, "mine")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # within Keras
def test_a_file_that_keras_itself_saved_is_read_exactly(tmp_path: Path) -> None:
    from galaxy_core.transfer.classifier import build_classifier, get_tensors, load_tensors

    model = build_classifier(32, frozen={"conv1_conv", "conv1_bn"})
    load_tensors(model, TENSORS)
    path = tmp_path / "real.weights.h5"
    model.save_weights(path)
    found = read_keras_weights_file(path.read_bytes(), path.name)
    assert all(np.array_equal(found[name], value) for name, value in get_tensors(model).items())
