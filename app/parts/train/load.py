"""A network trained elsewhere, for instance on a graphics card: a packed run, or weights that Keras or PyTorch wrote.

All are untrusted: the readers check before they believe, and nothing in them is ever executed.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import streamlit as st
import words.choice
import words.results
import words.train
from catalogue import Catalogue
from foreign import fill
from places import is_here, path_of

from galaxy_core.data.galaxy10 import classes_of, open_galaxies
from galaxy_core.networks.policy import DEFAULT_POLICY, POLICIES
from galaxy_core.networks.registry import BACKBONES, get_backbone
from galaxy_core.networks.scaling import IN_WORDS, SCALINGS
from galaxy_core.runs.config import TrainConfig
from galaxy_core.runs.names import LONGEST_NAME
from galaxy_core.runs.run import Run
from galaxy_core.training.stand_in import DATA_MOCK
from galaxy_core.transfer.source import AUTO, IMAGENET
from parts.files import choose_file
from parts.shield import plain_errors

MOST_MEGABYTES = 200
ZIP = ".zip"
WEIGHTS = [".h5", ".keras", ".safetensors", ".pth", ".pt"]
DEFAULT = "default"
CLASSIFIER, SOURCE = "classifier", "source"


def show_load(catalogue: Catalogue) -> None:
    """The place to drop a file, and for weights the form that says what the file does not."""
    st.header(words.train.LOAD_TITLE, anchor=False)
    st.markdown(words.train.LOAD_LEAD)
    for name, *told in st.session_state.pop("just_loaded", []):
        st.success(fill(words.train.LOADED, name=name), icon=":material/check_circle:")
        _show_told(*told)
    types = WEIGHTS if find_spec("galaxy_core.runs.pack") is None else [ZIP, *WEIGHTS]
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
        (_offer_packed if file.name.lower().endswith(ZIP) else _offer_weights)(file, catalogue)


def _show_told(sentence: str = "", left_out: Sequence[str] = (), doubt: str = "") -> None:
    if sentence:
        st.caption(fill(words.train.TAKEN_AS, what=sentence))
    if left_out:
        st.caption(fill(words.train.LEFT_OUT, what=", ".join(left_out)))
    if doubt:
        st.warning(fill(words.train.DOUBT, what=doubt), icon=":material/contrast:")


def _offer_packed(file: Any, catalogue: Catalogue) -> None:
    with st.form("packed", border=True):
        name = st.text_input(
            "Name", key="packed_name", placeholder=words.train.LOAD_NAME, max_chars=LONGEST_NAME, width=320
        )
        is_wanted = st.form_submit_button(words.train.LOAD_BUTTON, type="primary", icon=":material/upload:")
    if is_wanted:
        from galaxy_core.transfer.weights.receive import receive_run

        _show_it(receive_run(file, name=name.strip() or None))


def _offer_weights(file: Any, catalogue: Catalogue) -> None:
    st.caption(words.train.LOAD_WEIGHTS)
    kind = st.radio(
        "Take it as", [CLASSIFIER, SOURCE], key="load_kind", horizontal=True, help=words.train.KIND_HELP
    )
    with st.form("weights", border=True):
        name, shown = _ask_what_it_is(file.name)
        trained = _ask_how_trained(catalogue) if kind == CLASSIFIER else None
        is_wanted = st.form_submit_button(words.train.LOAD_BUTTON, type="primary", icon=":material/upload:")
    if is_wanted:
        with _on_disk(file) as path, st.spinner(words.train.READING):
            if trained is None:
                _load_source(path, name, shown)
            else:
                _load_classifier(path, name, shown, **trained)


@contextmanager
def _on_disk(file: Any) -> Iterator[Path]:
    """The file where readers that seek can have it, under no name of the visitor's."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "weights"
        path.write_bytes(file.getbuffer())
        yield path


def _ask_what_it_is(file_name: str) -> tuple[str, dict[str, str | None]]:
    """A name, and what the readers of all formats are told."""
    stem = file_name.split(".")[0][:LONGEST_NAME]
    first, second, third = st.columns(3)
    name = first.text_input("Name", stem, max_chars=LONGEST_NAME, key="load_name")
    backbone = second.selectbox(
        "Network",
        [DEFAULT, *BACKBONES],
        key="load_backbone",
        format_func=_network,
        help=words.train.BACKBONE_HELP,
    )
    scaling = third.selectbox(
        "Input scaling",
        [DEFAULT, *SCALINGS],
        key="load_scaling",
        format_func=_scaling,
        help=words.train.SCALING_HELP,
    )
    chosen = {"backbone": backbone, "scaling": scaling}
    told = {key: None if value == DEFAULT else value for key, value in chosen.items()}
    return name.strip(), {**told, "called": file_name}


def _network(name: str) -> str:
    return words.train.BY_SHAPES if name == DEFAULT else get_backbone(name).title


def _scaling(name: str) -> str:
    return words.train.BY_FORMAT if name == DEFAULT else IN_WORDS[name]


def _ask_how_trained(catalogue: Catalogue) -> dict[str, Any]:
    """What only a classifier has: an order of classes, and how it was trained."""
    orders, names, second, third = st.columns([3, 3, 2, 2])
    order = orders.selectbox(
        "Order of classes",
        list(words.train.ORDERS),
        key="load_classes",
        format_func=words.train.ORDERS.__getitem__,
        help=words.train.ORDER_HELP,
    )
    typed = names.text_input(
        "… or their names", key="load_names", placeholder=words.train.NAMES, help=words.train.NAMES_HELP
    )
    policy = second.selectbox(
        "Policy",
        list(POLICIES),
        list(POLICIES).index(DEFAULT_POLICY),
        key="load_policy",
        help=words.choice.POLICY_HELP,
    )
    percent = third.number_input(
        "Below the cut, %", 0, 100, 20, key="load_cut", help=words.results.BELOW_HELP
    )
    left, source, middle, right = st.columns([2, 1, 1, 1])
    with left:
        file = choose_file(catalogue, "load_data")
    chosen = source.selectbox("Source", [IMAGENET, AUTO], key="load_source", help=words.train.SOURCE_HELP)
    crop = middle.number_input(
        "Field of view (px)", 32, 256, 256, key="load_crop", help=words.train.CROP_HELP
    )
    size = right.number_input("Image size (px)", 32, 1024, 256, key="load_size", help=words.train.SIZE_HELP)
    settings = {"policy": policy, "trainable": round(1 - percent / 100, 6), "source": chosen}
    return {
        "settings": {**settings, "crop": int(crop), "image_size": int(size)},
        "file": file,
        "classes": typed.strip() or (None if order == DEFAULT else order),
    }


def _load_source(path: Path, name: str, shown: dict[str, str | None]) -> None:
    from galaxy_core.transfer.weights.imported import import_source

    made = import_source(path, name, **shown)
    _show_it(made.run, made.taken_as, made.run.card()["left_out"])


def _load_classifier(
    path: Path,
    name: str,
    shown: dict[str, str | None],
    settings: dict[str, Any],
    file: str,
    classes: str | None,
) -> None:
    from galaxy_core.transfer.weights.imported import import_classifier

    data = path_of(file)
    is_labelled = file != DATA_MOCK and is_here(data)
    of_data = classes_of(data) if is_labelled else None
    config = TrainConfig(str(data), **settings)
    made = import_classifier(path, name, config, classes=classes, data_classes=of_data, **shown)
    doubt = _doubt(made.run, data) if is_labelled else ""
    _show_it(made.run, made.taken_as, made.run.card()["left_out"], doubt)


def _doubt(run: Run, data: Path) -> str:
    """What is pointed out where the scaling is visibly wrong on the galaxies that were chosen."""
    from galaxy_core.prediction.scaling_check import doubt_scaling

    found = doubt_scaling(run, open_galaxies(data))
    return "" if found is None else found.sentence


def _show_it(run: Run, *told: Any) -> None:
    """`told` in our words: what a stranger's card says is not shown."""
    st.session_state["just_loaded"] = [(run.name, *told)]
    st.query_params["run"] = run.name
    st.rerun()
