"""The controls that choose one run: sweep, policy and the cut; and the address that says which one is shown."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st
import words
from catalogue import Catalogue, Entry


@dataclass(frozen=True)
class Choice:
    """The run that is looked at, all of its sweep, and the row of runs that differ from it in the cut only."""

    entry: Entry
    sweep: tuple[Entry, ...]
    cuts: tuple[Entry, ...]


def choose_run(catalogue: Catalogue) -> Choice:
    """Draw the pickers that are needed and the slider; the address follows the choice, and the other way round."""
    _follow_address(catalogue)
    pickers = st.container(horizontal=True)
    with pickers:
        sweep = catalogue.of_sweep(_pick("Sweep", catalogue.sweeps, "sweep", help=words.SWEEP_HELP))
        policy = _pick("Policy", _unique(e.row.policy for e in sweep), "policy", help=words.POLICY_HELP)
    of_policy = [entry for entry in sweep if entry.row.policy == policy]
    percent = _slide(_unique(entry.percent for entry in of_policy))
    at_cut = {entry.name: entry for entry in of_policy if entry.percent == percent}
    with pickers:
        entry = at_cut[_pick("Run", tuple(at_cut), "run_at_cut", help=words.RUN_HELP)]
    st.session_state["shown"] = st.query_params["run"] = entry.name
    return Choice(entry, sweep, _same_but_cut(of_policy, entry))


def slide_paper_cuts() -> int:
    """The same slider before there is any run: over the cuts of the paper, in percent."""
    return _slide((0, 20, 40, 60, 80, 100))


def _slide(percents: Sequence[int]) -> int:
    key = "cut"
    _keep_valid(key, percents, 20 if 20 in percents else percents[0])
    if len(percents) == 1:
        return percents[0]
    return st.select_slider(words.SLIDER, percents, key=key, format_func=_percent, help=words.SLIDER_HELP)


def _percent(value: int) -> str:
    return f"{value} %"


def _pick(label: str, options: Sequence[str], key: str, **more: Any) -> str:
    """A picker where there is something to pick; else the only option, without a widget."""
    _keep_valid(key, options, options[0])
    if len(options) == 1:
        return options[0]
    return st.selectbox(label, options, key=key, width=260, **more)


def _keep_valid(key: str, options: Sequence[Any], default: Any) -> None:
    """A choice outlives a change of the options, or of the page, only where it is still among them.

    Set anew every time: a control on another page is another control to Streamlit, and would start over.
    """
    chosen = st.session_state.get(key)
    st.session_state[key] = chosen if chosen in options else default


def _follow_address(catalogue: Catalogue) -> None:
    """Show the run that the address names, once; a name that is not here is said."""
    name = st.query_params.get("run")
    if not name or name == st.session_state.get("shown"):
        return
    entry = catalogue.find(name)
    if entry is None:
        st.info(f"There is no run named “{name[:100]}” on this computer; another one is shown.")
        return
    st.session_state.update(sweep=entry.sweep, policy=entry.row.policy, cut=entry.percent, run_at_cut=name)


def _same_but_cut(of_policy: Sequence[Entry], chosen: Entry) -> tuple[Entry, ...]:
    """One finished run a cut, the chosen one at its own; elsewhere the one with the same seed, if there is."""
    found: dict[int, Entry] = {}
    for entry in sorted(of_policy, key=lambda entry: entry.row.seed != chosen.row.seed):
        if entry.run.is_whole:
            found.setdefault(entry.percent, entry)
    if chosen.run.is_whole:
        found[chosen.percent] = chosen
    return tuple(found[percent] for percent in sorted(found))


def _unique(values: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(values))
