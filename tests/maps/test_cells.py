"""From how many cells on a map speaks, and what is said where it does not."""

from types import SimpleNamespace

import pytest

from galaxy_core.errors import BadValueError
from galaxy_core.images.view import View
from galaxy_core.maps.cells import coarse_in_words, fine_enough, is_coarse, refuse_coarse, views_in_words
from galaxy_core.runs.config import TrainConfig


def run(name: str, crop: int, size: int) -> SimpleNamespace:
    return SimpleNamespace(name=name, config=TrainConfig(data="g.h5", crop=crop, image_size=size))


def test_six_cells_a_side_speak_and_five_do_not_whatever_part_of_the_image_they_cover() -> None:
    assert [is_coarse(View(size, size)) for size in (96, 160, 188, 189, 192, 256)] == [True] * 3 + [False] * 3
    assert is_coarse(View(256, 96))
    assert not is_coarse(View(64, 256))


def test_a_study_names_the_coarse_runs_their_cells_and_the_way_out() -> None:
    runs = [run("small", 96, 96), run("fine", 224, 224), run("halved", 256, 128)]
    with pytest.raises(BadValueError) as refused:
        refuse_coarse(runs)
    assert "the maps of small have 3 × 3 cells, too coarse to speak of" in str(refused.value)
    assert "the maps of halved have 4 × 4 cells" in str(refused.value)
    assert "--image-size 192 or more" in str(refused.value)
    assert [one.name for one in fine_enough(runs)] == ["fine"]
    assert coarse_in_words([runs[1]]) == []
    refuse_coarse([runs[1]])


def test_what_networks_see_is_said_once_where_it_is_the_same_and_by_name_where_not() -> None:
    (one,) = views_in_words({"0 %": View(96, 96), "20 %": View(96, 96)})
    assert one.startswith(
        "In the frame: what the networks see and what a map covers, the central 96 px of an image."
    )
    assert "3 × 3 cells, too coarse to speak of" in one
    first, second = views_in_words({"0 %": View(96, 96), "20 %": View(256, 224)})
    assert first.startswith("In the frame: what 0 % sees and")
    assert second.startswith("In the frame: what 20 % sees and")
    assert second.endswith("the central 256 px of an image, brought to 224.")
