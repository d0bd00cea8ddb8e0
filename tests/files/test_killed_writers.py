"""What a killed process was writing is removed by the next that does the same work; what a living one writes is not."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from galaxy_core.files import atomic
from galaxy_core.files.atomic import (
    TEMPORARY,
    atomic_folder,
    clear_left,
    temporary_name,
    write_text_atomically,
)
from galaxy_core.files.owner import owner_of

DAY = 86400.0

# each writes to the path it is given and says so when it is in the middle
KINDS = {
    "an import": """
import numpy as np
from galaxy_core.data.layout import write_galaxy10
def images():
    yield np.zeros((256, 256, 3), np.uint8)
    in_the_middle()
write_galaxy10(path, images(), [0], ra=[], dec=[], redshift=[], pixel_scale=[], attributes={})
""",
    "predictions": """
from galaxy_core.prediction.predict import write_rows
def rows():
    in_the_middle()
    yield {}
write_rows(path, rows())
""",
    "a run": """
from galaxy_core.files.atomic import atomic_folder
with atomic_folder(path) as making:
    (making / "weights").write_bytes(bytes(1000))
    in_the_middle()
""",
}
HEAD = """
import sys
from pathlib import Path
path = Path(sys.argv[1])
def in_the_middle():
    print("writing", flush=True)
    sys.stdin.read()
"""


def start(kind: str, path: Path) -> subprocess.Popen[str]:
    """A process that is in the middle of it."""
    command = [sys.executable, "-c", HEAD + KINDS[kind], str(path)]
    writer = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert writer.stdout.readline() == "writing\n"
    return writer


def hidden(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.name.startswith("."))


@pytest.mark.parametrize("kind", KINDS)
def test_the_next_start_of_the_same_work_clears_what_a_killed_one_left_and_nothing_of_a_living_one(
    kind: str, tmp_path: Path
) -> None:
    path = tmp_path / "i.h5"
    with start(kind, path) as killed, start(kind, path) as living:
        assert len(hidden(tmp_path)) == 2
        killed.kill()
        killed.wait()
        assert len(hidden(tmp_path)) == 2
        with start(kind, tmp_path / "again") as again:
            left = hidden(tmp_path)
            assert {str(writer.pid) for writer in (living, again)} == {
                str(int(re.search(TEMPORARY, one.name)[2], 16)) for one in left
            }
            again.kill()
        living.communicate("")
    clear_left(tmp_path)
    assert hidden(tmp_path) == []


def test_a_folder_is_looked_through_at_most_once_a_minute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder of a hundred thousand heat maps would take longer to list than to write."""
    looked: list[Path] = []
    monkeypatch.setattr(atomic, "clear_left", looked.append)
    for i in range(5):
        write_text_atomically(tmp_path / f"{i}.txt", "")
    assert looked == [tmp_path]


@pytest.mark.parametrize("place", ["00000000", None])
def test_what_somebody_elsewhere_writes_is_left_alone_until_nobody_has_for_a_day(
    tmp_path: Path, place: str | None
) -> None:
    name = f".i.h5.{place}-1f-2e-0123abcd.tmp" if place else ".i.h5.0123456789ab.tmp"
    for age, is_left in ((0.0, True), (DAY / 2, True), (2 * DAY, False), (-2 * DAY, False)):
        (tmp_path / name).mkdir(exist_ok=True)
        (tmp_path / name / "part").touch()
        os.utime(tmp_path / name, (time.time() - age, time.time() - age))
        clear_left(tmp_path)
        assert (tmp_path / name).exists() == is_left


def test_nothing_but_temporary_names_is_ever_removed(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        dead = owner_of(child.pid)
    mine = f"{dead.place}-{dead.pid:x}-{dead.start:x}-0123abcd.tmp"
    names = [f"i.h5.{mine}", f".{mine}", f".i.h5.{mine}.txt", f".i.h5.{mine[1:]}", ".i.h5.tmp", "i.tmp"]
    for name in [*names, f".i.h5.{mine}"]:
        (tmp_path / name).touch()
    clear_left(tmp_path)
    assert sorted(one.name for one in tmp_path.iterdir()) == sorted(names)


@pytest.mark.parametrize("name", ["n" * 250, "銀" * 80, os.fsdecode(b"\xff" * 200)])
def test_a_temporary_name_is_never_too_long_and_tells_who_writes(tmp_path: Path, name: str) -> None:
    with atomic_folder(tmp_path / name) as making:
        assert int(re.search(TEMPORARY, making.name)[2], 16) == os.getpid()
    assert temporary_name(tmp_path / name) != temporary_name(tmp_path / name)


N_KILLS = 19


@pytest.mark.long
def test_nineteen_killed_imports_leave_at_most_the_last_ones_file_and_a_whole_one_none(
    tmp_path: Path,
) -> None:
    folder, out = tmp_path / "images", tmp_path / "out" / "i.h5"
    out.parent.mkdir()
    rng = np.random.default_rng(0)
    folder.mkdir()
    for i in range(300):
        cv2.imwrite(str(folder / f"{i}.png"), rng.integers(0, 256, (256, 256, 3), np.uint8))
    labels = tmp_path / "labels.csv"
    labels.write_text("file,label\n" + "".join(f"{i}.png,{i % 10}\n" for i in range(300)))
    command = [sys.executable, "-m", "galaxy_core", "data", "import", str(folder)]
    command += ["--labels", str(labels), "--out", str(out)]
    begun, n_left = time.monotonic(), 0
    subprocess.run(command, check=True, capture_output=True)
    seconds = time.monotonic() - begun
    for _ in range(N_KILLS):
        out.unlink(missing_ok=True)
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as killed:
            time.sleep(rng.uniform(0.2, 1) * seconds)
            killed.kill()
        assert len(hidden(out.parent)) <= 1
        n_left += len(hidden(out.parent))
    assert n_left > 2
    out.unlink(missing_ok=True)
    subprocess.run(command, check=True, capture_output=True)
    assert [one.name for one in out.parent.iterdir()] == ["i.h5"]
