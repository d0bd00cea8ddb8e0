"""Cutouts come whole or not at all, each is asked for once, and a service that misbehaves costs one sentence."""

import csv
import math
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from cutout_server import CutoutServer, cutout_server
from hypothesis import given
from hypothesis import strategies as numbers
from typer.testing import CliRunner

from galaxy_core import __version__
from galaxy_core.catalogues.cutouts import Cutout, around, scale_for, viewer_at
from galaxy_core.catalogues.cutouts_fetch import BLANK, OK, REFUSED, fetch_cutout
from galaxy_core.catalogues.formats import open_catalogue, write_table
from galaxy_core.cli import app
from galaxy_core.errors import BadValueError
from galaxy_core.files.http_small import GaveUpError
from galaxy_core.images.to_classify import read_view


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[CutoutServer]:
    """The service; waiting is noted and not done."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with cutout_server() as running:
        monkeypatch.setenv("GALAXY_CUTOUTS_URL", running.url)
        yield running


@pytest.fixture
def waited(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that were waited between tries."""
    seconds: list[float] = []
    monkeypatch.setattr("galaxy_core.files.http_small.time.sleep", seconds.append)
    return seconds


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    path = tmp_path / "objects.csv"
    path.write_text(
        "TARGETID,RAJ2000,DEJ2000,r50\n"
        "39633149210921001,184.95,12.3,3\n39633149210921002,10,40,3\n39633149210921003,200.5,-5.25,21\n"
    )
    return path


def galaxy(*arguments: object) -> tuple[int, str]:
    """Exit code and what was said on both streams."""
    result = CliRunner().invoke(app, [str(one) for one in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def index_of(folder: Path) -> list[dict[str, str]]:
    with (folder / "cutouts.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_a_list_of_places_becomes_a_folder_and_is_not_asked_for_twice(
    service: CutoutServer, catalogue: Path, tmp_path: Path
) -> None:
    code, said = galaxy("cutouts", "fetch", catalogue, "--to", tmp_path / "cut")
    assert code == 0
    assert "2 cutouts fetched and 0 there already, of 3 objects" in said
    assert "1 of 3 lie outside of ls-dr8 and are blank" in said
    rows = index_of(tmp_path / "cut")
    assert [row["TARGETID"][-3:] for row in rows] == ["001", "002", "003"]
    assert [row["status"] for row in rows] == [OK, BLANK, OK]
    assert all((tmp_path / "cut" / row["file"]).is_file() for row in rows)
    assert service.asked[0] == {
        "ra": "184.950000",
        "dec": "12.300000",
        "layer": "ls-dr8",
        "pixscale": "0.262",
        "size": "256",
        "bands": "grz",
        "kind": "jpeg",
    }
    assert set(service.agents) == {f"galaxy-transfer-explorer/{__version__}"}
    assert service.n_most == 1
    code, said = galaxy("cutouts", "fetch", catalogue, "--to", tmp_path / "cut")
    assert (code, len(service.asked)) == (0, 3)
    assert "0 cutouts fetched and 2 there already" in said
    assert [row["status"] for row in index_of(tmp_path / "cut")] == [OK, BLANK, OK]


def test_another_request_is_another_file(service: CutoutServer, catalogue: Path, tmp_path: Path) -> None:
    fetch = ("cutouts", "fetch", catalogue, "--to", tmp_path / "cut")
    for more in ((), ("--layer", "ls-dr9"), ("--size", 128), ("--pixscale", 0.524), ("--fits",)):
        galaxy(*fetch, *more)
    assert len(service.asked) == 15
    # the FITS of a place outside is an error of the service, and no file
    assert len([*(tmp_path / "cut").glob("*.jpg"), *(tmp_path / "cut").glob("*.fits")]) == 14


def test_the_scale_goes_by_the_size_of_the_object_where_that_is_asked_for(
    service: CutoutServer, catalogue: Path, tmp_path: Path
) -> None:
    galaxy("cutouts", "fetch", catalogue, "--to", tmp_path / "cut", "--by-radius", "r50")
    assert [row["pixscale"] for row in index_of(tmp_path / "cut")] == ["0.262", "0.262", "0.984"]
    assert scale_for(0.5) == 0.262
    assert (
        "no column 'size' for the radius"
        in galaxy("cutouts", "fetch", catalogue, "--to", tmp_path / "cut", "--by-radius", "size")[1]
    )


def test_a_fits_cutout_shows_what_the_picture_shows(service: CutoutServer, tmp_path: Path) -> None:
    pytest.importorskip("astropy")
    here = Cutout(184.95, 12.3), Cutout(184.95, 12.3, format="fits")
    files = [fetch_cutout(one, tmp_path).file for one in here]
    picture, flux = (read_view(tmp_path / file) for file in files)
    assert (picture.quality, flux.quality) == ("ok", "ok")
    assert flux.pixel_scale_arcsec == pytest.approx(0.262)
    outside = fetch_cutout(Cutout(10, 40, format="fits"), tmp_path)
    assert (outside.file, outside.status) == ("", BLANK)


@pytest.mark.parametrize("trouble", ["503", "429", "500", "cut", "half"])
def test_what_the_service_may_mend_is_asked_for_again(
    service: CutoutServer, tmp_path: Path, waited: list[float], trouble: str
) -> None:
    service.answers = [trouble, trouble, "whole"]
    came = fetch_cutout(Cutout(184.95, 12.3), tmp_path)
    assert came.status == OK
    assert read_view(tmp_path / came.file).quality == "ok"
    assert waited == [1.0, 2.0]


def test_the_time_that_the_service_asks_for_is_kept_unless_it_is_too_long(
    service: CutoutServer, tmp_path: Path, waited: list[float]
) -> None:
    service.answers = ["429 7", "whole"]
    assert fetch_cutout(Cutout(184.95, 12.3), tmp_path).status == OK
    assert waited == [7.0]
    service.answers = ["503 3600"]
    with pytest.raises(GaveUpError, match="asks to be left alone for 3600 s"):
        fetch_cutout(Cutout(1, 2), tmp_path)
    assert (waited, len(service.asked)) == ([7.0], 3)


@pytest.mark.parametrize(
    ("trouble", "words"), [("404", "answered 404 Not Found"), ("page", "answered with a web page")]
)
def test_what_asking_again_does_not_mend_is_a_row_with_its_reason(
    service: CutoutServer, catalogue: Path, tmp_path: Path, trouble: str, words: str
) -> None:
    service.answers = ["whole", trouble, "whole"]
    code, said = galaxy("cutouts", "fetch", catalogue, "--to", tmp_path / "cut")
    assert code == 1
    assert "1 of 3 were refused" in said
    rows = index_of(tmp_path / "cut")
    assert [row["status"] for row in rows] == [OK, REFUSED, OK]
    assert words in rows[1]["reason"]


@pytest.mark.parametrize("ending", [".parquet", ".fits", ".vot", ".ecsv"])
def test_a_list_may_be_a_table_of_any_format(
    service: CutoutServer, catalogue: Path, tmp_path: Path, ending: str
) -> None:
    opened = open_catalogue(catalogue)
    objects = (tmp_path / "objects").with_suffix(ending)
    write_table(objects, opened.schema, opened.batches(), {})
    assert galaxy("cutouts", "fetch", objects, "--by-radius", "r50", "--to", tmp_path / "cut")[0] == 0
    rows = index_of(tmp_path / "cut")
    assert [row["TARGETID"] for row in rows] == [str(39633149210921001 + i) for i in range(3)]
    assert [row["pixscale"] for row in rows][:2] == ["0.262"] * 2
    assert float(rows[2]["pixscale"]) > 0.262


def test_a_service_that_stays_down_ends_it_with_one_sentence_and_it_is_carried_on(
    service: CutoutServer, catalogue: Path, tmp_path: Path, waited: list[float]
) -> None:
    many = tmp_path / "many.csv"
    many.write_text("ra,dec\n" + "".join(f"{10 + i},5\n" for i in range(9)))
    service.answers = ["whole", "whole", "503"]
    code, said = galaxy("cutouts", "fetch", many, "--to", tmp_path / "cut")
    assert code == 2
    assert "answered 503 Service Unavailable; 2 of 9 cutouts are in" in said.replace("\n", " ")
    assert said.rstrip().endswith("run it again to carry on")
    assert (len(service.asked), len(waited)) == (2 + 3 * 5, 3 * 4)
    assert [row["status"] for row in index_of(tmp_path / "cut")] == [OK] * 2 + [REFUSED] * 3
    service.answers = ["whole"]
    assert galaxy("cutouts", "fetch", many, "--to", tmp_path / "cut")[0] == 0
    assert len(service.asked) == 2 + 15 + 7


def test_one_object_that_the_service_stumbles_over_does_not_end_the_work(
    service: CutoutServer, catalogue: Path, tmp_path: Path, waited: list[float]
) -> None:
    service.answers = ["whole", *["500"] * 5, "whole"]
    assert galaxy("cutouts", "fetch", catalogue, "--to", tmp_path / "cut")[0] == 1
    assert [row["status"] for row in index_of(tmp_path / "cut")] == [OK, REFUSED, OK]


def test_without_a_network_there_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, waited: list[float]
) -> None:
    monkeypatch.setenv("GALAXY_CUTOUTS_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    code, said = galaxy("cutouts", "fetch", "--position", 184.95, -12.3, "--to", tmp_path / "cut")
    assert code == 2
    assert said.splitlines()[-1].startswith(
        "galaxy: there is no connection to 127.0.0.1; 0 of 1 cutouts are in"
    )


def test_a_file_that_was_damaged_is_asked_for_again(service: CutoutServer, tmp_path: Path) -> None:
    here = Cutout(184.95, 12.3)
    path = tmp_path / fetch_cutout(here, tmp_path).file
    whole = path.read_bytes()
    path.write_bytes(whole[:500])
    assert fetch_cutout(here, tmp_path).status == OK
    assert (path.read_bytes(), len(service.asked)) == (whole, 2)


def test_a_side_that_the_service_would_clip_is_refused_and_one_that_it_clips_is_noticed(
    service: CutoutServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(
        BadValueError, match=r"side must lie in \[16, 3000\] pixels, which is all that the service"
    ):
        Cutout(1, 2, size=4000)
    monkeypatch.setattr("cutout_server.CLIPPED_AT", 100)
    came = fetch_cutout(Cutout(1, 2), tmp_path)
    assert (came.status, [*tmp_path.iterdir()]) == (REFUSED, [])
    assert "sent 100 x 100 pixels in place of 256 x 256" in came.reason


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "name one of a table, --position RA DEC and --name OBJECT"),
        (("--position", "10", "95"), "declination in [-90, 90]"),
        (("--position", "10", "5", "--layer", "../x"), "a layer is a name such as ls-dr8"),
        (("--position", "10", "5", "--bands", "grx"), "bands are letters such as grz"),
        (("--position", "10", "5", "--pixscale", "0"), "the scale must lie in [0.05, 60]"),
        (("nowhere.csv",), "there is no catalogue nowhere.csv; name a file of CSV"),
    ],
)
def test_what_cannot_be_asked_for_is_refused_before_anything_is_asked(
    service: CutoutServer, tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    code, said = galaxy("cutouts", "fetch", *arguments, "--to", tmp_path / "cut")
    assert (code, service.asked) == (2, [])
    assert words in " ".join(said.split())


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("ra,dec\n1,2\nx,3\n", "row 2 has 'x' for ra"),
        ("ra,dec\n1,2\n5,95\n", "row 2 has the place 5, 95, which is none"),
        ("ra,dec\n1,\n", "row 1 has '' for dec"),
        ("a,b\n1,2\n", "needs the columns ra and dec, in degrees"),
    ],
)
def test_a_row_that_is_no_place_is_named_by_its_number(
    service: CutoutServer, tmp_path: Path, content: str, words: str
) -> None:
    (tmp_path / "list.csv").write_text(content)
    code, said = galaxy("cutouts", "fetch", tmp_path / "list.csv", "--to", tmp_path / "cut")
    assert (code, service.asked) == (2, [])
    assert words in " ".join(said.split())


def test_a_layer_of_other_colours_is_pointed_out(service: CutoutServer, tmp_path: Path) -> None:
    fetch = ("cutouts", "fetch", "--position", 184.95, 12.3, "--to", tmp_path / "cut", "--layer")
    assert "ls-dr10 may have other colours" in galaxy(*fetch, "ls-dr10")[1]
    assert "other colours" not in galaxy(*fetch, "ls-dr10-grz")[1]


def test_a_place_may_be_said_from_minus_180_on_and_the_viewer_is_told_of_it() -> None:
    assert around(-10) == 350
    assert 0 <= around(-1e-30) < 360
    assert Cutout(184.95, 12.3).viewer_url == (
        "https://www.legacysurvey.org/viewer?ra=184.950000&dec=12.300000&layer=ls-dr8&zoom=16"
    )


def test_columns_that_have_our_names_keep_them(service: CutoutServer, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("file,ra,dec\nmine.txt,184.95,12.3\n")
    galaxy("cutouts", "fetch", tmp_path / "list.csv", "--to", tmp_path / "cut")
    (row,) = index_of(tmp_path / "cut")
    assert row["file"] == "mine.txt"
    assert (tmp_path / "cut" / row["cutout_file"]).is_file()


def test_flat_but_for_the_grain_of_jpeg_is_blank_and_a_faint_galaxy_is_not(
    service: CutoutServer, tmp_path: Path
) -> None:
    assert fetch_cutout(Cutout(10, 40), tmp_path).status == BLANK
    assert fetch_cutout(Cutout(0.0, 10), tmp_path).status == OK
    assert np.ptp(read_view(tmp_path / Cutout(0.0, 10).file_name).pixels) > 20


@given(ra=numbers.floats(), dec=numbers.floats())
def test_the_address_of_a_place_in_the_viewer_holds_numbers_alone(ra: float, dec: float) -> None:
    found = viewer_at((ra, dec))
    number = r"-?\d{1,3}\.\d{6}"
    pattern = rf"https://www\.legacysurvey\.org/viewer\?ra={number}&dec={number}&layer=ls-dr8&zoom=16"
    is_place = math.isfinite(ra) and -90 <= dec <= 90
    assert bool(re.fullmatch(pattern, found)) == is_place
    assert bool(found) == is_place
    assert viewer_at(None) == ""
