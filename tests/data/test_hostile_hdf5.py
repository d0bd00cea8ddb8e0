"""Damage anywhere in a Galaxy10 file is taken or refused in one sentence, and harms neither process nor disk.

The library that reads HDF5 is written in C, so the damaged files are opened in a process of their own.
"""

import functools
import re
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from galaxy_core.data.galaxy10 import open_galaxies
from galaxy_core.data.hdf5_checks import MOST_COLUMN_CHUNK_BYTES, MOST_STRIP_BYTES
from galaxy_core.errors import GalaxyError
from galaxy_core.files.hdf5_chunks import chunk_fault, unpacks_by_lzf

OPEN_DAMAGED = """
import random, sys, warnings
from pathlib import Path
from galaxy_core.data.galaxy10 import open_galaxies
from galaxy_core.errors import GalaxyError
warnings.simplefilter("error")
whole, folder, n = Path(sys.argv[1]).read_bytes(), Path(sys.argv[2]), int(sys.argv[3])
rng = random.Random(0)
(folder / "cache").mkdir()
for i in range(n):
    damaged = bytearray(whole)
    for _ in range(rng.randint(1, 6)):
        place = rng.randrange(len(damaged))
        damaged[place] = rng.choice([0, 255, rng.randrange(256), damaged[place] ^ 1 << rng.randrange(8)])
    path = folder / "damaged.h5"
    path.write_bytes(damaged)
    try:
        galaxies = open_galaxies(path, cache_folder=folder / "cache")
        assert galaxies.images.shape == (len(galaxies), 256, 256, 3)
    except GalaxyError as error:
        assert "\\n" not in str(error), error
    assert path.read_bytes() == damaged
    for left in (folder / "cache").iterdir():
        assert not left.name.endswith(".tmp"), left
        left.unlink()
print("survived")
"""


@pytest.mark.parametrize(
    ("libver", "chunks"), [("earliest", None), ("earliest", (1, 256, 256, 3)), ("latest", True)]
)
def test_a_file_damaged_anywhere_harms_nothing(
    tmp_path: Path, known_arrays, libver: str, chunks: object
) -> None:
    arrays = known_arrays(2)
    with h5py.File(tmp_path / "whole.h5", "w", libver=libver) as file:
        for name, values in arrays.items():
            packed = {"chunks": chunks, "compression": "gzip"} if chunks and name == "images" else {}
            file.create_dataset(name, data=values, **packed)
    work = tmp_path / "work"
    work.mkdir()
    words = [sys.executable, "-c", OPEN_DAMAGED, str(tmp_path / "whole.h5"), str(work), "60"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout == "survived\n", done.stderr[-1000:]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["whole.h5", "work"]
    assert sorted(path.name for path in work.iterdir()) == ["cache", "damaged.h5"]


OPEN_BOMB = """
import sys
from pathlib import Path
from galaxy_core.data import hdf5_checks
from galaxy_core.data.galaxy10 import open_galaxies
from galaxy_core.errors import BadFileError
def peak():
    words = Path("/proc/self/status").read_text().split("VmHWM:")[1].split()
    return int(words[0]) // 1024
before = peak()
try:
    open_galaxies(sys.argv[1], cache_folder=sys.argv[2])
except BadFileError as error:
    print(peak() - before, error)
"""


@functools.cache
def zeros_packed(n_mb: int) -> bytes:
    """A deflate stream of so many megabytes of zeros, a thousandth as long."""
    packer = zlib.compressobj()
    return b"".join(packer.compress(bytes(2**20)) for _ in range(n_mb)) + packer.flush()


def column_of_one_huge_chunk(file: h5py.File) -> None:
    file.create_dataset("ra", (6,), "f8", chunks=(2**26,), maxshape=(None,), compression="gzip")
    file["ra"].id.write_direct_chunk((0,), zeros_packed(512))


def column_whose_stream_is_longer_than_its_chunk(file: h5py.File) -> None:
    file.create_dataset("ra", (6,), "f8", chunks=(10**5,), maxshape=(None,), compression="gzip")
    file["ra"].id.write_direct_chunk((0,), zeros_packed(512))


def column_packed_twice(file: h5py.File) -> None:
    plan = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plan.set_chunk((10**5,))
    plan.set_deflate(9)
    plan.set_filter(h5py.h5z.FILTER_DEFLATE, 0, (9,))
    space = h5py.h5s.create_simple((6,), (h5py.h5s.UNLIMITED,))
    column = h5py.h5d.create(file.id, b"ra", h5py.h5t.IEEE_F64LE, space, plan)
    column.write_direct_chunk((0,), zlib.compress(zeros_packed(512)))


def column_whose_lzf_stream_is_longer_than_its_chunk(file: h5py.File) -> None:
    file.create_dataset("ra", (6,), "f8", chunks=(10**5,), maxshape=(None,), compression="lzf")
    file["ra"].id.write_direct_chunk((0,), b"\1\0\0" + b"\xe0\xff\0" * (2**29 // 264))


def images_of_huge_chunks(file: h5py.File) -> None:
    shape, chunks = (6, 256, 256, 3), (1, 256, 256, 2**13)
    file.create_dataset("images", shape, "u1", chunks=chunks, maxshape=(None,) * 4, compression="gzip")
    file["images"].id.write_direct_chunk((0, 0, 0, 0), zeros_packed(512))


@pytest.mark.skipif(sys.platform != "linux", reason="the peak of a process is read from /proc")
@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (column_of_one_huge_chunk, r"'ra' .* has chunks of shape \(67108864,\), .*h5repack -l ra:CONTI"),
        (column_whose_stream_is_longer_than_its_chunk, "'ra' .* unpacks to more than the 800000 bytes"),
        (column_whose_lzf_stream_is_longer_than_its_chunk, "'ra' .* unpacks to more than the 800000 bytes"),
        (column_packed_twice, "'ra' .* is packed with HDF5 filter 1 and 1, and gzip"),
        (images_of_huge_chunks, r"'images' .* has chunks of shape .*h5repack -l images:CHUNK=1x256x256x3"),
    ],
)
def test_a_chunk_that_unpacks_to_half_a_gigabyte_is_refused_in_little_memory(
    tmp_path: Path, known_arrays: Callable, spoil: Callable[[h5py.File], None], words: str
) -> None:
    path = tmp_path / "bomb.h5"
    with h5py.File(path, "w") as file:
        spoil(file)
        for name, values in known_arrays().items():
            if name not in file:
                file[name] = values
    command = [sys.executable, "-c", OPEN_BOMB, str(path), str(tmp_path / "cache")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    megabytes, _, sentence = done.stdout.partition(" ")
    assert re.search(words, sentence), sentence
    assert int(megabytes) < 64


def test_chunks_of_one_image_and_of_a_whole_column_pass(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    with h5py.File(tmp_path / "g.h5", "w") as file:
        packed = {"compression": "gzip", "shuffle": True, "fletcher32": True}
        images = file.create_dataset(
            "images", data=rng.integers(0, 256, (2, 256, 256, 3), np.uint8), chunks=(1, 256, 256, 3), **packed
        )
        column = file.create_dataset("ra", data=rng.normal(size=10**5), chunks=(10**5,), **packed)
        plain = file.create_dataset("dec", data=rng.normal(size=10**5), chunks=(10**5,))
        assert chunk_fault(images, MOST_STRIP_BYTES) is None
        # as long as this they are tried, and found to be what they say
        for dataset in (images, column, plain):
            assert chunk_fault(dataset, MOST_COLUMN_CHUNK_BYTES) is None


@given(st.binary(max_size=300) | st.lists(st.integers(0, 255), max_size=9).map(lambda runs: bytes(runs) * 40))
def test_the_length_of_an_lzf_stream_is_known_before_it_is_unpacked(content: bytes) -> None:
    with h5py.File("memory", "w", driver="core", backing_store=False) as file:
        padded = np.frombuffer(content + bytes(600 - len(content)), "u1")
        file.create_dataset("a", data=padded, chunks=(600,), compression="lzf")
        mask, packed = file["a"].id.read_direct_chunk((0,))
    assert mask or unpacks_by_lzf(packed, 10**6) == 600


def test_images_packed_with_lzf_are_read(tmp_path: Path, known_arrays: Callable) -> None:
    arrays = known_arrays()
    with h5py.File(tmp_path / "g.h5", "w") as file:
        for name, values in arrays.items():
            file.create_dataset(name, data=values, chunks=True, compression="lzf", shuffle=True)
    galaxies = open_galaxies(tmp_path / "g.h5", cache_folder=tmp_path)
    np.testing.assert_array_equal(galaxies.images, arrays["images"])
    np.testing.assert_array_equal(galaxies.ra, arrays["ra"])


@st.composite
def hostile_datasets(draw: st.DrawFn) -> dict[str, object]:
    """A dataset as `create_dataset` takes it: of any small shape, any type, and chunks that need not fit it."""
    shape = draw(st.sampled_from([(2,), (3,), (), (2, 1), (0,), (2, 256, 256, 3), (2, 256, 256, 1)]))
    dtype = draw(st.sampled_from(["u1", "<i8", ">i2", "f2", "f4", ">f8", "c8", "S5", "?", "V3", None]))
    dataset: dict[str, object] = {"shape": shape, "dtype": dtype or h5py.string_dtype()}
    if not shape:
        return dataset
    sides = st.sampled_from([1, 2, 7, 300, 2**13])
    return {
        **dataset,
        "chunks": draw(st.none() | st.tuples(*[sides] * len(shape))),
        "maxshape": (None,) * len(shape),
        "compression": draw(st.sampled_from([None, "gzip", "lzf"])),
        "fletcher32": draw(st.booleans()),
    }


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(["images", "ans", "ra", "pxscale"]), hostile_datasets())
def test_any_dataset_in_place_of_the_right_one_is_taken_or_refused_in_a_sentence(
    tmp_path: Path, known_arrays: Callable, name: str, dataset: dict
) -> None:
    path = tmp_path / "drawn.h5"
    with h5py.File(path, "w") as file:
        for other, values in known_arrays(2).items():
            if other != name:
                file[other] = values
        try:
            file.create_dataset(name, **dataset)
        except (ValueError, OSError, TypeError):
            return  # chunks above 4 GB are no HDF5
    said = ""
    try:
        galaxies = open_galaxies(path, cache_folder=tmp_path / "cache")
    except GalaxyError as error:
        said = str(error)
    assert "\n" not in said
    assert said or galaxies.images.shape == (2, 256, 256, 3)
