import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galaxy_core.data.augment import Augmentation
from galaxy_core.data.classes import GALAXY10, Classes
from galaxy_core.errors import BadValueError
from galaxy_core.images.view import View
from galaxy_core.networks.policy import POLICIES
from galaxy_core.runs.config import TrainConfig


def test_a_config_survives_json() -> None:
    config = TrainConfig(data="a.h5", trainable=0.4, augmentation=Augmentation(rotation_degrees=90.0))
    assert TrainConfig.from_json(json.loads(json.dumps(config.to_json()))) == config


def test_a_config_keeps_the_classes_and_a_file_without_them_means_those_of_galaxy10() -> None:
    config = TrainConfig(data="a.h5", classes=Classes(["a", "b"]))
    assert config.to_json()["classes"] == ["a", "b"]
    assert TrainConfig.from_json(json.loads(json.dumps(config.to_json()))) == config
    assert TrainConfig.from_json({"data": "a.h5"}).classes is GALAXY10
    assert TrainConfig(data="a.h5").to_json()["classes"] is None


def test_mock_galaxies_join_only_those_of_their_classes() -> None:
    with pytest.raises(BadValueError, match="n_mocks must be 0, got 5: mock galaxies are of Galaxy10's"):
        TrainConfig(data="a.h5", n_mocks=5, classes=Classes(["a", "b"]))
    with pytest.raises(BadValueError, match="classes must be a list of names, got 3"):
        TrainConfig.from_json({"data": "a.h5", "classes": 3})


@pytest.mark.parametrize(
    ("trainable", "percent"), [(1.0, 0), (0.8, 20), (0.6, 40), (0.4, 60), (0.2, 80), (0.0, 100)]
)
def test_the_cut_is_the_papers_imagenet_percent(trainable: float, percent: int) -> None:
    config = TrainConfig(data="a.h5", trainable=trainable)
    assert config.imagenet_percent == percent
    assert config.cut == percent / 100


def test_what_the_network_sees_is_its_crop_at_its_size() -> None:
    assert TrainConfig(data="a.h5", crop=128, image_size=64).view == View(128, 64)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("trainable", 1.8, r"trainable must lie in \[0, 1\], got 1.8; 0 trains only the head, 1 every layer"),
        ("trainable", float("nan"), "got nan"),
        ("trainable", True, "got True"),
        ("policy", "best", "scratch, transfer_frozen"),
        ("epochs", 0, "whole number from 1"),
        ("epochs", 2.5, "got 2.5"),
        ("seed", -1, "got -1"),
        ("learning_rate", 0.0, "the paper uses 5e-4"),
        ("crop", 300, "from 32 to 256"),
        ("batch_norm", "frozen", "re-estimated, keras"),
        ("data", "", "non-empty"),
        ("test", 0.95, "must lie in"),
    ],
)
def test_a_wrong_value_is_named_with_its_rule(name: str, value: object, says: str) -> None:
    with pytest.raises(BadValueError, match=says):
        TrainConfig(**{"data": "a.h5", name: value})  # type: ignore[arg-type]


def test_parts_that_leave_nothing_to_train_on_are_refused() -> None:
    with pytest.raises(BadValueError, match="leave galaxies to train on"):
        TrainConfig(data="a.h5", validation=0.5, test=0.5)


def test_an_unknown_entry_is_refused_by_name() -> None:
    with pytest.raises(BadValueError, match="'momentum'"):
        TrainConfig.from_json({"data": "a.h5", "momentum": 0.9})
    with pytest.raises(BadValueError, match="'blur'"):
        TrainConfig.from_json({"data": "a.h5", "augmentation": {"blur": 1}})


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)


@given(name=st.sampled_from([field.name for field in dataclasses.fields(TrainConfig)]), value=json_values)
def test_whatever_a_config_file_holds_it_is_taken_or_refused_in_words(name: str, value: object) -> None:
    try:
        config = TrainConfig.from_json({"data": "a.h5", name: value})
    except BadValueError:
        return
    assert 0 <= config.cut <= 1
    assert config.policy in POLICIES


def test_folds_decide_the_share_that_is_tested() -> None:
    config = TrainConfig(data="a.h5", n_folds=3, fold=2)
    assert config.test == 1 / 3
    assert TrainConfig.from_json(json.loads(json.dumps(config.to_json()))) == config
    assert dataclasses.replace(config, fold=0).test == 1 / 3


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"n_folds": 5}, "belong together, got n_folds 5 and fold None"),
        ({"fold": 0}, "belong together"),
        ({"n_folds": 1, "fold": 0}, "n_folds must be a whole number from 2 to 20, got 1"),
        ({"n_folds": 21, "fold": 0}, "from 2 to 20"),
        ({"n_folds": 5, "fold": 5}, "fold must be a whole number from 0 to 4, got 5"),
        ({"n_folds": 5, "fold": True}, "fold must be a whole number"),
        ({"n_folds": 10, "fold": 0, "test": 0.3}, "test is 1/10 with 10 folds, got 0.3; leave it out"),
        ({"n_mocks": -1}, "n_mocks must be a whole number from 0"),
        ({"n_mocks": 1.5}, "got 1.5"),
    ],
)
def test_wrong_folds_and_mocks_are_refused_with_their_rule(changes: dict[str, object], says: str) -> None:
    with pytest.raises(BadValueError, match=says):
        TrainConfig(**{"data": "a.h5", **changes})  # type: ignore[arg-type]


def test_a_config_from_before_there_were_folds_opens_as_it_was() -> None:
    old = TrainConfig(data="a.h5", test=0.25).to_json()
    for name in ("n_folds", "fold", "n_mocks"):
        del old[name]
    config = TrainConfig.from_json(old)
    assert (config.n_folds, config.fold, config.n_mocks, config.test) == (None, None, 0, 0.25)
