"""How far the answers on the reader's own images can be trusted: calibrated probabilities, sets, strangeness."""

import shlex
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st
import words.predict
from catalogue import Entry
from foreign import fill, quoted, told

from galaxy_core.errors import GalaxyError, one_line
from galaxy_core.numerals import percent
from parts import look
from parts.bound import one_of
from parts.predict.answers import probability_table
from parts.seen import Seen

if TYPE_CHECKING:
    from galaxy_core.prediction.trust import Trust, TrustedAnswer

DEFAULT_COVERAGE = "90"


@dataclass(frozen=True)
class Trusted:
    """The calibrated ones of some networks by name, and how often their sets are to hold the true class."""

    trusts: "Mapping[str, Trust]"
    coverage: float

    def answers(self, logits: Mapping[str, np.ndarray]) -> "dict[str, list[TrustedAnswer]]":
        """What may be said of each image by each of them, from the logits (N, C) of all networks."""
        return {run: trust.answers(logits[run], self.coverage) for run, trust in self.trusts.items()}

    def for_all(self, entries: Sequence[Entry]) -> "Trusted":
        """The same of further networks, where they have such sets."""
        from galaxy_core.prediction.trust import Trust, is_calibrated

        trusts = dict(self.trusts)
        for entry in entries:
            # a calibration that is damaged is named where the trust of that network is shown
            with suppress(GalaxyError):
                if entry.name not in trusts and is_calibrated(entry.run):
                    trust = Trust(entry.run)
                    trusts |= {entry.name: trust} if self.coverage in trust.coverages else {}
        return Trusted(trusts, self.coverage)


def show_trust(seen: Seen, entries: Sequence[Entry], logits: Mapping[str, np.ndarray]) -> Trusted:
    """Controls, a warning where the image is strange, and per network what may be said of its answer.

    logits: (1, C) of each network on this image. Returns what the reader has chosen, for more images.
    """
    st.header(words.predict.TRUST_TITLE, anchor=False)
    asked = [entry for entry in entries if entry.name in seen.short]
    trusts = _trusts(asked)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        coverage = _choose_coverage() if trusts else 0.0
        is_sky = st.toggle(
            words.predict.SKY_LABEL, key="sky", bind="query-params", help=words.predict.SKY_HELP
        )
    trusted = Trusted(_with_sets(trusts, coverage), coverage)
    said = {run: answers[0] for run, answers in trusted.answers(logits).items()}
    _warn_of_strange(seen, said)
    left, right = st.columns(2, gap="medium")
    with left:
        _show_believed(seen, asked, said, is_sky=is_sky)
    with right:
        _show_sets(seen, said, coverage)
    return trusted


def strange_to(entries: Sequence[Entry], logits: Mapping[str, np.ndarray]) -> frozenset[str]:
    """The calibrated networks to which an image is strange, from logits (1, C) of each; `show_trust` says so."""
    from galaxy_core.prediction.trust import Trust, is_calibrated

    found = set()
    for entry in entries:
        # a calibration that is damaged is named where trust is shown
        with suppress(GalaxyError):
            if (
                entry.name in logits
                and is_calibrated(entry.run)
                and Trust(entry.run).is_strange(logits[entry.name])[0]
            ):
                found.add(entry.name)
    return frozenset(found)


def _trusts(entries: Sequence[Entry]) -> "dict[str, Trust]":
    """The calibrations there are; what is missing or damaged is said in a sentence."""
    from galaxy_core.prediction.trust import Trust, is_calibrated

    found: dict[str, Trust] = {}
    for entry in entries:
        try:
            if is_calibrated(entry.run):
                found[entry.name] = Trust(entry.run)
        except GalaxyError as error:
            st.warning(told(one_line(error)), icon=":material/warning:")
    missing = [entry for entry in entries if not is_calibrated(entry.run)]
    _say_not_calibrated(words.predict.NOT_CALIBRATED, [e.name for e in missing if not e.run.is_shipped])
    _say_not_calibrated(words.predict.NOT_CALIBRATED_SHIPPED, [e.name for e in missing if e.run.is_shipped])
    return found


def _with_sets(trusts: "Mapping[str, Trust]", coverage: float) -> "dict[str, Trust]":
    """Those that have sets of this coverage, as all have that were calibrated here; the others are named."""
    without = [run for run, trust in trusts.items() if coverage not in trust.coverages]
    if without:
        st.caption(fill(words.predict.NO_SUCH_SETS, names=", ".join(without)))
    return {run: trust for run, trust in trusts.items() if run not in without}


def _say_not_calibrated(sentence: str, names: Sequence[str]) -> None:
    if names:
        st.caption(fill(sentence, names=", ".join(names), runs=shlex.join(names)))


def _choose_coverage() -> float:
    """How often a set is to hold the true class, as a share; the address has it in percent."""
    from galaxy_core.prediction.calibrate import COVERAGES

    shares = {f"{100 * share:.0f}": share for share in COVERAGES}
    percent = one_of(
        words.predict.COVERAGE_LABEL,
        list(shares),
        default=DEFAULT_COVERAGE,
        key="coverage",
        bind="query-params",
        help=words.predict.COVERAGE_HELP,
    )
    return shares[percent]


def _warn_of_strange(seen: Seen, said: "Mapping[str, TrustedAnswer]") -> None:
    strange = [
        words.predict.STRANGE_ONE.format(name=seen.short[run], share=percent(one.as_strange, 1))
        for run, one in said.items()
        if one.is_strange
    ]
    if strange:
        st.warning(fill(words.predict.STRANGE, networks=", ".join(strange)), icon=":material/help:")


def _show_believed(
    seen: Seen, entries: Sequence[Entry], said: "Mapping[str, TrustedAnswer]", *, is_sky: bool
) -> None:
    """Probabilities from each network as they are to be believed: calibrated, and as on the sky where asked."""
    shares = {run: one.probabilities for run, one in said.items() if run not in seen.doubted}
    entries = [entry for entry in entries if entry.name not in seen.doubted]
    if is_sky:
        shares = _as_on_the_sky(seen, entries, shares)
    if not shares:
        return
    kind = words.predict.SKY if is_sky else words.predict.CALIBRATED
    st.markdown(f"**{kind.capitalize()}**")
    by_name = {seen.short[run]: of_run for run, of_run in shares.items()}
    most = "; ".join(
        f"{name}: {seen.classes[int(s.argmax())]} {percent(s.max())}" for name, s in by_name.items()
    )
    look.chart(
        probability_table(seen.classes, by_name),
        alt=words.predict.BELIEVED_IN_WORDS.format(kind=kind, said=most),
        key="believed",
    )
    st.caption(words.predict.BELIEVED_SKY if is_sky else words.predict.BELIEVED_CALIBRATED)


def _as_on_the_sky(
    seen: Seen, entries: Sequence[Entry], calibrated: Mapping[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """Of every network where it can be known, calibrated or not; the others are named."""
    from galaxy_core.prediction.trust import as_on_the_sky

    shares: dict[str, np.ndarray] = {}
    for entry in entries:
        given = calibrated.get(entry.name, seen.shares[entry.name])
        shifted = as_on_the_sky(entry.run, given[None])
        if shifted is not None:
            shares[entry.name] = shifted[0]
    unknown = [seen.short[entry.name] for entry in entries if entry.name not in shares]
    if unknown:
        st.caption(fill(words.predict.SKY_UNKNOWN, names=", ".join(unknown)))
    return shares


def _show_sets(seen: Seen, said: "Mapping[str, TrustedAnswer]", coverage: float) -> None:
    """The set of each network in words and how strange the image is to it; of one network as a sentence, too."""
    if not said:
        return
    if len(said) == 1 and not seen.doubted:
        st.markdown(
            "".join(f"**{quoted(seen.short[run])}**: {told(one.sentence)}." for run, one in said.items())
        )
    st.dataframe(
        [_row(seen, run, one) for run, one in said.items()],
        column_config={
            name: st.column_config.NumberColumn(format="%.1f %%")
            for name in (words.predict.GIVEN, words.predict.CALIBRATED, words.predict.AS_STRANGE)
        },
        hide_index=True,
        key="trust",
        alt="Of each network: its class, how sure it is, its set of classes, and how strange the image is to it.",
    )
    st.caption(fill(words.predict.SETS_NOTE, coverage=coverage))


def _row(seen: Seen, run: str, one: "TrustedAnswer") -> dict[str, Any]:
    answer, is_believed = seen.answer(run), run not in seen.doubted
    if seen.doubted.issuperset(seen.short):
        return {words.predict.NETWORK: seen.short[run], words.predict.AS_STRANGE: 100 * one.as_strange}
    return {
        words.predict.NETWORK: seen.short[run],
        words.predict.SAYS: seen.classes[answer] if is_believed else None,
        words.predict.GIVEN: 100 * float(seen.shares[run][answer]) if is_believed else None,
        words.predict.CALIBRATED: 100 * float(one.probabilities[answer]) if is_believed else None,
        words.predict.SET: one.classes if is_believed else words.predict.DOUBTED,
        words.predict.AS_STRANGE: 100 * one.as_strange,
    }
