"""The page Data in each of its states, as a visitor without a browser sees it."""

import json
import math
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from made_runs import N_GALAXIES, held_elsewhere, make_run

from galaxy_core.data.fetch import FILE_NAME
from galaxy_core.data.split import split_galaxies
from galaxy_core.files.lock import locked

OpenPage = Callable[..., Any]


@pytest.fixture
def open_data(open_page: OpenPage) -> OpenPage:
    """The page Data, opened by that address."""

    return partial(open_page, "data")


def texts(page: Any) -> str:
    """Everything that is written on the page."""
    kinds = (page.title, page.header, page.markdown, page.caption, page.error, page.warning, page.info)
    return "\n".join([element.value for kind in (*kinds, page.success) for element in kind])


def charts(page: Any) -> dict[str, Any]:
    """The drawn figures by their words."""
    return {chart.proto.alt: json.loads(chart.proto.spec) for chart in page.get("plotly_chart")}


def write_sky(path: Path, ra: list[float], labels: list[int]) -> Path:
    """A file with galaxies at these places on the equator."""
    n = len(ra)
    with h5py.File(path, "w") as file:
        file.create_dataset("images", data=np.zeros((n, 256, 256, 3), np.uint8))
        file["ans"] = np.array(labels, np.uint8)
        file["ra"], file["dec"] = np.array(ra, float), np.zeros(n)
        file["redshift"], file["pxscale"] = np.full(n, np.nan), np.full(n, 0.262)
    return path


def test_without_a_run_and_a_file_the_page_offers_to_render_galaxies(open_data: OpenPage, runs: Path) -> None:
    page = open_data()
    assert "rendered when the first training needs them" in texts(page)
    assert page.button(key="render").label == "Render them now"
    assert page.button(key="fetch").label == "Fetch Galaxy10 DECaLS"


def test_the_file_of_the_runs_is_shown_with_its_split(open_data: OpenPage, sweep: Path) -> None:
    page = open_data()
    assert f"{N_GALAXIES} rendered **mock galaxies**" in texts(page)
    split = json.loads((sweep / "first-000-s0" / "split.json").read_text())
    assert f"Split `{split['hash'][:12]}`" in texts(page)
    assert "40 train, 10 validation, 10 test" in texts(page)
    assert len(page.image) == 10


def test_every_chart_has_words(open_data: OpenPage, sweep: Path) -> None:
    words = list(charts(open_data()))
    assert len(words) == 3
    assert "Disturbed 6 and 4" in words[0]
    assert words[1].startswith("The split of first-000-s0: 40 train")
    assert "60 galaxies" in words[2]


def test_an_address_opens_the_file_of_the_run_it_names(
    open_data: OpenPage, own_sweep: Path, tmp_path: Path
) -> None:
    other = write_sky(tmp_path / "sky.h5", list(range(0, 300, 5)), [i % 10 for i in range(60)])
    make_run(own_sweep, 20, other, "sky")
    page = open_data(run="sky-020-s0")
    assert page.selectbox(key="data_file").value == str(other)
    assert [e.value for e in page.error] == []
    assert page.selectbox(key="split_of").value == "a new training"


def test_neighbours_on_the_sky_are_counted_and_listed(
    open_data: OpenPage, runs: Path, tmp_path: Path
) -> None:
    places = [float(i) for i in range(0, 300, 5)]
    places[1] = places[0] + 5 / 3600
    path = write_sky(tmp_path / "sky.h5", places, [i % 10 for i in range(60)])
    page = open_data(state={"data_file": str(path)})
    assert "1 groups of galaxies within 67 arcseconds of each other, 1 of them with different" in texts(page)
    assert list(page.dataframe[0].value["galaxies"]) == ["0, 1"]
    page.select_slider(key="separation").set_value(2.0).run()
    assert "No two galaxies" in texts(page)


def test_a_path_with_nothing_behind_it_gets_one_sentence(open_data: OpenPage, runs: Path) -> None:
    page = open_data(state={"data_file": "/nowhere/galaxies.h5"})
    assert "there is no file /nowhere/galaxies.h5: / has no nowhere" in texts(page)
    assert "What is kept on this disk" in texts(page)


def test_an_address_opens_no_file_that_nobody_has_opened_here(
    open_data: OpenPage, runs: Path, tmp_path: Path
) -> None:
    path = str(write_sky(tmp_path / "private.h5", [1.0] * 20, list(range(10)) * 2))
    page = open_data(file=path)
    assert "a link cannot" in page.info[0].value
    assert page.selectbox(key="data_file").value == "mock"
    open_data(state={"data_file": path})
    assert open_data(file=path).selectbox(key="data_file").value == "mock"  # somebody else has opened it


def test_what_is_wrong_with_a_path_is_said_as_it_is_typed_and_a_file_that_opens_is_chosen_on_every_page(
    open_data: OpenPage, runs: Path, tmp_path: Path
) -> None:
    path = write_sky(tmp_path / "sky.h5", [1.0] * 20, list(range(10)) * 2)
    page = open_data()
    for typed, said in (
        (tmp_path / "sk", f"{tmp_path} has no sk"),
        (tmp_path, "is a folder, and a file in the Galaxy10 layout is asked for"),
        (path, "20 galaxies in 10 classes: chosen above"),
    ):
        page.text_input(key="data_file_typed").set_value(str(typed)).run()
        assert said in texts(page)
    assert page.selectbox(key="data_file").value == str(path)
    page.switch_page("views/train.py").run()
    assert page.selectbox(key="new_data").value == str(path)
    page.switch_page("views/data.py").run()
    page.button(key="forget").click().run()
    assert str(path) not in page.selectbox(key="data_file").options


def test_a_file_that_is_none_gets_one_sentence(open_data: OpenPage, runs: Path, tmp_path: Path) -> None:
    (tmp_path / "letter.h5").write_text("dear network")
    page = open_data(state={"data_file": str(tmp_path / "letter.h5")})
    assert "is not an HDF5 file" in texts(page)
    assert [error.value for error in page.error] == []


def test_a_kind_of_cache_is_cleared_by_its_button(open_data: OpenPage, runs: Path) -> None:
    features = runs.parent / "cache" / "features"
    features.mkdir(parents=True)
    (features / f"{'a' * 64}.f16").write_bytes(bytes(3000))
    page = open_data()
    assert "1 file, 3 kB" in texts(page)
    page.button(key="clear_features").click().run()
    assert "3 kB freed." in texts(page)
    assert list(features.iterdir()) == []


def test_nothing_is_cleared_while_a_training_is_at_work(
    open_data: OpenPage, runs: Path, mock_file: Path
) -> None:
    at_work = make_run(runs, 20, mock_file, state="running", sentence="epoch 4 of 5", n_epochs=3)
    with held_elsewhere(at_work / "lock"):
        page = open_data()
        assert all(b.disabled for b in page.button if b.label == "Clear")
        assert "A training is at work" in texts(page)


def test_a_fetch_that_ended_says_its_last_words(open_data: OpenPage, runs: Path) -> None:
    cache = runs.parent / "cache"
    cache.mkdir()
    (cache / "fetching").mkdir()
    (cache / "fetching" / "log.txt").write_text("starting\nno network: try again later\n")
    assert "no network: try again later" in texts(open_data())


def test_a_fetch_under_way_shows_what_has_come_and_its_part_cannot_be_cleared(
    open_data: OpenPage, runs: Path
) -> None:
    out = runs.parent / "cache" / FILE_NAME
    out.parent.mkdir()
    out.with_name(f"{FILE_NAME}.part").write_bytes(bytes(4000))
    out.with_name("fetching").mkdir()
    with subprocess.Popen([sys.executable, "-c", "input()", str(out)], stdin=subprocess.PIPE) as fetching:
        with locked(out.with_name("fetching") / ".lock") as lock:
            lock.hand_over(fetching.pid)
        page = open_data()
        assert "4 kB so far" in page.get("progress")[0].proto.text
        assert page.button(key="clear_fetched").disabled
        fetching.stdin.close()
    assert not open_data().button(key="clear_fetched").disabled


def test_a_fetched_file_is_said_to_be_here_and_counted(
    open_data: OpenPage, runs: Path, mock_file: Path
) -> None:
    out = runs.parent / "cache" / FILE_NAME
    out.parent.mkdir()
    shutil.copy(mock_file, out)
    page = open_data()
    assert f"It is on this computer: `{out}`" in texts(page)
    assert str(out) in page.selectbox(key="data_file").options
    assert "**fetched**: the published file" in texts(page)
    assert page.button(key="clear_fetched").disabled is False


def test_galaxies_without_a_position_are_referred_to_the_audit(
    open_data: OpenPage, runs: Path, tmp_path: Path
) -> None:
    places = [math.nan, *(float(i) for i in range(5, 300, 5))]
    path = write_sky(tmp_path / "sky.h5", places, [i % 10 for i in range(60)])
    assert f"`galaxy audit --data {path}`" in texts(open_data(state={"data_file": str(path)}))


def test_galaxies_that_all_have_a_position_need_no_audit(
    open_data: OpenPage, runs: Path, tmp_path: Path
) -> None:
    path = write_sky(tmp_path / "sky.h5", [float(i) for i in range(0, 300, 5)], [i % 10 for i in range(60)])
    assert "galaxy audit" not in texts(open_data(state={"data_file": str(path)}))


def noise_file(path: Path) -> Path:
    """A hundred galaxies of noise: nothing to learn, so that whatever is found was remembered."""
    labels = np.arange(100) % 10
    with h5py.File(path, "w") as file:
        file["images"] = np.random.default_rng(0).integers(0, 256, (100, 256, 256, 3), dtype=np.uint8)
        file["ans"] = labels.astype(np.uint8)
        file["ra"], file["dec"] = np.linspace(0, 300, 100), np.zeros(100)
        file["redshift"], file["pxscale"] = np.full(100, np.nan), np.full(100, 0.262)
    return path


def test_what_leaks_is_measured_only_when_somebody_asks(
    open_data: OpenPage, runs: Path, tmp_path: Path
) -> None:
    page = open_data(state={"data_file": str(noise_file(tmp_path / "noise.h5"))})
    assert "Turn the switch or press the button" in texts(page)
    assert not any("Balanced accuracy" in words for words in charts(page))
    page.button(key="measure_leaks").click().run()
    assert [error.message for error in page.exception] == []
    assert page.toggle(key="repeat_first").value is False
    (words,) = [words for words in charts(page) if "Balanced accuracy" in words]
    assert "divided first" in words
    assert "repeated first" not in words
    assert "no row stands on both sides" in texts(page)


def test_the_switch_shows_what_repeating_first_pretends(
    open_data: OpenPage, runs: Path, tmp_path: Path
) -> None:
    page = open_data(state={"data_file": str(noise_file(tmp_path / "noise.h5"))})
    page.toggle(key="repeat_first").set_value(True).run()
    assert [error.message for error in page.exception] == []
    ((words, figure),) = [item for item in charts(page).items() if "Balanced accuracy" in item[0]]
    honest, inflated = figure["data"]
    survey = honest["y"].index("classes as in the survey")
    assert honest["x"][survey] < 0.3 < inflated["x"][survey]
    assert all(value > 0 for value in honest["error_x"]["array"])
    assert "classes as in the survey, repeated first" in words
    assert "of the test rows have their own copy in training" in texts(page)
    pairs = page.dataframe[-1].value
    assert dict(zip(pairs["kind"], pairs["n_pairs"], strict=True))["identical images"] == 0
    split = split_galaxies(np.arange(100) % 10, np.linspace(0, 300, 100), np.zeros(100))
    assert f"Split `{split.hash}` (seed 0)" in texts(page)


def test_another_file_is_not_measured_because_the_switch_is_on(
    open_data: OpenPage, runs: Path, tmp_path: Path
) -> None:
    page = open_data(state={"data_file": str(noise_file(tmp_path / "noise.h5"))})
    page.toggle(key="repeat_first").set_value(True).run()
    other = write_sky(tmp_path / "sky.h5", [float(i) for i in range(0, 300, 5)], [i % 10 for i in range(60)])
    again = open_data(state={"leaks_of": str(tmp_path / "noise.h5"), "data_file": str(other)})
    assert "Turn the switch or press the button" in texts(again)


def test_too_few_galaxies_to_divide_get_one_sentence(open_data: OpenPage, runs: Path, tmp_path: Path) -> None:
    path = write_sky(tmp_path / "sky.h5", [float(i) for i in range(0, 100, 10)], list(range(10)))
    page = open_data(state={"data_file": str(path)})
    page.button(key="measure_leaks").click().run()
    assert "20 galaxies or more" in page.error[0].value


def test_corrections_are_read_back_in_all_of_them_or_none(
    open_data: OpenPage, own_sweep: Path, mock_file: Path, tmp_path: Path
) -> None:
    data = tmp_path / "own.h5"
    shutil.copy(mock_file, data)
    for config in own_sweep.glob("*/config.json"):
        config.write_text(config.read_text().replace(str(mock_file), str(data)))
    page = open_data(file=str(data))

    def take(text: str) -> str:
        page.file_uploader(key="corrections_taken_from").upload("*back*.csv", text.encode(), "text/csv")
        next(one for one in page.button if one.label == "Take them").click().run()
        assert [error.message for error in page.exception] == []
        return texts(page)

    assert r"\*back\*.csv is not taken: 1 line names no row" in take("row,verdict\n1,right\n9999,right\n")
    assert "Corrections of this file" not in texts(page)
    assert r"\*back\*.csv: corrections taken: 1 of 1." in take("row,verdict\n1,doubtful\n")
    assert "Corrections of this file: 1 doubtful." in texts(page)
