"""Names of runs and sweeps, and where run folders live.

A name is one path segment of letters, digits, `.`, `_`, `-`; a sweep `first` names its runs `first-020-s0`
(cut 20 %, seed 0), or `first-scratch-000-s0` where the sweep has several policies. The folds of a cross-validation
end in `-f0`, `-f1`, …; `first-020-s0` then means all of them.
"""

import os
import re
from pathlib import Path

import platformdirs

from galaxy_core.errors import BadValueError, quoted
from galaxy_core.networks.policy import POLICIES
from galaxy_core.networks.registry import DEFAULT_BACKBONE

LONGEST_NAME = 100
FOLDS = "folds"
"""The folder of `shipped_folds_folder`, and the end of what is called by `folds_of`."""
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*\Z")
_FOLD_TAIL = r"-f\d+\Z"
_SWEEP_TAIL = rf"-(?:(?:{'|'.join(POLICIES)})-)?\d{{3}}-s\d+(?:-f\d+)?\Z"


def runs_folder() -> Path:
    """Where new runs are made: `$GALAXY_RUNS`, else `runs/` of the working directory."""
    return Path(os.environ.get("GALAXY_RUNS") or "runs").absolute()


def studies_folder() -> Path:
    """Where studies that were started in the background work, and what was found of shipped runs is kept."""
    return runs_folder() / ".studies"


def sheets_folder() -> Path:
    """Where answers on many images that were asked for on a page are made and kept."""
    return runs_folder() / ".sheets"


def people_folder() -> Path:
    """Where the explorer keeps which files each of its visitors has opened."""
    return runs_folder() / ".people"


def own_folder() -> Path:
    """Where the explorer makes files of one's own galaxies: among the runs, where no clearing of caches takes them."""
    return runs_folder() / "data"


def shipped_folder() -> Path:
    """Where the shipped, read-only runs are: `$GALAXY_MODELS`, else `models/` of a checkout.

    A wheel holds none: installed from one, they are where `galaxy models fetch` puts them.
    """
    if named := os.environ.get("GALAXY_MODELS"):
        return Path(named).absolute()
    root = Path(__file__).parents[2]
    if (root / "pyproject.toml").is_file():
        return root / "models"
    return Path(platformdirs.user_data_dir("galaxy-transfer-explorer")) / "models"


def shipped_folds_folder() -> Path:
    """Where the folds are in which the shipped recipes were tested: runs without their weights."""
    return shipped_folder() / FOLDS


def folds_of(name: str) -> str:
    """What the cross-validation of a sweep, or of a single run, is called that goes by its recipe."""
    return f"{name}-{FOLDS}"


def check_name(name: str) -> str:
    """The name itself when it may name a run; otherwise a BadValueError that says what may."""
    if not isinstance(name, str) or len(name) > LONGEST_NAME or not _NAME.match(name):
        raise BadValueError(
            f"a run name is letters, digits, '.', '_' and '-', at most {LONGEST_NAME} of them and not "
            f"beginning with '.' or '-', got {quoted(name)}; use for example my-run-1"
        )
    return name


def sweep_run_name(
    sweep: str, policy: str | None, imagenet_percent: int, seed: int, fold: int | None = None
) -> str:
    """The flat name of one run of a sweep; `policy` only where the sweep has several, `fold` where it has folds."""
    middle = f"{policy}-" if policy else ""
    end = "" if fold is None else f"-f{fold}"
    return check_name(f"{sweep}-{middle}{imagenet_percent:03d}-s{seed}{end}")


def sweep_name(preset: str, backbone: str) -> str:
    """What a sweep is called that nobody named: after its preset, and its backbone where that is not the paper's."""
    return preset if backbone == DEFAULT_BACKBONE else f"{preset}-{backbone}"


def belongs_to_sweep(name: str, sweep: str) -> bool:
    """Whether `name` is one of the runs that the sweep `sweep` makes, or one of the folds of the run `sweep`."""
    tail = name[len(sweep) :]
    return name.startswith(sweep) and any(re.match(one, tail) for one in (_SWEEP_TAIL, _FOLD_TAIL))


def without_fold(name: str) -> str:
    """The name that all folds of a run share: `first-020-s0` of `first-020-s0-f3`; other names as they are."""
    return re.sub(_FOLD_TAIL, "", name)
