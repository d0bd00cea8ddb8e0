import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galaxy_core.data.augment import Augmentation
from galaxy_core.errors import BadValueError
from galaxy_core.runs.config import POLICY_NAMES, TrainConfig


def test_a_config_survives_json() -> None:
    config = TrainConfig(data="a.h5", trainable=0.4, augmentation=Augmentation(rotation_degrees=90.0))
    assert TrainConfig.from_json(json.loads(json.dumps(config.to_json()))) == config


@pytest.mark.parametrize(
    ("trainable", "percent"), [(1.0, 0), (0.8, 20), (0.6, 40), (0.4, 60), (0.2, 80), (0.0, 100)]
)
def test_the_cut_is_the_papers_imagenet_percent(trainable: float, percent: int) -> None:
    config = TrainConfig(data="a.h5", trainable=trainable)
    assert config.imagenet_percent == percent
    assert config.cut == percent / 100


def test_the_explaining_size_keeps_the_scale_of_training() -> None:
    assert TrainConfig(data="a.h5", crop=128, image_size=64).explaining_size == 128


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
    assert config.policy in POLICY_NAMES
