"""The Galaxy10 file: opened right, or refused by name."""

import errno
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from galaxy_core.data import hdf5_checks
from galaxy_core.data.classes import GALAXY10, Classes
from galaxy_core.data.galaxy10 import open_galaxies
from galaxy_core.data.published import PUBLISHED_COUNTS
from galaxy_core.errors import BadFileError, MissingError

N = 6  # galaxies in the files of conftest.py


@pytest.fixture
def refused(tmp_path):
    def check(path, words):
        with pytest.raises(BadFileError, match=words) as caught:
            open_galaxies(path, cache_folder=tmp_path / "cache")
        assert "\n" not in str(caught.value)
        assert str(path) in str(caught.value)

    return check


def test_there_are_ten_classes_and_17736_published_galaxies():
    assert len(GALAXY10) == len(PUBLISHED_COUNTS) == 10
    assert sum(PUBLISHED_COUNTS) == 17_736


def test_a_whole_file_opens_with_every_value_as_it_was_written(tmp_path, write_file, known_arrays):
    path = write_file(tmp_path / "g.h5", chunks=(4, 64, 32, 1))
    galaxies = open_galaxies(path, cache_folder=tmp_path)
    expected = known_arrays()
    np.testing.assert_array_equal(galaxies.images, expected["images"])
    np.testing.assert_array_equal(galaxies.labels, expected["ans"])
    for ours, name in (("ra", "ra"), ("dec", "dec"), ("redshift", "redshift"), ("pixel_scale", "pxscale")):
        np.testing.assert_array_equal(getattr(galaxies, ours), expected[name])
        assert getattr(galaxies, ours).dtype == np.float64
    assert galaxies.labels.dtype == np.int64
    assert len(galaxies) == N
    assert isinstance(galaxies.images, np.memmap)
    assert not galaxies.images.flags.writeable


@pytest.mark.parametrize("chunks", [(1, 256, 256, 3), (6, 16, 16, 1), (3, 100, 7, 2)])
def test_any_chunks_give_the_same_images(tmp_path, chunks, write_file, known_arrays):
    path = write_file(tmp_path / "g.h5", chunks=chunks)
    np.testing.assert_array_equal(open_galaxies(path, cache_folder=tmp_path).images, known_arrays()["images"])


@pytest.mark.parametrize(
    ("attribute", "origin"),
    [
        ("mock", "mock"),
        ("survey", "survey"),
        ("imported", "imported"),
        ("stars", "imported"),
        (None, "imported"),
    ],
)
def test_the_origin_is_the_attribute_where_that_is_known(tmp_path, attribute, origin, write_file):
    path = write_file(tmp_path / "g.h5")
    if attribute:
        with h5py.File(path, "a") as file:
            file.attrs["origin"] = attribute
    assert open_galaxies(path, cache_folder=tmp_path).origin == origin


@pytest.mark.parametrize("value", [np.arange(1000), "m" * 5000, np.float64(3), h5py.Empty("f8")])
def test_an_origin_of_any_other_kind_is_no_error(tmp_path, value, write_file):
    path = write_file(tmp_path / "g.h5")
    with h5py.File(path, "a") as file:
        file.attrs["origin"] = value
    assert open_galaxies(path, cache_folder=tmp_path).origin == "imported"


def test_the_published_file_is_known_by_its_hash(tmp_path, monkeypatch, write_file):
    path = write_file(tmp_path / "g.h5")
    sha256 = open_galaxies(path, cache_folder=tmp_path).sha256
    monkeypatch.setattr("galaxy_core.data.galaxy10.PUBLISHED_SHA256", sha256)
    assert open_galaxies(path, cache_folder=tmp_path).origin == "survey"


def test_a_redshift_of_minus_one_or_less_is_read_as_none(tmp_path, write_file):
    redshift = np.full(N, 0.1)
    redshift[:3] = (-99, -1, -0.001)
    path = write_file(tmp_path / "g.h5", redshift=redshift)
    galaxies = open_galaxies(path, cache_folder=tmp_path)
    np.testing.assert_array_equal(galaxies.redshift[:3], [np.nan, np.nan, -0.001])


def test_unknown_coordinates_and_redshifts_may_be_nan(tmp_path, write_file):
    unknown = dict.fromkeys(("ra", "dec", "redshift", "pxscale"), np.full(N, np.nan))
    galaxies = open_galaxies(write_file(tmp_path / "g.h5", **unknown), cache_folder=tmp_path)
    assert np.isnan(galaxies.ra).all()


def test_extra_datasets_are_ignored(tmp_path, write_file):
    path = write_file(tmp_path / "g.h5", masks=np.zeros(3), names=np.array([b"a", b"b"]))
    assert len(open_galaxies(path, cache_folder=tmp_path)) == N


@pytest.mark.parametrize("name", ["images", "ans", "ra", "dec", "redshift", "pxscale"])
def test_every_dataset_is_needed(tmp_path, refused, name, write_file):
    refused(write_file(tmp_path / "g.h5", leave_out=name), f"dataset '{name}' is missing")


@pytest.mark.parametrize(
    ("name", "values", "words"),
    [
        ("images", np.zeros((N, 256, 256, 3), np.float32), r"'images' .* type float32, expected uint8"),
        (
            "images",
            np.zeros((N, 256, 256), np.uint8),
            r"'images' .* shape \(6, 256, 256\), expected \(N, 256",
        ),
        ("images", np.zeros((N, 3, 256, 256), np.uint8), r"'images' .* shape"),
        ("images", np.zeros((0, 256, 256, 3), np.uint8), r"'images' .* claims 0 images"),
        ("ans", np.zeros(N - 1, np.uint8), r"'ans' .* shape \(5,\), expected \(6,\)"),
        ("ans", np.zeros((N, 10), np.uint8), r"'ans' .* shape \(6, 10\)"),
        ("ans", np.full(N, np.nan), r"'ans' .* type float64, expected an integer"),
        ("ans", np.array([0, 1, 2, 10, 4, 5]), r"'ans' .* holds 10 in row 3; every class"),
        ("ans", np.array([0, 1, 2, 3, 4, -1]), r"'ans' .* holds -1 in row 5"),
        ("ans", np.zeros(N, bool), r"'ans' .* type 'bool', and only plain numbers"),
        ("ra", np.full(N, 360.5), r"'ra' .* holds 360.5 in row 0; .*\[0, 360\]"),
        ("ra", np.full(N, np.inf), r"'ra' .* holds inf"),
        ("ra", np.zeros(N, np.int32), r"'ra' .* type int32, expected a floating-point"),
        ("dec", np.array([0, 0, -90.1, 0, 0, 0]), r"'dec' .* holds -90.1 in row 2"),
        ("redshift", np.full(N, -np.inf), r"'redshift' .* holds -inf"),
        ("pxscale", np.zeros(N), r"'pxscale' .* holds 0.0 in row 0; .* above 0"),
        ("pxscale", np.array([b"0.262"] * N), r"'pxscale' .* only plain numbers"),
        ("ans", np.zeros(N, [("class", "u1")]), r"'ans' .* only plain numbers"),
        ("ra", np.zeros(N, complex), r"'ra' .* only plain numbers"),
        ("ra", h5py.Empty("f8"), r"'ra' .* shape None"),
    ],
)
def test_a_wrong_dataset_is_refused_with_its_value_and_rule(
    tmp_path, refused, name, values, words, write_file
):
    refused(write_file(tmp_path / "g.h5", **{name: values}), words)


def test_a_soft_link_is_refused(tmp_path, refused, write_file):
    path = write_file(tmp_path / "g.h5", other=np.zeros(N), ra=h5py.SoftLink("/other"))
    refused(path, "'ra' .* a soft link")


def test_an_external_link_is_refused(tmp_path, refused, write_file):
    write_file(tmp_path / "other.h5")
    path = write_file(tmp_path / "g.h5", images=h5py.ExternalLink("other.h5", "/images"))
    refused(path, "'images' .* an external link")


def test_a_link_among_the_extras_or_in_a_group_is_refused_too(tmp_path, refused, write_file):
    refused(write_file(tmp_path / "a.h5", extra=h5py.SoftLink("/nowhere")), "'extra' .* a soft link")
    path = write_file(tmp_path / "b.h5")
    with h5py.File(path, "a") as file:
        file.create_group("a/b")["passwd"] = h5py.ExternalLink("/etc/passwd", "/x")
    refused(path, "'passwd' .* an external link")


def test_a_group_that_holds_itself_is_no_endless_walk(tmp_path, write_file):
    path = write_file(tmp_path / "g.h5")
    with h5py.File(path, "a") as file:
        ring = file.create_group("round")
        ring["again"] = ring
    assert len(open_galaxies(path, cache_folder=tmp_path)) == N


def test_too_many_entries_are_refused(tmp_path, refused, write_file):
    path = write_file(tmp_path / "g.h5")
    with h5py.File(path, "a") as file:
        for i in range(1001):
            file.create_group(f"many/{i}")
    refused(path, "more than 1000 entries")


def test_a_virtual_dataset_is_refused(tmp_path, refused, write_file):
    layout = h5py.VirtualLayout((N,), "f8")
    layout[:] = h5py.VirtualSource("other.h5", "ra", (N,))
    path = write_file(tmp_path / "g.h5", leave_out="ra")
    with h5py.File(path, "a") as file:
        file.create_virtual_dataset("ra", layout)
    refused(path, "'ra' .* is virtual")


def test_external_storage_is_refused(tmp_path, refused, write_file):
    (tmp_path / "secret").write_bytes(bytes(8 * N))
    path = write_file(tmp_path / "g.h5", leave_out="ra")
    with h5py.File(path, "a") as file:
        file.create_dataset("ra", (N,), "f8", external=[(str(tmp_path / "secret"), 0, 8 * N)])
    refused(path, "'ra' .* kept in an external file")


@pytest.mark.parametrize("dtype", [h5py.string_dtype(), h5py.vlen_dtype(np.uint8), h5py.ref_dtype])
def test_variable_lengths_and_references_are_refused(tmp_path, refused, dtype, write_file):
    path = write_file(tmp_path / "g.h5", leave_out="ans")
    with h5py.File(path, "a") as file:
        file.create_dataset("ans", (N,), dtype)
    refused(path, "'ans' .* only plain numbers")


def test_a_group_in_place_of_a_dataset_is_refused(tmp_path, refused, write_file):
    path = write_file(tmp_path / "g.h5", leave_out="images")
    with h5py.File(path, "a") as file:
        file.create_group("images")
    refused(path, "'images' .* is a group, not a dataset")


@pytest.mark.parametrize("n", [2_000_000, 2**50])
def test_an_absurd_number_of_images_is_refused_before_anything_is_read(tmp_path, refused, n, write_file):
    path = write_file(tmp_path / "g.h5", leave_out="images")
    with h5py.File(path, "a") as file:
        file.create_dataset("images", (n, 256, 256, 3), np.uint8, chunks=(1, 256, 256, 3))
    refused(path, f"claims {n} images")


def test_chunks_too_large_for_little_memory_are_refused(tmp_path, refused, write_file):
    path = write_file(tmp_path / "g.h5", leave_out="images")
    with h5py.File(path, "a") as file:
        images = file.create_dataset(
            "images", (5000, 256, 256, 3), np.uint8, chunks=(5000, 256, 256, 3), compression=1
        )
        images.id.write_direct_chunk((0, 0, 0, 0), b"x")
    refused(path, "chunks of shape .*h5repack")


def test_images_that_were_not_all_written_are_refused(tmp_path, refused, write_file):
    path = write_file(tmp_path / "g.h5", leave_out="images")
    with h5py.File(path, "a") as file:
        images = file.create_dataset("images", (N, 256, 256, 3), np.uint8, chunks=(1, 256, 256, 3))
        images[:4] = np.full((4, 256, 256, 3), 7, np.uint8)
    refused(path, "4 of 6 chunks written")
    with h5py.File(path, "a") as file:
        del file["images"]
        file.create_dataset("images", (N, 256, 256, 3), np.uint8)
    refused(path, "never written")


def test_a_chunk_that_cannot_be_decoded_is_refused_and_leaves_no_map(tmp_path, refused, write_file):
    path = write_file(tmp_path / "g.h5", chunks=(1, 256, 256, 3))
    with h5py.File(path, "a") as file:
        file["images"].id.write_direct_chunk((2, 0, 0, 0), b"no deflate stream")
    refused(path, "cannot be read as HDF5")
    assert [p.suffix for p in (tmp_path / "cache").iterdir() if p.suffix != ".json"] in ([], [".lock"])


def test_empty_text_missing_and_folder_are_told_apart(tmp_path, refused):
    path = tmp_path / "g.h5"
    path.touch()
    refused(path, "is empty")
    path.write_text("file,label\n")
    refused(path, "not an HDF5 file")
    (tmp_path / "folder").mkdir()
    refused(tmp_path / "folder", "not a file")
    with pytest.raises(MissingError, match=r"nothing\.h5 does not exist; .galaxy data fetch"):
        open_galaxies(tmp_path / "nothing.h5", cache_folder=tmp_path)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kept=st.floats(0.0, 0.999))
def test_a_file_cut_short_anywhere_is_refused(tmp_path, kept, write_file):
    whole = tmp_path / "whole.h5"
    if not whole.exists():
        write_file(whole, chunks=(1, 256, 256, 3))
    content = whole.read_bytes()
    cut = tmp_path / "cut.h5"
    cut.write_bytes(content[: int(kept * len(content))])
    with pytest.raises(BadFileError):
        open_galaxies(cut, cache_folder=tmp_path / "cache")


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path, write_file):
    path = write_file(tmp_path / "g.h5")

    def touch(done, total):
        with path.open("ab") as file:
            file.write(b"x")

    with pytest.raises(BadFileError, match="changed while it was read"):
        open_galaxies(path, cache_folder=tmp_path / "cache", progress=touch)


def test_the_class_names_cost_no_heavy_import():
    code = (
        "import sys, galaxy_core.data.galaxy10, galaxy_core.data.split\n"
        "print({'h5py', 'scipy', 'sklearn'} & set(sys.modules))"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_an_answer_of_the_system_is_told_in_its_words_and_not_as_the_fault_of_the_file() -> None:
    no_locks = OSError(errno.ENOLCK, "No locks available")
    assert hdf5_checks._reason(no_locks) == "No locks available"
    assert hdf5_checks._reason(KeyError("Unable to open object")) == "Unable to open object"
    assert hdf5_checks._reason(OSError(errno.EIO)) == "OSError"
    assert errno.ENOLCK in hdf5_checks.OF_THE_SYSTEM


@pytest.mark.parametrize("names", [["one", "two"], np.array([b"one", b"two"])])
@pytest.mark.parametrize("where", ["dataset", "attribute"])
def test_a_file_may_name_its_classes(tmp_path, write_file, names, where):
    path = write_file(tmp_path / "g.h5", ans=np.array([0, 1, 0, 1, 0, 1]))
    with h5py.File(path, "a") as file:
        if where == "dataset":
            file["classes"] = names
        else:
            file.attrs["classes"] = names
    assert open_galaxies(path, cache_folder=tmp_path).classes == Classes(["one", "two"])


def test_a_file_that_names_none_has_those_of_galaxy10(tmp_path, write_file):
    assert open_galaxies(write_file(tmp_path / "g.h5"), cache_folder=tmp_path).classes is GALAXY10


@pytest.mark.parametrize(
    ("classes", "words"),
    [
        (np.arange(10), r"'classes' .* expected \(K,\) names as text"),
        (np.array([b"x" * 241] * 10), r"'classes' .* expected \(K,\) names"),
        (np.array([[b"a", b"b"]]), r"'classes' .* expected \(K,\) names"),
        (np.array([b"c%d" % i for i in range(1001)]), "claims 1001 classes"),
        (np.array([b"a", b"<script>"] * 5), "'classes' .* is refused: the name of a class"),
        (np.array([b"a", b"\xff"] * 5), "'classes' .* is refused"),
        (np.array([b"a", b"b", b"A", b"c", b"d", b"e"]), "'classes' .* 'A' twice"),
        (np.array([b"a", b"b", b"c"]), r"'ans' .* holds 3 in row 3; every class must be one of 0 \.\.\. 2"),
        (h5py.SoftLink("/images"), "'classes' .* is a soft link"),
    ],
)
def test_names_that_are_none_are_refused(tmp_path, write_file, refused, classes, words):
    refused(write_file(tmp_path / "g.h5", classes=classes), words)
