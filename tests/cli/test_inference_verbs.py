"""predict, evaluate, figure and export on two DenseNet-121 of random weights and a file of mock galaxies."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_fits import fits_file
from PIL import Image
from typer.testing import Result

from galaxy_core.cli.figure import choose
from galaxy_core.cli.shell.heat_pictures import picture_path
from galaxy_core.data.classes import GALAXY10
from galaxy_core.data.galaxy10 import Galaxies, open_galaxies
from galaxy_core.data.mock import write_mock_file
from galaxy_core.data.mock.galaxy import mock_galaxy
from galaxy_core.images.view import View
from galaxy_core.maps.figure import explained_cell
from galaxy_core.networks.policy import initial_tensors
from galaxy_core.networks.registry import get_backbone
from galaxy_core.prediction.predict import columns
from galaxy_core.runs.run import Run
from galaxy_core.serving import engine
from galaxy_core.serving.lineup import Explained

DENSENET = get_backbone("densenet121")

Galaxy = Callable[..., Result]
MakeRun = Callable[..., Run]


def size_of(path: Path) -> tuple[int, int]:
    with Image.open(path) as image:
        return image.size


@pytest.fixture(scope="module")
def mock_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_mock_file(tmp_path_factory.mktemp("mock") / "mock.h5", 40, 0, with_masks=False)


@pytest.fixture(scope="module")
def weights() -> list[dict[str, np.ndarray]]:
    source = initial_tensors(DENSENET, 10, "scratch", 0.0, 9, None)
    return [initial_tensors(DENSENET, 10, "transfer_frozen", cut, 0, source) for cut in (0.2, 1.0)]


@pytest.fixture
def galaxies(mock_file: Path) -> Galaxies:
    return open_galaxies(mock_file)


@pytest.fixture
def sweep(make_run: MakeRun, galaxies: Galaxies, weights: list[dict[str, np.ndarray]]) -> list[Run]:
    return [
        make_run(f"first-{p:03d}-s0", percent=p, data=galaxies.path, sha256=galaxies.sha256, tensors=tensors)
        for p, tensors in zip((20, 100), weights, strict=True)
    ]


@pytest.fixture
def images(tmp_path: Path, galaxies: Galaxies) -> Path:
    """A folder of three galaxies, one of them in a folder below, and a file that is cut short."""
    folder = tmp_path / "images"
    (folder / "below").mkdir(parents=True)
    for name, image in zip(("a.png", "b.jpg", "below/c.png"), galaxies.images, strict=False):
        Image.fromarray(np.asarray(image)).save(folder / name)
    (folder / "cut.png").write_bytes((folder / "a.png").read_bytes()[:2000])
    return folder


@pytest.mark.slow
def test_predict_writes_a_row_for_every_image_and_run(
    galaxy: Galaxy, sweep: list[Run], images: Path, tmp_path: Path
) -> None:
    out, maps = tmp_path / "p.csv", tmp_path / "maps"
    result = galaxy("predict", "--run", "first", "--images", images, "--out", out, "--heatmaps", maps)
    assert result.exit_code == 1
    assert "galaxy: cut.png: the file cannot be decoded whole" in result.stderr
    with out.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == columns()
    assert [row["file"] for row in rows] == ["a.png"] * 2 + ["b.jpg"] * 2 + ["below/c.png"] * 2 + ["cut.png"]
    assert {row["run"] for row in rows} == {"first-020-s0", "first-100-s0", ""}
    pictures = sorted(path.relative_to(maps).as_posix() for path in maps.rglob("*.png"))
    assert len(pictures) == 6
    assert "below/c.png.first-020-s0.png" in pictures
    assert size_of(maps / pictures[0]) == (256, 256)


@pytest.mark.slow
def test_predict_of_one_good_image_ends_well(
    galaxy: Galaxy, sweep: list[Run], images: Path, tmp_path: Path
) -> None:
    words = ("predict", "--run", "first-020-s0", "--run", "first-020-s0", "--images", images / "a.png")
    result = galaxy(*words, "--out", tmp_path / "p.csv")
    assert (result.exit_code, result.stderr) == (0, "")
    assert len((tmp_path / "p.csv").read_text().splitlines()) == 2


@pytest.mark.slow
def test_fits_images_are_predicted_beside_pictures_and_their_stretch_is_said_once(
    galaxy: Galaxy, sweep: list[Run], tmp_path: Path
) -> None:
    pytest.importorskip("astropy")
    flux = np.moveaxis(mock_galaxy(0, 5).flux, 2, 0)[:, ::-1]
    for name, planes, bands in (("a.fits", flux, "grz"), ("b.fits", flux * 2, "grz"), ("c.fits", flux, "")):
        (tmp_path / name).write_bytes(fits_file(planes, {"BANDS": bands}))
    words = ("predict", "--run", "first-020-s0", "--images", tmp_path, "--out")
    result = galaxy(*words, tmp_path / "p.csv")
    assert result.exit_code == 1
    assert result.stderr.count("the Legacy Survey's colours of g, r, z") == 1
    assert "c.fits: the file has 3 planes, and its header does not say" in result.stderr
    assert galaxy(*words, tmp_path / "q.csv", "--bands", "grz", "--as-jpeg").exit_code == 0
    assert "colours must be one of survey, grz" in galaxy(*words, tmp_path / "r.csv", "--colours", "x").stderr


@pytest.mark.slow
def test_the_answers_may_lie_beside_their_images_and_are_none_of_them(
    galaxy: Galaxy, sweep: list[Run], images: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(images / "below")
    words = ("predict", "--run", "first-020-s0", "--images", ".", "--out")
    assert galaxy(*words, "answers.csv").exit_code == 0
    before = Path("answers.csv").read_text()
    assert [line.split(",")[0] for line in before.splitlines()] == ["file", "c.png"]
    for name in ("answers.csv", "answers.png", "c.png"):
        assert "choose a new name that is no image's" in galaxy(*words, name, "--overwrite").stderr
    assert Path("answers.csv").read_text() == before
    said = "left out as no image: 2 (answers.csv, answers.csv-metadata.json)"
    assert said in galaxy(*words, "again.csv").stderr


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".fits", ".csv"])
def test_predict_of_a_catalogue_carries_it_along_and_answers_every_row(
    galaxy: Galaxy, sweep: list[Run], images: Path, tmp_path: Path, suffix: str
) -> None:
    from galaxy_core.catalogues.formats import open_catalogue

    names = ["a.png", "cut.png", "below/c.png", "../o.csv"]
    lines = [f"{39627652591521181 + i},1.50,{name}" for i, name in enumerate(names)]
    (tmp_path / "o.csv").write_text("TARGETID,class,file\n" + "".join(f"{line}\n" for line in lines))
    words = ("predict", "--run", "first", "--catalogue", tmp_path / "o.csv", "--images", images)
    result = galaxy(*words, "--out", tmp_path / f"a{suffix}")
    assert result.exit_code == 1
    assert "4 predictions of 4 rows" in result.stdout
    assert "row 2: the file cannot be decoded whole" in result.stderr
    assert "row 4: the name leads out of the folder" in result.stderr
    assert "the answers are called galaxy_run and so on" in result.stderr
    table = open_catalogue(tmp_path / f"a{suffix}")
    (batch,) = table.batches()
    assert batch.column("TARGETID").to_pylist() == [39627652591521181 + i for i in range(4) for _ in range(2)]
    assert [v == "ok" for v in batch.column("galaxy_status").to_pylist()] == [True, True, False, False] * 2
    if suffix == ".csv":
        assert (tmp_path / "a.csv").read_text().splitlines()[1].startswith(f"{lines[0]},first-020-s0,")
        assert "exists already" in galaxy(*words, "--out", tmp_path / "a.csv").stderr
        (tmp_path / "a.csv").unlink()  # what stands beside it goes with it
        assert galaxy(*words, "--out", tmp_path / "a.csv").exit_code == 1


@pytest.mark.slow
def test_a_folder_becomes_a_table_of_any_format(
    galaxy: Galaxy, sweep: list[Run], images: Path, tmp_path: Path
) -> None:
    from galaxy_core.catalogues.formats import open_catalogue

    galaxy("predict", "--run", "first-020-s0", "--images", images, "--out", tmp_path / "a.parquet")
    (batch,) = open_catalogue(tmp_path / "a.parquet").batches()
    assert batch.column("file").to_pylist() == ["a.png", "b.jpg", "below/c.png", "cut.png"]
    assert batch.column("predicted").to_pylist()[3] == -1
    assert open_catalogue(tmp_path / "a.parquet").metadata["run_1"] == "first-020-s0"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--out", "a.csv"), "nothing says where the images are"),
        (("--images", ".", "--image-column", "x", "--out", "a.csv"), "is a column of a catalogue"),
        (("--images", ".", "--out", "a.xlsx"), "a table must end in .csv, .parquet"),
        (("--catalogue", "gone.csv", "--out", "a.csv"), "there is no catalogue"),
        (("--catalogue", "a.csv", "--out", "a.csv", "--overwrite"), "is read here"),
        (("--images", "a.png", "--out", "b.csv"), "b.csv-metadata.json exists already"),
    ],
)
def test_what_cannot_be_predicted_is_refused_before_any_work(
    galaxy: Galaxy,
    make_run: MakeRun,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    says: str,
) -> None:
    make_run("first")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    Path("a.csv" if "--overwrite" in words else "b.csv-metadata.json").write_text("{}")
    result = galaxy("predict", "--run", "first", *words)
    assert result.exit_code == 2
    assert says in result.stderr


@pytest.mark.slow
def test_evaluate_prints_one_object_about_the_test_part(
    galaxy: Galaxy, sweep: list[Run], mock_file: Path
) -> None:
    result = galaxy("evaluate", "first-020-s0", "--data", mock_file, "--json")
    values = json.loads(result.stdout)
    assert (values["part"], values["n"]) == ("test", 10)
    assert result.stderr == ""
    text = galaxy("evaluate", "first-020-s0", "--data", mock_file).stdout
    assert f"accuracy {values['accuracy']:.3f} (95 %" in text


@pytest.mark.slow
def test_a_graphics_card_that_is_not_there_is_refused_in_one_sentence_and_nothing_is_written(
    galaxy: Galaxy, sweep: list[Run], images: Path, mock_file: Path, tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setattr(engine, "NVIDIA", tmp_path / "no driver")
    for words in (
        ("predict", "--run", "first-020-s0", "--images", images / "a.png", "--out", tmp_path / "p.csv"),
        ("evaluate", "first-020-s0", "--data", mock_file),
        ("figure", "first-020-s0", "--out", tmp_path / "f.png", "--rows", 1),
    ):
        result = galaxy(*words, "--device", "gpu")
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr.splitlines()[-1].startswith("galaxy: there is no NVIDIA graphics card")
    assert not {"p.csv", "f.png"} & {path.name for path in tmp_path.iterdir()}


@pytest.mark.slow
def test_figure_has_a_column_for_every_run(
    galaxy: Galaxy, sweep: list[Run], mock_file: Path, tmp_path: Path
) -> None:
    result = galaxy("figure", "first", "--out", tmp_path / "f.png", "--rows", 2)
    assert "2 galaxies by 2 runs" in result.stdout
    two = size_of(tmp_path / "f.png")
    galaxy("figure", "first-020-s0", "--out", tmp_path / "g.png", "--rows", 1)
    one = size_of(tmp_path / "g.png")
    # so few columns are as wide as the title needs
    assert two[0] == one[0]
    assert two[1] > one[1]


@pytest.mark.slow
def test_export_is_a_graph_that_answers(galaxy: Galaxy, sweep: list[Run], tmp_path: Path) -> None:
    import onnxruntime

    result = galaxy("export", "first-020-s0", "--out", tmp_path / "model.onnx")
    assert "central 128 px of 256, brought to 64 px" in result.stdout
    session = onnxruntime.InferenceSession(tmp_path / "model.onnx", providers=["CPUExecutionProvider"])
    (logits,) = session.run(["first-020-s0/logits"], {"images": np.zeros((1, 64, 64, 3), np.uint8)})
    assert logits.shape == (1, 10)


def test_figure_without_its_galaxies_names_the_way_out(
    galaxy: Galaxy, make_run: MakeRun, tmp_path: Path
) -> None:
    make_run("first", data=tmp_path / "gone.h5")
    result = galaxy("figure", "first", "--out", tmp_path / "f.png")
    assert result.exit_code == 2
    assert "--data FILE" in result.stderr


@pytest.mark.parametrize(
    ("out", "says"), [("f.jpg", "--out must end in .png, got f.jpg"), ("gone/f.png", "does not exist")]
)
def test_a_picture_that_cannot_be_written_is_refused_before_any_work(
    galaxy: Galaxy, tmp_path: Path, out: str, says: str
) -> None:
    result = galaxy("figure", "no-such-run", "--out", tmp_path / out)
    assert result.exit_code == 2
    assert says in result.stderr


def test_a_cell_of_the_figure_tells_dead_features_from_a_class_without_weight() -> None:
    maps = np.zeros((1, 10, 2, 2), np.float32)
    explained = Explained(9 * np.eye(10)[[3]], maps, np.zeros(10), View(64, 64))
    dead = explained_cell("ImageNet 20 %", explained, 0, GALAXY10)
    assert dead.reason is not None
    assert dead.reason.startswith("Dead features")
    maps[0, 5] = 1.0
    no_weight = explained_cell("ImageNet 20 %", explained, 0, GALAXY10)
    assert no_weight.reason is not None
    assert "gives this class no weight" in no_weight.reason
    maps[0, 3, 0, 0] = 1.0
    assert explained_cell("a", explained, 0, GALAXY10).reason is None


def test_a_class_that_is_none_is_refused(galaxy: Galaxy, make_run: MakeRun, tmp_path: Path) -> None:
    make_run("first")
    result = galaxy("figure", "first", "--out", tmp_path / "f.png", "--class", 10)
    assert "0..9, got 10" in result.stderr


@pytest.mark.parametrize("verb", ["predict", "evaluate", "figure", "export"])
def test_a_run_that_is_not_finished_is_refused_by_name(
    galaxy: Galaxy, make_run: MakeRun, tmp_path: Path, verb: str
) -> None:
    make_run("half", done=False)
    words = {
        "predict": ("--run", "half", "--images", tmp_path / "in", "--out", tmp_path / "p.csv"),
        "evaluate": ("half", "--data", tmp_path / "g.h5"),
        "figure": ("half", "--out", tmp_path / "f.png"),
        "export": ("half", "--out", tmp_path / "m.onnx"),
    }
    result = galaxy(verb, *words[verb])
    assert result.exit_code == 2
    assert "half has no whole checkpoint yet" in result.stderr


def test_a_source_of_weights_cannot_predict(galaxy: Galaxy, make_run: MakeRun, tmp_path: Path) -> None:
    make_run("shapes", kind="source")
    result = galaxy("predict", "--run", "shapes", "--images", tmp_path / "in", "--out", tmp_path / "p.csv")
    assert "no classifier" in result.stderr


def test_a_figure_takes_the_first_of_each_class_then_the_second() -> None:
    labels = np.array([0, 0, 1, 1, 1, 2])
    assert choose(labels, np.arange(6), [0, 1, 2], 10) == [0, 2, 5, 1, 3, 4]
    assert choose(labels, np.array([1, 3, 5]), [1], 10) == [3]
    assert choose(labels, np.arange(6), [9], 10) == []


def test_pictures_mirror_the_folder_and_never_have_too_long_names() -> None:
    assert picture_path(Path("maps"), "sub/a.jpg", "first") == Path("maps/sub/a.jpg.first.png")
    long = [picture_path(Path("maps"), f"{'é' * 120}{n}.jpg", "first") for n in (1, 2)]
    assert len(long[0].name) < 60
    assert long[0] != long[1]
