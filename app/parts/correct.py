"""What people say of labels: a word about what was said before, and a small form to say it in, wherever a galaxy is."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import streamlit as st
import words.correct
from foreign import Markdown, fill, plain, told
from places import is_here, path_of, sha256_of

from galaxy_core.data.classes import Classes
from galaxy_core.data.corrections import (
    ANOTHER,
    DOUBTFUL,
    IMAGES,
    LONGEST_NOTE,
    RIGHT,
    Correction,
    Ledger,
    counted_in_words,
    ledger_of,
)
from galaxy_core.errors import GalaxyError, one_line
from parts.shield import plain_errors


@dataclass(frozen=True)
class Asked:
    """The galaxy that is asked about: its key in the ledger, what it may be, and of an own image, which no file
    knows, its name and the networks' answer.
    """

    ledger: Ledger
    key: str
    classes: Classes
    label: str
    name: str = ""

    def widget(self, what: str) -> str:
        """The key of a widget that is this galaxy's alone."""
        return f"correct_{what}_{self.ledger.of[:12]}_{self.key[:24]}"


def ledger_of_file(file: str | None) -> Ledger | None:
    """Of a file of galaxies as the pages name it; None where there is no such file here."""
    path = None if file is None else path_of(file)
    sha256 = sha256_of(path) if path is not None and is_here(path) else ""
    return ledger_of(path, sha256) if path is not None and sha256 else None


@st.fragment
def offer_correction(asked: Asked) -> None:
    """What was said of this galaxy, and the form, which is made when it is opened. Nothing else is drawn again."""
    with plain_errors():
        said = read(asked.ledger).get(asked.key)
        if said is not None:
            st.caption(_told(said))
        with st.popover(
            words.correct.LABEL,
            key=asked.widget("open"),
            on_change="rerun",
            type="tertiary",
            icon=":material/edit_note:",
        ) as form:
            if form.open:
                _show_form(asked, said)


def choose_corrections(file: str) -> bool:
    """Whether the next training learns them; nothing is asked where nothing is kept of the file."""
    ledger = ledger_of_file(file)
    kept = read(ledger) if ledger is not None else {}
    if not kept:
        return False
    label = fill(words.correct.TRAIN, counts=counted_in_words(kept))
    return st.toggle(label, key="new_corrections", help=words.correct.TRAIN_HELP)


def read(ledger: Ledger) -> dict[str, Correction]:
    """What is kept, read again where a file has changed."""
    return _read(ledger, tuple(path.stat().st_mtime_ns if is_here(path) else 0 for path in ledger.places))


@st.cache_data(max_entries=32, show_spinner=False, hash_funcs={Ledger: lambda one: (one.of, one.places)})
def _read(ledger: Ledger, mtimes_ns: tuple[int, ...]) -> dict[str, Correction]:
    return ledger.read()


def _show_form(asked: Asked, said: Correction | None) -> None:
    others = [(ANOTHER, name) for name in asked.classes if name != asked.label or asked.ledger.of == IMAGES]
    choices = [(DOUBTFUL, ""), *([] if asked.ledger.of == IMAGES else [(RIGHT, "")]), *others]
    chosen = (said.verdict, said.class_name) if said is not None else choices[0]
    with st.form(asked.widget("form"), border=False):
        st.selectbox(
            words.correct.CHOICE,
            choices,
            index=choices.index(chosen) if chosen in choices else 0,
            format_func=_in_words,
            key=asked.widget("choice"),
            help=words.correct.CHOICE_HELP,
        )
        st.text_area(
            words.correct.NOTE,
            said.note if said is not None else "",
            max_chars=LONGEST_NOTE,
            key=asked.widget("note"),
            placeholder=words.correct.NOTE_EXAMPLE,
        )
        st.form_submit_button(words.correct.KEEP, type="primary", on_click=partial(_keep, asked))
    if refused := st.session_state.pop(asked.widget("refused"), ""):
        st.error(told(refused), icon=":material/error:")
    st.caption(_where(asked.ledger))


def _keep(asked: Asked) -> None:
    """Before the galaxy is drawn again, so that it is drawn with what was said; a refusal is told in the form."""
    verdict, class_name = st.session_state[asked.widget("choice")]
    note, is_own = st.session_state[asked.widget("note")], asked.ledger.of == IMAGES
    about = {"name": plain(asked.name), "label": asked.label} if is_own else {}
    try:
        asked.ledger.add(asked.key, Correction(verdict, class_name, note, **about))
    except (GalaxyError, OSError) as error:
        st.session_state[asked.widget("refused")] = one_line(error)
    else:
        st.session_state[asked.widget("open")] = False


def _in_words(choice: tuple[str, str]) -> str:
    verdict, name = choice
    if verdict == ANOTHER:
        return words.correct.ANOTHER.format(name=name)
    return words.correct.RIGHT if verdict == RIGHT else words.correct.DOUBTFUL


def _told(said: Correction) -> Markdown:
    what = fill(words.correct.KEPT[said.verdict], name=said.class_name)
    return Markdown(what + (fill(words.correct.KEPT_NOTE, note=said.note) if said.note else ""))


def _where(ledger: Ledger) -> Markdown:
    place: Path = ledger.place
    if ledger.of == IMAGES:
        return fill(words.correct.IMAGES, path=place)
    return fill(words.correct.BESIDE if place == ledger.places[0] else words.correct.OWN_PLACE, path=place)
