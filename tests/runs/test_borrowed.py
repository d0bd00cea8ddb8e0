"""What was taken over unchanged is read from its source, and from nothing but that very source."""

import dataclasses
import hashlib
import json
import shutil
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from galaxy_core.errors import BadFileError, GalaxyError, MissingError
from galaxy_core.networks.backbone import Backbone
from galaxy_core.networks.registry import get_backbone
from galaxy_core.runs.borrowed import KEY, Borrowed, lent, read_borrowed, taken_over
from galaxy_core.runs.checkpoint import WEIGHTS, Tensors, write_tensors

LITE0 = get_backbone("efficientnet_lite0")
NETWORK = dataclasses.replace(LITE0, layers=LITE0.layers[:3])
"""The first convolution and its batch normalisation: five tensors."""
KERNEL, GAMMA = "stem_conv/kernel", "stem_bn/gamma"
GIVEN: Tensors = {
    name: np.full(shape, 0.1, np.float16 if len(shape) == 4 else np.float32)
    for name, shape in NETWORK.body_shapes.items()
}


@pytest.fixture
def source(own_folders: Path) -> Path:
    """The checkpoint of a source among the shipped runs."""
    return checkpoint(own_folders / "models" / "photographs", GIVEN)


@pytest.fixture
def borrower(own_folders: Path, source: Path) -> Path:
    """One beside it that holds no kernel."""
    return checkpoint(own_folders / "models" / "mine", {GAMMA: GIVEN[GAMMA]}, of(source))


def checkpoint(folder: Path, tensors: Tensors, borrowed: Borrowed | None = None) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    write_tensors(folder / WEIGHTS, tensors, borrowed.about() if borrowed else None)
    return folder / WEIGHTS


def of(source: Path, *names: str) -> Borrowed:
    sha256 = hashlib.sha256(source.read_bytes()).hexdigest()
    return Borrowed(source.parent.name, sha256, names or (KERNEL,))


def read(path: Path, network: Backbone = NETWORK) -> Tensors:
    borrowed = read_borrowed(path)
    assert borrowed is not None
    return taken_over(borrowed, path, network, [GAMMA])


def test_a_tensor_is_the_source_s_in_its_precision_and_a_whole_checkpoint_borrows_nothing(
    source: Path, borrower: Path
) -> None:
    found = read(borrower)
    assert found.keys() == {KERNEL}
    assert found[KERNEL].dtype == np.float16
    assert np.array_equal(found[KERNEL], GIVEN[KERNEL])
    assert read_borrowed(source) is None


def test_a_checkpoint_that_was_copied_elsewhere_finds_the_source_among_the_shipped_ones(
    own_folders: Path, borrower: Path
) -> None:
    copied = own_folders / "runs" / "copied"
    shutil.copytree(borrower.parent, copied)
    assert np.array_equal(read(copied / WEIGHTS)[KERNEL], GIVEN[KERNEL])


def test_a_source_that_is_not_here_is_named_with_the_way_out(source: Path, borrower: Path) -> None:
    source.unlink()
    with pytest.raises(
        MissingError, match=r"no source photographs in .* get the run whole, as `galaxy runs pack`"
    ):
        read(borrower)


def test_another_source_of_that_name_is_refused_by_its_hash(source: Path, borrower: Path) -> None:
    before = hashlib.sha256(source.read_bytes()).hexdigest()
    checkpoint(source.parent, {**GIVEN, GAMMA: GIVEN[GAMMA] + 1})
    with pytest.raises(BadFileError, match=rf"photographs of mine has the sha256 .* had '{before[:12]}'"):
        read(borrower)


def test_the_wheel_of_another_hash_is_refused_and_the_right_one_read(own_folders: Path) -> None:
    stored, sha256 = lent("imagenet", own_folders, LITE0)
    assert stored.keys() == LITE0.body_shapes.keys()
    assert sha256 == LITE0.published.digest
    folder = own_folders / "models" / "mine"
    right = checkpoint(folder, {GAMMA: GIVEN[GAMMA]}, Borrowed("imagenet", sha256, (KERNEL,)))
    assert np.array_equal(read(right)[KERNEL], stored[KERNEL])
    wrong = checkpoint(folder, {GAMMA: GIVEN[GAMMA]}, Borrowed("imagenet", "ab" * 32, (KERNEL,)))
    with pytest.raises(BadFileError, match="the source imagenet of mine has the sha256"):
        read(wrong)
    with pytest.raises(BadFileError, match="no tensors are taken over from ImageNet's DenseNet-121"):
        lent("imagenet", own_folders, get_backbone("densenet121"))


@pytest.mark.parametrize("name", ["../photographs", "/etc", "..", ".hidden", "a/b", ""])
def test_no_name_leads_out_of_the_folder(name: str, borrower: Path, source: Path) -> None:
    told = json.dumps({"source": name, "sha256": of(source).sha256, "tensors": [KERNEL]})
    write_tensors(borrower, {GAMMA: GIVEN[GAMMA]}, {KEY: told})
    with pytest.raises(BadFileError, match="in no way a run does"):
        read(borrower)


def test_nobody_lends_what_is_not_its_own(own_folders: Path, source: Path, borrower: Path) -> None:
    chained = checkpoint(own_folders / "models" / "chained", {GAMMA: GIVEN[GAMMA]}, of(borrower))
    with pytest.raises(BadFileError, match="lends tensors and has taken over some itself"):
        read(chained)
    itself = dataclasses.replace(of(source), source="mine")
    with pytest.raises(BadFileError, match="lends tensors and has taken over some itself"):
        read(checkpoint(borrower.parent, {GAMMA: GIVEN[GAMMA]}, itself))


def test_tensors_that_are_held_too_unknown_or_of_another_shape_are_refused_by_name(
    source: Path, borrower: Path
) -> None:
    for name in (GAMMA, "no/such", "predictions/kernel"):
        with pytest.raises(BadFileError, match=f"takes over a tensor '{name}'"):
            read(checkpoint(borrower.parent, {GAMMA: GIVEN[GAMMA]}, of(source, name)))
    checkpoint(source.parent, {KERNEL: np.zeros((3, 3, 3, 31), np.float16)})
    lying = checkpoint(borrower.parent, {GAMMA: GIVEN[GAMMA]}, of(source))
    with pytest.raises(BadFileError, match=r"tensor stem_conv/kernel of shape \(3, 3, 3, 31\), expected"):
        read(lying)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    told=st.one_of(
        st.text(max_size=50),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=5),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.sampled_from(["source", "sha256", "tensors"]), inner, max_size=3)
            ),
        ).map(json.dumps),
    )
)
def test_whatever_a_checkpoint_says_it_took_over_is_read_or_refused(told: str, borrower: Path) -> None:
    write_tensors(borrower, {GAMMA: GIVEN[GAMMA]}, {KEY: told})
    with suppress(GalaxyError):
        read(borrower)
