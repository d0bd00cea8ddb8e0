"""A run: one folder, and the questions one may ask it. Reading never changes anything.

Layout: config.json, status.json, history.jsonl, weights.safetensors, card.json, split.json, predictions.csv,
metrics.json, log.txt and, while it is not done, resume/. The card is written last: its presence means that all of it
is there. Weights alone may be elsewhere, as those of the folds that ship are.
"""

import csv
import json
import math
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from galaxy_core.data.classes import GALAXY10, Classes
from galaxy_core.data.corrected import CORRECTIONS, Corrected
from galaxy_core.data.split import Split
from galaxy_core.errors import BadFileError, BadValueError, LockedError, MissingError, brief
from galaxy_core.files.atomic import atomic_folder, clear_left, temporary_name, write_text_atomically
from galaxy_core.networks.backbone import Backbone
from galaxy_core.networks.registry import DEFAULT_BACKBONE, get_backbone
from galaxy_core.networks.scaling import scaled
from galaxy_core.runs.borrowed import read_borrowed, taken_over
from galaxy_core.runs.checkpoint import WEIGHTS, Tensors, read_stored, widened
from galaxy_core.runs.config import TrainConfig
from galaxy_core.runs.names import (
    belongs_to_sweep,
    check_name,
    runs_folder,
    shipped_folder,
    shipped_folds_folder,
)
from galaxy_core.runs.pretrain_config import KIND as SOURCE
from galaxy_core.runs.pretrain_config import PretrainConfig
from galaxy_core.runs.status import (
    LOCK_FILE,
    Heartbeat,
    Status,
    is_held,
    read_heartbeat,
    read_status,
    run_lock,
    write_status,
)

CONFIG, CARD, HISTORY = "config.json", "card.json", "history.jsonl"
SPLIT, METRICS = "split.json", "metrics.json"
PREDICTIONS, LOG, RESUME = "predictions.csv", "log.txt", "resume"
NOTICE = "NOTICE.txt"
"""In a packed run: whose the tensors are that it took over unchanged."""
LARGEST_INDEX = 2**53  # up to here a float64 holds every whole number


@dataclass(frozen=True)
class TestPredictions:
    """Answers on the test part.

    `index` int64 (N,) into the data, `labels` int64 (N,), `probabilities` float32 (N, classes).
    """

    __test__ = False  # not a test class, whatever its name begins with

    index: np.ndarray
    labels: np.ndarray
    probabilities: np.ndarray


class Run:
    """A run folder. Every method reads the disk anew, so a page always shows what is there now."""

    def __init__(self, path: Path) -> None:
        self.path = Path(path)

    def __repr__(self) -> str:
        return f"Run({self.name!r})"

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.path.name

    @property
    def is_whole(self) -> bool:
        """Whether the checkpoint is complete."""
        return self.is_finished and (self.path / WEIGHTS).is_file()

    @property
    def is_finished(self) -> bool:
        """Whether it came to its end and says what it answered, be its weights here or not."""
        return (self.path / CARD).is_file()

    @property
    def is_shipped(self) -> bool:
        """Whether it is one of the read-only runs that came with the project."""
        return self.path.parent in (shipped_folder(), shipped_folds_folder())

    @property
    def is_source(self) -> bool:
        """Whether it holds, or is being trained to hold, pre-trained weights without a classifier of galaxies."""
        return any((self.path / f).is_file() and self._json(f).get("kind") == SOURCE for f in (CARD, CONFIG))

    @property
    def asked(self) -> TrainConfig | PretrainConfig:
        """What was asked: of a classifier or of a source."""
        values = self._json(CONFIG)
        return (
            PretrainConfig.from_json(values)
            if values.get("kind") == SOURCE
            else TrainConfig.from_json(values)
        )

    @property
    def config(self) -> TrainConfig:
        """What was asked of a classifier; BadValueError for a source, which was asked for something else."""
        if isinstance(asked := self.asked, TrainConfig):
            return asked
        raise BadValueError(
            f"{self.name} holds pre-trained weights and no classifier of galaxies; "
            f"train with `--source {self.name}` first"
        )

    @property
    def pretrain_config(self) -> PretrainConfig:
        """What was asked of a source."""
        return PretrainConfig.from_json(self._json(CONFIG))

    @property
    def network(self) -> Backbone:
        """The table of its backbone, shown images as its card says.

        A folder of the first version that does not say is of the paper's network, shown them in its own way.
        """
        if (self.path / CONFIG).is_file():
            return self.asked.network
        card = self.card()
        wanted = card.get("preprocessing")
        scaling = wanted.get("name") if isinstance(wanted, dict) else None
        return scaled(get_backbone(str(card.get("backbone", DEFAULT_BACKBONE))), scaling)

    @property
    def classes(self) -> Classes:
        """What it tells apart: by its card, else by what was asked; Galaxy10's where neither says so.

        Errors: BadValueError for a card whose classes are no names.
        """
        if (self.path / CARD).is_file() and isinstance(names := self.card().get("classes"), list):
            return Classes(names)
        return self.config.classes if (self.path / CONFIG).is_file() else GALAXY10

    def status(self) -> Status:
        """How it is doing, checked against the process itself."""
        return read_status(self.path)

    def under_way(self) -> Heartbeat | None:
        """How far the epoch under way is; None between two epochs, and where nothing says so."""
        last = read_heartbeat(self.path)
        return last if last is not None and last.epoch == len(self.history()) + 1 else None

    def history(self) -> list[dict[str, Any]]:
        """One dict an epoch: epoch, loss, accuracy, val_loss, val_accuracy, seconds; empty before the first.

        What is not finite, as after a diverged epoch, is None.
        """
        try:
            lines = (self.path / HISTORY).read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return []
        return [known_numbers(row) for row in map(_json_or_none, lines) if row is not None]

    def card(self) -> dict[str, Any]:
        """What a stranger must know of the checkpoint."""
        return self._json(CARD)

    def tensors(self) -> Tensors:
        """All weights as float32 (integers as they are), named "<layer>/<weight>"."""
        return widened(self.stored_tensors())

    def stored_tensors(self) -> Tensors:
        """The same in the precision they are stored in; those taken over unchanged are read from their source."""
        path = self.path / WEIGHTS
        held, borrowed = read_stored(path), read_borrowed(path)
        return held if borrowed is None else held | taken_over(borrowed, path, self.network, held)

    def split(self) -> Split:
        """The parts it was trained, validated and tested on."""
        return Split.from_json(self._json(SPLIT))

    def corrected(self) -> Corrected | None:
        """What corrections changed of its training part; None where it was not asked to learn any."""
        if not self.config.corrections:
            return None
        try:
            return Corrected.from_json(self._json(SPLIT)[CORRECTIONS])
        except (KeyError, TypeError, ValueError) as error:
            raise BadFileError(
                f"the corrections in {self.path / SPLIT} are damaged ({brief(error)}); train the run again"
            ) from error

    def metrics(self) -> dict[str, Any]:
        """Loss, accuracy, balanced accuracy, per class and confusion on the test part; see `measured`."""
        return self._json(METRICS)

    def measured(self) -> dict[str, Any] | None:
        """`metrics()`, or None where it was never tested: not done yet, or its weights came from elsewhere."""
        return (self.metrics() or None) if (self.path / METRICS).is_file() else None

    def predictions(self) -> TestPredictions:
        """The test part's answers, read from predictions.csv."""
        path = self.path / PREDICTIONS
        try:
            with path.open(newline="", encoding="utf-8") as file:
                rows = [[float(v) for v in row] for row in list(csv.reader(file))[1:]]
            table = np.array(rows, dtype=np.float64).reshape(len(rows), 2 + len(self.classes))
            _require_plain_numbers(table)
        except FileNotFoundError:
            raise MissingError(
                f"run {self.name} has no predictions yet; let it finish or train it again"
            ) from None
        except (ValueError, csv.Error) as error:
            raise BadFileError(f"{path} is damaged ({brief(error)}); train the run again") from error
        return TestPredictions(
            table[:, 0].astype(np.int64), table[:, 1].astype(np.int64), table[:, 2:].astype("f4")
        )

    def _json(self, name: str) -> dict[str, Any]:
        path = self.path / name
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise MissingError(f"run {self.name} has no {name}; let it finish or train it again") from None
        except (ValueError, OSError, RecursionError) as error:
            raise BadFileError(
                f"{path} is damaged ({brief(error)}); restore it or train the run again"
            ) from error
        if not isinstance(values, dict):
            raise BadFileError(f"{path} must hold a JSON object, got {type(values).__name__}; restore it")
        return values


def known_numbers(row: Mapping[str, Any]) -> dict[str, Any]:
    """A line of history in which what is no finite number is None: plain JSON, which has no NaN."""
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in row.items()
    }


def create_run(name: str, config: TrainConfig | PretrainConfig) -> Run:
    """Make the folder and write config.json, which never changes afterwards.

    Errors: BadValueError when the name is not one, or is taken (in `runs/` or among the shipped ones).
    """
    folder = free_folder(name)
    try:
        # config and status appear together: a machine that goes down in between leaves no half-made run
        with atomic_folder(folder) as making:
            write_text_atomically(making / CONFIG, json.dumps(config.to_json(), indent=1) + "\n")
            write_status(making, Status("queued", "waiting to start"))
    except FileExistsError:
        raise BadValueError(
            f"a run named {name} exists; carry on with `galaxy train --run {name}` or choose another name"
        ) from None
    return Run(folder)


def free_folder(name: str) -> Path:
    """Where a new run of that name goes; BadValueError when it is no name or that of a shipped run."""
    folder = runs_folder() / check_name(name)
    if any((shipped / name).exists() for shipped in (shipped_folder(), shipped_folds_folder())):
        raise BadValueError(f"{name} is the name of a shipped run; choose another name")
    folder.parent.mkdir(parents=True, exist_ok=True)
    return folder


def list_runs() -> list[Run]:
    """All runs, own ones first, each folder sorted by name; a shipped name that is also an own one appears once."""
    found: dict[str, Run] = {}
    for folder in _folders():
        if folder.is_dir():
            for path in sorted(folder.iterdir()):
                if _is_run(path):
                    found.setdefault(path.name, Run(path))
    return list(found.values())


def find_run(name: str) -> Run:
    """The run of that name; MissingError names the ones there are."""
    check_name(name)
    for folder in _folders():
        if _is_run(folder / name):
            return Run(folder / name)
    known = ", ".join(run.name for run in list_runs()[:12]) or "none yet"
    raise MissingError(
        f"there is no run named {name} in {runs_folder()} or {shipped_folder()}; there are: {known}"
    )


def resolve_runs(names: Iterable[str]) -> list[Run]:
    """The runs of those names, in order, each once; the name of a sweep means all of its runs."""
    found: dict[str, Run] = {}
    for name in names:
        members = [] if _is_run(runs_folder() / name) else sweep_runs(check_name(name))
        for run in members or [find_run(name)]:
            found.setdefault(run.name, run)
    return list(found.values())


def sweep_runs(sweep: str) -> list[Run]:
    """The runs that belong to the sweep of that name; empty when there is none."""
    return [run for run in list_runs() if belongs_to_sweep(run.name, sweep)]


def rename_run(name: str, new_name: str) -> Run:
    """Give an own run another name; refused while it is training, for shipped runs and for taken names."""
    with _own_idle_run(name, "renamed") as run:
        target = free_folder(new_name)
        if target.exists() or target.is_symlink():
            raise BadValueError(f"a run named {new_name} exists; choose another name")
        run.path.rename(target)
        (target / LOCK_FILE).unlink(missing_ok=True)
    return Run(target)


def delete_run(name: str) -> None:
    """Delete an own run with all its files; refused while it is training and for shipped runs."""
    with _own_idle_run(name, "deleted") as run:
        # hidden first: a reader never meets half a run; a deletion cut short must not stand in the way of the next
        doomed = temporary_name(run.path)
        run.path.rename(doomed)
        shutil.rmtree(doomed)
    clear_left(doomed.parent)


@contextmanager
def _own_idle_run(name: str, what: str) -> Iterator[Run]:
    """The run, held so that nobody begins to train it meanwhile."""
    run = find_run(name)
    if run.is_shipped:
        raise BadValueError(f"{name} is a shipped run and cannot be {what}; only runs in {runs_folder()} can")
    with ExitStack() as stack:
        try:
            if is_held(run.path):  # by this very process too, which could take it again
                raise LockedError
            stack.enter_context(run_lock(run.path, patience=0))
        except LockedError:
            raise BadValueError(
                f"{name} is training and cannot be {what}; stop it with `galaxy runs stop {name}`"
            ) from None
        yield run


def _folders() -> tuple[Path, ...]:
    return runs_folder(), shipped_folder(), shipped_folds_folder()


def _is_run(path: Path) -> bool:
    return not path.name.startswith(".") and ((path / CONFIG).is_file() or (path / CARD).is_file())


def _require_plain_numbers(table: np.ndarray) -> None:
    if not np.isfinite(table).all() or (np.abs(table[:, :2]) > LARGEST_INDEX).any():
        raise ValueError("a number is not finite or far too large")


def _json_or_none(line: str) -> dict[str, Any] | None:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None  # the line under way when a process was killed
    return row if isinstance(row, dict) else None
