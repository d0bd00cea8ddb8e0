"""Damage anywhere in a Galaxy10 file is taken or refused in one sentence, and harms neither process nor disk.

The library that reads HDF5 is written in C, so the damaged files are opened in a process of their own.
"""

import subprocess
import sys
from pathlib import Path

import h5py
import pytest

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
