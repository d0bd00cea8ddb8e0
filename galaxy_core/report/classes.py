"""Which classes each row finds and which it takes for one another, from what was counted when it was tested."""

from collections.abc import Sequence
from typing import Any

from galaxy_core.data.classes import Classes
from galaxy_core.numerals import is_number, number
from galaxy_core.report.markup import LeftOut, Markup, Section, element, joined, table
from galaxy_core.report.rows import Material

_PALEST, _DARKEST = 0.06, 0.62  # opacity of the colour behind a count: the words on it stay readable
_MOST_COLUMNS = 6


def classes_section(material: Material) -> Section | LeftOut:
    """Completeness and purity of each class, then a confusion matrix a row."""
    key, title = "classes", "Classes"
    measured = _measured(material)
    if not measured:
        return LeftOut(key, title, "No run has scores of single classes.")
    labels = list(measured)
    blocks = [labels[i : i + _MOST_COLUMNS] for i in range(0, len(labels), _MOST_COLUMNS)]
    scores = [
        _scores(material.classes, measured, block, what)
        for what in ("completeness", "purity")
        for block in blocks
    ]
    grids = [_confusion(label, values["confusion"]) for label, values in measured.items()]
    names = "; ".join(f"{c} {name}" for c, name in enumerate(material.classes))
    note = f"Confusion: the true class down, the predicted one across; counts of test galaxies. {names}."
    body = joined([*scores, element("p", note, class_="note"), element("div", *grids, class_="panels")])
    return Section(key, title, body)


def _measured(material: Material) -> dict[str, dict[str, Any]]:
    """By label, per_class and confusion of every line that has them whole."""
    found = {run.name: run.measured() or {} for run in material.singles}
    found |= {
        row.name: {"per_class": row.per_class, "confusion": row.confusion} for row in material.pooled.rows
    }
    ordered = {material.labels[line.run]: found[line.run] for line in material.lines}
    return {label: values for label, values in ordered.items() if _is_whole(values, len(material.classes))}


def _is_whole(values: dict[str, Any], n: int) -> bool:
    per_class, counts = values.get("per_class"), values.get("confusion")
    return (
        isinstance(per_class, list)
        and isinstance(counts, list)
        and len(per_class) == len(counts) == n
        and all(isinstance(item, dict) for item in per_class)
        and all(isinstance(row, list) and len(row) == n and all(map(is_number, row)) for row in counts)
    )


def _scores(
    classes: Classes, measured: dict[str, dict[str, Any]], labels: Sequence[str], what: str
) -> Markup:
    """One score of every class by row; `n` is that of the first row."""
    first = measured[labels[0]]["per_class"]
    rows = [
        (
            name,
            number(first[c].get("n"), 0),
            *(number(measured[label]["per_class"][c].get(what), 2) for label in labels),
        )
        for c, name in enumerate(classes)
    ]
    meaning = {"completeness": "share of a class that is found", "purity": "share of answers that are right"}
    caption = f"{what.capitalize()}: {meaning[what]}."
    return table(("class", "galaxies", *labels), rows, caption=caption)


def _confusion(label: str, counts: Sequence[Sequence[float]]) -> Markup:
    head = [element("td"), *(element("th", c, scope="col") for c in range(len(counts)))]
    rows = [element("tr", element("th", c, scope="row"), *_cells(row, c)) for c, row in enumerate(counts)]
    right = sum(row[c] for c, row in enumerate(counts))
    total = sum(map(sum, counts))
    alt = f"Confusion matrix of {label}: {right:.0f} of {total:.0f} on the diagonal."
    made = element("table", element("thead", element("tr", *head)), element("tbody", *rows), aria_label=alt)
    return element("figure", element("figcaption", label), made, class_="panel confusion")


def _cells(row: Sequence[float], true_class: int) -> list[Markup]:
    total = sum(row) or 1
    return [
        element(
            "td",
            f"{n:.3g}" if 0 < n < 1 else f"{n:.0f}" if n else "·",
            class_="right" if c == true_class else "wrong",
            style=f"--heat:{_PALEST + (_DARKEST - _PALEST) * n / total:.2f}" if n else None,
        )
        for c, n in enumerate(row)
    ]
