"""All policies that were trained on the same galaxies, in one view: a curve each, which differ, what is missing."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import streamlit as st
import words.evidence
from catalogue import Entry, is_no_sweep, read_catalogue
from foreign import Markdown, fill, told

from galaxy_core.networks.policy import POLICIES
from galaxy_core.results.setting import NO_SOURCE, QUESTION, unlike
from parts.accuracy import show_accuracy
from parts.compared import pairs_of, tested
from parts.evidence.commands import commands_for
from parts.evidence.pairs import show_pairs
from parts.shield import plain_errors

if TYPE_CHECKING:
    from galaxy_core.metrics.paired import Pair

SCRATCH = "scratch"
"""Random and trained throughout, wherever the cut lies: one network for every cut."""
ByPolicy = dict[str, list[Entry]]


def show_policies(entries: Sequence[Entry]) -> None:
    """The section: curves, the pairs at one cut, and the commands that train the policies that are missing."""
    st.markdown(words.evidence.POLICIES_LEAD)
    found = _by_policy(entries)
    with plain_errors():
        _show_curves(found)
    with plain_errors():
        _show_pairs(found)
    with plain_errors():
        _show_missing(found, entries)


def _by_policy(entries: Sequence[Entry]) -> ByPolicy:
    """The tested runs of each policy on the galaxies of `entries`, in the order of POLICIES.

    Of one sweep each, since two need not share a recipe: of the chosen one where it has the policy, else of the first.
    """
    catalogue, chosen = read_catalogue(), entries[0].sweep
    asked = tested(entries)
    wanted = _tested_on((asked or entries)[0])
    others = sorted((name for name in catalogue.sweeps if name != chosen), key=is_no_sweep)
    found: ByPolicy = {}
    for sweep in [asked, *(tested(catalogue.of_sweep(name)) for name in others)]:
        alike = [entry for entry in sweep if _tested_on(entry) == wanted]
        for policy in _unique(entry.row.policy for entry in alike):
            found.setdefault(policy, [entry for entry in alike if entry.row.policy == policy])
    return {policy: found[policy] for policy in POLICIES if policy in found}


def _tested_on(entry: Entry) -> tuple[object, object]:
    """What runs must share to be compared: the file, and the split or the kind of cross-validation."""
    kind = entry.run.card().get("split_hash") if entry.fold is None else entry.config.n_folds
    return entry.data().get("sha256"), kind


def _show_curves(found: ByPolicy) -> None:
    shown = _all(found)
    is_survey = bool(shown) and shown[0].data().get("origin") == "survey"
    show_accuracy(shown, None, is_survey=is_survey)
    st.caption("; ".join(_origin_in_words(policy, of_policy) for policy, of_policy in found.items()) + ".")
    apart = [unlike(shown[0].row.setting, entry.row.setting, (*QUESTION, "seed", "fold")) for entry in shown]
    if any(apart):
        st.caption(fill(words.evidence.POLICIES_UNLIKE, unlike=next(filter(None, apart))))


def _origin_in_words(policy: str, entries: Sequence[Entry]) -> Markdown:
    recipes = ", ".join(_unique(_recipe(entry) for entry in entries))
    return fill(words.evidence.POLICY_FROM, policy=policy, sweep=entries[0].sweep, recipes=recipes)


def _recipe(entry: Entry) -> str:
    return words.evidence.RECIPE.format(epochs=entry.config.epochs, image_size=entry.config.image_size)


def _show_pairs(found: ByPolicy) -> None:
    """The policies against each other at one cut, which the reader may choose."""
    percents = [percent for percent in _percents(found) if len(_at(found, percent)) > 1]
    if not percents:
        st.info(words.evidence.POLICIES_NO_PAIR, icon=":material/hourglass_empty:")
        return
    most = max(percents, key=lambda percent: len(_with_scratch(found, percent)))
    percent = _choose_percent(percents, 20 if 20 in percents else most)
    pairs = pairs_of([entry for of_policy in _with_scratch(found, percent).values() for entry in of_policy])
    _say_which(pairs, percent)
    show_pairs(pairs, "policies.csv", f"at-{percent}")


def _say_which(pairs: "Sequence[Pair]", percent: int) -> None:
    from galaxy_core.metrics.paired import in_words

    apart = [in_words(pair) for pair in pairs if pair.is_distinguishable]
    text = words.evidence.POLICIES_APART if apart else words.evidence.POLICIES_NOT_APART
    first = fill(text, percent=percent, n=len(apart), n_pairs=len(pairs))
    lines = [first, *(f"- {told(one)}." for one in apart)]
    st.markdown("\n".join(lines))


def _choose_percent(percents: Sequence[int], default: int) -> int:
    key = "policies_at"
    if st.session_state.get(key) not in percents:
        st.session_state[key] = default
    if len(percents) == 1:
        return percents[0]
    return st.select_slider(
        words.evidence.POLICIES_AT, percents, key=key, format_func=_in_percent, width=400,
        help=words.evidence.POLICIES_AT_HELP,
    )  # fmt: skip


def _in_percent(value: int) -> str:
    return f"{value} %"


def _percents(found: ByPolicy) -> list[int]:
    return sorted({entry.percent for entry in _all(found)})


def _at(found: ByPolicy, percent: int) -> ByPolicy:
    """What each policy has at that cut itself."""
    there = {policy: [e for e in entries if e.percent == percent] for policy, entries in found.items()}
    return {policy: entries for policy, entries in there.items() if entries}


def _with_scratch(found: ByPolicy, percent: int) -> ByPolicy:
    """The same, and scratch of any one cut where it was not trained at this."""
    there, of_scratch = _at(found, percent), _from_scratch(found)
    if not of_scratch or any(entry in of_scratch for entry in _all(there)):
        return there
    return {**there, SCRATCH: [entry for entry in of_scratch if entry.percent == of_scratch[0].percent]}


def _from_scratch(found: ByPolicy) -> list[Entry]:
    """Runs of the policy scratch; else those of another that takes nothing over at its cut, which is the same."""
    nothing = [entry for entry in _all(found) if entry.source == NO_SOURCE and entry.percent == 0]
    return found.get(SCRATCH) or [entry for entry in nothing if entry.row.policy == nothing[0].row.policy]


def _show_missing(found: ByPolicy, entries: Sequence[Entry]) -> None:
    missing = [policy for policy in POLICIES if policy not in found]
    if SCRATCH in missing and _from_scratch(found):
        missing.remove(SCRATCH)
    if not missing:
        st.caption(words.evidence.POLICIES_COMPLETE)
        return
    names = ", ".join(missing)
    st.info(fill(words.evidence.POLICIES_MISSING, names=names), icon=":material/terminal:")
    st.code("\n".join(commands_for(missing, entries)), language="bash", wrap_lines=True)


def _all(found: ByPolicy) -> list[Entry]:
    return [entry for entries in found.values() for entry in entries]


def _unique(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(values))
