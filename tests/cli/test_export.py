"""`galaxy export`: what the file says of itself, to whoever has nothing but the file."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from galaxy_core.data.classes import GALAXY10
from galaxy_core.networks.policy import initial_tensors
from galaxy_core.networks.registry import get_backbone
from galaxy_core.runs.run import Run

DENSENET = get_backbone("densenet121")


@pytest.mark.slow
def test_the_file_says_its_classes_and_what_each_model_is(
    galaxy: Callable[..., Result], make_run: Callable[..., Run], tmp_path: Path
) -> None:
    import onnxruntime

    tensors = initial_tensors(DENSENET, 10, "scratch", 0.0, 0, None)
    make_run("mine", percent=20, tensors=tensors, weights_sha256="ef" * 32)
    said = galaxy("export", "mine", "--out", tmp_path / "model.onnx").stdout
    assert 'get_modelmeta().custom_metadata_map["card"]' in said
    session = onnxruntime.InferenceSession(tmp_path / "model.onnx", providers=["CPUExecutionProvider"])
    card = json.loads(session.get_modelmeta().custom_metadata_map["card"])
    assert card["classes"] == list(GALAXY10)
    preprocessing = card["models"]["mine"].pop("preprocessing")
    assert preprocessing["name"] == "imagenet"
    assert card["models"] == {
        "mine": {
            "backbone": "densenet121",
            "classes": list(GALAXY10),
            "crop": 128,
            "image_size": 64,
            "turns": 1,
            "map_cells": 2,
            "policy": "transfer_frozen",
            "cut": pytest.approx(0.2),
            "source": {"name": "imagenet", "sha256": "cd" * 32},
            "weights_sha256": "ef" * 32,
        }
    }
