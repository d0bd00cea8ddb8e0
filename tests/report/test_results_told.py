"""What docs/results.md says with an interval is in its tables of evidence, and these hold their own numbers."""

import csv
import json
import re
from pathlib import Path
from typing import NamedTuple

import pytest

DOCS = Path(__file__).parents[2] / "docs"
TABLES = sorted(DOCS.glob("results*.csv"))
NUMBER = r"([+−]?\d+(?:\.\d+)?)"
TOLD = re.compile(rf"{NUMBER}(?: %)?\**(?: points)? \({NUMBER}(?:–| to ){NUMBER}(?:\)|;|,)")
OF_ONE_SEED = {  # where the tables have the mean of two
    "−8 (−11 to −4)", "−9 (−12 to −6)", "−28 (−32 to −23)", "+3 (0 to +6)", "+5 (+2 to +9)", "+8 (+4 to +11)",
    "0.553 (0.516 to 0.590)", "0.477 (0.441 to 0.516)",
}  # fmt: skip
OF_RUNS_NOT_KEPT = {"0.614 (0.532 to 0.691)", "0.693 (0.612 to 0.763)", "0.786 (0.711 to 0.846)"}


OF_A_PART = {  # the tables that a part of the text, by its heading, is made from
    "The paper's network: DenseNet-121": ["results"],
    "Real ImageNet weights: EfficientNet-Lite0": [
        "results-imagenet", "results-imagenet-folds", "results-best",
    ],
    "The best classifier, and where it fails": ["results-imagenet", "results-best"],
    "The same six rows at 96 px: folds, seeds and policies": [
        "results-96px", "results-folds", "results-seeds", "results-policies",
    ],
    "What leaks?": ["results"],
    "How to repeat it": [],
}  # fmt: skip


class Line(NamedTuple):
    """A number with its interval, as written in the text."""

    value: str
    low: str
    high: str


def parts() -> dict[str, str]:
    """The text under each heading of the second level."""
    text = (DOCS / "results.md").read_text(encoding="utf-8")
    return dict(part.split("\n", 1) for part in text.split("\n## ")[1:])


def told(text: str) -> list[Line]:
    return [Line(*found) for found in TOLD.findall(text.replace("\n", " "))]


def measured(tables: list[str]) -> list[tuple[float, float, float]]:
    """Every interval of the tables, and of the cross-validations that the cards of shipped models tell of."""
    rows = [row for name in tables for row in table_of(DOCS / f"{name}.csv")]
    cards = [json.loads(path.read_text()) for path in sorted((DOCS.parent / "models").glob("*/card.json"))]
    folds = [card["cross_validation"] for card in cards if "cross_validation" in card]
    return [
        *((float(row["value"]), float(row["low"]), float(row["high"])) for row in rows),
        *((one["test_accuracy"], one["test_low"], one["test_high"]) for one in folds),
    ]


def table_of(path: Path) -> list[dict[str, str]]:
    """The rows that have an interval."""
    with path.open(newline="", encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if row["low"]]


def is_the_same(told: Line, found: tuple[float, float, float]) -> bool:
    """Rounded as it is told; in shares or in points, either way round."""
    value, low, high = found
    turned = (-value, -high, -low)
    return any(
        all(_is_rounded(text, scale * number) for text, number in zip(told, way, strict=True))
        for way in (found, turned)
        for scale in (1, 100)
    )


def _is_rounded(text: str, number: float) -> bool:
    digits = len(text.partition(".")[2])
    return abs(float(text.replace("−", "-")) - number) <= 0.501 * 10**-digits


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.stem)
def test_every_interval_of_a_table_holds_its_number(path: Path) -> None:
    for row in table_of(path):
        low, value, high = (float(row[k]) for k in ("low", "value", "high"))
        assert low - 1e-9 <= value <= high + 1e-9, row


def test_every_part_of_the_text_is_bound_to_its_tables() -> None:
    assert list(parts()) == list(OF_A_PART)
    assert {name for tables in OF_A_PART.values() for name in tables} == {path.stem for path in TABLES}
    assert sum(len(told(text)) for text in parts().values()) > 80


@pytest.mark.parametrize("heading", OF_A_PART)
def test_every_interval_that_is_told_was_measured_where_its_part_says(heading: str) -> None:
    found = measured(OF_A_PART[heading])
    missing = [line for line in told(parts()[heading]) if not any(is_the_same(line, one) for one in found)]
    said = {f"{line.value} ({line.low} to {line.high})" for line in missing}
    assert said <= OF_ONE_SEED | OF_RUNS_NOT_KEPT


def test_what_is_said_to_be_beyond_or_within_chance_is_so_in_the_table() -> None:
    """Of calibration: the rows named as off by more than chance explains are those whose interval leaves out 0."""
    errors = {
        (row["run or pair"], row["score"]): float(row["low"]) > 0
        for row in table_of(DOCS / "results-96px.csv")
        if row["score"].startswith("calibration error")
    }
    text = (DOCS / "results.md").read_text(encoding="utf-8").partition("- **Probabilities.**")[2]
    before, _, after = text.partition("- **Sets")[0].partition("after scaling")
    for when, part in (("before", before), ("after", after)):
        named = {f"fractions-{int(percent):03d}-s0" for percent in re.findall(r"(\d+) % (?:\(|alone)", part)}
        assert named == {
            run for (run, score), is_off in errors.items() if f"error {when}" in score and is_off
        }
