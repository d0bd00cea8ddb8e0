import json
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from galaxy_core.errors import BadFileError, GalaxyError, MissingError
from galaxy_core.runs.checkpoint import read_tensors, write_tensors


def test_arrays_come_back_as_they_were_also_when_not_contiguous(tmp_path: Path) -> None:
    base = np.arange(24, dtype=np.float32).reshape(4, 6)
    arrays = {
        "plain": base,
        "transposed": base.T,
        "strided": base[:, ::2],
        "n": np.array([3]),
        "one": np.array(7),
    }
    write_tensors(tmp_path / "w.safetensors", arrays)
    back = read_tensors(tmp_path / "w.safetensors")
    assert back.keys() == arrays.keys()
    for name, value in arrays.items():
        np.testing.assert_array_equal(back[name], value)


def test_half_precision_is_widened(tmp_path: Path) -> None:
    write_tensors(tmp_path / "w.safetensors", {"a": np.array([1.5], np.float16)})
    assert read_tensors(tmp_path / "w.safetensors")["a"].dtype == np.float32


def test_a_tensor_that_is_not_finite_is_refused_by_name(tmp_path: Path) -> None:
    write_tensors(tmp_path / "w.safetensors", {"good": np.ones(2), "conv1/kernel": np.array([1.0, np.nan])})
    with pytest.raises(BadFileError, match="conv1/kernel"):
        read_tensors(tmp_path / "w.safetensors")


def test_missing_weights_are_missing(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match="train the run first"):
        read_tensors(tmp_path / "w.safetensors")


def header_of(entries: object, body: bytes = b"") -> bytes:
    text = json.dumps(entries).encode()
    return struct.pack("<Q", len(text)) + text + body


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        struct.pack("<Q", 2**60),
        header_of({"a": {"dtype": "F32", "shape": [10**15], "data_offsets": [0, 4]}}, b"0000"),
        header_of({"a": {"dtype": "PICKLE", "shape": [1], "data_offsets": [0, 4]}}, b"0000"),
        header_of({"a": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]}}, b"0000"),
        header_of({"a": {"dtype": "F32", "shape": [1], "data_offsets": [2, 6]}}, b"0000"),
        header_of({"a": {"dtype": "F32", "shape": [2**62, 4], "data_offsets": [0, 0]}}),
        header_of({"a": {"dtype": "BF16", "shape": [2], "data_offsets": [0, 4]}}, b"0000"),
        header_of({"a": {"dtype": "F8_E4M3", "shape": [4], "data_offsets": [0, 4]}}, b"0000"),
        header_of({"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}, b"00000000"),
        header_of(
            {"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}} | {"b": "x" * 2**22}, b"0000"
        ),
        struct.pack("<Q", 40_000) + b"[" * 40_000,
        header_of([1, 2]),
        header_of({"a": 3}),
    ],
)
def test_a_header_that_does_not_add_up_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "w.safetensors"
    path.write_bytes(content)
    with pytest.raises(BadFileError):
        read_tensors(path)


@settings(max_examples=60)
@given(position=st.floats(0, 1, exclude_max=True), cut=st.booleans(), byte=st.integers(0, 255))
def test_a_damaged_file_is_read_right_or_refused(
    tmp_path_factory: pytest.TempPathFactory, position: float, cut: bool, byte: int
) -> None:
    path = tmp_path_factory.mktemp("damage") / "w.safetensors"
    write_tensors(path, {"a": np.ones((3, 4), np.float32), "b": np.zeros(5, np.int64)})
    data = bytearray(path.read_bytes())
    place = int(position * len(data))
    if cut:
        del data[place:]
    else:
        data[place] = byte
    path.write_bytes(bytes(data))
    try:
        tensors = read_tensors(path)
    except GalaxyError:
        return
    assert sum(value.size for value in tensors.values()) <= 17
