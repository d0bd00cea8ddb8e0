"""The form of a new training: its widgets are exactly the entries of a config, which checks them itself."""

from collections.abc import Sequence

import streamlit as st
import words.choice
import words.train
from catalogue import SOURCES, Catalogue
from foreign import fill, told
from people import opened_files
from places import is_known
from state import is_imagenet_here

from galaxy_core.errors import GalaxyError
from galaxy_core.networks.backbone import Backbone
from galaxy_core.networks.policy import DEFAULT_POLICY, POLICIES, get_policy, needs_source
from galaxy_core.networks.registry import BACKBONES, DEFAULT_BACKBONE, get_backbone
from galaxy_core.runs.config import SCHEDULES, TrainConfig
from galaxy_core.runs.run import Run, list_runs
from galaxy_core.training.presets import PRESETS, preset_config, preset_values
from galaxy_core.training.stand_in import STAND_IN
from galaxy_core.transfer.source import AUTO, IMAGENET, NONE, shipped_source
from parts.correct import choose_corrections
from parts.files import choose_or_type_file

PERCENTS = range(101)
DEFAULT_PERCENT, DEFAULT_PRESET = 20, "quick"
OF_PRESET = ("epochs", "learning_rate", "batch_size", "image_size", "crop", "schedule")
"""What a preset fills in; whoever changes one of them afterwards keeps the change."""


def choose_cut() -> float:
    """The slider; the cut in [0, 1]."""
    begin()
    percent = st.select_slider(
        words.train.SLIDER, PERCENTS, key="new_cut", format_func=_in_percent, help=words.choice.SLIDER_HELP
    )
    return percent / 100


def choose_settings(catalogue: Catalogue, cut: float) -> tuple[TrainConfig, str]:
    """The config that is asked for, and the name typed for it (empty: one is made)."""
    network, policy, source, file, preset = _choose_what(catalogue, cut)
    values = {**choose_recipe(), **_choose_details(), "corrections": choose_corrections(file)}
    name = values.pop("name")
    trainable = round(1 - cut, 6)
    values |= {"policy": policy, "trainable": trainable, "source": source, "backbone": network.name}
    config = preset_config(preset, file, **values)
    return config, str(name).strip()


def _choose_what(catalogue: Catalogue, cut: float) -> tuple[Backbone, str, str, str, str]:
    first, second = st.columns(2, gap="medium")
    with first:
        network = choose_network()
        policy = st.selectbox("Policy", list(POLICIES), key="new_policy", help=words.choice.POLICY_HELP)
        st.caption(told(get_policy(policy).sentence))
        follow_address(catalogue)
        file = choose_or_type_file(catalogue, "new_data")
    with second:
        source = choose_source(catalogue, network, needs_source(policy, cut))
        preset = choose_preset()
    return network, policy, source, file, preset


def follow_address(catalogue: Catalogue) -> None:
    """A link from the page Data names the galaxies, once; one that is not known here is not followed.

    Without one, those that this person opened last.
    """
    file = st.query_params.get("file")
    if last := opened_files():
        st.session_state.setdefault("new_data", last[0])
    if file:
        del st.query_params["file"]
        if is_known(file, catalogue):
            st.session_state["new_data"] = file


def choose_preset() -> str:
    """What fills in the numbers below."""
    return st.selectbox(
        "Preset", list(PRESETS), key="new_preset", on_change=_fill_in, help=words.train.PRESET_HELP
    )


def choose_network() -> Backbone:
    """The backbone that is cut."""
    name = st.selectbox(
        "Network",
        BACKBONES,
        key="new_backbone",
        on_change=_fill_in,
        format_func=lambda one: get_backbone(one).title,
        help=words.train.NETWORK_HELP,
    )
    return get_backbone(name)


def choose_source(catalogue: Catalogue, network: Backbone, is_needed: bool) -> str:
    """Where the weights come from; nothing is asked where none are needed."""
    if not is_needed:
        st.selectbox("Source", [NONE], key="no_source", disabled=True, help=words.train.SOURCE_HELP)
        st.caption(words.train.NO_SOURCE_NEEDED)
        return NONE
    options = [AUTO, IMAGENET, *_whole_runs(network)]
    if st.session_state.get("new_source") not in options:
        st.session_state["new_source"] = _best_source(catalogue, network)
    source = st.selectbox("Source", options, key="new_source", help=words.train.SOURCE_HELP)
    st.caption(words.train.SOURCES.get(source) or fill(words.train.SOURCE_RUN, name=source))
    return source


def _best_source(catalogue: Catalogue, network: Backbone) -> str:
    """`auto` where it is here already; else a run that was made to be a source, since a network may be lacking."""
    if is_imagenet_here(network) or shipped_source(network) is not None:
        return AUTO
    made = [entry.name for entry in catalogue.entries if entry.sweep == SOURCES]
    made += [run.name for run in list_runs() if run.is_source]
    whole = _whole_runs(network)
    return next((name for name in (STAND_IN, *made) if name in whole), AUTO)


def _whole_runs(network: Backbone) -> Sequence[str]:
    return [run.name for run in list_runs() if run.is_whole and _is_of(run, network)]


def _is_of(run: Run, network: Backbone) -> bool:
    """Whether a run holds weights of that network; one that cannot be read is no source of anything."""
    try:
        return run.network.name == network.name
    except GalaxyError:
        return False


def choose_recipe() -> dict[str, object]:
    """The four numbers that are changed most."""
    epochs, rate, batch, size = st.columns(4)
    return {
        "epochs": epochs.number_input("Epochs", 1, 10_000, key="new_epochs", help=words.train.EPOCHS_HELP),
        "learning_rate": rate.number_input(
            "Learning rate",
            min_value=1e-9,
            max_value=10.0,
            format="%g",
            key="new_learning_rate",
            help=words.train.RATE_HELP,
        ),
        "batch_size": batch.number_input(
            "Batch size", 2, 4096, key="new_batch_size", help=words.train.BATCH_HELP
        ),
        "image_size": size.number_input(
            "Image size (px)", 32, 1024, key="new_image_size", help=words.train.SIZE_HELP
        ),
    }


def _choose_details() -> dict[str, object]:
    seed, crop, schedule, name = st.columns(4)
    return {
        "seed": seed.number_input("Seed", 0, 2**31 - 1, key="new_seed", help=words.train.SEED_HELP),
        "crop": crop.number_input("Field of view (px)", 32, 256, key="new_crop", help=words.train.CROP_HELP),
        "schedule": schedule.selectbox(
            "Schedule", SCHEDULES, key="new_schedule", help=words.train.SCHEDULE_HELP
        ),
        "name": name.text_input(
            "Name",
            key="new_name",
            max_chars=100,
            placeholder="made of the settings",
            help=words.train.NAME_HELP,
        ),
    }


def begin() -> None:
    """The values a visitor finds first, and those of the preset."""
    st.session_state.setdefault("new_cut", DEFAULT_PERCENT)
    st.session_state.setdefault("new_policy", DEFAULT_POLICY)
    if "new_preset" not in st.session_state:
        st.session_state["new_preset"] = DEFAULT_PRESET
    for key, value in _of_preset().items():
        st.session_state.setdefault(key, value)


def _fill_in() -> None:
    st.session_state.update(_of_preset())


def _of_preset() -> dict[str, object]:
    network = st.session_state.get("new_backbone", DEFAULT_BACKBONE)
    preset = preset_values(st.session_state["new_preset"], network)
    return {f"new_{key}": preset[key] for key in OF_PRESET}


def _in_percent(percent: int) -> str:
    return f"{percent} % below the cut, {100 - percent} % above it"
