"""What the first version wrote opens as it did: a run folder, and the same run packed, both kept in one file here.

Its weights are its layout with simple numbers in it: kernels that average, normalisations at rest, a trained head.
"""

import lzma
import zipfile
from pathlib import Path

import numpy as np
import pytest

from galaxy_core.data.classes import GALAXY10
from galaxy_core.networks.registry import DEFAULT_BACKBONE
from galaxy_core.results.table import table_rows
from galaxy_core.runs.names import runs_folder
from galaxy_core.runs.pack import unpack_run
from galaxy_core.runs.run import find_run
from galaxy_core.serving.lineup import Lineup, probabilities

KEPT = Path(__file__).parent / "made" / "first-version.zip.xz"
NAME = "first-version-020-s0"
SAID = (0.1298, 0.1145, 0.0827, 0.0855, 0.0988, 0.0962, 0.0884, 0.1009, 0.0924, 0.1107)
"""By the first version, of the picture below."""


def picture() -> np.ndarray:
    image = np.zeros((1, 256, 256, 3), np.uint8)
    rows = np.arange(128, dtype=np.uint8)[:, None, None]
    image[0, 64:192, 64:192] = rows + np.array([100, 50, 0], np.uint8)
    return image


@pytest.fixture
def packed(tmp_path: Path) -> Path:
    path = tmp_path / f"{NAME}.zip"
    path.write_bytes(lzma.decompress(KEPT.read_bytes()))
    return path


def opened_as_packed(packed: Path) -> None:
    unpack_run(packed)


def opened_as_a_folder(packed: Path) -> None:
    folder = runs_folder() / NAME
    folder.mkdir(parents=True)
    with zipfile.ZipFile(packed) as archive:
        archive.extractall(folder)
    (folder / "status.json").write_text('{"state": "done", "sentence": "trained for 8 epochs", "pid": null}')


@pytest.mark.parametrize("open_it", [opened_as_packed, opened_as_a_folder])
def test_a_run_of_the_first_version_opens_and_answers_as_it_did(packed: Path, open_it) -> None:
    open_it(packed)
    run = find_run(NAME)
    (row,) = table_rows([run])
    assert (row.imagenet_percent, row.policy, row.source) == (20, "transfer_frozen", "mini-imagenet")
    assert round(row.test_accuracy, 3) == 0.579
    assert run.config.backbone == DEFAULT_BACKBONE
    assert run.classes == GALAXY10
    explained = Lineup([run]).explain(picture())[NAME]
    np.testing.assert_allclose(probabilities(explained.logits)[0], SAID, atol=2e-4)
    assert explained.maps.shape == (1, 10, 3, 3)
    assert (explained.view.crop, explained.view.size) == (96, 96)
