"""A disk that fills while a checkpoint is written, in a process of its own.

It is a limit on the size of files, set from outside while the training holds: the system refuses what is written
beyond it in the middle of the file.
"""

from pathlib import Path

import pytest
from trainings import ENDED, HELD, Hold, Training, Trainings, files_of, linear_probe, outcome

from galaxy_core.runs.run import Run

resource = pytest.importorskip("resource", reason="this system has no such limits")
pytestmark = pytest.mark.skipif(
    not hasattr(resource, "prlimit"), reason="this system sets no limits of another process"
)

ROOM_FOR_SENTENCES = 600  # bytes a file: enough for a status, too little for tensors
STATE = "resume/state.safetensors"


def train_on_a_disk_that_fills(trainings: Trainings, run: Run, hold: Hold, n_bytes: int) -> Training:
    """Train until the change to hold at, from where on no file may be larger than `n_bytes`."""
    training = trainings.start(run, [hold])
    assert training.wait() == HELD
    resource.prlimit(training.pid, resource.RLIMIT_FSIZE, (n_bytes, n_bytes))
    training.go_on()
    assert training.wait() == ENDED
    return training


def unfinished(run: Run) -> list[str]:
    return [name for name in files_of(run) if name.endswith(".tmp")]


@pytest.fixture
def undisturbed(trainings: Trainings, coloured_galaxies: Path) -> Run:
    run = linear_probe(coloured_galaxies, "undisturbed")
    trainings.carry_out(run)
    return run


def test_a_disk_that_fills_is_named_and_the_run_carries_on_to_the_same_bits(
    trainings: Trainings, coloured_galaxies: Path, undisturbed: Run
) -> None:
    run = linear_probe(coloured_galaxies, "full")
    first = trainings.start(run, [(f"become {STATE}", 2)])
    assert first.wait() == HELD
    first.kill()
    state = (run.path / STATE).read_bytes()
    for file, n_epochs in ((STATE, 1), ("weights.safetensors", 4), ("predictions.csv", 4), ("card.json", 4)):
        hold = (f"open {Path(file).parent / f'.{Path(file).name}.tmp'}", 0)
        training = train_on_a_disk_that_fills(trainings, run, hold, ROOM_FOR_SENTENCES)
        sentence = (
            f"{run.path / file} would be larger than any file may be there; raise the limit (`ulimit -f unlimited`) "
            "or choose a folder on another disk (nothing was changed)"
        )
        assert (training.exit_code, training.words) == (2, [sentence])
        assert (run.status().state, run.status().sentence) == ("failed", sentence)
        assert len(run.history()) == n_epochs
        assert unfinished(run) == []
        assert not run.is_whole
        if file == STATE:
            assert (run.path / STATE).read_bytes() == state
    assert trainings.carry_out(run).exit_code == 0
    assert outcome(run) == outcome(undisturbed)
    assert files_of(run) == files_of(undisturbed) - {"heartbeat"}  # the last process trained no batch


def test_a_disk_too_full_for_a_sentence_leaves_the_run_stopped_with_its_last_checkpoint(
    trainings: Trainings, coloured_galaxies: Path, undisturbed: Run
) -> None:
    run = linear_probe(coloured_galaxies, "full")
    training = train_on_a_disk_that_fills(trainings, run, (f"become {STATE}", 2), 0)
    assert training.exit_code == 2
    assert "raise the limit" in training.words[0]
    assert run.status().state == "stopped"
    assert unfinished(run) == []
    assert trainings.carry_out(run).exit_code == 0
    assert outcome(run) == outcome(undisturbed)
