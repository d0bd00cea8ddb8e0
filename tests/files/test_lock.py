"""One lock, made of a file: asked without being taken, never waited for in silence, never kept by the dead."""

import errno
import hashlib
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from galaxy_core.errors import BadValueError, LockedError, MissingError
from galaxy_core.files import lock as locks
from galaxy_core.files.lock import HANDED, Holder, holder, is_lost, locked
from galaxy_core.files.owner import Owner, owner_of, this_process

TAKER = """
import sys
from pathlib import Path
from galaxy_core.files.lock import locked
with locked(Path(sys.argv[1]), what="a test"):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def another_process(path: Path, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """A process that holds the lock until its standard input ends."""
    command = [sys.executable, "-c", TAKER, str(path)]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, stdin=pipe, stdout=pipe, text=True, env=os.environ | environment
    ) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.stdin.close()


def left_by(path: Path, owner: Owner, token: str = "0123456789ab") -> Holder:
    """A lock file as a process leaves it that could not release it."""
    left = Holder(owner, "elsewhere", 1.0, "work", token)
    path.write_text(json.dumps(asdict(left)))
    return left


def a_dead_process() -> Owner:
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        child.wait()
    return replace(owner_of(child.pid), place=this_process().place)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.lock"


def test_who_holds_it_is_named_and_nothing_is_left_afterwards(path: Path) -> None:
    assert holder(path) is None
    with locked(path, what="unpacking"):
        found = holder(path)
        assert (found.owner, found.what) == (this_process(), "unpacking")
        assert "process" in str(found)
        assert str(found).endswith("for unpacking")
    assert list(path.parent.iterdir()) == []


def test_the_thread_that_holds_it_may_take_it_again_and_another_may_not(path: Path) -> None:
    refused: list[LockedError] = []

    def try_it() -> None:
        try:
            with locked(path, patience=0):
                pass
        except LockedError as error:
            refused.append(error)

    with locked(path):
        with locked(path, patience=0):
            pass
        assert holder(path) is not None
        thread = threading.Thread(target=try_it)
        thread.start()
        thread.join()
    assert f"{path} is held by process {os.getpid()} on" in str(refused[0])


def test_asking_takes_nothing_so_that_nobody_else_is_told_it_is_held(path: Path) -> None:
    """What two who ask at once see of each other is a file that neither of them writes."""
    path.touch()
    before = (
        {one.name: one.stat().st_mtime_ns for one in path.parent.iterdir()},
        path.parent.stat().st_mtime_ns,
    )
    for _ in range(50):
        assert holder(path) is None
    left_by(path, a_dead_process())
    as_left = path.read_bytes(), path.stat().st_mtime_ns
    for _ in range(50):
        assert holder(path) is None
    assert (path.read_bytes(), path.stat().st_mtime_ns) == as_left
    assert before[1] == path.parent.stat().st_mtime_ns


def test_another_process_is_waited_for_by_name_and_refused_by_name(path: Path) -> None:
    told: list[Holder] = []

    class EnoughError(Exception):
        pass

    def tell(one: Holder) -> None:
        told.append(one)
        raise EnoughError

    with another_process(path) as other:
        with pytest.raises(
            LockedError, match=rf"a\.lock is held by process {other.pid} on .* for a test; wait"
        ):
            locked(path, patience=0).__enter__()
        with pytest.raises(EnoughError):
            locked(path, on_wait=tell).__enter__()
    assert told[0].owner.pid == other.pid
    with locked(path, patience=0):
        pass


def test_a_wait_that_nobody_listens_to_is_said_on_standard_error(
    path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "LONGEST_PAUSE", 0.05)
    with another_process(path) as other, pytest.raises(LockedError):
        locked(path, patience=0.2).__enter__()
    said = capfd.readouterr().err.splitlines()
    assert len(said) == 1
    assert f"galaxy: waiting for {path}, held by process {other.pid} on" in said[0]


def test_what_a_killed_process_held_is_free_at_once(path: Path) -> None:
    with another_process(path) as other:
        other.kill()
        other.wait()
        assert path.exists()
        assert holder(path) is None
        with locked(path, patience=0):
            assert holder(path).owner == this_process()
    assert list(path.parent.iterdir()) == []


def test_a_killed_child_that_nobody_has_waited_for_holds_nothing(path: Path) -> None:
    with another_process(path) as other:
        other.kill()
        deadline = time.monotonic() + 30
        while holder(path) is not None:
            assert time.monotonic() < deadline
        assert other.returncode is None


def test_a_process_that_got_the_number_of_a_dead_one_is_not_its_holder(path: Path) -> None:
    left_by(path, replace(this_process(), start=this_process().start + 1))
    assert holder(path) is None
    left_by(path, this_process())
    assert holder(path) is not None


@pytest.mark.parametrize(
    "content", [b"", b"\xff", b"[" * 3000, b"{}", b'{"owner": {"pid": 1}}', b"null", b"[1]"]
)
def test_an_empty_file_of_an_older_version_or_a_damaged_one_is_nobodys(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    assert holder(path) is None
    with locked(path, patience=0):
        assert holder(path).owner == this_process()
    assert list(path.parent.iterdir()) == []


def test_a_holder_elsewhere_is_alive_while_its_heart_beats_by_the_clock_of_the_server(path: Path) -> None:
    left_by(path, Owner("00000000", 1, 1))
    assert holder(path).host == "elsewhere"
    for silence, is_held in ((60, True), (100, False), (-100, False)):
        when = time.time() - silence
        os.utime(path, (when, when))
        assert (holder(path) is not None) == is_held
    with locked(path, patience=0):
        pass


def test_the_clock_of_this_machine_does_not_matter(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    left_by(path, Owner("00000000", 1, 1))
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 365 * 86400)
    assert holder(path) is not None
    with locked(path.with_name("b"), patience=0):
        assert holder(path.with_name("b")) is not None


def test_a_heart_beats_while_a_lock_is_held_and_learns_that_it_was_taken(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with locked(path):
        os.utime(path, (1, 1))
        locks._beat_once(path, locks._held[path])
        assert abs(path.stat().st_mtime - time.time()) < 60
        assert not is_lost(path)
        other = left_by(path, Owner("00000000", 1, 1))
        locks._beat_once(path, locks._held[path])
        assert is_lost(path)
    assert holder(path) == other  # and did not remove it


def test_of_two_who_find_a_dead_holder_the_second_does_not_remove_what_the_first_made(path: Path) -> None:
    dead = left_by(path, a_dead_process())
    # both have seen the dead one; the first is quick
    with locked(path, patience=0):
        locks._discard(path, dead.token)  # the second's next step
        assert holder(path).owner == this_process()


def test_one_who_died_while_it_removed_a_dead_lock_stands_in_nobodys_way(path: Path) -> None:
    dead = left_by(path, a_dead_process())
    for token in (dead.token, "0" * 12):  # the second died a taking earlier
        left_by(path.with_name(f".{path.name}.{token}.break"), a_dead_process(), "ba9876543210")
    with locked(path, patience=0):
        pass
    assert list(path.parent.iterdir()) == []


N_AT_ONCE, N_ROUNDS = 4, 12
AT_ONCE = """
import os, sys, time
from pathlib import Path
from galaxy_core.files.lock import locked
path, n = Path(sys.argv[1]), int(sys.argv[2])
for _ in range(n):
    with locked(path, on_wait=lambda one: None):
        descriptor = os.open(path.with_name("inside"), os.O_CREAT | os.O_EXCL)
        os.close(descriptor)
        path.with_name("inside").unlink()
        path.with_name("count").write_text(str(int(path.with_name("count").read_text()) + 1))
        if n == 1:
            os._exit(0)
"""


@pytest.mark.parametrize("has_links", [True, False])
def test_of_processes_that_want_it_at_once_one_has_it_at_a_time(path: Path, has_links: bool) -> None:
    """Half of them leave the lock behind, as killed ones do."""
    path.with_name("count").write_text("0")
    code = AT_ONCE
    if not has_links:
        code = "import os\ndef no(*_): raise PermissionError(1, 'no links here')\nos.link = no\n" + AT_ONCE
    command = [sys.executable, "-c", code, str(path)]
    children = [subprocess.Popen([*command, str(N_ROUNDS if i % 2 else 1)]) for i in range(N_AT_ONCE)]
    assert [child.wait(120) for child in children] == [0] * N_AT_ONCE
    assert int(path.with_name("count").read_text()) == N_AT_ONCE // 2 * (N_ROUNDS + 1)
    with locked(path, patience=0):
        pass
    assert sorted(one.name for one in path.parent.iterdir()) == ["count"]


def test_a_lock_that_is_handed_over_is_the_childs_from_then_on(path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        with locked(path, what="fetching") as lock:
            lock.hand_over(child.pid)
        assert holder(path).owner == owner_of(child.pid)
        with pytest.raises(LockedError, match=f"held by process {child.pid}"):
            locked(path, patience=0).__enter__()
        child.stdin.close()
        child.wait()
    assert holder(path) is None


@pytest.mark.parametrize("is_handed_first", [True, False])
def test_a_child_takes_what_was_taken_for_it_whoever_is_quicker(path: Path, is_handed_first: bool) -> None:
    with locked(path) as lock:
        if is_handed_first:
            lock.hand_over(os.getpid())
        with another_process(path, **{HANDED: lock.token}) as child:
            assert holder(path).owner.pid == child.pid
            if not is_handed_first:
                lock.hand_over(child.pid)
            assert holder(path).owner.pid == child.pid
    assert list(path.parent.iterdir()) == []


def test_where_no_lock_can_be_made_file_and_reason_are_named(path: Path) -> None:
    with pytest.raises(MissingError, match=r"the folder .*nowhere of the lock x is not there"):
        locked(path.with_name("nowhere") / "x").__enter__()
    path.symlink_to("nothing")
    with pytest.raises(
        BadValueError, match=r"the lock .*a\.lock cannot be made \(it is a link that leads nowhere\)"
    ):
        locked(path).__enter__()


FLOCK = """
#include <errno.h>
int flock(int file, int operation) { errno = ANSWER; return -1; }
"""
OPENER = """
import sys, fcntl
from pathlib import Path
try:
    with open(sys.argv[1]) as file:
        fcntl.flock(file, fcntl.LOCK_SH)
    sys.exit("flock answers")
except OSError as error:
    assert error.errno == int(sys.argv[2])
from galaxy_core.cli import main
sys.argv[1:] = sys.argv[3:]
main()
"""


@pytest.mark.skipif(
    shutil.which("gcc") is None, reason="a file system without flock is made with gcc, not there"
)
@pytest.mark.parametrize("answer", [errno.ENOLCK, errno.ENOSYS])
def test_on_a_file_system_without_flock_a_file_is_opened_and_nothing_waits(
    answer: int, tmp_path: Path, write_file: Callable[..., Path]
) -> None:
    """NFS, Lustre and FSx may answer so. A lock file that was left in the cache stands in nobody's way."""
    (tmp_path / "shim.c").write_text(FLOCK.replace("ANSWER", str(answer)))
    shim = tmp_path / "shim.so"
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", shim, tmp_path / "shim.c"], check=True)
    galaxies = write_file(tmp_path / "g.h5")
    cache = Path(os.environ["GALAXY_CACHE"])
    cache.mkdir()
    (cache / f"{hashlib.sha256(galaxies.read_bytes()).hexdigest()}.lock").touch()
    command = [sys.executable, "-c", OPENER, str(galaxies), str(answer), "data", "info", str(galaxies)]
    done = subprocess.run(
        command,
        env=os.environ | {"LD_PRELOAD": str(shim)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "galaxies" in done.stdout
    assert list(cache.glob("*.lock")) == []
