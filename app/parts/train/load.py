"""A network trained elsewhere, for instance on a graphics card: a packed run, or weights that Keras wrote.

Both are untrusted: the readers check before they believe, and nothing in them is ever executed.
"""

from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

import streamlit as st
import words.choice
import words.results
import words.train
from catalogue import Catalogue
from foreign import fill
from places import path_of

from galaxy_core.networks.policy import DEFAULT_POLICY, POLICIES
from galaxy_core.runs.config import TrainConfig
from galaxy_core.runs.names import LONGEST_NAME
from galaxy_core.runs.run import Run
from galaxy_core.transfer.source import AUTO, IMAGENET
from parts.files import choose_file
from parts.shield import plain_errors

MOST_MEGABYTES = 200
ZIP, KERAS = ".zip", ".h5"


def show_load(catalogue: Catalogue) -> None:
    """The place to drop a file, and for Keras weights the form that says what the file does not."""
    st.subheader(words.train.LOAD_TITLE, anchor=False)
    st.markdown(words.train.LOAD_LEAD)
    for name, left_out in st.session_state.pop("just_loaded", []):
        st.success(fill(words.train.LOADED, name=name), icon=":material/check_circle:")
        if left_out:
            st.caption(fill(words.train.LEFT_OUT, what=", ".join(left_out)))
    types = [KERAS] if find_spec("galaxy_core.runs.pack") is None else [ZIP, KERAS]
    file = st.file_uploader(
        words.train.LOAD_LABEL,
        types,
        key="checkpoint",
        max_upload_size=MOST_MEGABYTES,
        help=words.train.LOAD_HELP,
    )
    if file is None:
        return
    with plain_errors():
        (_offer_packed if file.name.lower().endswith(ZIP) else _offer_keras)(file, catalogue)


def _offer_packed(file: Any, catalogue: Catalogue) -> None:
    with st.form("packed", border=True):
        name = st.text_input(
            "Name", key="packed_name", placeholder=words.train.LOAD_NAME, max_chars=LONGEST_NAME, width=320
        )
        is_wanted = st.form_submit_button(words.train.LOAD_BUTTON, type="primary", icon=":material/upload:")
    if is_wanted:
        from galaxy_core.transfer.weights.receive import receive_run

        _show_it(receive_run(file, name=name.strip() or None))


def _offer_keras(file: Any, catalogue: Catalogue) -> None:
    st.caption(words.train.LOAD_KERAS)
    with st.form("keras", border=True):
        config, name = _ask_how_trained(file.name, catalogue)
        is_wanted = st.form_submit_button(words.train.LOAD_BUTTON, type="primary", icon=":material/upload:")
    if is_wanted:
        from galaxy_core.transfer.weights.keras_weights import run_from_keras

        run = run_from_keras(file.getvalue(), file.name, config(), name)
        _show_it(run, run.card()["left_out"])


def _ask_how_trained(file_name: str, catalogue: Catalogue) -> tuple[Any, str]:
    """The config, made (and checked) when it is wanted, and the name."""
    stem = file_name.split(".")[0][:LONGEST_NAME]
    first, second, third, fourth = st.columns(4)
    name = first.text_input("Name", stem, max_chars=LONGEST_NAME, key="load_name")
    policy = second.selectbox(
        "Policy",
        list(POLICIES),
        list(POLICIES).index(DEFAULT_POLICY),
        key="load_policy",
        help=words.choice.POLICY_HELP,
    )
    percent = third.number_input("ImageNet %", 0, 100, 20, key="load_cut", help=words.results.IMAGENET_HELP)
    source = fourth.selectbox("Source", [IMAGENET, AUTO], key="load_source", help=words.train.SOURCE_HELP)
    left, middle, right = st.columns([2, 1, 1])
    with left:
        file = choose_file(catalogue, "load_data")
    crop = middle.number_input(
        "Field of view (px)", 32, 256, 256, key="load_crop", help=words.train.CROP_HELP
    )
    size = right.number_input("Image size (px)", 32, 1024, 256, key="load_size", help=words.train.SIZE_HELP)

    def config() -> TrainConfig:
        trainable = round(1 - percent / 100, 6)
        data = str(path_of(file))
        return TrainConfig(data, policy, trainable, source, crop=int(crop), image_size=int(size))

    return config, name


def _show_it(run: Run, left_out: Sequence[str] = ()) -> None:
    """`left_out` in our words: what a stranger's card says is not shown."""
    st.session_state["just_loaded"] = [(run.name, left_out)]
    st.query_params["run"] = run.name
    st.rerun()
