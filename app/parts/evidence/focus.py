"""Is the heat on the galaxy: one focus score over the share taken over, and the paper's sentences held against all."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st
import words.studies
from catalogue import Entry
from foreign import Markdown, fill, joined

from parts.evidence import lines
from parts.evidence.studies import Study, found_of, show_all
from parts.shield import plain_errors

if TYPE_CHECKING:
    from galaxy_core.results.table import TableRow
    from galaxy_core.studies.claims import Claim
    from galaxy_core.studies.focus import RunFocus
    from galaxy_core.studies.record import Kept

_SHARES = ("energy_galaxy", "energy_neighbours", "energy_sky", "pointing", "blank")


def show_focus(entries: Sequence[Entry]) -> None:
    """The section, for the finished runs of a sweep."""
    st.subheader(words.studies.FOCUS_TITLE, anchor=False)
    st.markdown(words.studies.FOCUS_LEAD)
    with plain_errors():
        found: dict[str, RunFocus] = found_of(STUDY, entries)
        if found:
            _show([entry for entry in entries if entry.name in found], found)


def _show(entries: Sequence[Entry], found: "dict[str, RunFocus]") -> None:
    from galaxy_core.studies.focus import COLUMNS

    _draw(entries, found)
    _show_claims(entries, found)
    show_all("focus", COLUMNS, (row for one in found.values() for row in one.rows()), entries[0].sweep)
    told = dict.fromkeys((one.maps, one.n_galaxies, one.n_undetected) for one in found.values())
    for maps, n, n_undetected in told:
        st.caption(fill(words.studies.FOCUS_ON, maps=maps, n=n, n_undetected=n_undetected))


def _draw(entries: Sequence[Entry], found: "dict[str, RunFocus]") -> None:
    score = st.selectbox(
        words.studies.SCORE, list(words.studies.FOCUS_SCORES), key="focus", bind="query-params", width=380,
        format_func=lambda name: words.studies.FOCUS_SCORES[name][0],
    )  # fmt: skip
    label, meaning = words.studies.FOCUS_SCORES[score]
    own = lines.lines_of(entries, lambda entry: found[entry.name].of(score))
    if not own:
        st.caption(words.studies.FOCUS_NOT_MOVED)
        return
    nulls = [
        line
        for (null, name), dash in zip(words.studies.FOCUS_NULLS.items(), lines.DASHES, strict=False)
        for line in lines.null_lines(
            entries, lambda entry, null=null: found[entry.name].null_level(null, score), name, dash
        )
    ]
    lines.draw([*own, *nulls], label, "focus_chart", tickformat=".0%" if score in _SHARES else "")
    st.caption(f"{meaning} {words.studies.INTERVALS}")


def _show_claims(entries: Sequence[Entry], found: "dict[str, RunFocus]") -> None:
    """What the paper says of each percentage, the verdict of our runs there, and what would have to be true."""
    st.markdown(f"**{words.studies.FOCUS_PAPER}**")
    claims = list(_claims(entries, found))
    if claims:
        st.markdown("\n".join(claims))
    st.caption(words.studies.FOCUS_CLAIM_NOTE if claims else words.studies.FOCUS_NO_CLAIM)


def _claims(entries: Sequence[Entry], found: "dict[str, RunFocus]") -> Iterator[Markdown]:
    """A line a percentage; where several runs stand at one, how many of them say what."""
    held: dict[int, tuple[Claim, list[str]]] = {}
    for entry in entries:
        one = found[entry.name]
        if one.claim:
            held.setdefault(entry.percent, (one.claim, []))[1].append(one.claim.verdict(one.scores))
    for percent, (claim, verdicts) in sorted(held.items()):
        yield fill(
            words.studies.FOCUS_CLAIM,
            percent=percent,
            sentence=claim.sentence,
            verdict=verdicts_in_words(verdicts),
            criterion=claim.criterion,
        )


def verdicts_in_words(verdicts: Sequence[str]) -> Markdown:
    """The verdict of one run, or by how many of several runs which is reached."""
    if len(verdicts) == 1:
        return Markdown(words.studies.VERDICTS[verdicts[0]])
    several = (
        fill(
            words.studies.VERDICT_OF_SEVERAL,
            verdict=Markdown(text),
            n=verdicts.count(name),
            n_all=len(verdicts),
        )
        for name, text in words.studies.VERDICTS.items()
        if name in verdicts
    )
    return joined(", ", several)


def _read(asked: "Sequence[tuple[Any, TableRow]]") -> "Kept[RunFocus]":
    from galaxy_core.studies.focus import RunFocus
    from galaxy_core.studies.record import FOCUS, kept_of

    return kept_of(asked, FOCUS, RunFocus.from_json)


def _measure(runs: Sequence[Any], galaxies: Any, progress: Any) -> "dict[str, RunFocus]":
    from galaxy_core.studies.focus import study_focus

    return {one.setting.run: one for one in study_focus(runs, galaxies, progress=progress)}


STUDY = Study("focus", "galaxy study focus {runs} --data {file}", _read, _measure, of_maps=True)
