"""What a source is asked to be: checked at birth, plain JSON, and told apart from a classifier."""

import json
from typing import Any

import pytest

from galaxy_core.errors import BadValueError
from galaxy_core.results.table import is_source, table_rows
from galaxy_core.runs.config import TrainConfig
from galaxy_core.runs.device import Device
from galaxy_core.runs.pretrain_config import PretrainConfig
from galaxy_core.runs.run import create_run, find_run, list_runs

CONFIG = PretrainConfig(images="photographs", keep_at=(0.1, 0.3), terms="research")


def test_a_config_survives_json() -> None:
    assert PretrainConfig.from_json(json.loads(json.dumps(CONFIG.to_json()))) == CONFIG


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"image_size": 16}, "image_size must be a whole number from 32"),
        ({"image_size": None}, "image_size must be"),
        ({"epochs": 0}, "epochs must lie in"),
        ({"epochs": float("nan")}, "epochs must lie in"),
        ({"learning_rate": -1}, "learning_rate must lie in"),
        ({"batch_size": 1}, "batch_size must be"),
        ({"label_smoothing": 1}, "label_smoothing must lie in"),
        ({"held_out": 0}, "held_out must lie in"),
        ({"warm_up": 0.9}, "warm_up must lie in"),
        ({"weight_decay": True}, "weight_decay must lie in"),
        ({"precision": "double"}, "precision must be one of"),
        ({"keep_at": (0.1, 1.0)}, "keep_at must lie in"),
        ({"keep_at": (0.1, 0.101)}, "keep_at must differ by whole percents"),
        ({"keep_at": 0.1}, "keep_at must be a list"),
        ({"images": ""}, "images must name a folder"),
        ({"terms": "a\nb"}, "terms must be a text"),
        ({"optimizer": "lion"}, "unknown entry 'optimizer'"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(BadValueError, match=says):
        PretrainConfig.from_json({"images": "photographs", **wrong})


def test_what_is_not_asked_for_suits_the_device() -> None:
    processor, gpu = Device("processor", 2, ""), Device("gpu", 16, "")
    small = PretrainConfig.for_device("photographs", processor, image_size=None, epochs=2.5)
    large = PretrainConfig.for_device("photographs", gpu)
    assert (small.image_size, small.epochs, large.image_size) == (64, 2.5, 224)


@pytest.mark.parametrize(
    ("epochs", "n_steps"), [(1.0, 10), (0.1, 1), (0.01, 1), (2.5, 25), (0.11, 2), (0.3, 3)]
)
def test_passes_need_not_be_whole(epochs: float, n_steps: int) -> None:
    assert PretrainConfig(images="photographs", epochs=epochs).n_steps(10) == n_steps


def test_a_source_that_is_not_done_is_a_run_and_no_classifier() -> None:
    create_run("shapes", CONFIG)
    run = find_run("shapes")
    assert [one.name for one in list_runs()] == ["shapes"]
    assert is_source(run)
    assert (run.asked, run.pretrain_config) == (CONFIG, CONFIG)
    with pytest.raises(BadValueError, match="no classifier of galaxies"):
        _ = run.config
    with pytest.raises(BadValueError, match="no classifier"):
        table_rows([run])


def test_a_classifier_is_no_source() -> None:
    run = create_run("one", TrainConfig(data="a.h5"))
    assert not is_source(run)
    assert run.asked == run.config
