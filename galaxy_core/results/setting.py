"""What "the same but for the seed" means, said once: whoever pools, averages or compares runs asks here.

A setting is all that a run was asked and, where its card says more, made of. Where its files lay is no part of it
(their digests are), nor a source of which nothing was taken, nor the machine. Policy and share are the question that
rows are compared over; whatever else two rows differ in, mock galaxies, view or epochs, is named in place of a winner.
"""

import json
import re
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from galaxy_core.data.classes import GALAXY10, Classes
from galaxy_core.errors import BadValueError
from galaxy_core.networks.policy import needs_source
from galaxy_core.results.provenance import data_of
from galaxy_core.runs.config import TrainConfig
from galaxy_core.runs.run import CONFIG, Run

Setting = str
"""The values by name as JSON, names in order: plain text that may be a key, and a field of a row."""

DRAWS = ("seed", "fold")
"""What chance is drawn by: which weights, views and galaxies."""
QUESTION = ("policy", "trainable")
"""What rows are compared over unless something else is asked."""
NO_SOURCE = "none"
_WHO_IS_TESTED = {*DRAWS, "n_folds", "test", "split", "precision"}
_OF_SOURCE = ("source", "source_weights", "scaling")
_DETAILS = {"source_weights": "source", "scaling": "source", "mock_file": "mocks", "split": "data"}
"""What follows from another value, and says nothing more where that differs."""
_LABELS = {"data": "file of galaxies", "mocks": "mock galaxies"}
_FIRST = ("classes", "recipe", "data", "preset", "earlier_stages", "mocks", "view", "epochs")
"""Named before the others, of which only so many are."""
MOST_NAMED = 5


def setting_of(run: Run, beside: Collection[str] = ("seed",)) -> Setting:
    """What runs must agree in to be seeds of one setting, without the values named in `beside`.

    Of a run without config.json nobody knows what was asked: it is a setting of its own.
    """
    if not (run.path / CONFIG).is_file():
        return _text({"run": run.name}, ())
    config = run.config
    return _text({**_asked(config), **(_made_of(run, config) if run.is_finished else {})}, beside)


def asked_of(config: TrainConfig, beside: Collection[str] = ("seed",)) -> Setting:
    """The part of a setting that is known before the run is trained."""
    return _text(_asked(config), beside)


def recipe_of(setting: Setting) -> Setting:
    """What the rows of one curve agree in, whatever share of whatever source they took."""
    return _text(json.loads(setting or "{}"), (*QUESTION, *DRAWS, *_OF_SOURCE, "earlier_stages"))


def is_same_recipe(first: Setting, second: Setting) -> bool:
    """Whether two runs were asked the same of the same galaxies, but for who is tested and the draws of chance.

    So a fold goes by the recipe of a row on a single split. Mixed precision, which `auto` takes where the device is
    quicker in it, makes no other recipe.
    """
    one, other = (json.loads(setting or "{}") for setting in (first, second))
    return all(one.get(name) == other.get(name) for name in {*one, *other} - _WHO_IS_TESTED)


def differences(
    first: Setting, second: Setting, across: Collection[str] = QUESTION
) -> dict[str, tuple[Any, ...]]:
    """The values in which two settings differ beyond what is compared, by name; empty where they may be compared.

    A row that takes nothing over has no source to differ in.
    """
    one, other = json.loads(first or "{}"), json.loads(second or "{}")
    if one.get("run") != other.get("run"):
        return {"recipe": tuple("unknown" if "run" in known else "known" for known in (one, other))}
    names = [name for name in {**one, **other} if one.get(name) != other.get(name)]
    if NO_SOURCE in (one.get("source"), other.get("source")):
        names = [name for name in names if name not in _OF_SOURCE]
    named = [name for name in names if _DETAILS.get(name) not in names and name not in across]
    return {name: (one.get(name), other.get(name)) for name in named if _DETAILS.get(name) not in across}


def differences_in_words(found: dict[str, tuple[Any, ...]]) -> str:
    """`epochs 8 and 10, mock galaxies 0 and 2000`; empty where there is none."""
    names = [*(name for name in _FIRST if name in found), *(name for name in found if name not in _FIRST)]
    said = [f"{_label(name)} {' and '.join(_said(name, one) for one in found[name])}" for name in names]
    more = f" and {len(said) - MOST_NAMED} more" if len(said) > MOST_NAMED else ""
    return ", ".join(said[:MOST_NAMED]) + more


def unlike(first: Setting, second: Setting, across: Collection[str] = QUESTION) -> str:
    """In what two settings differ beyond what is compared, in words; empty where they may be compared."""
    return differences_in_words(differences(first, second, across))


def told_apart(settings: Sequence[Setting]) -> list[str]:
    """For each setting what tells it from the others beyond the question: `epochs 8, mock galaxies 0`; else empty."""
    names = {name: None for one in settings[1:] for name in differences(settings[0], one)}
    values = [json.loads(one or "{}") for one in settings]
    return [", ".join(f"{_label(name)} {_said(name, one.get(name))}" for name in names) for one in values]


def check_same_classes(runs: Sequence[Run]) -> None:
    """BadValueError unless all classifiers tell the same classes apart: others are never in one table."""
    for run in runs[1:]:
        if run.classes != runs[0].classes:
            raise BadValueError(
                f"{runs[0].name} tells apart {_in_brief(runs[0].classes)}, {run.name} {_in_brief(run.classes)}: they "
                "answer different questions, so how often the one is right says nothing beside the other; "
                "name runs of the same classes"
            )


def _in_brief(classes: Classes) -> str:
    named = "; ".join(classes[:MOST_NAMED]) + (" …" if len(classes) > MOST_NAMED else "")
    return f"{len(classes)} classes ({named})"


def check_across(names: Iterable[str]) -> tuple[str, ...]:
    """The question and what else is to be compared over; BadValueError names what there is."""
    known = (*_asked(TrainConfig("galaxies.h5")), "earlier_stages")
    chosen = tuple(names)
    for name in chosen:
        if name not in known or name in DRAWS:
            others = ", ".join(one for one in known if one not in (*DRAWS, *QUESTION))
            raise BadValueError(f"rows can be compared across {others}, got {name}")
    return (*QUESTION, *chosen)


def across_of(runs: Sequence[Run]) -> list[str]:
    """What `check_across` lets them be compared across beyond the question, and they differ in."""
    known = (*_asked(TrainConfig("galaxies.h5")), "earlier_stages")
    settings = [setting_of(run, DRAWS) for run in runs]
    found = {name for one in settings[1:] for name in differences(settings[0], one)}
    return [name for name in known if name in found]


def _asked(config: TrainConfig) -> dict[str, Any]:
    asked = config.to_json()
    moved = ("data", "augmentation", "crop", "image_size", "n_mocks", "classes", "scaling")
    return {
        **{name: value for name, value in asked.items() if name not in moved},
        **asked["augmentation"],
        "view": f"{config.crop} px as {config.image_size} px",
        "mocks": config.n_mocks,
        **({} if config.classes == GALAXY10 else {"classes": "; ".join(config.classes)}),
        **({"scaling": config.scaling} if config.scaling else {}),
        "source": config.source if needs_source(config.policy, config.cut) else NO_SOURCE,
    }


def _made_of(run: Run, config: TrainConfig) -> dict[str, Any]:
    """What only the card knows: digests, the source that `auto` was, the precision of that device, earlier stages."""
    card, data = run.card(), data_of(run)
    found = {"data": data.get("sha256"), "precision": card.get("precision", config.precision)}
    if config.corrections:
        found["corrections"] = _value(data.get("corrections"), "sha256")
    if config.n_mocks:
        found["mock_file"] = _value(data.get("mocks"), "sha256")
    if config.n_folds is None:
        found["split"] = card.get("split_hash")
    if needs_source(config.policy, config.cut):
        source = card.get("source")
        found["source"] = _value(source, "name") if isinstance(source, dict) else source
        found["source_weights"] = _value(source, "sha256")
    if card.get("before"):
        found["earlier_stages"] = [_stage(one) for one in card["before"]]
    return found


def _stage(stage: Any) -> str:
    about = (_value(stage, name) for name in ("policy", "epochs", "n_train_mock", "source"))
    return "{} for {} epochs with {} mock galaxies from {}".format(*about)


def _value(of: Any, name: str) -> Any:
    """An entry of a card that may come from a stranger; None where there is no such thing."""
    return of.get(name) if isinstance(of, dict) else None


def _text(values: dict[str, Any], beside: Collection[str]) -> Setting:
    return json.dumps({name: values[name] for name in sorted(values) if name not in beside})


def _label(name: str) -> str:
    return _LABELS.get(name, name.replace("_", " "))


def _said(name: str, value: Any) -> str:
    return "Galaxy10" if name == "classes" and value is None else _plain(value)


def _plain(value: Any) -> str:
    """A value in words, that of a stranger without what a page would take for more than text."""
    if isinstance(value, list):
        value = "; ".join(map(str, value))
    if not isinstance(value, str):
        return "none" if value is None else str(value)
    text = re.sub(r"[^\w;%-]+", " ", value).strip()
    return f"{text[:12]}…" if len(text) == 64 else text[:100]
