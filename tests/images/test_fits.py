"""A FITS image is shown as the survey's viewer shows it, however it lies in its file, and what was done is said."""

import gzip
import io
import math
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_fits import PLACE, as_the_viewer, bands, cube_file, fits_file, written
from PIL import Image as Pillow

import galaxy_core as gx
from galaxy_core.data.classes import GALAXY10
from galaxy_core.data.folder import import_folder
from galaxy_core.data.galaxy10 import open_galaxies
from galaxy_core.data.mock.galaxy import MockGalaxy, mock_galaxy
from galaxy_core.errors import BadFileError, BadValueError, MissingError
from galaxy_core.images.fits_options import FitsOptions
from galaxy_core.images.fits_place import middle_of
from galaxy_core.images.read import open_image
from galaxy_core.images.to_classify import read_view

fits = pytest.importorskip("astropy.io.fits")


@pytest.fixture(scope="module")
def galaxy() -> MockGalaxy:
    return mock_galaxy(0, 5)


@pytest.fixture(scope="module")
def flux(galaxy: MockGalaxy) -> np.ndarray:
    """Planes g, r, z, row 0 south."""
    return np.moveaxis(galaxy.flux, 2, 0)[:, ::-1]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((0.1, 0.2, 0.3), (191, 197, 175)),
        ((0.01, 0.02, 0.03), (80, 82, 75)),
        ((0, 0, 0), (32, 32, 32)),
        ((-0.05, -0.05, -0.05), (0, 0, 0)),
        ((1, 2, 3), (255, 255, 255)),
    ],
)
def test_a_constant_cube_has_the_colour_that_the_viewer_gives_it(
    values: tuple[float, ...], expected: tuple[int, ...]
) -> None:
    pixels = open_image(cube_file(values)).pixels
    assert (pixels == expected).all()
    assert (gx.read_image(cube_file(values)).pixels == expected).all()


def test_a_cube_that_holds_g_r_and_z_is_shown_by_these_unless_dr10_is_asked_for() -> None:
    four = cube_file((0.1, 0.2, 0.25, 0.3))
    image = open_image(four)
    assert (image.pixels == (191, 197, 175)).all()
    assert "its band i was left out" in image.notes
    assert (gx.read_image(four, colours="griz").pixels == (215, 225, 196)).all()


def test_bands_are_known_by_name_and_not_by_their_order() -> None:
    turned = cube_file((0.3, 0.2, 0.1), BANDS="zrg", BAND0="z", BAND1="r", BAND2="g")
    assert (open_image(turned).pixels == (191, 197, 175)).all()
    listed = fits_file(np.ones((3, 16, 16)) * 0.1, {"BANDS": "g,r,z"})
    assert "g, r, z" in str(open_image(listed).stretch)


@pytest.mark.parametrize("packing", ["", "GZIP_1", "GZIP_2", "RICE_1"])
def test_a_galaxy_has_the_pixels_of_the_viewers_picture_however_it_is_packed(
    flux: np.ndarray, packing: str
) -> None:
    image = read_view(fits_file(flux, packing=packing))
    steps = np.abs(image.pixels.astype(int) - as_the_viewer(flux))
    # RICE rounds floats to a part of the noise
    assert steps.max() <= (1 if packing == "RICE_1" else 0)
    assert (image.quality, image.notes, image.pixel_scale_arcsec) == ("ok", (), pytest.approx(0.262))


@pytest.mark.parametrize(
    "change",
    [
        lambda data: gzip.compress(data),
        lambda data: data + bytes(100),
        lambda data: data[: -(len(data) % 2880) or None],
    ],
)
def test_gzip_and_what_follows_the_last_extension_change_nothing(flux: np.ndarray, change: Any) -> None:
    np.testing.assert_array_equal(open_image(change(fits_file(flux))).pixels, as_the_viewer(flux))


@pytest.mark.parametrize("dtype", [">f4", ">f8"])
def test_numbers_of_either_width_are_read_in_the_order_of_the_standard(flux: np.ndarray, dtype: str) -> None:
    np.testing.assert_array_equal(open_image(fits_file(flux, dtype=dtype)).pixels, as_the_viewer(flux))


def test_whole_numbers_are_scaled_and_blanks_left_out_as_the_header_says() -> None:
    hdu = fits.PrimaryHDU(np.full((3, 16, 16), 1, np.int16))
    for key, value in {**bands("grz"), "BSCALE": 0.1, "BZERO": 0.0, "BLANK": -99}.items():
        hdu.header[key] = value
    hdu.data[:, 0, 0] = -99
    image = open_image(written([hdu]))
    assert (image.pixels[5, 5] == open_image(cube_file((0.1, 0.1, 0.1))).pixels[0, 0]).all()
    assert (image.pixels[-1, 0] == 32).all()


def test_each_band_may_lie_in_an_extension_of_its_own_beside_maps_of_errors(flux: np.ndarray) -> None:
    hdus: list[Any] = [fits.PrimaryHDU()]
    for letter, plane in zip("zgr", flux[[2, 0, 1]], strict=True):
        hdus.append(fits.ImageHDU(plane, fits.Header({"FILTER": f"{letter} DECam SDSS c0001 4720.0"})))
        hdus.append(fits.ImageHDU(plane * 1e3, name=f"INVVAR_{letter.upper()}"))
    image = open_image(written(hdus))
    np.testing.assert_array_equal(image.pixels, as_the_viewer(flux))
    assert image.notes == ()


def test_inverse_variances_and_masks_behind_a_cube_are_not_the_picture(flux: np.ndarray) -> None:
    cube = fits.PrimaryHDU(flux, fits.Header(bands("grz")))
    behind = [fits.ImageHDU(flux, name="INVVAR"), fits.ImageHDU(flux[0], name="MASKBITS")]
    np.testing.assert_array_equal(open_image(written([cube, *behind])).pixels, as_the_viewer(flux))


def test_one_band_is_grey_and_of_two_the_mean_stands_for_the_third(flux: np.ndarray) -> None:
    grey = read_view(fits_file(flux[1], {"FILTER": "r"}))
    assert (np.ptp(grey.pixels, axis=2) == 0).all()
    assert (grey.quality, "grey, of band r alone" in grey.shown) == ("ok", True)
    for letters in ("ry", "iy"):  # one, or none, of those that colours are made of
        one = read_view(fits_file(flux[[1, 2]], bands(letters)))
        assert (np.ptp(one.pixels, axis=2) == 0).all()
        assert "its band y was left out" in one.notes
    two = read_view(fits_file(flux[[0, 2]], bands("gz")))
    assert two.notes == ("for band r, which it has not, the mean of the others stands",)
    assert np.abs(two.pixels.astype(int) - as_the_viewer(flux)).mean() < 3


def test_a_cube_that_does_not_say_its_bands_is_refused_until_they_are_named(flux: np.ndarray) -> None:
    unnamed = fits_file(flux, {})
    with pytest.raises(
        BadFileError, match=r"has 3 planes, and its header does not say which band each is; .*--bands"
    ):
        open_image(unnamed)
    np.testing.assert_array_equal(
        open_image(unnamed, fits=FitsOptions(bands="grz")).pixels, as_the_viewer(flux)
    )
    with pytest.raises(BadFileError, match="has 3 planes, and its bands are said to be gz"):
        open_image(unnamed, fits=FitsOptions(bands="gz"))


def test_north_is_up_and_east_left_whichever_way_the_array_lies(flux: np.ndarray) -> None:
    upright = as_the_viewer(flux)
    step = 0.262 / 3600
    ways: list[tuple[np.ndarray, tuple[float, float, float, float]]] = [
        (flux[:, ::-1], (-step, 0, 0, -step)),
        (flux[:, :, ::-1], (step, 0, 0, step)),
        (np.swapaxes(flux, 1, 2), (0, -step, step, 0)),
        (np.swapaxes(flux, 1, 2)[:, ::-1], (0, step, step, 0)),
    ]
    for planes, matrix in ways:
        header = PLACE | bands("grz") | dict(zip(("CD1_1", "CD1_2", "CD2_1", "CD2_2"), matrix, strict=True))
        np.testing.assert_array_equal(open_image(fits_file(planes, header)).pixels, upright)
    tilted = (-step * math.cos(0.5), step * math.sin(0.5), step * math.sin(0.5), step * math.cos(0.5))
    header = PLACE | bands("grz") | dict(zip(("CD1_1", "CD1_2", "CD2_1", "CD2_2"), tilted, strict=True))
    assert "its north is 29 degrees from up" in open_image(fits_file(flux, header)).notes


@pytest.mark.parametrize("kind", ["CD", "CDELT", "PC", "CROTA2"])
def test_the_scale_is_read_from_any_of_the_usual_keywords(kind: str) -> None:
    step = 0.5 / 3600
    said = {
        "CD": {"CD1_1": -step, "CD2_2": step},
        "CDELT": {"CDELT1": -step, "CDELT2": step},
        "PC": {"CDELT1": -step, "CDELT2": step, "PC1_1": 1.0, "PC2_2": 1.0},
        "CROTA2": {"CDELT1": -step, "CDELT2": step, "CROTA2": 30.0},
    }[kind]
    header = {"CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN", **said, **bands("grz")}
    image = open_image(fits_file(np.zeros((3, 64, 64)), header), fits=FitsOptions(pixel_scale_arcsec=None))
    assert image.pixel_scale_arcsec == pytest.approx(0.5)


def scaled(factor: float) -> dict[str, Any]:
    return PLACE | bands("grz") | {"CD1_1": -0.262 * factor / 3600, "CD2_2": 0.262 * factor / 3600}


def test_a_known_scale_is_brought_to_that_of_the_networks(flux: np.ndarray) -> None:
    fine = read_view(fits_file(flux.repeat(2, 1).repeat(2, 2), scaled(0.5)))
    np.testing.assert_array_equal(fine.pixels, as_the_viewer(flux))
    assert 'its middle 512 of 512 x 512 pixels of 0.131" were brought to 256 of 0.262"' in fine.notes
    wide = np.pad(flux, ((0, 0), (64, 64), (100, 100)))
    np.testing.assert_array_equal(read_view(fits_file(wide, scaled(1))).pixels, as_the_viewer(flux))


def test_a_cutout_at_the_second_scale_of_galaxy10_and_a_field_that_is_too_small_stay_as_they_are(
    flux: np.ndarray,
) -> None:
    large = read_view(fits_file(flux, scaled(2)))
    np.testing.assert_array_equal(large.pixels, as_the_viewer(flux))
    assert large.shown.startswith('0.524" a pixel, 134" across')
    small = open_image(fits_file(flux[:, :100, :100], scaled(1)))
    assert small.pixels.shape == (100, 100, 3)
    assert "looks larger" in small.notes[0]
    asked = open_image(fits_file(flux, scaled(2)), fits=FitsOptions(pixel_scale_arcsec=0.262 * 1.5))
    assert asked.pixel_scale_arcsec == pytest.approx(0.393)


def test_the_middle_of_an_image_is_where_astropy_puts_it(flux: np.ndarray) -> None:
    from astropy.wcs import WCS

    turned = {
        "CD1_1": 4e-5,
        "CD1_2": 6e-5,
        "CD2_1": 6e-5,
        "CD2_2": -4e-5,
        "CTYPE1": "RA---TAN",
        "CTYPE2": "DEC--TAN",
    }
    for ra, dec, east, north in (
        (10, 0, 128.5, 128.5),
        (359.99, 33, -900, 400),
        (40, 89.9, 0, 700),
        (200, -60, 9, 9),
    ):
        header = {**turned, "CRVAL1": ra, "CRVAL2": dec, "CRPIX1": east, "CRPIX2": north}
        swapped = {
            "CTYPE1": "DEC--TAN",
            "CTYPE2": "RA---TAN",
            "CRVAL1": dec,
            "CRVAL2": ra,
            "CRPIX1": east,
            "CRPIX2": north,
            "CD1_1": 6e-5,
            "CD1_2": -4e-5,
            "CD2_1": 4e-5,
            "CD2_2": 6e-5,
        }
        wanted = WCS(header).wcs_pix2world([[(256 + 1) / 2] * 2], 1)[0]
        assert middle_of(header, (256, 256)) == pytest.approx(wanted, abs=1e-9)
        assert middle_of(swapped, (256, 256)) == pytest.approx(wanted, abs=1e-9)
    assert gx.read_image(fits_file(flux, {**bands("grz"), **header})).place == pytest.approx(wanted)
    for bad in (
        {"CRVAL2": 91.0},
        {"CRPIX1": "x"},
        {"CTYPE1": "GLON-TAN"},
        {"CTYPE1": "RA---AIT"},
        {"CRVAL1": True},
    ):
        assert middle_of({**header, **bad}, (256, 256)) is None


def test_a_view_of_a_part_has_the_scale_of_that_part(flux: np.ndarray) -> None:
    assert read_view(fits_file(flux), share=0.5).pixel_scale_arcsec == pytest.approx(0.131)


def test_pixels_without_a_number_are_no_light_and_counted(flux: np.ndarray) -> None:
    holed = flux.copy()
    holed[:, :4, :4], holed[0, 200, 10], holed[1, 0, 9] = np.nan, np.inf, 1e30
    image = read_view(fits_file(holed))
    assert image.notes == ("50 of its 196608 numbers are none (NaN) and are shown as no light",)
    assert (image.pixels[-4:, :4] == 32).all()
    assert read_view(fits_file(np.full((3, 64, 64), np.nan))).quality.startswith("is blank")


def test_counts_are_shown_as_the_survey_would_and_a_unit_is_believed(flux: np.ndarray) -> None:
    expected = as_the_viewer(flux).astype(int)
    header = PLACE | bands("grz")
    for counts, said in ((flux * 900 + 250, {"BUNIT": "adu"}), (flux * 900 + 250, {})):
        image = read_view(fits_file(counts, header | said))
        assert "sky taken off" in image.shown
        assert (image.quality, np.abs(image.pixels - expected).mean() < 8) == ("ok", True)
    in_janskys = read_view(fits_file(flux * 3.631e-6, header | {"BUNIT": "Jy"}))
    assert np.abs(in_janskys.pixels - expected).max() <= 1
    twice = header | {"CD1_1": -0.524 / 3600, "CD2_2": 0.524 / 3600, "BUNIT": "nanomaggy"}
    assert "per pixel of the survey" in read_view(fits_file(flux * 4, twice)).shown
    np.testing.assert_allclose(read_view(fits_file(flux * 4, twice)).pixels, expected, atol=1)


def test_the_stretch_of_lupton_and_that_of_sdss_are_options(flux: np.ndarray) -> None:
    lupton = read_view(fits_file(flux), fits=FitsOptions("lupton"))
    assert (lupton.quality, "Lupton et al. 2004" in lupton.shown) == ("ok", True)
    sdss = open_image(cube_file((0.1, 0.2, 0.3), BANDS="gri", BAND2="i"))
    assert "SDSS" in str(sdss.stretch)
    with pytest.raises(
        BadValueError, match="colours must be one of survey, grz, griz, sdss, lupton, got 'x'"
    ):
        FitsOptions("x")
    with pytest.raises(BadValueError, match="bands must be different letters"):
        FitsOptions(bands="ggg")
    with pytest.raises(BadValueError, match="pixel scale must lie in"):
        FitsOptions(pixel_scale_arcsec=0.001)


def test_through_jpeg_it_has_the_pixels_of_the_surveys_own_picture(flux: np.ndarray) -> None:
    file = io.BytesIO()
    Pillow.fromarray(as_the_viewer(flux)).save(file, "JPEG", quality=90)
    image = read_view(fits_file(flux), fits=FitsOptions(as_jpeg=True))
    np.testing.assert_array_equal(image.pixels, read_view(file.getvalue()).pixels)
    assert "through JPEG of quality 90" in image.shown


def test_without_astropy_the_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    data = cube_file((0.1, 0.2, 0.3))
    for name in [name for name in sys.modules if name.partition(".")[0] == "astropy"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "astropy", None)
    with pytest.raises(
        MissingError, match=r"^mine is FITS, .* not installed; get it with `pip install astropy`"
    ):
        open_image(data, name="mine")


def test_a_folder_of_fits_images_becomes_galaxies_with_their_scale(tmp_path: Path, flux: np.ndarray) -> None:
    (tmp_path / "a.fits").write_bytes(fits_file(flux, scaled(2)))
    (tmp_path / "b.fits.fz").write_bytes(fits_file(flux, packing="GZIP_1"))
    Pillow.fromarray(as_the_viewer(flux)).save(tmp_path / "c.png")
    (tmp_path / "labels.csv").write_text("file,label\na.fits,1\nb.fits.fz,2\nc.png,2\n")
    import_folder(tmp_path, tmp_path / "labels.csv", tmp_path / "out.h5", classes=GALAXY10)
    galaxies = open_galaxies(tmp_path / "out.h5")
    np.testing.assert_allclose(galaxies.pixel_scale, [0.524, 0.262, np.nan], atol=5e-4)  # a picture says none
    assert (np.asarray(galaxies.images) == as_the_viewer(flux)).all()
