"""Where a result goes: nothing is lost that was there, and a device stays one."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from galaxy_core.errors import BadValueError, MissingError
from galaxy_core.files.atomic import atomic_file, write_text_atomically
from galaxy_core.files.destination import check_destination

WRITE = (
    "from galaxy_core.files.atomic import write_text_atomically as w; w({!r}, 'whole\\n', overwrite=False)"
)


def test_what_exists_is_refused_unless_it_may_be_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    check_destination(path)
    path.touch()
    with pytest.raises(BadValueError, match="exists already; choose another name, or say --overwrite"):
        check_destination(path)
    check_destination(path, overwrite=True)
    (tmp_path / "link.csv").symlink_to("nowhere")
    with pytest.raises(BadValueError, match="exists already"):
        check_destination(tmp_path / "link.csv")


@pytest.mark.parametrize("name", ["", ".", "..", "folder", "/"])
def test_what_is_no_file_is_refused_even_to_overwrite(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (tmp_path / "folder").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadValueError, match=r"names no file|is a folder"):
        check_destination(name, overwrite=True)
    with pytest.raises(MissingError, match="the folder nowhere to write a in does not exist"):
        check_destination("nowhere/a")
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(BadValueError, match="nothing can be written in the folder"):
        check_destination("a")


def test_an_input_is_never_replaced_by_whatever_name(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    image = tmp_path / "in" / "a.png"
    image.touch()
    (tmp_path / "soft.png").symlink_to(image)
    (tmp_path / "hard.png").hardlink_to(image)
    (tmp_path / "there").symlink_to(tmp_path / "in")
    for name in ("in/a.png", "soft.png", "hard.png", "there/a.png", "in/../in/a.png"):
        with pytest.raises(BadValueError, match="is read here"):
            check_destination(tmp_path / name, overwrite=True, inputs=[image])
    check_destination(tmp_path / "in.csv", inputs=[tmp_path / "in"])


def test_in_a_folder_that_is_read_nothing_is_replaced_and_nothing_new_is_an_image(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    (folder / "deep").mkdir(parents=True)
    (folder / "old.csv").touch()
    (folder / "link.csv").symlink_to("nowhere")
    (tmp_path / "there").symlink_to(folder)
    for name in ("in/old.csv", "there/old.csv", "in/link.csv", "in/new.png", "there/deep/new.JPG"):
        with pytest.raises(BadValueError, match=r"lies inside .* choose a new name that is no image's"):
            check_destination(tmp_path / name, overwrite=True, inputs=[folder])
    for name in ("in/new.csv", "there/deep/new.csv"):
        check_destination(tmp_path / name, inputs=[folder])
        with pytest.raises(BadValueError, match=r"lies inside .* write it to another folder"):
            check_destination(tmp_path / name, inputs=[folder], closed=[folder])


def test_a_name_that_is_taken_meanwhile_stays_with_who_was_first(tmp_path: Path) -> None:
    path = tmp_path / "a"
    late = atomic_file(path, overwrite=False)
    late.__enter__().write(b"late")
    path.write_text("first")
    with pytest.raises(BadValueError, match="exists already"):
        late.__exit__(None, None, None)
    assert path.read_text() == "first"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("has_links", [True, False])
def test_of_several_at_once_one_wins_and_the_others_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_links: bool
) -> None:
    def no_links(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    if not has_links:
        monkeypatch.setattr(os, "link", no_links)
    barrier, said = threading.Barrier(3), []

    def write(text: str) -> None:
        try:
            with atomic_file(tmp_path / "a", overwrite=False) as file:
                file.write(text.encode())
                barrier.wait(10)
        except BadValueError as error:
            said.append(str(error))

    writers = [threading.Thread(target=write, args=(text,)) for text in "123"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len(said) == 2
    assert all("exists already" in sentence for sentence in said)
    assert (tmp_path / "a").read_text() in "123"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_device_is_written_to_and_stays_one(tmp_path: Path) -> None:
    before = Path("/dev/null").stat()
    write_text_atomically("/dev/null", "text", overwrite=False)
    (tmp_path / "link").symlink_to("/dev/null")
    write_text_atomically(tmp_path / "link", "text", overwrite=True)
    assert Path("/dev/null").stat().st_rdev == before.st_rdev
    assert Path("/dev/null").stat().st_ino == before.st_ino
    assert (tmp_path / "link").is_symlink()


def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    got: list[str] = []
    reader = threading.Thread(target=lambda: got.append((tmp_path / "pipe").read_text()))
    reader.start()
    write_text_atomically(tmp_path / "pipe", "text", overwrite=False)
    reader.join(10)
    assert got == ["text"]
    assert (tmp_path / "pipe").is_fifo()


@pytest.mark.parametrize("name", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])
def test_standard_output_is_carried_on_with_where_it_stands(tmp_path: Path, name: str) -> None:
    (tmp_path / "out").write_text("before\n")
    with (tmp_path / "out").open("a") as out:
        subprocess.run([sys.executable, "-c", WRITE.format(name)], stdout=out, check=True)
    assert (tmp_path / "out").read_text() == "before\nwhole\n"
    assert Path("/dev/stdout").is_symlink()
