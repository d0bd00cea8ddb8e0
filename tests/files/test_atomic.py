"""Files are whole or not there."""

import errno

import pytest

from galaxy_core.errors import DiskFullError, MissingError
from galaxy_core.files.atomic import (
    atomic_file,
    remove_unfinished,
    write_bytes_atomically,
    write_text_atomically,
)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_what_was_written_is_there_and_nothing_else(tmp_path):
    write_bytes_atomically(tmp_path / "a", b"\0\1")
    write_text_atomically(tmp_path / "b", "grün\n")
    with atomic_file(tmp_path / "c") as file:
        file.write(b"abc")
    assert (tmp_path / "a").read_bytes() == b"\0\1"
    assert (tmp_path / "b").read_text("utf-8") == "grün\n"
    assert (tmp_path / "c").read_bytes() == b"abc"
    assert names(tmp_path) == ["a", "b", "c"]


def write_and_fail(path, error):
    with atomic_file(path) as file:
        file.write(b"half")
        raise error


def test_a_writer_that_fails_leaves_the_old_file_and_no_other(tmp_path):
    path = tmp_path / "a"
    path.write_text("old")
    with pytest.raises(ZeroDivisionError):
        write_and_fail(path, ZeroDivisionError())
    assert path.read_text() == "old"
    assert names(tmp_path) == ["a"]


def test_a_reader_sees_the_old_file_until_the_new_one_is_whole(tmp_path):
    path = tmp_path / "a"
    path.write_text("old")
    with atomic_file(path) as file:
        file.write(b"new")
        file.flush()
        assert path.read_text() == "old"
    assert path.read_text() == "new"


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        OSError(errno.EDQUOT, "Disk quota exceeded"),
        RuntimeError("Can't decrement id ref count (errno = 28, error message = 'No space left on device')"),
    ],
)
def test_a_full_disk_is_named_with_its_way_out_and_leaves_nothing(tmp_path, error):
    with pytest.raises(DiskFullError, match=r"no room left to write .*big; free some space"):
        write_and_fail(tmp_path / "big", error)
    assert names(tmp_path) == []


def test_a_file_larger_than_files_may_be_is_named_with_its_way_out(tmp_path):
    with (
        pytest.raises(
            DiskFullError, match=r"big would be larger than any file may be there; raise the limit"
        ),
        atomic_file(tmp_path / "big"),
    ):
        raise OSError(errno.EFBIG, "File too large")
    assert names(tmp_path) == []


def test_what_killed_writers_left_is_removed_and_nothing_else(tmp_path):
    left = [".a.0123456789ab.tmp", ".state.safetensors.ffffffffffff.tmp"]
    others = ["a", "a.tmp", ".a.tmp", ".a.0123456789ab.tmp.txt", "a.0123456789ab.tmp", ".a.0123456789AB.tmp"]
    for name in left + others:
        (tmp_path / name).touch()
    (tmp_path / ".b.0123456789ab.tmp").mkdir()
    remove_unfinished(tmp_path)
    assert names(tmp_path) == sorted([*others, ".b.0123456789ab.tmp"])
    remove_unfinished(tmp_path / "nowhere")


def test_other_errors_of_the_system_pass_as_they_are(tmp_path):
    with pytest.raises(PermissionError), atomic_file(tmp_path / "a"):
        raise PermissionError(errno.EACCES, "no")


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(MissingError, match=r"folder .*nowhere to write a in does not exist"):
        write_bytes_atomically(tmp_path / "nowhere" / "a", b"")


def test_a_long_name_is_written_too(tmp_path):
    write_bytes_atomically(tmp_path / ("n" * 250), b"x")
    assert names(tmp_path) == ["n" * 250]


@pytest.mark.parametrize("name", ["taken", "x" * 300])
def test_what_the_system_refuses_is_told_of_the_file_that_was_asked_for(tmp_path, name):
    (tmp_path / "taken").mkdir()
    with pytest.raises(OSError, match=name) as caught:
        write_text_atomically(tmp_path / name, "text")
    assert ".tmp" not in str(caught.value)
