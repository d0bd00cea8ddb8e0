"""Galaxies that a network takes for alike: distances with known answers, and features that are those of the head."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

import galaxy_core as gx
from galaxy_core.cli import app
from galaxy_core.data.split import Split
from galaxy_core.errors import BadValueError
from galaxy_core.networks.policy import initial_tensors
from galaxy_core.prediction.similar import EVERY, HELD_OUT, Space, final_features, space_of
from galaxy_core.runs.checkpoint import write_tensors
from galaxy_core.runs.run import Run
from galaxy_core.serving.lineup import Lineup


@pytest.fixture
def run(tiny_backbone: object, make_run: Callable[..., Run], coloured_galaxies: Path) -> Run:
    """A tiny network whose card says that it learned from the coloured galaxies."""
    sha256 = gx.open_galaxies(coloured_galaxies).sha256
    made = make_run("first-020-s0", data={"file": "coloured.h5", "sha256": sha256})
    config = gx.TrainConfig("galaxies.h5", "transfer_frozen", 0.8, crop=192, image_size=96)
    (made.path / "config.json").write_text(json.dumps(config.to_json()))
    split = Split.of(np.arange(60), np.arange(60, 70), np.arange(70, 80), seed=0)
    (made.path / "split.json").write_text(json.dumps(split.to_json()))
    write_tensors(
        made.path / "weights.safetensors", initial_tensors(tiny_backbone, 10, "scratch", 0.0, 1, None)
    )
    return made


def on_a_line(*places: float) -> np.ndarray:
    """Features of galaxies that lie there in the one feature that changes."""
    return np.array([[place, 7.0] for place in places], np.float32)


def test_the_nearest_come_first_in_units_of_the_usual_way_to_the_next_galaxy() -> None:
    space = Space(on_a_line(0, 2, 4, 6), np.array([40, 30, 20, 10]))
    rows, distances = space.nearest(on_a_line(2.5, 12), 3)
    assert rows.tolist() == [[30, 20, 40], [10, 20, 30]]
    np.testing.assert_allclose(distances, [[0.25, 0.75, 1.25], [3, 4, 5]], rtol=1e-6)
    assert space.nearest(on_a_line(0), 9)[0].shape == (1, 4)


def test_a_feature_of_large_numbers_weighs_no_more_than_one_of_small_ones() -> None:
    features = np.array([[0, 0], [1, 0], [0, 1], [1, 1]], np.float32)
    plain, stretched = (Space(features * scale, np.arange(4)) for scale in ([1, 1], [1, 1_000]))
    asked = np.array([[0.2, 0.4]], np.float32)
    np.testing.assert_allclose(
        plain.distances(asked, features),
        stretched.distances(asked * [1, 1_000], features * [1, 1_000]),
        rtol=1e-5,
    )


def test_copies_of_one_galaxy_are_at_no_distance_and_break_nothing() -> None:
    assert Space(on_a_line(3, 3, 3), np.arange(3)).nearest(on_a_line(3), 1)[1].tolist() == [[0.0]]
    with pytest.raises(BadValueError, match="2 galaxies or more and a row of each, got 1 and 1"):
        Space(on_a_line(1), np.arange(1))


def test_the_map_never_puts_galaxies_farther_apart_than_they_are() -> None:
    features = np.random.default_rng(0).normal(size=(30, 5)).astype(np.float32)
    space = Space(features, np.arange(30))
    there = space.on_map(features)
    on_map = np.linalg.norm(there[:, None] - there[None], axis=2)
    assert (on_map <= space.distances(features, features) + 1e-6).all()
    assert 2 / 5 < space.share_on_map < 1
    line = Space(on_a_line(0, 2, 4, 6), np.arange(4))
    assert np.diff(line.on_map(on_a_line(0, 2, 4, 6))[:, 0]) == pytest.approx([1, 1, 1])
    assert (line.share_on_map, Space(on_a_line(3, 3), np.arange(2)).share_on_map) == (pytest.approx(1), 1)


def test_its_features_are_what_the_head_reads(run: Run, coloured_galaxies: Path) -> None:
    images = np.asarray(gx.open_galaxies(coloured_galaxies).images[:9])
    features, tensors = final_features(run, images), run.tensors()
    assert (features.shape, features.dtype) == ((9, 6), np.float32)
    logits = features @ tensors["predictions/kernel"] + tensors["predictions/bias"]
    np.testing.assert_allclose(logits, Lineup([run]).predict(images)[run.name], atol=1e-4)
    assert final_features(run, images[:0]).shape == (0, 6)


def test_galaxies_of_the_training_are_found_again_and_no_others_are(
    run: Run, coloured_galaxies: Path
) -> None:
    galaxies, told = gx.open_galaxies(coloured_galaxies), list[tuple[int, int]]()
    space = space_of(run, galaxies, progress=lambda *done: told.append(done))
    assert told == [(60, 60)]
    rows, distances = space.nearest(final_features(run, galaxies.images, np.array([5, 75])), 3)
    assert (rows[0, 0], distances[0, 0]) == (5, pytest.approx(0, abs=1e-4))
    assert rows.max() < 60
    assert len(space_of(run, galaxies, most=20).rows) == 20
    assert space_of(run, galaxies, HELD_OUT).rows.tolist() == [*range(60, 80)]


def test_a_notebook_gets_a_row_for_each_image_that_shows_something_and_each_galaxy(
    run: Run, coloured_galaxies: Path
) -> None:
    galaxies = gx.open_galaxies(coloured_galaxies)
    blank = gx.Image(np.full((256, 256, 3), 32, np.uint8), quality="blank")
    found = gx.similar(run, [blank, galaxies.images[5]], galaxies, n=2)
    assert found.columns.tolist() == ["image", "row", "class", "distance"]
    assert found.image.tolist() == [1, 1]
    assert (found.row[0], found["class"][0]) == (5, galaxies.classes[int(galaxies.labels[5])])
    assert len(gx.similar(run, blank, galaxies)) == 0


def test_a_file_it_was_not_trained_on_is_refused(
    make_run: Callable[..., Run], coloured_galaxies: Path
) -> None:
    with pytest.raises(BadValueError, match=r"was not trained on coloured\.h5"):
        space_of(make_run("other"), gx.open_galaxies(coloured_galaxies))


def test_all_galaxies_of_any_file_may_be_asked_and_no_other_part(run: Run, coloured_galaxies: Path) -> None:
    galaxies, card = gx.open_galaxies(coloured_galaxies), run.path / "card.json"
    card.write_text(card.read_text().replace(galaxies.sha256, "0" * 64))
    assert len(space_of(run, galaxies, EVERY).rows) == len(galaxies)
    with pytest.raises(BadValueError, match="must be one of training, held out, all, got 'test'"):
        space_of(run, galaxies, "test")


@pytest.mark.parametrize("n", [2, 3, 40])
def test_neighbours_stay_together_on_the_map_that_keeps_them_and_it_is_always_the_same(n: int) -> None:
    rng = np.random.default_rng(0)
    group = np.arange(n) % 2
    features = (rng.normal(0, 0.1, (n, 7)) + 9 * group[:, None]).astype(np.float32)
    space = Space(features, np.arange(n))
    found = space.embedding(features[:1])
    assert (found.galaxies.shape, found.images.shape) == ((n, 2), (1, 2))
    assert found.perplexity == min(30, n / 3)
    assert np.isfinite(found.galaxies).all()
    np.testing.assert_array_equal(found.galaxies, space.embedding(features[:1]).galaxies)
    if n == 40:
        centre = [found.galaxies[group == one].mean(axis=0) for one in (0, 1)]
        assert np.linalg.norm(found.images[0] - centre[0]) < np.linalg.norm(found.images[0] - centre[1])


def test_more_than_can_be_embedded_in_some_seconds_are_refused() -> None:
    with pytest.raises(BadValueError, match="takes 2500 galaxies and images at most, got 2502"):
        Space(on_a_line(*range(2501)), np.arange(2501)).embedding(on_a_line(1))


def test_the_command_lists_the_nearest_of_each_image_in_order_and_names_what_is_none(
    run: Run, coloured_galaxies: Path, tmp_path: Path
) -> None:
    folder, galaxies = tmp_path / "images", gx.open_galaxies(coloured_galaxies)
    folder.mkdir()
    for name, row in (("a.png", 70), ("b.png", 5)):
        Image.fromarray(np.asarray(galaxies.images[row])).save(folder / name)
    (folder / "c.png").write_text("no image")
    words = [
        "similar",
        "--run",
        run.name,
        "--images",
        str(folder),
        "--data",
        str(coloured_galaxies),
        "--n",
        "2",
    ]
    printed = CliRunner().invoke(app, words)
    assert printed.exit_code == 1
    assert printed.stdout.splitlines()[3].split() == ["b.png"]
    assert printed.stdout.splitlines()[4].split()[:4] == ["1", "0.00", "galaxy", "5"]
    assert "c.png: the file is no image" in printed.stderr
    written = CliRunner().invoke(app, [*words, "--part", "held out", "--out", str(tmp_path / "s.csv")])
    assert "among 20 galaxies of coloured.h5" in written.stdout
    rows = list(csv.DictReader((tmp_path / "s.csv").read_text().splitlines()))
    assert [(row["file"], row["rank"]) for row in rows] == [
        *(("a.png", "1"), ("a.png", "2"), ("b.png", "1"), ("b.png", "2"), ("c.png", ""))
    ]
    assert (rows[0]["row"], rows[0]["class"]) == ("70", galaxies.classes[int(galaxies.labels[70])])
    assert float(rows[0]["distance"]) == pytest.approx(0, abs=1e-3)
    assert (rows[4]["distance"], rows[4]["error"].split(";")[0]) == (
        "",
        "the file is no image that is read here",
    )
