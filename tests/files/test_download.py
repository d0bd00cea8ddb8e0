"""A download is carried on where it broke off, is whole or not there, and never mixes two files."""

import errno
import hashlib
import io
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from galaxy_core.errors import BadFileError, DiskFullError, MissingError
from galaxy_core.files.download import Wanted, copy_checked, download
from galaxy_core.files.http_answer import BLOCK_BYTES

BLOCK = BLOCK_BYTES


def wanted_of(content: bytes, most_bytes: int = 10**6) -> Wanted:
    return Wanted("the file", "sha256", hashlib.sha256(content).hexdigest(), most_bytes, "use --from FILE")


@pytest.fixture
def fetch(server, tmp_path):
    """Download the server's content to `out/file` of this test."""
    (tmp_path / "out").mkdir()

    def run(**changes):
        wanted = wanted_of(changes.pop("content", server.content), changes.pop("most_bytes", 10**6))
        download(changes.pop("url", server.url), tmp_path / "out" / "file", wanted, **changes)

    return run


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out" / "file"


def names(out: Path) -> list[str]:
    """What lies beside `out`, the lock left out."""
    return sorted(path.name for path in out.parent.iterdir() if path.suffix != ".lock")


def test_a_good_server_gives_the_file_at_once(server, fetch, out):
    seen = []
    fetch(progress=lambda done, total: seen.append((done, total)))
    assert out.read_bytes() == server.content
    assert names(out) == ["file"]
    assert seen[-1] == (200_000, 200_000)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert "Range" not in server.asked[0]


def test_what_is_there_is_not_fetched_again(server, fetch):
    fetch()
    fetch()
    assert len(server.asked) == 1


def test_a_broken_connection_is_carried_on_where_it_broke_off(server, fetch, out):
    server.answers = [f"break {5 * BLOCK}", f"break {2 * BLOCK}", "whole"]
    said = []
    fetch(say=said.append)
    assert out.read_bytes() == server.content
    assert [asked.get("Range") for asked in server.asked] == [
        None,
        f"bytes={5 * BLOCK}-",
        f"bytes={7 * BLOCK}-",
    ]
    assert server.asked[1]["If-Range"] == '"v1"'
    assert len(said) == 2


def test_a_later_try_carries_on_after_all_tries_failed(server, fetch, out):
    server.answers = [f"break {3 * BLOCK}", 503]
    with pytest.raises(
        MissingError, match=rf"503.*{3 * BLOCK} bytes are kept; run it again.*use --from FILE"
    ):
        fetch()
    assert names(out) == ["file.part", "file.part.json"]
    server.answers = ["whole"]
    fetch()
    assert out.read_bytes() == server.content
    assert server.asked[-1]["Range"] == f"bytes={3 * BLOCK}-"
    assert names(out) == ["file"]


def test_a_file_that_changed_on_the_server_is_begun_anew(server, fetch, out):
    server.answers = [f"break {3 * BLOCK}", 503]
    with pytest.raises(MissingError):
        fetch()
    server.content, server.etag, server.answers = bytes(150_000), '"v2"', ["whole"]
    fetch(content=server.content)
    assert out.read_bytes() == bytes(150_000)


def test_a_server_that_ignores_range_is_never_mixed_with_what_came_before(server, fetch, out):
    server.answers = [f"break {3 * BLOCK}", "no range"]
    fetch()
    assert out.read_bytes() == server.content
    assert "Range" in server.asked[1]


def test_a_server_that_carries_on_at_another_place_is_begun_anew(server, fetch, out):
    server.answers = [f"break {3 * BLOCK}", "wrong place", "whole"]
    fetch()
    assert out.read_bytes() == server.content
    assert "Range" not in server.asked[2]


def test_pieces_that_do_not_fit_together_are_fetched_once_more_as_one(server, fetch, out):
    server.etag, server.answers = "", [f"break {3 * BLOCK}", 503]
    before = server.content
    server.content = bytes(200_000)
    with pytest.raises(MissingError):
        fetch(content=before)
    server.content, server.answers = before, ["whole"]
    said = []
    fetch(say=said.append)
    assert out.read_bytes() == before
    assert any("do not fit together" in sentence for sentence in said)


def test_a_server_that_promises_more_than_there_is_still_gives_the_file(server, fetch, out):
    server.answers = ["promise 5000"]
    fetch()
    assert out.read_bytes() == server.content


def test_a_server_that_promises_less_than_there_is_gives_a_wrong_file(server, fetch, out):
    server.answers = ["promise -5000"]
    with pytest.raises(BadFileError, match=r"did not send the file with SHA256 .*; use --from FILE"):
        fetch()
    assert names(out) == []


def test_a_size_that_cannot_be_is_not_believed_and_the_digest_decides(server, fetch, out):
    server.answers = [f"promise {10**12}"]
    fetch()
    assert out.read_bytes() == server.content
    assert len(server.asked) == 1


def test_a_whole_file_is_not_thrown_away_where_the_server_has_no_more_of_it(server, fetch, out):
    server.answers = ["promise 5000", 416]
    fetch()
    assert out.read_bytes() == server.content
    assert len(server.asked) == 2


def test_a_stream_without_end_is_cut_off(server, fetch, out):
    server.answers = ["chunked"]
    with pytest.raises(BadFileError, match="sends more than the 50000 bytes"):
        fetch(most_bytes=50_000)
    assert names(out) == []


def test_a_stream_without_a_size_is_read_to_its_end(server, fetch, out):
    server.answers = ["chunked"]
    fetch()
    assert out.read_bytes() == server.content


def test_a_wrong_file_is_removed_and_what_lay_there_is_unharmed(server, fetch, out):
    out.write_text("mine")
    with pytest.raises(BadFileError, match="did not send the file"):
        fetch(content=b"something else")
    assert out.read_text() == "mine"
    assert names(out) == ["file"]


@pytest.mark.parametrize("kind", ["page", "as data"])
def test_a_login_page_is_said_to_be_one_and_does_not_harm_the_part(server, fetch, out, kind):
    server.answers = [f"break {3 * BLOCK}", kind]
    with pytest.raises(MissingError, match=r"web page \(a login\?\)") as caught:
        fetch()
    assert "\n" not in str(caught.value)
    assert out.with_name("file.part").read_bytes() == server.content[: 3 * BLOCK]


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_refusal_is_not_asked_again(server, fetch, out, status):
    server.answers = [status]
    with pytest.raises(MissingError, match=rf"could not be fetched: .* answered {status}"):
        fetch()
    assert len(server.asked) == 1
    assert names(out) == []


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_server_is_asked_again(server, fetch, out, status):
    server.answers = [status, status, "whole"]
    fetch()
    assert out.read_bytes() == server.content


def test_a_silent_server_counts_as_gone(server, fetch, monkeypatch):
    monkeypatch.setattr("galaxy_core.files.http_answer.SECONDS_OF_SILENCE", 0.1)
    server.answers = ["silent"]
    with pytest.raises(MissingError, match=r"was silent for 0\.1 s; use --from FILE"):
        fetch()


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/x", "http://no-such-host.invalid/x"])
def test_no_network_is_one_sentence_with_a_way_out(fetch, url, out):
    with pytest.raises(MissingError, match=r"there is no connection to .*; use --from FILE") as caught:
        fetch(url=url)
    assert "\n" not in str(caught.value)
    assert names(out) == []


def test_an_address_that_is_none_is_one_sentence(fetch):
    with pytest.raises(MissingError, match="no address that can be fetched from"):
        fetch(url="http://[nonsense/x")


def test_a_folder_that_is_not_there_is_named(server, tmp_path):
    with pytest.raises(MissingError, match="nowhere to write file in does not exist"):
        download(server.url, tmp_path / "nowhere" / "file", wanted_of(server.content))


class FullDisk(io.FileIO):
    """A file on a disk with room for two blocks more."""

    room = 2 * BLOCK

    def write(self, data):  # type: ignore[override]
        if len(data) > self.room:
            raise OSError(errno.ENOSPC, "No space left on device")
        self.room -= len(data)
        return super().write(data)


def test_a_full_disk_keeps_what_came_and_the_next_try_carries_on(server, fetch, out, monkeypatch):
    opened = Path.open

    def on_full_disk(path, mode="r", *rest, **more):
        return FullDisk(path, mode) if "a" in mode else opened(path, mode, *rest, **more)

    with monkeypatch.context() as full:
        full.setattr(Path, "open", on_full_disk)
        with pytest.raises(DiskFullError, match="what came so far is kept"):
            fetch()
    assert out.with_name("file.part").stat().st_size == 2 * BLOCK
    fetch()
    assert out.read_bytes() == server.content
    assert server.asked[-1]["Range"] == f"bytes={2 * BLOCK}-"


def test_too_little_room_is_said_before_anything_is_fetched(server, fetch, out, monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda path: type("", (), {"free": 1000})())
    with pytest.raises(DiskFullError, match=r"needs 0\.00 GB more .* choose a folder on another disk"):
        fetch()
    assert names(out) == []


def test_the_room_of_a_part_that_is_begun_anew_counts_as_free(server, fetch, out, monkeypatch):
    server.answers = [f"break {8 * BLOCK}", 503]
    with pytest.raises(MissingError):
        fetch()
    free = len(server.content) - 8 * BLOCK
    monkeypatch.setattr("shutil.disk_usage", lambda path: type("", (), {"free": free - 1})())
    server.answers = ["no range"]
    with pytest.raises(DiskFullError, match="free some space"):
        fetch()
    assert out.with_name("file.part").stat().st_size == 8 * BLOCK
    monkeypatch.setattr("shutil.disk_usage", lambda path: type("", (), {"free": free})())
    fetch()
    assert out.read_bytes() == server.content


@pytest.mark.parametrize("note", ["", "{", "[1]", '{"digest": "of another file", "validator": null}'])
def test_a_part_whose_note_says_nothing_is_not_carried_on(server, fetch, out, note):
    out.with_name("file.part").write_bytes(b"x" * 1000)
    out.with_name("file.part.json").write_text(note)
    fetch()
    assert out.read_bytes() == server.content
    assert "Range" not in server.asked[0]


def test_a_part_that_had_come_whole_is_taken_without_asking(server, fetch, out):
    digest = hashlib.sha256(server.content).hexdigest()
    out.with_name("file.part").write_bytes(server.content)
    out.with_name("file.part.json").write_text(
        f'{{"digest": "{digest}", "validator": null, "total": {len(server.content)}}}'
    )
    fetch()
    assert server.asked == []
    assert names(out) == ["file"]


SLOW = """
import sys, time
from pathlib import Path
from galaxy_core.files.download import Wanted, download
url, path, digest = sys.argv[1:]
def slowly(done, total):
    print(done, flush=True)
    time.sleep(0.05)
download(url, Path(path), Wanted("the file", "sha256", digest, 10**6, "x"), progress=slowly)
"""


def start_slow(server, out: Path) -> subprocess.Popen[str]:
    digest = hashlib.sha256(server.content).hexdigest()
    words = [sys.executable, "-c", SLOW, server.url, str(out), digest]
    return subprocess.Popen(words, stdout=subprocess.PIPE, text=True)


def test_a_process_killed_in_between_loses_nothing_it_has_counted(server, fetch, out):
    with start_slow(server, out) as child:
        assert child.stdout
        counted = [int(child.stdout.readline()) for _ in range(4)][-1]
        child.send_signal(signal.SIGKILL)
    assert not out.exists()
    fetch()
    assert out.read_bytes() == server.content
    assert int(server.asked[-1]["Range"].removeprefix("bytes=").rstrip("-")) >= counted
    assert names(out) == ["file"]


def test_of_two_processes_one_fetches_and_the_other_finds_it_done(server, fetch, out):
    with start_slow(server, out) as child:
        assert child.stdout
        child.stdout.readline()
        said = []
        fetch(say=said.append)
        child.communicate()
    assert child.returncode == 0
    assert len(said) == 1
    assert re.fullmatch(
        rf"another process is fetching file; waiting for it \(process {child.pid} on .*\)", said[0]
    )
    assert len(server.asked) == 1
    assert out.read_bytes() == server.content


def test_a_copy_is_checked_and_a_wrong_one_leaves_nothing(tmp_path):
    mine, path = tmp_path / "mine", tmp_path / "out"
    mine.write_bytes(b"galaxies")
    copy_checked(mine, path, wanted_of(b"galaxies"))
    assert path.read_bytes() == b"galaxies"
    copy_checked(path, path, wanted_of(b"galaxies"))
    path.unlink()
    with pytest.raises(
        BadFileError, match=r"mine is not the file: its sha256 is .*, expected .*; use --from"
    ):
        copy_checked(mine, path, wanted_of(b"stars"))
    with pytest.raises(BadFileError, match="has 8 bytes, more than the file"):
        copy_checked(mine, path, wanted_of(b"galaxies", most_bytes=7))
    with pytest.raises(MissingError, match="there is no file"):
        copy_checked(tmp_path / "nothing", path, wanted_of(b""))
    assert sorted(item.name for item in tmp_path.iterdir()) == ["mine"]
