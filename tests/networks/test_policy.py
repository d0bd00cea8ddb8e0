import re

import numpy as np
import pytest

from galaxy_core.errors import BadFileError, BadValueError
from galaxy_core.networks.initial import random_tensor
from galaxy_core.networks.policy import (
    POLICIES,
    frozen_layers,
    get_policy,
    initial_tensors,
    needs_calibration,
    needs_source,
    taken_in_words,
)
from galaxy_core.networks.registry import get_backbone

DENSENET = get_backbone("densenet121")

CUT = 0.2
BELOW = "conv3_block5_1_bn/gamma"  # in the boundary layer of CUT
ABOVE = "conv3_block5_2_conv/kernel"  # the first tensor above it


@pytest.fixture(scope="module")
def source():
    rng = np.random.default_rng(0)
    return {
        name: rng.normal(size=shape).astype(np.float32) for name, shape in DENSENET.tensor_shapes(10).items()
    }


def same(a, b):
    return a.keys() == b.keys() and all(np.array_equal(a[name], b[name]) for name in a)


def test_the_five_policies_are_named_as_in_the_literature():
    names = ["scratch", "transfer_frozen", "freeze_prefix", "transfer_tuned", "random_frozen"]
    assert list(POLICIES) == names
    assert all(policy.sentence.endswith(".") and policy.reading for policy in POLICIES.values())


def test_an_unknown_policy_is_refused_with_the_choices():
    with pytest.raises(BadValueError, match=r"one of scratch, .*random_frozen, got 'frozen'"):
        get_policy("frozen")


@pytest.mark.parametrize(
    ("policy", "below", "above", "frozen"),
    [
        ("scratch", False, False, False),
        ("transfer_frozen", True, False, True),
        ("freeze_prefix", True, True, True),
        ("transfer_tuned", True, False, False),
        ("random_frozen", False, False, True),
    ],
)
def test_each_policy_takes_and_freezes_what_its_name_says(source, policy, below, above, frozen):
    tensors = initial_tensors(DENSENET, 10, policy, CUT, 0, source)
    assert np.array_equal(tensors[BELOW], source[BELOW]) == below
    assert np.array_equal(tensors[ABOVE], source[ABOVE]) == above
    assert ("conv3_block5_1_bn" in frozen_layers(DENSENET, policy, CUT)) == frozen
    assert "conv3_block5_2_conv" not in frozen_layers(DENSENET, policy, CUT)
    assert {name: tensor.shape for name, tensor in tensors.items()} == DENSENET.tensor_shapes(10)
    assert {tensor.dtype for tensor in tensors.values()} == {np.dtype(np.float32)}


@pytest.mark.parametrize("policy", POLICIES)
def test_the_head_is_never_taken_from_the_source_nor_frozen(source, policy):
    tensors = initial_tensors(DENSENET, 10, policy, 1.0, 0, source)
    assert not np.array_equal(tensors["predictions/kernel"], source["predictions/kernel"])
    assert not tensors["predictions/bias"].any()
    assert "predictions" not in frozen_layers(DENSENET, policy, 1.0)


@pytest.mark.parametrize("policy", ["transfer_frozen", "transfer_tuned", "random_frozen"])
def test_a_cut_of_zero_is_scratch_and_needs_no_source(policy):
    assert not needs_source(policy, 0.0)
    assert same(
        initial_tensors(DENSENET, 10, policy, 0.0, 3, None),
        initial_tensors(DENSENET, 10, "scratch", 0.5, 3, None),
    )


@pytest.mark.parametrize(
    ("policy", "cut"), [("freeze_prefix", 0.0), ("freeze_prefix", 1.0), ("transfer_tuned", 0.2)]
)
def test_a_source_that_is_needed_and_not_given_is_asked_for(policy, cut):
    assert needs_source(policy, cut)
    with pytest.raises(
        BadValueError, match=f"policy {policy} at cut .* needs source weights, got none; name a"
    ):
        initial_tensors(DENSENET, 10, policy, cut, 0, None)


def test_random_tensors_depend_on_the_seed_and_not_on_the_cut(source):
    first = initial_tensors(DENSENET, 10, "transfer_frozen", 0.2, 0, source)
    second = initial_tensors(DENSENET, 10, "transfer_frozen", 0.4, 0, source)
    other_seed = initial_tensors(DENSENET, 10, "transfer_frozen", 0.2, 1, source)
    kernel = "conv5_block1_1_conv/kernel"
    assert np.array_equal(first[kernel], second[kernel])
    assert not np.array_equal(first[kernel], other_seed[kernel])


def test_random_tensors_never_change_between_versions():
    drawn = random_tensor("predictions/kernel", (1024, 10), seed=0)
    assert drawn[0, :3] == pytest.approx([0.02821952, -0.01225361, 0.0394645], abs=1e-7)


def test_kernels_fill_the_range_of_glorot_and_statistics_start_at_zero_and_one():
    limit = np.sqrt(6 / (9 * (128 + 32)))
    kernel = random_tensor("conv2_block1_2_conv/kernel", (3, 3, 128, 32), seed=0)
    assert 0.99 * limit < np.abs(kernel).max() <= limit
    assert kernel.std() == pytest.approx(limit / np.sqrt(3), rel=0.01)
    assert np.array_equal(random_tensor("bn/moving_variance", (4,), 0), np.ones(4))
    assert np.array_equal(random_tensor("bn/moving_mean", (4,), 0), np.zeros(4))


def test_a_renamed_tensor_of_the_source_is_refused_by_name(source):
    renamed = dict(source)
    renamed["conv1/conv/kernel"] = renamed.pop("conv1_conv/kernel")
    expected = "the source has no tensor conv1_conv/kernel, expected shape (7, 7, 3, 64)"
    with pytest.raises(BadFileError, match=re.escape(expected)):
        initial_tensors(DENSENET, 10, "transfer_frozen", CUT, 0, renamed)


def test_a_tensor_of_the_wrong_shape_is_refused_with_both_shapes(source):
    wrong = source | {BELOW: np.zeros(64, np.float32)}
    with pytest.raises(BadFileError, match=re.escape(f"{BELOW} of shape (64,), expected (128,)")):
        initial_tensors(DENSENET, 10, "transfer_frozen", CUT, 0, wrong)


def test_what_lies_above_the_cut_is_not_asked_of_the_source(source):
    partial = {
        name: tensor for name, tensor in source.items() if not name.startswith(("conv5", "predictions"))
    }
    initial_tensors(DENSENET, 10, "transfer_frozen", CUT, 0, partial)


def test_initial_tensors_are_copies_so_that_training_cannot_change_the_source(source):
    tensors = initial_tensors(DENSENET, 10, "freeze_prefix", CUT, 0, source)
    assert not np.shares_memory(tensors[BELOW], source[BELOW])


def test_a_shipped_source_in_half_precision_is_widened(source):
    half = {name: tensor.astype(np.float16) for name, tensor in source.items()}
    assert initial_tensors(DENSENET, 10, "transfer_tuned", 1.0, 0, half)[BELOW].dtype == np.float32


def test_only_a_random_prefix_that_is_frozen_needs_calibration():
    assert [name for name in POLICIES if needs_calibration(name)] == ["random_frozen"]
    assert not needs_calibration("random_frozen", 0.0)


def test_only_layers_with_tensors_are_named_frozen():
    assert len(frozen_layers(DENSENET, "freeze_prefix", 1.0)) == 120 + 121


def test_what_a_cut_means_is_said_by_policy() -> None:
    assert taken_in_words("freeze_prefix", 0) == "100 % taken over, nothing frozen"
    assert taken_in_words("freeze_prefix", 40) == "100 % taken over, 40 % frozen"
    assert taken_in_words("transfer_frozen", 20) == "20 % taken over and frozen"
    assert taken_in_words("transfer_frozen", 0) == taken_in_words("scratch", 60) == "nothing taken over"
    assert taken_in_words("transfer_tuned", 20) == "20 % taken over, nothing frozen"
    assert taken_in_words("random_frozen", 20) == "nothing taken over, 20 % frozen"
