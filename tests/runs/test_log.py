"""log.txt: a sentence a line, said once, and never a reason to fail."""

import subprocess
import sys
from pathlib import Path

from galaxy_core.runs.log import is_standard_error, log

TIME = len("2026-01-01 00:00:00 ")


def sentences(folder: Path) -> list[str]:
    return [line[TIME:] for line in (folder / "log.txt").read_text().splitlines()]


def test_a_sentence_that_is_said_every_second_is_one_line(tmp_path: Path) -> None:
    for sentence in ("reading", "waiting for a", "waiting for a", "waiting for b", "waiting for a"):
        log(tmp_path, sentence)
    assert sentences(tmp_path) == ["reading", "waiting for a", "waiting for b", "waiting for a"]


def test_a_sentence_of_several_lines_is_one_line(tmp_path: Path) -> None:
    log(tmp_path, "it failed:\n  no room")
    assert sentences(tmp_path) == ["it failed: no room"]


def test_a_line_that_another_writer_left_unfinished_is_ended_first(tmp_path: Path) -> None:
    (tmp_path / "log.txt").write_text("Traceback (most recent")
    log(tmp_path, "reading")
    first, second = (tmp_path / "log.txt").read_text().splitlines()
    assert first == "Traceback (most recent"
    assert second.endswith(" reading")


def test_a_log_that_cannot_be_written_ends_nothing(tmp_path: Path) -> None:
    log(tmp_path / "gone", "reading")
    assert not (tmp_path / "gone").exists()


def test_only_the_log_that_standard_error_goes_to_is_known_as_such(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom pathlib import Path\nfrom galaxy_core.runs.log import is_standard_error\n"
        "print([is_standard_error(Path(folder)) for folder in sys.argv[1:]])"
    )
    other = tmp_path / "other"
    other.mkdir()
    (other / "log.txt").touch()
    with (tmp_path / "log.txt").open("ab") as file:
        command = [sys.executable, "-c", code, str(tmp_path), str(other), str(tmp_path / "gone")]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=file, text=True, check=True)
    assert done.stdout == "[True, False, False]\n"
    assert not is_standard_error(tmp_path)
