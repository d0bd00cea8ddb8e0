"""The controls that choose one run: sweep, policy, source and the cut; and the address that says which it is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st
import words.choice
from catalogue import Catalogue, Entry
from foreign import fill

from galaxy_core.results.setting import NO_SOURCE, recipe_of
from galaxy_core.transfer.source import IMAGENET

SOURCE = "source"


@dataclass(frozen=True)
class Choice:
    """The run that is looked at, all of its sweep, those with its policy and source, and the finished ones that
    differ from it in the cut only.
    """

    entry: Entry
    sweep: tuple[Entry, ...]
    alike: tuple[Entry, ...]
    cuts: tuple[Entry, ...]


def choose_run(catalogue: Catalogue) -> Choice:
    """Draw the pickers that are needed and the slider; the address follows the choice, and the other way round."""
    _follow_address(catalogue)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        sweep = catalogue.of_sweep(_pick("Sweep", catalogue.sweeps, "sweep", help=words.choice.SWEEP_HELP))
        alike = _pick_source(_pick_policy(sweep))
        percent = _slide(_unique(entry.percent for entry in alike))
        at_cut = {entry.name: entry for entry in alike if entry.percent == percent}
        name = _pick(
            "Run",
            tuple(at_cut),
            "run_at_cut",
            format_func=lambda name: _run_in_words(at_cut[name]),
            help=words.choice.RUN_HELP,
        )
    entry = at_cut[name]
    st.session_state["shown"] = st.query_params["run"] = entry.name
    return Choice(entry, sweep, alike, _same_but_cut(alike, entry))


def slide_paper_cuts() -> int:
    """The same slider before there is any run: over the cuts of the paper, in percent."""
    return _slide((0, 20, 40, 60, 80, 100))


def _pick_policy(sweep: Sequence[Entry]) -> tuple[Entry, ...]:
    """The runs of the chosen policy."""
    policies = _unique(entry.row.policy for entry in sweep)
    policy = _pick("Policy", policies, "policy", help=words.choice.POLICY_HELP)
    return tuple(entry for entry in sweep if entry.row.policy == policy)


def _pick_source(of_policy: Sequence[Entry]) -> tuple[Entry, ...]:
    """The runs of the chosen source. Where nothing is taken over, a run stands in the row of every source."""
    sources = _unique(entry.source for entry in of_policy if entry.source != NO_SOURCE) or (NO_SOURCE,)
    source = _pick("Source", sources, SOURCE, format_func=_source, help=words.choice.SOURCE_HELP)
    if len(sources) > 1:
        st.query_params[SOURCE] = source
    else:
        st.query_params.pop(SOURCE, None)
    return tuple(entry for entry in of_policy if entry.source in (source, NO_SOURCE))


def _run_in_words(entry: Entry) -> str:
    if entry.fold is None:
        return entry.name
    return words.choice.RUN_OF_FOLD.format(name=entry.name, fold=entry.fold[0], n_folds=entry.fold[1])


def _source(name: str) -> str:
    return "ImageNet" if name == IMAGENET else name


def _slide(percents: Sequence[int]) -> int:
    key = "cut"
    _keep_valid(key, percents, 20 if 20 in percents else percents[0])
    if len(percents) == 1:
        st.caption(fill(words.choice.ONE_CUT, percent=percents[0]))
        return percents[0]
    return st.select_slider(
        words.choice.SLIDER, percents, key=key, format_func=_percent, help=words.choice.SLIDER_HELP
    )


def _percent(value: int) -> str:
    return f"{value} %"


def _pick(label: str, options: Sequence[str], key: str, **more: Any) -> str:
    """A picker where there is something to pick; else the only option, without a widget."""
    _keep_valid(key, options, options[0])
    if len(options) == 1:
        return options[0]
    return st.selectbox(label, options, key=key, width=220, **more)


def _keep_valid(key: str, options: Sequence[Any], default: Any) -> None:
    """A choice outlives a change of the options, or of the page, only where it is still among them.

    Set anew every time: a control on another page is another control to Streamlit, and would start over.
    """
    chosen = st.session_state.get(key)
    st.session_state[key] = chosen if chosen in options else default


def _follow_address(catalogue: Catalogue) -> None:
    """Show the run that the address names, once; a name that is not here is said.

    The source is told by the run, but for a run in which nothing is taken over.
    """
    name = st.query_params.get("run")
    if SOURCE not in st.session_state and SOURCE in st.query_params:
        st.session_state[SOURCE] = st.query_params[SOURCE]
    if not name or name == st.session_state.get("shown"):
        return
    entry = catalogue.find(name)
    if entry is None:
        st.info(fill(words.choice.RUN_MISSING, name=name[:100]), icon=":material/search_off:")
        return
    st.session_state.update(sweep=entry.sweep, policy=entry.row.policy, cut=entry.percent, run_at_cut=name)
    if entry.source != NO_SOURCE:
        st.session_state[SOURCE] = entry.source


def _same_but_cut(alike: Sequence[Entry], chosen: Entry) -> tuple[Entry, ...]:
    """One finished run a cut, the chosen one at its own; elsewhere the one with the same seed, if there is.

    Of a cross-validation those of the chosen fold alone: other folds were trained on the galaxies this one tests.
    """
    found: dict[int, Entry] = {}
    for entry in sorted(alike, key=lambda entry: entry.row.seed != chosen.row.seed):
        if entry.run.is_whole and entry.fold == chosen.fold and _recipe(entry) == _recipe(chosen):
            found.setdefault(entry.percent, entry)
    if chosen.run.is_whole:
        found[chosen.percent] = chosen
    return tuple(found[percent] for percent in sorted(found))


def _recipe(entry: Entry) -> str:
    return recipe_of(entry.row.setting)


def _unique(values: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(values))
