"""What a run says and does after a machine went down, a clock jumped, a process vanished, or two came at once."""

import json
import multiprocessing
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from galaxy_core.cli import app
from galaxy_core.errors import BadFileError, BadValueError, DiskFullError
from galaxy_core.files.lock import holder
from galaxy_core.runs import launch
from galaxy_core.runs.config import TrainConfig
from galaxy_core.runs.names import runs_folder
from galaxy_core.runs.run import Run, create_run, delete_run, find_run, list_runs, rename_run
from galaxy_core.runs.status import Status, is_held, read_status, run_lock, write_status
from galaxy_core.runs.turn import training_turn

CONFIG = TrainConfig(data="a.h5")
YEAR = 365 * 86400.0


def galaxy(*words: str):
    return CliRunner().invoke(app, list(words), prog_name="galaxy")


def crashed_run(name: str = "one") -> Run:
    """What a machine leaves that went down while a run was training."""
    run = create_run(name, CONFIG)
    write_status(run.path, Status("running", "epoch 4 of 10", 4_000_000))
    for left_over in ("lock", "heartbeat", "log.txt", ".weights.safetensors.0123456789ab.tmp"):
        (run.path / left_over).touch()
    (run.path / "resume").mkdir()
    (run.path / "resume" / "state.safetensors").write_bytes(b"x")
    return run


def test_after_a_crash_a_run_says_it_is_stopped_and_how_to_carry_on() -> None:
    status = crashed_run().status()
    assert (status.state, status.is_active) == ("stopped", False)
    assert "carry on with `galaxy train --run one`" in status.sentence


def test_after_a_crash_a_run_can_be_renamed_and_deleted() -> None:
    crashed_run()
    rename_run("one", "two")
    delete_run("two")
    assert list(runs_folder().iterdir()) == []


def test_a_lock_file_left_over_holds_nothing() -> None:
    run = crashed_run()
    assert not is_held(run.path)
    with run_lock(run.path, patience=0):
        assert is_held(run.path)
    assert not is_held(run.path)


def test_stopping_a_run_whose_process_is_gone_is_refused_at_once_and_leaves_no_request() -> None:
    run = crashed_run()
    started = time.monotonic()
    result = galaxy("runs", "stop", "one")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "not being trained; carry on with `galaxy train --run one`" in result.stderr
    launch.stop(run)
    assert time.monotonic() - started < 5
    # a request left behind would end the next training before it began
    assert not (run.path / "stop").exists()
    assert run.status().state == "stopped"


def idle_process() -> subprocess.Popen[bytes]:
    """A process that does nothing."""
    return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])


def test_a_run_that_is_stopped_before_it_begins_says_so_at_once() -> None:
    run = create_run("one", CONFIG)
    result = galaxy("runs", "stop", "one")
    assert "stopped before it began" in result.stdout
    assert run.status().state == "stopped"


def test_a_process_that_got_the_number_of_a_training_is_left_alone() -> None:
    run = create_run("one", CONFIG)
    with idle_process() as gone:
        with run_lock(run.path) as lock:
            lock.hand_over(gone.pid)
        gone.kill()
    time.sleep(0.05)  # a number is not given again within the tick of the clock in which its process began
    with idle_process() as stranger:
        text = (run.path / "lock").read_text()
        (run.path / "lock").write_text(text.replace(f'"pid": {gone.pid}', f'"pid": {stranger.pid}'))
        write_status(run.path, Status("running", "epoch 1 of 10", stranger.pid))
        launch.stop(run)
        assert run.status().state == "stopped"
        time.sleep(0.2)
        assert stranger.poll() is None
        stranger.kill()


@pytest.mark.parametrize("jump", [-40 * YEAR, -YEAR, -120.0, 120.0, YEAR, 40 * YEAR])
def test_a_clock_that_jumped_neither_starts_nor_hides_a_run(jump: float) -> None:
    run = create_run("one", CONFIG)
    when = time.time() + jump
    os.utime(run.path / "status.json", (when, when))
    assert run.status().state == "stopped"  # was queued, and nobody is coming
    with run_lock(run.path):
        write_status(run.path, Status("running", "epoch 1 of 10", os.getpid()))
        os.utime(run.path / "status.json", (when, when))
        assert run.status().state == "running"
    assert run.status().state == "stopped"


def test_the_process_that_trains_a_run_sees_it_running() -> None:
    run = create_run("one", CONFIG)
    write_status(run.path, Status("running", "epoch 1 of 10", os.getpid()))
    with run_lock(run.path):
        assert run.status().state == "running"
        with pytest.raises(BadValueError, match="is training"):
            delete_run("one")


def test_a_torn_status_is_never_an_error_and_never_says_running() -> None:
    run = create_run("one", CONFIG)
    path = run.path / "status.json"
    write_status(run.path, Status("running", "epoch 1 of 10", 1))
    whole = path.read_bytes()
    for kept in range(len(whole)):
        path.write_bytes(whole[:kept])
        assert read_status(run.path).state == "stopped"
        assert [found.name for found in list_runs()] == ["one"]


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xfe",
        b"[" * 100_000,
        b"null",
        b'{"state": "flying", "sentence": ""}',
        b'{"state": [], "sentence": 1}',
    ],
)
def test_a_status_that_is_none_is_passed_over(content: bytes) -> None:
    run = create_run("one", CONFIG)
    (run.path / "status.json").write_bytes(content)
    assert run.status().state == "stopped"
    (run.path / "card.json").write_text("{}")
    assert run.status().state == "done"


@pytest.mark.parametrize("pid", ["1", -1, 0, True, 1.5, 10**30, [1], None])
def test_a_process_number_that_is_none_is_not_signalled(pid: object) -> None:
    run = create_run("one", CONFIG)
    (run.path / "status.json").write_text(json.dumps({"state": "queued", "sentence": "", "pid": pid}))
    assert run.status().pid is None
    launch.stop(run)
    assert run.status().state == "stopped"


def create_at_once(
    start: "multiprocessing.synchronize.Barrier", answers: "multiprocessing.Queue[str]"
) -> None:
    for i in range(10):
        start.wait(30)
        try:
            create_run(f"run-{i}", CONFIG)
        except BadValueError as error:
            answers.put(str(error))
        else:
            answers.put("made")


def test_of_processes_that_create_one_name_at_once_exactly_one_does() -> None:
    context = multiprocessing.get_context("spawn")
    start, answers = context.Barrier(2), context.Queue()
    children = [context.Process(target=create_at_once, args=(start, answers)) for _ in range(2)]
    for child in children:
        child.start()
    said = [answers.get(timeout=60) for _ in range(20)]
    for child in children:
        child.join(30)
    assert said.count("made") == 10
    assert all("exists; carry on with" in one for one in said if one != "made")
    assert len(list_runs()) == 10
    assert all(run.config == CONFIG and run.status().state == "queued" for run in list_runs())
    assert len(list(runs_folder().iterdir())) == 10


def test_a_run_that_could_not_be_made_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr("os.fsync", full)
        with pytest.raises(DiskFullError, match="no room left"):
            create_run("one", CONFIG)
    assert list(runs_folder().iterdir()) == []
    assert create_run("one", CONFIG).config == CONFIG


def test_an_empty_folder_of_that_name_is_taken_over_a_file_is_not() -> None:
    (runs_folder() / "one").mkdir(parents=True)
    create_run("one", CONFIG)
    (runs_folder() / "two").write_text("mine")
    (runs_folder() / "three").symlink_to("nowhere")
    for name in ("two", "three"):
        with pytest.raises(BadValueError, match=f"{name} exists"):
            create_run(name, CONFIG)
        with pytest.raises(BadValueError, match=f"{name} exists"):
            rename_run("one", name)
    assert (runs_folder() / "two").read_text() == "mine"


def test_a_deletion_cut_short_does_not_stand_in_the_way_of_the_next() -> None:
    create_run("one", CONFIG)
    left_over = runs_folder() / ".one.deleted"
    left_over.mkdir()
    (left_over / "config.json").write_text("{}")
    delete_run("one")
    assert list_runs() == []


@pytest.mark.parametrize(
    "name", ["../one", "/tmp/one", "a\0b", ".one", "-rf", "", "x" * 300, "one/../two", "é"]
)
def test_no_name_reaches_outside_the_runs_folder(name: str, disk) -> None:
    create_run("one", CONFIG)
    before = disk()
    for use in (find_run, delete_run, lambda n: create_run(n, CONFIG), lambda n: rename_run("one", n)):
        with pytest.raises(BadValueError, match="run name"):
            use(name)
    assert disk() == before


def test_histories_and_predictions_that_are_damaged_are_passed_over_or_named() -> None:
    run = create_run("one", CONFIG)
    (run.path / "history.jsonl").write_bytes(
        b'{"epoch": 1}\n\xff\xfe\n' + b"[" * 100_000 + b'\n[1]\n{"epoch": 2}\n'
    )
    assert [row["epoch"] for row in run.history()] == [1, 2]
    row = "1,2" + ",0.1" * 9
    for content in (
        "h\n1,2,3",
        f"h\n{row},nan",
        f"h\n{row},inf",
        "h\n" + "9" * 200_000,
        f"h\n{row},=1+1",
        "h\n\0",
    ):
        (run.path / "predictions.csv").write_text(content)
        with pytest.raises(BadFileError, match=r"predictions\.csv is damaged"):
            run.predictions()


def test_the_machines_turn_is_free_after_a_crash_and_never_taken_from_a_strangers_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    with training_turn("one", lambda sentence: None):
        pass
    (folder,) = tmp_path.iterdir()
    (folder / "training.lock").write_text("left by an older version")
    with training_turn("two", lambda sentence: pytest.fail(sentence)):
        assert holder(folder / "training.lock").what == "two"
    folder.rename(tmp_path / "elsewhere")
    folder.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(BadValueError, match="belongs to somebody else"), training_turn("three", print):
        pass
