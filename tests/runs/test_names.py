import pytest
from hypothesis import given
from hypothesis import strategies as st

from galaxy_core.errors import BadValueError
from galaxy_core.runs.names import belongs_to_sweep, check_name, runs_folder, sweep_run_name, without_fold


@pytest.mark.parametrize("name", ["first", "first-020-s0", "a.b_c-1", "_x", "7"])
def test_plain_names_are_taken(name: str) -> None:
    assert check_name(name) == name


@pytest.mark.parametrize(
    "name", ["", ".", "..", ".hidden", "-x", "a/b", "a\\b", "a b", "é", "a\n", "a\0", "x" * 101]
)
def test_a_name_that_is_no_plain_path_segment_is_refused(name: str) -> None:
    with pytest.raises(BadValueError, match="run name"):
        check_name(name)


@given(st.text(max_size=30))
def test_no_name_leaves_the_runs_folder(name: str) -> None:
    try:
        check_name(name)
    except BadValueError:
        return
    assert (runs_folder() / name).resolve().parent == runs_folder().resolve()


def test_a_sweep_knows_its_runs_and_no_others() -> None:
    assert sweep_run_name("first", None, 20, 0) == "first-020-s0"
    assert sweep_run_name("first", "scratch", 0, 2) == "first-scratch-000-s2"
    assert belongs_to_sweep("first-020-s0", "first")
    assert belongs_to_sweep("first-transfer_frozen-100-s11", "first")
    assert not belongs_to_sweep("first-other-020-s0", "first")
    assert not belongs_to_sweep("first", "first")
    assert not belongs_to_sweep("firstly-020-s0", "first")


def test_the_folds_of_a_run_belong_to_it_and_to_its_sweep() -> None:
    name = sweep_run_name("first", None, 20, 0, fold=3)
    assert name == "first-020-s0-f3"
    assert belongs_to_sweep(name, "first")
    assert belongs_to_sweep(name, "first-020-s0")
    assert not belongs_to_sweep(name, "first-020")
    assert not belongs_to_sweep("first-020-s0", "first-020-s0")
    assert without_fold(name) == "first-020-s0"
    assert without_fold("first-f-3") == "first-f-3"
