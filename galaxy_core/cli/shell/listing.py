"""The lines of `galaxy runs list`: a run each, and one for all folds of a cross-validation."""

from collections import Counter
from collections.abc import Sequence
from statistics import fmean
from typing import Any

HEADINGS = ("name", "state", "policy", "below the cut", "trainable", "test accuracy", "where")


def listing(summaries: Sequence[dict[str, Any]], every_fold: bool = False) -> str:
    """The runs in columns under their headings; each summary has a name, a state and where it lies."""
    from galaxy_core.runs.names import without_fold

    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for one in summaries:
        is_alone = every_fold or one.get("fold") is None
        name = one["name"] if is_alone else without_fold(one["name"])
        groups.setdefault((name, one["where"]), []).append(one)
    return _in_columns(
        [HEADINGS, *(_fields(_together(name, members)) for (name, _), members in groups.items())]
    )


def _together(name: str, folds: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """One summary of several folds: how many are in which state, and the mean accuracy of those that are tested."""
    first = folds[0]
    if len(folds) == 1:
        return first
    states = Counter(one["state"] for one in folds)
    tested = [one["test_accuracy"] for one in folds if one.get("test_accuracy") is not None]
    numbers = sorted(one["fold"] for one in folds)
    return {
        **first,
        "name": f"{name}-f{numbers[0]}…{numbers[-1]}",
        "state": ", ".join(f"{n} {state}" for state, n in states.items()),
        "test_accuracy": fmean(tested) if tested else None,
    }


def _fields(one: dict[str, Any]) -> tuple[str, ...]:
    percent, trainable = one.get("imagenet_percent"), one.get("trainable_percent")
    accuracy = one.get("test_accuracy")
    return (
        one["name"],
        one["state"],
        one.get("policy", ""),
        "" if percent is None else f"{percent} %",
        "" if trainable is None else f"{trainable} %",
        "" if accuracy is None else f"{accuracy:.3f}",
        one["where"],
    )


def _in_columns(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)
