"""A source by its name: what `auto` takes, and what is not to be had."""

import json
from pathlib import Path

import numpy as np
import pytest

from galaxy_core.errors import BadValueError, GalaxyError, MissingError
from galaxy_core.networks.registry import get_backbone
from galaxy_core.runs.checkpoint import write_tensors
from galaxy_core.runs.config import TrainConfig
from galaxy_core.runs.names import shipped_folder
from galaxy_core.runs.run import create_run
from galaxy_core.transfer.source import licence_from, load_source, resolve_source

DENSENET = get_backbone("densenet121")


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setenv("GALAXY_IMAGENET_URL", (tmp_path / "nowhere.h5").as_uri())


def finish(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    write_tensors(folder / "weights.safetensors", {"predictions/bias": np.ones(10, "f4")})
    (folder / "card.json").write_text(json.dumps({"kind": "source", "weights_sha256": "abc"}))


def test_without_imagenet_auto_takes_the_shipped_source_and_says_so_wherever_it_is_asked() -> None:
    finish(shipped_folder() / "shapes")
    said: list[str] = []
    assert resolve_source("auto", DENSENET, said.append) == "shapes"
    source = load_source("auto", DENSENET, said.append)
    assert source is not None
    assert (source.name, source.sha256) == ("shapes", "abc")
    assert said == 2 * [
        "source: shapes, shipped with the project, because ImageNet weights are not to be had here"
    ]


def test_a_run_is_a_source_once_it_is_whole() -> None:
    run = create_run("mine", TrainConfig("g.h5"))
    for ask in (resolve_source, load_source):
        with pytest.raises(MissingError, match="finish it with `galaxy train --run mine` first"):
            ask("mine", DENSENET)
    finish(run.path)
    assert resolve_source("mine", DENSENET) == "mine"


def test_what_is_not_to_be_had_is_refused_where_a_source_is_needed() -> None:
    with pytest.raises(BadValueError, match="use --policy scratch"):
        resolve_source("none", DENSENET)
    with pytest.raises(MissingError, match="there is no run named typo"):
        resolve_source("typo", DENSENET)
    with pytest.raises(GalaxyError, match=r"nowhere\.h5"):
        resolve_source("imagenet", DENSENET)
    assert load_source("none", DENSENET) is None


def test_a_licence_is_that_of_the_weights_however_many_runs_lie_between() -> None:
    lite = get_backbone("efficientnet_lite0")
    of_imagenet = licence_from("imagenet", lite)
    assert "EfficientNet-Lite0: Apache-2.0" in of_imagenet
    assert "not for commercial use" in of_imagenet
    assert licence_from("nobody", lite) == "as of its source nobody: none stated"
    for name, told, wanted in (
        ("first", {"licence": of_imagenet}, of_imagenet),
        ("pictures", {"terms": "research"}, "as of its source pictures: research"),
    ):
        run = create_run(name, TrainConfig("g.h5"))
        finish(run.path)
        (run.path / "card.json").write_text(json.dumps(told))
        assert licence_from(name, lite) == wanted
