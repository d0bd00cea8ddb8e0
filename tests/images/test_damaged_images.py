"""Pictures that were damaged on their way are refused, whatever a lenient decoder would make of them."""

import io
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import simplejpeg
from PIL import Image

from galaxy_core.data.mock.galaxy import mock_galaxy
from galaxy_core.errors import BadFileError
from galaxy_core.images.read import open_image, read_image
from galaxy_core.images.to_classify import read_to_classify

Damage = Callable[[bytes, np.random.Generator], bytes]
EOI = b"\xff\xd9"


def scan_of(jpeg: bytes) -> tuple[int, int]:
    """Where the (first) scan begins, and where its pixels do."""
    at = jpeg.index(b"\xff\xda")
    return at, at + 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")


def _replaced(jpeg: bytes, rng: np.random.Generator, n_bytes: int, by: Callable[[int], bytes]) -> bytes:
    start = scan_of(jpeg)[1]
    n_bytes = min(n_bytes, (len(jpeg) - start) // 2)
    place = int(rng.integers(start, len(jpeg) - n_bytes - 2))
    return jpeg[:place] + by(n_bytes) + jpeg[place + n_bytes :]


def half(jpeg: bytes, rng: np.random.Generator) -> bytes:
    start = scan_of(jpeg)[1]
    return jpeg[: (start + len(jpeg)) // 2] + EOI


DAMAGE: dict[str, Damage] = {
    "4 kB of zeros": lambda jpeg, rng: _replaced(jpeg, rng, 4096, bytes),
    "4 kB of anything": lambda jpeg, rng: _replaced(jpeg, rng, 4096, rng.bytes),
    "512 bytes missing": lambda jpeg, rng: _replaced(jpeg, rng, 512, lambda n: b""),
    "LF to CRLF": lambda jpeg, rng: jpeg.replace(b"\n", b"\r\n"),
    "half, and an end marker": half,
    "no scan": lambda jpeg, rng: jpeg[: scan_of(jpeg)[0]] + EOI,
    "a scan without pixels": lambda jpeg, rng: jpeg[: scan_of(jpeg)[1]] + EOI,
}


def jpeg_of(image: np.ndarray, **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "JPEG", **{"quality": 90, **options})
    return buffer.getvalue()


@pytest.fixture(scope="module")
def galaxies() -> list[np.ndarray]:
    return [mock_galaxy(8, index).image for index in range(10)]


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"subsampling": 0}], ids=str)
def test_a_damaged_jpeg_is_refused_where_others_fill_the_hole(
    galaxies: list[np.ndarray], options: dict[str, object], damage: Damage
) -> None:
    rng = np.random.default_rng(0)
    for image in galaxies:
        with pytest.raises(BadFileError, match="cannot be decoded whole; it is damaged"):
            read_image(damage(jpeg_of(image, **options), rng))


@pytest.mark.real
@pytest.mark.skipif(
    not os.environ.get("GALAXY_REAL"), reason="GALAXY_REAL names no folder of real labelled galaxies"
)
def test_real_galaxies_are_all_taken_whole_and_none_damaged() -> None:
    files = sorted((Path(os.environ["GALAXY_REAL"]) / "images").iterdir())
    rng = np.random.default_rng(0)
    for file in files:
        assert read_to_classify(file).notes == ()
        for damage in DAMAGE.values():
            with pytest.raises(BadFileError):
                read_image(damage(file.read_bytes(), rng))


def test_a_jpeg_has_the_very_pixels_that_pillow_reads(galaxies: list[np.ndarray]) -> None:
    for options in ({}, {"progressive": True}, {"subsampling": 0}, {"quality": 30}):
        content = jpeg_of(galaxies[0], **options)
        np.testing.assert_array_equal(read_image(content), Image.open(io.BytesIO(content)))
    grey = jpeg_of(galaxies[0][:, :, 0])
    np.testing.assert_array_equal(read_image(grey)[:, :, 0], Image.open(io.BytesIO(grey)))


def test_what_follows_the_end_of_a_jpeg_does_no_harm(galaxies: list[np.ndarray]) -> None:
    content = jpeg_of(galaxies[0])
    for behind in (b"\n", bytes(1000), content, b"\xff\xda" * 1000):
        np.testing.assert_array_equal(read_image(content + behind), read_image(content))


def test_a_damaged_cmyk_jpeg_is_refused_too(galaxies: list[np.ndarray]) -> None:
    buffer = io.BytesIO()
    Image.fromarray(galaxies[0]).convert("CMYK").save(buffer, "JPEG")
    assert read_image(buffer.getvalue()).shape == (256, 256, 3)
    with pytest.raises(BadFileError):
        read_image(half(buffer.getvalue(), np.random.default_rng(0)))


def test_a_png_with_any_byte_changed_is_refused(galaxies: list[np.ndarray]) -> None:
    buffer = io.BytesIO()
    Image.fromarray(galaxies[0]).save(buffer, "PNG", compress_level=0)  # whose pixels alone would not tell
    content, rng = buffer.getvalue(), np.random.default_rng(0)
    for place in rng.integers(8, len(content), 200).tolist():
        spoilt = bytearray(content)
        spoilt[place] ^= 1 << int(rng.integers(8))
        with pytest.raises(BadFileError):
            read_image(bytes(spoilt))


def test_a_picture_half_of_which_was_filled_on_the_way_is_whole_but_not_to_be_classified(
    galaxies: list[np.ndarray],
) -> None:
    """What a lenient program saves after it read half of a file: no decoder can know."""
    filled = galaxies[0].copy()
    filled[140:] = 128
    content = simplejpeg.encode_jpeg(filled, 90)
    assert open_image(content).pixels.shape == (256, 256, 3)
    with pytest.raises(BadFileError, match=r"^mine\.jpg has no data in 4[45] % of it.*gets no class"):
        read_to_classify(content, name="mine.jpg")
