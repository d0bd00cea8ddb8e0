"""What the pages are made of, where an answer is known beforehand."""

import base64
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from catalogue import SINGLE_RUNS, SOURCES, fingerprint, read_catalogue, sweep_of
from made_runs import make_run
from parts.dropped import MOST_MEGABYTES, bytes_of
from parts.network import side_words
from parts.picture import as_url
from parts.run_choice import short_names
from state import digest_of

from galaxy_core.errors import BadFileError
from galaxy_core.images.read import read_image
from galaxy_core.networks.policy import DEFAULT_POLICY, POLICIES

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("name", "sweep"),
    [
        ("first-020-s0", "first"),
        ("first-scratch-000-s2", "first"),
        ("my-own-sweep-100-s0", "my-own-sweep"),
        ("a-name", SINGLE_RUNS),
        ("plain", SINGLE_RUNS),
    ],
)
def test_a_run_belongs_to_the_sweep_its_name_says(name: str, sweep: str) -> None:
    assert sweep_of(name) == sweep


def test_a_picture_in_the_page_has_the_colours_it_was_given() -> None:
    image = np.zeros((24, 40, 3), np.uint8)
    image[:, :20] = (250, 120, 10)
    data = base64.b64decode(as_url(image).removeprefix("data:image/jpeg;base64,"))
    shown = read_image(data, name="shown")
    assert shown.shape == image.shape
    assert np.abs(shown[:, 2:16].astype(int) - (250, 120, 10)).max() < 8
    assert shown[:, 26:].max() < 8


def test_a_run_that_others_start_from_is_no_sweep_of_its_own(runs: Path, mock_file: Path) -> None:
    made = make_run(runs, 0, mock_file)
    made.rename(runs / "none")  # the hand-made runs name `none` as their source
    make_run(runs, 20, mock_file)
    catalogue = read_catalogue()
    assert catalogue.find("none").sweep == SOURCES
    assert catalogue.sweeps == ("first",)


def test_a_page_opens_on_a_sweep_and_not_on_a_run_that_stands_alone(runs: Path, mock_file: Path) -> None:
    make_run(runs, 20, mock_file).rename(runs / "best")
    make_run(runs, 20, mock_file)
    assert read_catalogue().sweeps == ("first", SINGLE_RUNS)


def test_runs_of_one_sweep_are_called_by_their_cut_and_one_that_stands_alone_by_its_name(
    runs: Path, mock_file: Path
) -> None:
    make_run(runs, 20, mock_file).rename(runs / "best")
    for percent in (20, 40):
        make_run(runs, percent, mock_file)
    catalogue = read_catalogue()
    best, sweep = catalogue.find("best"), catalogue.of_sweep("first")
    assert short_names([best]) == {"best": "best"}
    assert short_names(sweep) == {"first-020-s0": "20 %", "first-040-s0": "40 %"}
    assert short_names([best, sweep[1]]) == {"best": "best", "first-040-s0": "first-040-s0"}


def test_answers_are_kept_under_a_key_that_changes_with_the_weights(
    runs: Path, mock_file: Path, weights: dict[int, Path]
) -> None:
    folder = make_run(runs, 20, mock_file, weights=weights[20])
    before = fingerprint(read_catalogue().entries)
    data = weights[20].read_bytes()
    (folder / "weights.safetensors").unlink()
    (folder / "weights.safetensors").write_bytes(data)
    assert fingerprint(read_catalogue().entries) != before


def test_both_sides_of_the_cut_are_named_for_every_policy() -> None:
    below, above = side_words(POLICIES["transfer_frozen"], "imagenet")
    assert below == "taken from ImageNet, kept as they are"
    assert above == "start from random numbers, then trained on galaxies"
    assert all(all(side_words(policy, "x")) for policy in POLICIES.values())


def test_no_page_makes_the_server_import_tensorflow_nor_keras(sweep: Path) -> None:
    script = (
        "import sys\n"
        "from streamlit.testing.v1 import AppTest\n"
        f"page = AppTest.from_file({str(ROOT / 'app' / 'explorer.py')!r}, default_timeout=60).run()\n"
        "assert not page.exception and len(page.dataframe[0].value) == 6, page\n"
        "assert not {'sklearn', 'scipy'} & set(sys.modules)\n"
        "for view in ('train', 'gallery', 'predict', 'compare', 'evidence', 'data'):\n"
        "    page.switch_page(f'views/{view}.py').run()\n"
        "    assert not page.exception and not page.error and page.title, view\n"
        "print([m for m in ('tensorflow', 'keras', 'jax', 'torch') if m in sys.modules])\n"
    )
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.strip().endswith("[]")


def test_no_folder_named_pages_lies_beside_the_main_page() -> None:
    """Streamlit would take it for its old way of many pages and open a deep link without explorer.py."""
    assert not (ROOT / "app" / "pages").exists()
    assert (ROOT / "app" / "views").is_dir()


class DroppedFile:
    """As Streamlit hands over a dropped file, which says its size before anybody reads it."""

    def __init__(self, size: int) -> None:
        self.name, self.size = "huge.png", size

    def getvalue(self) -> bytes:
        assert self.size <= MOST_MEGABYTES * 2**20, "read although it is too large"
        return b"dear network"


def test_an_image_that_is_too_large_is_refused_by_its_size_before_it_is_read() -> None:
    assert bytes_of(DroppedFile(MOST_MEGABYTES * 2**20)) == b"dear network"
    with pytest.raises(BadFileError, match=r"huge.png has 26 MB, and an image may have 25"):
        bytes_of(DroppedFile(26 * 2**20))


def test_every_pixel_of_many_images_is_in_the_key_of_their_answers() -> None:
    images = np.zeros((10, 256, 256, 3), np.uint8)
    before, keys = digest_of(images), set()
    for place in range(0, images.size, images.size // 7):
        images.flat[place] = 1
        keys.add(digest_of(images))
        images.flat[place] = 0
    assert len(keys | {before}) == 9
    assert digest_of(images) == before
    assert digest_of(images.reshape(20, 128, 256, 3)) != before


def test_a_loaded_network_has_the_default_policy_unless_one_says_otherwise(
    open_page: Any, runs: Path
) -> None:
    page = open_page("train")
    page.file_uploader(key="checkpoint").upload("mine.weights.h5", b"dear network", "").run()
    assert page.selectbox(key="load_policy").value == DEFAULT_POLICY


def test_the_glossary_says_what_the_words_of_the_other_pages_mean(open_page: Callable[..., Any]) -> None:
    said = " ".join(one.value for one in open_page("glossary").markdown)
    assert all(f"**{word}" in said for word in ("cut", "row", "sweep", "policy", "logits", "LEEP", "CKA"))
