"""The memory map: built once, whole or not at all, rebuilt when damaged."""

import errno
import hashlib
import os
import threading
from types import SimpleNamespace

import numpy as np
import psutil
import pytest

from galaxy_core.data import cache
from galaxy_core.data.cache import file_sha256, mapped_images
from galaxy_core.data.galaxy10 import open_galaxies
from galaxy_core.errors import BadValueError, DiskFullError

SHA = "ab" * 32


class Dataset:
    """An array that says how it is chunked and counts how often it is read."""

    def __init__(self, values, chunks=None):
        self.values, self.chunks, self.n_reads = values, chunks, 0
        self.shape, self.nbytes = values.shape, values.nbytes

    def __getitem__(self, key):
        self.n_reads += 1
        return np.ascontiguousarray(self.values[key])


@pytest.fixture
def dataset():
    return Dataset(np.random.default_rng(0).integers(0, 256, (10, 16, 16, 3), np.uint8), (3, 5, 16, 3))


def test_the_map_equals_the_dataset_and_is_not_read_again(tmp_path, dataset):
    first = mapped_images(dataset, SHA, tmp_path)
    n_reads = dataset.n_reads
    second = mapped_images(dataset, SHA, tmp_path)
    np.testing.assert_array_equal(first, dataset.values)
    np.testing.assert_array_equal(second, dataset.values)
    assert dataset.n_reads == n_reads
    with pytest.raises(ValueError, match="read-only"):
        first[0] = 0


LAID_OUT = {1: "f3a25aa93aa2fbba"}
"""By MAP_VERSION: the digest of a small map."""


def test_a_map_that_is_laid_out_otherwise_has_another_version(tmp_path):
    numbers = Dataset(np.arange(4 * 8 * 8 * 3, dtype=np.uint8).reshape(4, 8, 8, 3), (3, 5, 8, 3))
    mapped_images(numbers, SHA, tmp_path)
    stored = (tmp_path / f"{SHA}.uint8").read_bytes()
    assert hashlib.sha256(stored).hexdigest()[:16] == LAID_OUT[cache.MAP_VERSION]


def test_a_map_of_another_version_of_the_code_is_built_again(tmp_path, dataset, monkeypatch):
    mapped_images(dataset, SHA, tmp_path)
    n_reads = dataset.n_reads
    monkeypatch.setattr(cache, "MAP_VERSION", cache.MAP_VERSION + 1)
    mapped_images(dataset, SHA, tmp_path)
    assert dataset.n_reads > n_reads


@pytest.mark.parametrize("block_bytes", [1, 700, 2500, 10**9])
@pytest.mark.parametrize("chunks", [None, (1, 16, 16, 3), (3, 5, 16, 3), (10, 1, 16, 1)])
def test_any_block_and_chunks_give_the_same_map(tmp_path, dataset, monkeypatch, block_bytes, chunks):
    monkeypatch.setattr(cache, "BLOCK_BYTES", block_bytes)
    dataset.chunks = chunks
    np.testing.assert_array_equal(mapped_images(dataset, SHA, tmp_path), dataset.values)


def test_every_chunk_is_read_once(tmp_path, dataset, monkeypatch):
    monkeypatch.setattr(cache, "BLOCK_BYTES", 1)
    mapped_images(dataset, SHA, tmp_path)
    assert dataset.n_reads == 4 * 4  # ten images by three, sixteen lines by five


def damage_short(path):
    path.write_bytes(path.read_bytes()[:-1])


def damage_byte(path):
    state = path.stat()
    content = bytearray(path.read_bytes())
    content[7] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))


def damage_empty(path):
    path.write_bytes(b"")


def damage_note(path):
    path.with_suffix(".json").write_text("[")


def damage_touched(path):
    path.write_bytes(path.read_bytes())


@pytest.mark.parametrize("damage", [damage_short, damage_byte, damage_empty, damage_note, damage_touched])
def test_a_damaged_map_is_built_again(tmp_path, dataset, damage):
    mapped_images(dataset, SHA, tmp_path)
    n_reads = dataset.n_reads
    damage(tmp_path / f"{SHA}.uint8")
    np.testing.assert_array_equal(mapped_images(dataset, SHA, tmp_path), dataset.values)
    assert dataset.n_reads == 2 * n_reads


def test_what_a_killed_builder_left_is_cleared(tmp_path, dataset):
    (tmp_path / f".{SHA}.uint8.0123456789ab.tmp").write_bytes(b"half")
    mapped_images(dataset, SHA, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix != ".lock") == [
        f"{SHA}.json",
        f"{SHA}.uint8",
    ]


def test_two_builders_build_once(tmp_path, dataset):
    maps = []
    threads = [
        threading.Thread(target=lambda: maps.append(mapped_images(dataset, SHA, tmp_path))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(maps) == 4
    for images in maps:
        np.testing.assert_array_equal(images, dataset.values)
    alone = Dataset(dataset.values, dataset.chunks)
    mapped_images(alone, "cd" * 32, tmp_path)
    assert dataset.n_reads == alone.n_reads


def test_no_room_is_said_before_anything_is_written(tmp_path, dataset, monkeypatch):
    monkeypatch.setattr(cache.shutil, "disk_usage", lambda folder: SimpleNamespace(free=100))
    with pytest.raises(DiskFullError, match=r"takes 0\.00 GB and .* free some space or set GALAXY_CACHE"):
        mapped_images(dataset, SHA, tmp_path)
    assert not list(tmp_path.glob("*.uint8"))


def test_a_disk_that_fills_up_half_way_leaves_nothing(tmp_path, dataset, monkeypatch):
    def fill_up(file, block, offset, row_bytes):
        file.write(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(cache, "BLOCK_BYTES", 1)
    monkeypatch.setattr(cache, "_write_strips", fill_up)
    with pytest.raises(DiskFullError, match="no room left"):
        mapped_images(dataset, SHA, tmp_path)
    assert [path.suffix for path in tmp_path.iterdir()] in ([], [".lock"])


def test_progress_grows_to_its_total(tmp_path, dataset):
    seen = []
    mapped_images(dataset, SHA, tmp_path, lambda done, total: seen.append((done, total)))
    assert seen == sorted(seen)
    assert seen[-1] == (dataset.nbytes, dataset.nbytes)


def test_the_pass_needs_little_memory_of_its_own(tmp_path):
    class Endless(Dataset):
        """Two gigabytes that are made when read."""

        def __init__(self):
            self.shape, self.chunks, self.nbytes = (
                (1000, 256, 256, 3),
                (10, 256, 256, 3),
                1000 * 256 * 256 * 3,
            )

        def __getitem__(self, key):
            return np.zeros((key[0].stop - key[0].start, 256, 256, 3), np.uint8)

    process, peak, before = psutil.Process(), [0], psutil.Process().memory_info()

    def watch(done, total):
        now = process.memory_info()
        peak[0] = max(peak[0], now.rss - now.shared - before.rss + before.shared)

    mapped_images(Endless(), SHA, tmp_path, watch)
    assert peak[0] < 4 * cache.BLOCK_BYTES


def test_a_file_is_hashed_once_while_it_stays_the_same(tmp_path, monkeypatch):
    path = tmp_path / "file"
    path.write_bytes(b"abc")
    os.utime(path, (1, 1))
    known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert file_sha256(path, tmp_path / "cache") == known
    monkeypatch.setattr(cache, "_hash_file", lambda *_: pytest.fail("hashed again"))
    assert file_sha256(path, tmp_path / "cache") == known


def test_a_name_that_is_no_utf8_is_one_as_any_other(tmp_path):
    path = tmp_path / "galax\udcff\udce9.h5"
    path.write_bytes(b"galaxies")
    assert file_sha256(path, tmp_path / "cache") == hashlib.sha256(b"galaxies").hexdigest()


def test_a_file_that_changed_is_hashed_again(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"abc")
    os.utime(path, (1, 1))
    before = file_sha256(path, tmp_path / "cache")
    path.write_bytes(b"abd")
    os.utime(path, (1, 1))  # same size, same time of change: only the system's own time tells
    assert file_sha256(path, tmp_path / "cache") != before


def test_a_note_that_was_spoilt_is_not_believed(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"abc")
    os.utime(path, (1, 1))
    right = file_sha256(path, tmp_path / "cache")
    (note,) = (tmp_path / "cache").glob("hash-*.json")
    for text in ("", "[]", "{}", note.read_text().replace(right, "../../evil")):
        note.write_text(text)
        assert file_sha256(path, tmp_path / "cache") == right


def test_the_cache_folder_can_be_named_by_the_environment(tmp_path, dataset, monkeypatch):
    monkeypatch.setenv("GALAXY_CACHE", str(tmp_path / "here"))
    mapped_images(dataset, SHA)
    assert (tmp_path / "here" / f"{SHA}.uint8").exists()


def test_a_cache_folder_that_cannot_be_made_is_named(tmp_path, dataset):
    (tmp_path / "file").touch()
    with pytest.raises(BadValueError, match=r"cache folder .*file cannot be made .* set GALAXY_CACHE"):
        mapped_images(dataset, SHA, tmp_path / "file")


def test_what_is_whole_in_a_cache_that_cannot_be_written_is_opened_from_it(
    tmp_path, write_file, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, other = write_file(tmp_path / "g.h5"), write_file(tmp_path / "h.h5")
    os.utime(path, (0, 0))
    made = open_galaxies(path).images
    monkeypatch.setattr(os, "access", lambda *_: False)
    monkeypatch.setattr("galaxy_core.data.cache.locked", None)  # and no lock is asked for
    assert np.array_equal(open_galaxies(path).images, made)
    with pytest.raises(BadValueError, match="cannot be written; set GALAXY_CACHE to one that can"):
        open_galaxies(other)
