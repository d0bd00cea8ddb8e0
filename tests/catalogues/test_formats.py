"""Tables of objects in and out: what comes back is what went in, digit for digit, in every format and by astropy."""

import warnings
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from astropy.io import fits
from astropy.io.votable import parse
from astropy.io.votable.ucd import check_ucd
from astropy.table import Table
from known_catalogue import BATCH, ID, METADATA, SCHEMA, write_known

from galaxy_core.catalogues import astropy_tables, csv_table, formats
from galaxy_core.catalogues.catalogue import Catalogue
from galaxy_core.catalogues.columns import said
from galaxy_core.catalogues.formats import check_length, open_catalogue, write_table
from galaxy_core.errors import BadFileError, BadValueError, MissingError

SUFFIXES = (".csv", ".parquet", ".fits", ".vot", ".ecsv")


def rows(table: Catalogue, **how: Any) -> dict[str, list[Any]]:
    return pa.Table.from_batches(table.batches(**how), table.schema).to_pydict()


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_identifiers_of_19_digits_come_back_exact_and_nulls_are_nulls(tmp_path: Path, suffix: str) -> None:
    table = open_catalogue(write_known(tmp_path, suffix))
    assert table.n_rows == 6
    assert table.names == SCHEMA.names
    assert table.schema.field("TARGETID").type == pa.int64()
    assert rows(table)["TARGETID"] == [ID, 2**63 - 1, None] * 2
    assert rows(table)["MASKBITS"] == [-32768, None, 7] * 2
    assert rows(table)["nobs"] == [65535, 0, 1] * 2
    assert rows(table)["name"][1] == "<&\"'> , ;"


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_numbers_come_back_bit_for_bit(
    tmp_path: Path,
    suffix: str,
) -> None:
    found = rows(open_catalogue(write_known(tmp_path, suffix)))
    for name, kind in (("RA", np.float64), ("DEC", np.float64), ("flux_g", np.float32)):
        values = np.array([np.nan if v is None else v for v in found[name]], kind)
        np.testing.assert_array_equal(values[:3], np.asarray(BATCH.column(name)))


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_units_descriptions_and_what_a_file_says_of_itself_come_back(tmp_path: Path, suffix: str) -> None:
    table = open_catalogue(write_known(tmp_path, suffix))
    assert said(table.schema.field("RA"), "unit") == "deg"
    assert said(table.schema.field("RA"), "description") == "right ascension"
    assert said(table.schema.field("name"), "ucd") == "meta.id"
    assert dict(table.metadata) == METADATA


@pytest.mark.parametrize("suffix", [".parquet", ".fits", ".vot", ".ecsv"])
def test_what_one_format_holds_the_same_format_gives_back(tmp_path: Path, suffix: str) -> None:
    first = open_catalogue(write_known(tmp_path, suffix))
    again = tmp_path / f"again{suffix}"
    write_table(again, first.schema, first.batches(n_rows=4), first.metadata)
    second = open_catalogue(again)
    assert second.schema.equals(first.schema, check_metadata=False)
    assert {f.name: f.metadata for f in second.schema} == {f.name: f.metadata for f in first.schema}
    assert str(rows(second)) == str(rows(first))  # as text, in which NaN is NaN


def test_astropy_reads_the_fits_with_units_nulls_and_descriptions(tmp_path: Path) -> None:
    path = write_known(tmp_path, ".fits")
    with fits.open(path) as found:
        found.verify("exception")
        header = found[1].header
    of = {header[f"TTYPE{i}"]: i for i in range(1, header["TFIELDS"] + 1)}
    assert header[f"TUNIT{of['flux_g']}"] == "nanomaggy"
    assert header[f"TNULL{of['MASKBITS']}"] == 7777
    assert header[f"TCOMM{of['RA']}"] == "right ascension"
    assert header[f"TUCD{of['RA']}"] == "pos.eq.ra;meta.main"
    assert header[f"TUCD{of['TARGETID']}"] == "meta.id;meta.main"
    table = Table.read(path, unit_parse_strict="silent")
    assert table["TARGETID"].tolist() == [ID, 2**63 - 1, None] * 2
    assert table["MASKBITS"].tolist() == [-32768, None, 7] * 2
    assert table["nobs"].tolist() == [65535, 0, 1] * 2
    assert table["flag"].tolist() == [True, False, True] * 2
    assert table["shape"].shape == (6, 2)


def test_a_fits_table_of_astropy_is_carried_as_it_is(tmp_path: Path) -> None:
    source, copy = tmp_path / "a.fits", tmp_path / "b.fits"
    longs = np.empty(2, object)
    longs[:] = [np.array([1.5, 2.5], np.float32), np.array([], np.float32)]
    hdu = fits.BinTableHDU.from_columns(
        [
            fits.Column("id", "K", array=[ID, 5], null=-9),
            fits.Column("u32", "J", bzero=2**31, array=np.array([2**32 - 1, 0], np.uint32)),
            fits.Column("u8", "B", array=np.array([255, 0], np.uint8)),
            fits.Column("mat", "6I", dim="(3,2)", array=np.arange(12).reshape(2, 2, 3)),
            fits.Column("any", "PE()", array=longs),
            fits.Column("on", "L", array=np.array([True, False])),
            fits.Column("s", "8A", array=["  two  ", ""], unit="", disp="A8"),
            fits.Column("bits", "10X", array=np.eye(10, dtype=bool)[:2]),
            fits.Column("i8", "B", bzero=-128, array=np.array([-128, 127], np.int8)),
            fits.Column("z", "C", array=np.array([1 + 2j, 3], np.complex64)),
        ]
    )
    fits.HDUList([fits.PrimaryHDU(np.zeros((3, 3))), fits.ImageHDU(np.zeros(5)), hdu]).writeto(source)
    table = open_catalogue(source)
    write_table(copy, table.schema, table.batches(), {})
    with fits.open(source) as old, fits.open(copy) as new:
        new.verify("exception")
        for name in ("id", "u32", "u8", "mat", "on", "s"):
            np.testing.assert_array_equal(new[1].data[name], old[2].data[name], err_msg=name)
        assert [v.tolist() for v in new[1].data["any"]] == [[1.5, 2.5], []]
        assert new[1].columns["id"].null == -9
        assert new[1].data["i8"].tolist() == [-128, 127]
        np.testing.assert_array_equal(new[1].data["bits"], np.eye(10, dtype=bool)[:2])
        assert new[1].data["z"].tolist() == [[1, 2], [3, 0]]


def test_scaled_numbers_of_fits_are_what_they_stand_for(tmp_path: Path) -> None:
    path = write_known(tmp_path, ".fits")
    header = b"TTYPE5  = 'MASKBITS'".ljust(80)
    whole = path.read_bytes()
    assert header in whole
    unit = b"TUNIT4  = 'nanomaggy'".ljust(80)  # gives its place to the scale
    path.write_bytes(whole.replace(unit, b"TSCAL5  =                  0.5".ljust(80)))
    assert rows(open_catalogue(path))["MASKBITS"][:3] == [-16384, None, 3.5]


@pytest.mark.parametrize("values", [[None, -(2**15), 5], [None, 2**15 - 1, 5], [None, -(2**15), 2**15 - 1]])
def test_a_null_of_fits_is_a_number_that_does_not_occur(tmp_path: Path, values: list[int | None]) -> None:
    schema = pa.schema([pa.field("n", pa.int16())])
    batch = pa.RecordBatch.from_arrays([pa.array(values, pa.int16())], schema=schema)
    write_table(tmp_path / "a.fits", schema, [batch], {})
    found = rows(open_catalogue(tmp_path / "a.fits"))["n"]
    assert [None if v in (None, "") else int(v) for v in found] == values


def test_a_table_of_text_in_fits_is_read_too(tmp_path: Path) -> None:
    columns = [
        fits.Column("id", "I20", array=[ID, 5], ascii=True),
        fits.Column("m", "F8.3", array=[1.5, 2], ascii=True),
    ]
    fits.HDUList([fits.PrimaryHDU(), fits.TableHDU.from_columns(columns)]).writeto(tmp_path / "a.fits")
    assert rows(open_catalogue(tmp_path / "a.fits")) == {"id": [ID, 5], "m": [1.5, 2]}


def test_a_votable_holds_to_its_standard_and_astropy_reads_it(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # W50: nanomaggy is no unit of the standard; it is carried as it was
        document = parse(write_known(tmp_path, ".vot"), verify="exception")
    table = document.get_first_table()
    ucds = {field.name: field.ucd for field in table.fields}
    assert ucds["RA"] == "pos.eq.ra;meta.main"
    assert all(check_ucd(ucd, check_controlled_vocabulary=True) for ucd in ucds.values() if ucd)
    found = table.to_table()
    assert found.colnames == SCHEMA.names
    assert found["TARGETID"].tolist() == [ID, 2**63 - 1, None] * 2
    assert found["shape"].shape == (6, 2)


def test_astropy_reads_the_ecsv_with_units_and_nulls(tmp_path: Path) -> None:
    table = Table.read(write_known(tmp_path, ".ecsv"), format="ascii.ecsv")
    assert table["TARGETID"].tolist() == [ID, 2**63 - 1, None] * 2
    assert str(table["RA"].unit) == "deg"
    assert table.meta["galaxy"]["run_1"] == "best"


def test_a_table_is_known_by_its_content_whatever_it_is_called(
    tmp_path: Path,
) -> None:
    for suffix in SUFFIXES[1:]:
        other = write_known(tmp_path, suffix).rename(tmp_path / f"objects{suffix}.txt")
        assert open_catalogue(other).n_rows == 6


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_rows_come_in_order_a_batch_at_a_time_of_the_columns_that_are_wanted(
    tmp_path: Path, suffix: str
) -> None:
    table = open_catalogue(write_known(tmp_path, suffix))
    batches = list(table.batches(["name", "TARGETID"], n_rows=2))
    assert [batch.schema.names for batch in batches] == [["name", "TARGETID"]] * len(batches)
    assert max(batch.num_rows for batch in batches) == 2
    assert [v for batch in batches for v in batch.column(1).to_pylist()] == [ID, 2**63 - 1, None] * 2


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_table_without_rows_keeps_its_columns(suffix: str, tmp_path: Path) -> None:
    schema = pa.schema(
        [field for field in SCHEMA if field.name != "shape"]
    )  # of which astropy's ECSV loses the shape
    write_table(tmp_path / f"a{suffix}", schema, [], {})
    table = open_catalogue(tmp_path / f"a{suffix}")
    assert (table.n_rows, table.names, list(table.batches())) == (0, schema.names, [])


ODD = {
    "category": pa.array([5, 7, 5]).dictionary_encode(),
    "bytes": pa.array([b"\xff\x00", None, b""]),
    "digest": pa.array([b"ab", b"cd", None], pa.binary(2)),
    "picture": pa.array([{"bytes": b"\xff", "path": "a"}, None, None]),
    "when": pa.array([0, 1, None], pa.timestamp("ms", "UTC")),
    "day": pa.array([0, 1, None], pa.date32()),
    "took": pa.array([0, 1, None], pa.duration("s")),
    "price": pa.array([Decimal("1.50"), None, None]),
    "half": pa.array(np.array([0.5, 1, 2], np.float16)),
    "names": pa.array([["a", "b"], [], None]),
    "map": pa.array([[("a", 1)], None, []], pa.map_(pa.string(), pa.int32())),
    "nothing": pa.nulls(3),
    "": pa.array([1, 2, 3]),
}


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("name", ODD)
def test_what_a_format_has_no_type_for_is_text_there(tmp_path: Path, suffix: str, name: str) -> None:
    schema = pa.schema([(name, ODD[name].type), ("id", pa.int64())])
    batch = pa.RecordBatch.from_arrays([ODD[name], pa.array([ID] * 3)], schema=schema)
    write_table(tmp_path / f"a{suffix}", schema, [batch], {})
    found = rows(open_catalogue(tmp_path / f"a{suffix}"))
    values = found[next(iter(found))]
    assert found["id"] == [ID] * 3
    known = {"category": [5, 7, 5], "half": [0.5, 1, 2], "": [1, 2, 3]}.get(name)
    assert values == known if known else len(values) == 3
    if suffix != ".parquet" and name in ("bytes", "price"):
        assert values[0] == ("/wA=" if name == "bytes" else (1.5 if suffix == ".csv" else "1.50"))


def test_without_astropy_csv_and_parquet_work_and_the_missing_one_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = {suffix: write_known(tmp_path, suffix) for suffix in SUFFIXES}
    monkeypatch.setattr(astropy_tables, "find_spec", lambda _: None)
    assert open_catalogue(paths[".csv"]).n_rows == open_catalogue(paths[".parquet"]).n_rows == 6
    for suffix in (".fits", ".vot", ".ecsv"):
        with pytest.raises(MissingError, match="pip install astropy"):
            open_catalogue(paths[suffix])
    with pytest.raises(MissingError, match="pip install astropy"):
        formats.format_of(tmp_path / "new.fits")


def test_a_table_too_long_for_memory_is_refused_with_the_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [write_known(tmp_path, suffix) for suffix in (".vot", ".ecsv")]
    for module in (astropy_tables, formats, "galaxy_core.catalogues.votable", "galaxy_core.catalogues.ecsv"):
        target = module if isinstance(module, str) else module.__name__
        monkeypatch.setattr(f"{target}.MOST_ROWS", 2)
    for path in paths:
        with pytest.raises(BadFileError, match="use Parquet, FITS or CSV"):
            open_catalogue(path)
    with pytest.raises(BadFileError, match="use Parquet, FITS or CSV"):
        check_length(tmp_path / "a.ecsv", 3)
    check_length(tmp_path / "a.vot", 3)  # written row by row


def test_a_suffix_that_names_no_format_is_refused() -> None:
    with pytest.raises(BadValueError, match=r"must end in .csv, .parquet, .fits"):
        formats.format_of(Path("answers.xlsx"))


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".fits"])
def test_memory_does_not_grow_with_the_rows(
    suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import tracemalloc

    schema = pa.schema([pa.field("id", pa.int64()), pa.field("name", pa.string())])

    def batches(n: int) -> Any:
        for start in range(0, n, 1000):
            ids = np.arange(start, start + 1000) + ID
            yield pa.RecordBatch.from_arrays([pa.array(ids), pa.array(ids.astype(str))], schema=schema)

    monkeypatch.setattr(csv_table, "BLOCK_BYTES", 2**14)  # Arrow reads some thirty of them ahead

    def peak(n: int) -> int:
        path = tmp_path / f"{n}{suffix}"
        before = pa.total_allocated_bytes()
        tracemalloc.start()
        write_table(path, schema, batches(n), {})
        most, n_read = 0, 0
        for batch in open_catalogue(path).batches():
            n_read += batch.num_rows
            most = max(most, pa.total_allocated_bytes() - before)
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert n_read == n
        return size + most

    peak(1000)  # what is imported counts once
    # 40,000 rows of these two columns are 1.5 MB as bytes and 4 MB as Python's objects
    assert peak(60_000) < peak(20_000) + 500_000
