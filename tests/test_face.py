"""What a notebook is promised: names that load when they are used, answers and maps of one pass, tables, pictures."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

import galaxy_core as gx
from galaxy_core.errors import BadFileError, BadValueError, MissingError
from galaxy_core.networks.policy import initial_tensors
from galaxy_core.runs.checkpoint import write_tensors

MakeRun = Callable[..., gx.Run]


@pytest.fixture
def run(tiny_backbone: object, make_run: MakeRun) -> gx.Run:
    made = make_run("first-020-s0", n_right=30)
    config = gx.TrainConfig("galaxies.h5", "transfer_frozen", 0.8, crop=192, image_size=96)
    (made.path / "config.json").write_text(json.dumps(config.to_json()))
    tensors = initial_tensors(tiny_backbone, 10, "scratch", 0.0, 1, None)
    tensors["predictions/bias"] = np.arange(10, dtype=np.float32) / 10
    write_tensors(made.path / "weights.safetensors", tensors)
    return made


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    y, x = np.mgrid[-150:150, -150:150]
    light = 15 + 200 * np.exp(-(x**2 + 2 * y**2) / 2000)
    noise = np.random.default_rng(0).normal(0, 3, (300, 300, 3))
    cv2.imwrite(str(tmp_path / "g.png"), np.clip(light[..., None] + noise, 0, 255).astype(np.uint8))
    return tmp_path / "g.png"


def test_importing_it_loads_nothing_heavy_and_dir_tells_the_names() -> None:
    heavy = ("numpy", "tensorflow", "keras", "streamlit", "onnxruntime", "pandas", "cv2")
    light = f"print([m for m in {heavy} if m in sys.modules], set(gx.__all__) <= set(dir(gx)))"
    script = f"import sys, galaxy_core as gx; {light}"
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert shown.strip() == "[] True"
    assert all(getattr(gx, name).__doc__ for name in gx.__all__ if name not in ("BACKBONES", "POLICIES"))
    with pytest.raises(AttributeError, match="has no 'explian'; it has Answer, BACKBONES"):
        _ = gx.explian


def test_the_mean_of_a_map_is_the_logit_of_the_answer_minus_its_bias(run: gx.Run, picture: Path) -> None:
    image = gx.read_image(picture)
    assert (image.pixels.shape, image.pixels.dtype, image.quality) == ((256, 256, 3), np.uint8, "ok")
    answer = gx.explain([run], [image, image])[run.name]
    assert (answer.probabilities.shape, answer.maps.shape) == ((2, 10), (2, 10, 12, 12))
    logits = answer.maps.mean(axis=(2, 3)) + np.arange(10) / 10
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(answer.probabilities, shares, atol=1e-5)
    np.testing.assert_array_equal(gx.predict(run, image)[run.name], answer.probabilities[:1])
    assert answer.predicted()[0] == answer.classes[int(answer.probabilities[0].argmax())]


def test_what_shows_no_object_gets_no_probabilities_and_no_map(run: gx.Run, tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "blank.png"), np.full((256, 256, 3), 32, np.uint8))
    image = gx.read_image(tmp_path / "blank.png")
    assert "is blank" in image.quality
    answer = gx.explain(run, image)[run.name]
    assert np.isnan(answer.probabilities).all()
    assert answer.predicted() == [None]
    with pytest.raises(BadValueError, match="shows no object"):
        gx.overlay(image, answer, "Merging")


def test_the_rows_of_a_catalogue_are_answered_in_order_and_nan_where_there_is_no_picture(
    run: gx.Run, picture: Path, tmp_path: Path
) -> None:
    (tmp_path / "o.csv").write_text("objid,file\n39627652591521181,g.png\n2,gone.png\n3,g.png\n")
    objects = gx.open_catalogue(tmp_path / "o.csv")
    assert (objects.n_rows, objects.names) == (3, ["objid", "file"])
    shares = gx.predict(run, objects)[run.name]
    alone = gx.predict(run, gx.read_image(picture))[run.name][0]
    np.testing.assert_allclose(shares[[0, 2]], [alone, alone], atol=1e-6)
    assert np.isnan(shares[1]).all()


def test_an_overlay_is_a_picture_in_the_frame_of_the_view(run: gx.Run, picture: Path) -> None:
    image = gx.read_image(picture)
    laid = gx.overlay(image, gx.explain(run, image)[run.name], "Barred Spiral", centred=True)
    assert laid.size == (256, 256)
    assert laid.info["scale"].startswith("Each map on a scale of its own: full colour at")
    outside = np.asarray(laid)[:28, :28]  # the view is the central 192 px
    assert outside.mean() < image.pixels[:28, :28].mean()
    with pytest.raises(BadValueError, match=r"class_name must be one of Disturbed, .*, got 'Spiral'"):
        gx.overlay(image, gx.explain(run, image)[run.name], "Spiral")


def test_overlays_of_one_scale_may_be_compared_and_say_so(run: gx.Run, picture: Path) -> None:
    image = gx.read_image(picture)
    answer = gx.explain(run, [image, image])[run.name]
    for scale in ("this galaxy", "this page", 2.5):
        said = {gx.overlay(image, answer, name, scale=scale).info["scale"] for name in answer.classes}
        assert len(said) == 1
    assert said == {"A scale of the caller's: full colour at 2.5 logits"}
    assert len({gx.overlay(image, answer, name).info["scale"] for name in answer.classes}) > 1


def test_a_table_has_the_columns_of_the_csv_and_pairs_have_their_sentence(
    run: gx.Run, make_run: MakeRun
) -> None:
    other = make_run("first-040-s0", percent=40, n_right=10)
    frame = gx.table([run, other])
    assert list(frame.columns[:4]) == ["run", "policy", "source", "imagenet_percent"]
    assert list(frame["run"]) == ["first-020-s0", "first-040-s0"]
    assert frame.loc[0, "test_low"] <= frame.loc[0, "test_accuracy"] <= frame.loc[0, "test_high"]
    (pair,) = gx.compare([run, other]).to_dict("records")
    assert "view" in pair["sentence"], pair["sentence"]


def test_what_is_not_there_or_no_picture_is_one_sentence(run: gx.Run, tmp_path: Path) -> None:
    assert [one.name for one in gx.open_runs("first")] == ["first-020-s0"]
    with pytest.raises(MissingError, match="no run named second"):
        gx.open_runs("second")
    (tmp_path / "x.png").write_bytes(b"no picture")
    with pytest.raises(BadFileError, match="is no image"):
        gx.read_image(tmp_path / "x.png")
    with pytest.raises(BadValueError, match="no image was given"):
        gx.predict(run, [])


def test_a_training_is_begun_and_carried_on_by_the_same_call(
    tiny_backbone: object, coloured_galaxies: Path
) -> None:
    config = gx.TrainConfig(
        data=str(coloured_galaxies), policy="scratch", trainable=1.0, epochs=1, image_size=32, batch_size=16
    )
    run = gx.train(config)
    assert run.is_whole
    assert run.name == "scratch-000-s0"
    assert gx.train(config, name=run.name).status().state == "done"
    assert len(gx.table(run)) == 1
