"""Weights that are forgotten in one place and nowhere else."""

import numpy as np
import pytest

from galaxy_core.errors import BadValueError
from galaxy_core.maps.randomised import randomised
from galaxy_core.networks.registry import get_backbone

DENSENET = get_backbone("densenet121")


def tensors() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    names = (
        "conv4_block1_1_conv/kernel",
        "conv5_block1_1_conv/kernel",
        "conv5_block1_1_bn/gamma",
        "predictions/kernel",
    )
    return {name: rng.normal(3, 0.5, (40, 40)).astype(np.float32) for name in names}


def test_only_the_head_is_drawn_anew_and_keeps_its_scale() -> None:
    before = tensors()
    after = randomised(DENSENET, before, "head", 0)
    assert {name for name in before if not np.array_equal(before[name], after[name])} == {
        "predictions/kernel"
    }
    new = after["predictions/kernel"]
    assert new.dtype == np.float32
    assert (new.mean(), new.std()) == (pytest.approx(3, abs=0.05), pytest.approx(0.5, rel=0.05))


def test_the_last_block_goes_with_the_head_but_its_normalisation_stays() -> None:
    before = tensors()
    after = randomised(DENSENET, before, "last block", 0)
    changed = {name for name in before if not np.array_equal(before[name], after[name])}
    assert changed == {"predictions/kernel", "conv5_block1_1_conv/kernel"}
    np.testing.assert_array_equal(
        after["predictions/kernel"], randomised(DENSENET, before, "head", 0)["predictions/kernel"]
    )


def test_another_part_is_refused() -> None:
    with pytest.raises(BadValueError, match="head, last block"):
        randomised(DENSENET, tensors(), "everything", 0)
