"""What a study has found of each run, as heads, rows and notes of a table; a record may hold anything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from galaxy_core.report.markup import Markup, number, with_interval

Record = Mapping[str, Any]
Records = Mapping[str, Record]
"""By the label of a run, what a study kept in its folder."""
Made = tuple[Sequence[str], Sequence[Sequence[object]], Sequence[str]]
"""Heads, rows and notes of the table of a study."""


def focus_table(records: Records) -> Made:
    """Where the heat of the maps is, and the same beyond what two nulls have."""
    heads = (
        *("run", "galaxies", "heat on the galaxy", "beyond a centred blob", "beyond the brightness"),
        *("hottest pixel on it", "area, log2", "offset, radii", "blank maps", "heat follows a shift"),
    )
    rows = [
        (
            *(label, number(one.get("n"), 0), _estimate(one, "scores", "energy_galaxy", digits=2)),
            *(
                _estimate(one, "minus", k, "energy_galaxy", sign="+", digits=2)
                for k in ("gaussian", "brightness")
            ),
            *(
                _estimate(one, "scores", k, digits=2)
                for k in ("pointing", "area_log2", "offset_radii", "blank")
            ),
            _estimate(one, "shift_slope", digits=2),
        )
        for label, one in records.items()
    ]
    maps = dict.fromkeys(f"Maps: {one.get('maps')}." for one in records.values())
    return heads, rows, [*maps, *_verdicts(records)]


def _verdicts(records: Records) -> Iterator[str]:
    """The paper's sentence on each row, and what the scores say of it."""
    papers = {label: group(one, "paper") for label, one in records.items()}
    for label, paper in papers.items():
        if paper:
            sentence, verdict, criterion = (paper.get(k) for k in ("sentence", "verdict", "criterion"))
            yield f"The paper on {label}: “{sentence}”. On these scores {verdict} ({criterion})."
    if any(papers.values()):
        yield "The paper gives no numbers, so the thresholds behind the verdicts are ours."


def elements_table(records: Records) -> Made:
    """How much each element of mock galaxies is preferred, which know their elements."""
    heats = {label: _heats(one) for label, one in records.items()}
    names = list(dict.fromkeys(pair for heat in heats.values() for pair in heat))
    heads = ["run", *(element if group == "all" else f"{element}, {group} only" for group, element in names)]
    rows = [[label, *(_interval(heat.get(pair, {})) for pair in names)] for label, heat in heats.items()]
    return heads, rows, ["Share of the heat over share of the area: 1 where a map has no preference."]


def _heats(record: Record) -> dict[tuple[str, str], Record]:
    """Of all galaxies every element; of the barred spirals the bar, which is what names them."""
    lines = record.get("heat")
    found = [one for one in lines if isinstance(one, dict)] if isinstance(lines, list) else []
    pairs = {(str(one.get("class")), str(one.get("element"))): one for one in found}
    return {pair: one for pair, one in pairs.items() if pair[0] == "all" or pair == ("Barred Spiral", "bar")}


def cues_table(records: Records) -> Made:
    """What is lost with texture, colour and outline."""
    drops = list(dict.fromkeys(name for one in records.values() for name in group(one, "drops")))
    heads = ["run", "accuracy", *(_drop_name(name) for name in drops)]
    rows = [
        [label, _estimate(one, "accuracy"), *(_estimate(one, "drops", k, sign="+") for k in drops)]
        for label, one in records.items()
    ]
    return heads, rows, ["Fall of the accuracy on the same galaxies once the cue is taken away."]


def _drop_name(name: str) -> str:
    return name if " " in name else f"without {name}"


def faithfulness_table(records: Records) -> Made:
    """What happens to the answers when the hot pixels go, and to the maps when weights do."""
    scores = list(dict.fromkeys(k for one in records.values() for k in group(one, "scores")))
    parts = list(dict.fromkeys(k for one in records.values() for k in group(one, "randomised")))
    beyond = [f"{k.replace('_', ' ')} minus random map" for k in scores]
    heads = ["run", "layer", *beyond, *(f"correlation, {k} randomised" for k in parts)]
    rows = [
        [
            *(label, one.get("layer")),
            *(_estimate(one, "minus_random", k, digits=2, sign="+") for k in scores),
            *(_estimate(one, "randomised", k, digits=2, sign="+") for k in parts),
        ]
        for label, one in records.items()
    ]
    notes = (
        "Minus a random map of the same cells: deletion and average drop speak for a map below 0, insertion and ROAD "
        "above 0.",
        "Rank correlation of the maps with those of the network with that part drawn anew: near 0, they rest on it.",
    )
    return heads, rows, notes


def calibration_table(records: Records) -> Made:
    """Temperature, calibration error, sets of classes, and accuracy at the frequencies of the survey."""
    heads = (
        *("run", "temperature", "calibration error", "after scaling", "sets that promise 90 %"),
        *("classes a set", "accuracy at the survey's frequencies", "with them as prior"),
    )
    return heads, [_trust(label, one) for label, one in records.items()], []


def _trust(label: str, one: Record) -> Sequence[object]:
    every = one.get("sets")
    sets = [a for a in every if isinstance(a, dict)] if isinstance(every, list) else []
    at_90: Record = next((a for a in sets if a.get("coverage") == 0.9), {})
    before, after = group(one, "before"), group(one, "after")
    survey = [group(group(one, "survey"), k) for k in ("plain", "shifted")]
    return (
        *(label, number(one.get("temperature"), 2)),
        *(_estimate(a, "error") for a in (before, after)),
        with_interval(at_90.get("covered"), at_90.get("low"), at_90.get("high"), 2),
        number(at_90.get("mean_size"), 1),
        *(with_interval(a.get("accuracy"), a.get("low"), a.get("high")) for a in survey),
    )


def _estimate(record: Record, *path: str, digits: int = 3, sign: str = "") -> Markup:
    found = at(record, *path)
    if not isinstance(found, dict):
        return with_interval(None, None, None)
    return with_interval(found.get("value"), found.get("low"), found.get("high"), digits, sign)


def _interval(line: Record) -> Markup:
    return with_interval(line.get("enrichment"), line.get("low"), line.get("high"), 2)


def group(record: Record, name: str) -> Record:
    """The object of that name; empty where there is none."""
    found = record.get(name)
    return found if isinstance(found, dict) else {}


def at(record: Any, *path: str) -> Any:
    """What lies at the end of these keys; None where they lead nowhere."""
    for key in path:
        record = record.get(key) if isinstance(record, dict) else None
    return record
