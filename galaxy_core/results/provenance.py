"""What must stand beside the numbers: which galaxies finished runs were trained and tested on, in sentences."""

from collections.abc import Mapping, Sequence
from typing import Any

from galaxy_core.runs.run import CONFIG, Run

KINDS = {"mock": "mock", "survey": "real", "imported": "real"}
"""What galaxies of an origin are. A file that somebody has put together from pictures is taken for pictures of real
galaxies: rendered ones say that they are in the file itself, as every file that is rendered here does.
"""


def data_of(run: Run) -> dict[str, Any]:
    """What the card of a finished run says of its galaxies; empty where it says nothing."""
    data = run.card().get("data")
    return data if isinstance(data, dict) else {}


def tested_on(run: Run) -> str:
    """How many galaxies of which file the run was tested on, and whether the classes are balanced."""
    metrics, data, n_folds = run.measured() or {}, data_of(run), run.card().get("n_folds")
    kind = _TESTED_KINDS.get(str(data.get("origin")), "galaxies")
    where = f" of {data['file']}" if data.get("file") else ""
    mark = f" (sha256 {str(data['sha256'])[:12]}…)" if data.get("sha256") else ""
    balance = ", each class about as often, unlike the full set" if _is_balanced(metrics) else ""
    if n_folds:
        n, fold = data.get("n", "an unknown number of"), f", each run on one of {n_folds} folds"
    else:
        n, fold = metrics.get("n", "an unknown number of"), ""
    return f"Tested on {n} {kind}{where}{mark}{fold}{balance}."


def trained_on(runs: Sequence[Run]) -> list[str]:
    """A sentence for each mixture of galaxies that runs were trained on: "Trained on 490 real and 1,000 mock galaxies."

    Runs that say nothing of it are left out; the folds of a cross-validation may differ by a few galaxies. Where some
    learned corrected labels, a sentence says how many.
    """
    each_data = [data_of(run) for run in runs]
    counts: dict[tuple[str, int], list[int]] = {}
    for data in each_data:
        n, n_mocks = data.get("n_train"), data.get("n_train_mock", 0)
        if isinstance(n, int) and isinstance(n_mocks, int):
            counts.setdefault((str(data.get("origin")), n_mocks), []).append(n)
    return [
        f"Trained on {mixture(origin, _span(each), n_mocks)} galaxies."
        + (f" ({len(each)} {'runs' if len(each) > 1 else 'run'})" if len(counts) > 1 else "")
        for (origin, n_mocks), each in counts.items()
    ] + [sentence for sentence in dict.fromkeys(map(corrected_in_words, each_data)) if sentence]


def corrected_in_words(data: Mapping[str, Any]) -> str:
    """What a card says of corrected labels in the training part, as a sentence; empty where it was asked for none."""
    told = data.get("corrections")
    numbers = [told.get(name) for name in ("n_relabelled", "n_left_out")] if isinstance(told, dict) else []
    if not numbers or not all(isinstance(n, int) for n in numbers):
        return ""
    return "In training {} had a corrected label and {} doubtful were left out; none in validation or test.".format(
        *numbers
    )


def mixture(origin: str, n: int | str, n_mocks: int = 0) -> str:
    """What somebody trained on, before the word "galaxies": "490 real", "490 real and 1,000 mock".

    n galaxies of a file of that origin and, where there are any, the mock ones added to them; of an origin that is
    none the number alone.
    """
    many = f"{n:,}" if isinstance(n, int) else n
    kind = f"{many} {KINDS[origin]}" if origin in KINDS else many
    return f"{kind} and {n_mocks:,} {'more ' if origin == 'mock' else ''}mock" if n_mocks else kind


def tested_part(run: Run) -> tuple[Any, ...]:
    """What runs that were tested on the same galaxies agree in; the folds of one cross-validation are one."""
    card, sha256 = run.card(), data_of(run).get("sha256")
    if card.get("n_folds") is None:
        return sha256, card.get("split_hash")
    config = run.config if (run.path / CONFIG).is_file() else None
    return sha256, card["n_folds"], config and config.split_seed


_TESTED_KINDS = {"mock": "rendered (mock) galaxies", "imported": "real galaxies"}  # the survey has its name


def _span(each: Sequence[int]) -> str:
    return str(each[0]) if len(set(each)) == 1 else f"{min(each)}–{max(each)}"


def _is_balanced(metrics: dict[str, Any]) -> bool:
    """Whether the rarest class is at least half as frequent as the commonest; in Galaxy10 it is an eighth."""
    counts = [item["n"] for item in metrics.get("per_class", [])]
    return bool(counts) and 2 * min(counts) >= max(counts) > 0
