"""What a training will do, said before it is started: layers, parameters, galaxies, how long, on what."""

import streamlit as st
import words.train
from catalogue import Catalogue
from foreign import fill
from places import is_here, path_of
from state import overview_of

from galaxy_core.runs.config import TrainConfig
from galaxy_core.runs.device import likely_device
from galaxy_core.training.plan import plan_training
from galaxy_core.training.stand_in import DATA_MOCK
from parts.files import MOCK_COUNTS


def show_intent(config: TrainConfig, catalogue: Catalogue) -> None:
    """Four numbers and a sentence."""
    device = likely_device()
    plan = plan_training(config, _counts(config.data), [entry.run for entry in catalogue.entries], device)
    layers, parameters, examples, duration = st.columns(4)
    n_layers = f"{plan.n_layers:d} of {config.network.n_layers:d}"
    layers.metric("Layers that train", n_layers, help=words.train.LAYERS_HELP)
    parameters.metric("Parameters that train", f"{plan.n_parameters:,}", help=words.train.TRAINED_HELP)
    examples.metric("Galaxies an epoch", _number(plan.n_examples), help=words.train.EXAMPLES_HELP)
    duration.metric(
        "Takes roughly",
        duration_in_words(plan.seconds),
        help=fill(words.train.DURATION_HELP, basis=plan.basis),
    )
    st.caption(fill(words.train.DEVICE, device=device.sentence, basis=plan.basis))


def duration_in_words(seconds: float | None) -> str:
    """As roughly as it is known."""
    if seconds is None:
        return "not known"
    if seconds < 90:
        return "a minute"
    if seconds < 2 * 3600:
        return f"{round(seconds / 60)} min"
    return f"{round(seconds / 3600)} h"


def _number(value: int | None) -> str:
    return "not known" if value is None else f"{value:,}"


def _counts(file: str) -> list[int] | None:
    """Galaxies of each class; the mock file is known before it is rendered."""
    path = path_of(file)
    if is_here(path):
        return overview_of(path).counts
    return list(MOCK_COUNTS) if file == DATA_MOCK else None
