"""A stranger's weights are those of DenseNet-121, tensor by tensor, or refused by name."""

import json
from pathlib import Path

import numpy as np
import pytest

from galaxy_core.errors import BadFileError
from galaxy_core.networks.registry import get_backbone
from galaxy_core.runs.checkpoint import write_tensors
from galaxy_core.runs.config import TrainConfig
from galaxy_core.runs.names import runs_folder
from galaxy_core.runs.pack import pack_run
from galaxy_core.runs.run import create_run
from galaxy_core.transfer.weights.receive import check_weights, receive_run

DENSENET = get_backbone("densenet121")


def weights(**changes: np.ndarray | None) -> dict[str, np.ndarray]:
    """All tensors of a classifier, zero; `changes` replaces some, None leaves one out."""
    plain = {name: np.zeros(shape, np.float16) for name, shape in DENSENET.tensor_shapes(10).items()}
    return {name: value for name, value in {**plain, **changes}.items() if value is not None}


def test_a_whole_classifier_is_received(tmp_path: Path) -> None:
    run = create_run("one", TrainConfig(data="a.h5"))
    write_tensors(run.path / "weights.safetensors", weights())
    (run.path / "card.json").write_text(json.dumps({"kind": "classifier"}))
    packed = pack_run(run, tmp_path / "one.zip")
    assert receive_run(packed, name="two").tensors().keys() == DENSENET.tensor_shapes(10).keys()
    (run.path / "weights.safetensors").unlink()
    write_tensors(run.path / "weights.safetensors", weights(**{"bn/gamma": None}))
    packed = pack_run(run, tmp_path / "other.zip")
    with pytest.raises(BadFileError, match=r"weights\.safetensors .* has no tensor bn/gamma"):
        receive_run(packed, name="three")
    assert sorted(path.name for path in runs_folder().iterdir()) == ["one", "two"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"conv1_conv/kernel": None}, "has no tensor conv1_conv/kernel"),
        (
            {"conv1_conv/kernel": None, "conv_1/kernel": np.zeros((7, 7, 3, 64))},
            "no tensor conv1_conv/kernel",
        ),
        (
            {"predictions/kernel": np.zeros((1024, 1000))},
            r"predictions/kernel of shape \(1024, 1000\), expected",
        ),
        ({"more/kernel": np.zeros(1)}, "a tensor 'more/kernel', which DenseNet-121 has not"),
        ({"predictions/scale": np.zeros(10)}, "a tensor 'predictions/scale', which DenseNet-121 has not"),
    ],
)
def test_a_tensor_missing_renamed_of_another_shape_or_too_many_is_refused_by_name(changes, words) -> None:
    with pytest.raises(BadFileError, match=words):
        check_weights(weights(**changes), "classifier", DENSENET)


def test_a_source_may_have_another_head_or_none() -> None:
    check_weights(weights(**{"predictions/kernel": np.zeros((1024, 109))}), "source", DENSENET)
    check_weights(weights(**{"predictions/kernel": None, "predictions/bias": None}), "source", DENSENET)
    with pytest.raises(BadFileError, match="has no tensor bn/gamma"):
        check_weights(weights(**{"bn/gamma": None}), "source", DENSENET)
