"""What strangers send: packed, damaged and lying tables, and such as name other files, are read or refused."""

import gzip
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from known_catalogue import write_known

from galaxy_core.catalogues.formats import open_catalogue
from galaxy_core.errors import BadFileError, GalaxyError, MissingError

SUFFIXES = (".csv", ".parquet", ".fits", ".vot", ".ecsv")


def test_what_is_packed_or_no_table_is_refused_in_one_sentence(
    tmp_path: Path,
) -> None:
    packed = tmp_path / "a.fits.gz"
    packed.write_bytes(gzip.compress(write_known(tmp_path, ".fits").read_bytes()))
    with pytest.raises(BadFileError, match="packed by gzip"):
        open_catalogue(packed)
    with pytest.raises(MissingError, match="no catalogue"):
        open_catalogue(tmp_path / "gone.csv")
    (tmp_path / "twice.csv").write_text("a,b,a\n1,2,3\n")
    with pytest.raises(BadFileError, match="'a' twice"):
        open_catalogue(tmp_path / "twice.csv")
    fits.PrimaryHDU(np.zeros((4, 4))).writeto(tmp_path / "image.fits")
    with pytest.raises(BadFileError, match="holds no table"):
        open_catalogue(tmp_path / "image.fits")


@pytest.mark.parametrize(
    "inside",
    [
        '<!DOCTYPE VOTABLE [<!ENTITY a "aaaaaaaaaa">]><VOTABLE>&a;</VOTABLE>',
        '<VOTABLE><RESOURCE><TABLE><FIELD name="a" datatype="int"/><DATA><BINARY>'
        '<STREAM href="file:///etc/passwd"/></BINARY></DATA></TABLE></RESOURCE></VOTABLE>',
        '<VOTABLE xmlns:v="x"><v:STREAM href="http://127.0.0.1:1/rows"/></VOTABLE>',
        "<VOTABLE><RESOURCE>",
    ],
)
def test_a_votable_is_never_followed_out_of_itself(tmp_path: Path, inside: str) -> None:
    path = tmp_path / "a.vot"
    path.write_text(f'<?xml version="1.0"?>{inside}')
    with pytest.raises(BadFileError, match=r"nothing is followed|declares entities|no whole VOTable"):
        open_catalogue(path)


def test_a_header_of_fits_that_claims_more_than_there_is_is_not_believed(tmp_path: Path) -> None:
    path = write_known(tmp_path, ".fits")
    whole = path.read_bytes()
    for old, new in (
        (b"NAXIS2  =                    6", b"NAXIS2  =        6000000000000"),
        (b"NAXIS1  =                  ", b"NAXIS1  = 9999999999       "),
        (b"TFORM1  = 'K       '", b"TFORM1  = '999999K '"),
    ):
        assert old in whole
        path.write_bytes(whole.replace(old, new))
        with pytest.raises(BadFileError, match=r"cut short|no whole FITS table|holds no table|tells of rows"):
            list(open_catalogue(path).batches())


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("whole")
    return {suffix: write_known(folder, suffix).read_bytes() for suffix in SUFFIXES}


@pytest.mark.parametrize("suffix", SUFFIXES)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_damaged_table_is_read_or_refused_in_a_sentence(
    whole: dict[str, bytes], tmp_path: Path, suffix: str, data: Any
) -> None:
    damaged = bytearray(whole[suffix][: data.draw(st.integers(1, len(whole[suffix])))])
    for _ in range(data.draw(st.integers(0, 6))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    broken = tmp_path / f"broken{suffix}"
    broken.write_bytes(damaged)
    with suppress(GalaxyError):
        list(open_catalogue(broken).batches())
