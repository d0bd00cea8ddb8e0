"""Storage at half size: which tensors are rounded, how far, and what is refused."""

from pathlib import Path

import numpy as np
import pytest

from galaxy_core.errors import BadValueError
from galaxy_core.runs.checkpoint import read_tensors, write_tensors
from galaxy_core.runs.half import halved, rounded


def tensors() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    return {
        "conv1_conv/kernel": rng.normal(0, 0.05, (7, 7, 3, 4)).astype("f4"),
        "conv1_bn/gamma": rng.normal(1, 0.1, 4).astype("f4"),
        "conv1_bn/moving_variance": np.array([1e-9, 1e-3, 1e5, 1], "f4"),
        "predictions/kernel": rng.normal(0, 0.05, (4, 3)).astype("f4"),
        "predictions/bias": np.array([1e-8, 0.1, 1 / 3], "f4"),
    }


def test_only_kernels_of_convolutions_are_halved() -> None:
    kinds = {name: value.dtype for name, value in halved(tensors()).items()}
    assert kinds.pop("conv1_conv/kernel") == np.float16
    assert set(kinds.values()) == {np.dtype(np.float32)}


def test_what_is_read_back_is_what_rounding_promised(tmp_path: Path) -> None:
    write_tensors(tmp_path / "w.safetensors", halved(tensors()))
    read, promised = read_tensors(tmp_path / "w.safetensors"), rounded(tensors())
    assert read.keys() == promised.keys()
    for name, value in promised.items():
        assert read[name].dtype == value.dtype == np.float32
        np.testing.assert_array_equal(read[name], value)


def test_rounding_moves_a_kernel_by_less_than_a_thousandth_and_nothing_else() -> None:
    before, after = tensors(), rounded(tensors())
    kernel = before.pop("conv1_conv/kernel")
    np.testing.assert_allclose(after["conv1_conv/kernel"], kernel, rtol=5e-4, atol=1e-7)
    assert not np.array_equal(after["conv1_conv/kernel"], kernel)
    for name, value in before.items():
        np.testing.assert_array_equal(after[name], value)


def test_rounding_twice_is_rounding_once() -> None:
    once = rounded(tensors())
    for name, value in rounded(once).items():
        np.testing.assert_array_equal(value, once[name])


@pytest.mark.parametrize("value", [7e4, -7e4, np.nan, np.inf])
def test_a_kernel_that_does_not_fit_is_refused_by_name(value: float) -> None:
    spoilt = tensors()
    spoilt["conv1_conv/kernel"][0, 0, 0, 0] = value
    with pytest.raises(BadValueError, match=r"conv1_conv/kernel does not fit into half precision"):
        halved(spoilt)
