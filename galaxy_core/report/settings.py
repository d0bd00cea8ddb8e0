"""How the runs were made: what was asked of each, with what, on which galaxies; what differs between them first."""

import json
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from galaxy_core.report.markup import LeftOut, Markup, Section, element, joined, paragraphs, table
from galaxy_core.report.rows import Material
from galaxy_core.results.provenance import tested_on, trained_on
from galaxy_core.runs.run import CONFIG, Run

_CHECKSUMS = ("weights_sha256", "split_hash", "data.sha256", "source.sha256")
_SAID_ELSEWHERE = frozenset({"name", "classes", "trainable", "policy", "cut", *_CHECKSUMS})
_DIGITS_OF_A_HASH = 16

Values = Mapping[str, str]


def settings_section(material: Material) -> Section | LeftOut:
    """The config of every run."""
    key, title = "settings", "Settings"
    asked = {run.name: _config(run) for run in material.runs if (run.path / CONFIG).is_file()}
    if not asked:
        return LeftOut(key, title, "No run has kept its settings (config.json).")
    return Section(key, title, _tables(asked, "What differs between the runs.", "What all runs share."))


def environment_section(material: Material) -> Section:
    """Versions, device, galaxies and checksums, from the card of every run."""
    cards = {run.name: _flat(run.card()) for run in material.runs}
    plain = {
        name: {key: value for key, value in card.items() if key not in _SAID_ELSEWHERE}
        for name, card in cards.items()
    }
    sentences = dict.fromkeys([*map(tested_on, material.runs), *trained_on(material.runs)])
    body = joined(
        [
            paragraphs(sentences),
            _tables(plain, "What differs between the runs.", "What all runs share."),
            _checksums(cards),
        ]
    )
    return Section("environment", "Environment, data and checksums", body)


def differing_and_common(values: Mapping[str, Values]) -> tuple[list[str], dict[str, str]]:
    """The keys in which runs differ, and what is the same in all; a key that only some have differs."""
    keys = list(dict.fromkeys(key for own in values.values() for key in own))
    common, differing = {}, []
    for key in keys:
        found = {own.get(key) for own in values.values()}
        first = next(iter(found))
        if len(found) == 1 and first is not None:
            common[key] = first
        else:
            differing.append(key)
    return differing, common


def _tables(values: Mapping[str, Values], differ: str, same: str) -> Markup:
    differing, common = differing_and_common(values)
    made = []
    if differing:
        rows = [[name, *(_short(own.get(key, "–")) for key in differing)] for name, own in values.items()]
        made.append(table(["run", *differing], rows, caption=differ, class_="words"))
    if common:
        made += [element("p", same, class_="note") if len(values) > 1 else Markup(), _facts(common)]
    return joined(made)


def _facts(values: Values) -> Markup:
    """Names and values in as many columns as there is room for."""
    pairs = [element("div", element("dt", name), element("dd", value)) for name, value in values.items()]
    return element("dl", *pairs, class_="facts")


def _checksums(cards: Mapping[str, Values]) -> Markup:
    """Weights, split, data and source in full: those that all share once, the others by run."""
    values = {name: {k: card[k] for k in _CHECKSUMS if k in card} for name, card in cards.items()}
    differing, common = differing_and_common(values)
    rows = [(f"{key}, all runs" if len(cards) > 1 else key, value) for key, value in common.items()]
    rows += [(f"{key}, {name}", own[key]) for key in differing for name, own in values.items() if key in own]
    whole = [(what, element("code", value)) for what, value in rows]
    return table(("of what", "checksum"), whole, caption="Checksums in full.", class_="words")


def _config(run: Run) -> dict[str, str]:
    """Flat settings; of the path of the galaxies the file name alone, the rest is nobody's business."""
    values = run.config.to_json()
    return _flat({**values, "data": PurePath(values["data"]).name})


def _flat(values: Mapping[str, Any], before: str = "") -> dict[str, str]:
    """`{"a": {"b": 1}}` as `{"a.b": "1"}`; lists as JSON, what is empty as a word."""
    found: dict[str, str] = {}
    for key, value in values.items():
        if isinstance(value, Mapping):
            found |= _flat(value, f"{before}{key}.")
        else:
            found[f"{before}{key}"] = _word(value)
    return found


def _word(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.6g}"
    return value if isinstance(value, str) else json.dumps(value)


def _short(value: str) -> str:
    is_hash = len(value) == 64 and set(value) <= set("0123456789abcdef")
    return f"{value[:_DIGITS_OF_A_HASH]}…" if is_hash else value
