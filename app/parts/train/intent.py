"""What a training will do, said before it is started: layers, parameters, galaxies, how long, on what."""

from collections.abc import Sequence

import streamlit as st
import words.table
import words.train
from catalogue import Catalogue
from foreign import fill
from places import is_here, path_of
from state import overview_of

from galaxy_core.runs.config import TrainConfig
from galaxy_core.runs.device import likely_device
from galaxy_core.training.plan import n_training_examples, plan_training, time_of_all
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


def show_intent_of_all(configs: Sequence[TrainConfig], catalogue: Catalogue, workers: str) -> None:
    """The same of all the trainings of a table, one after the other."""
    device, counts = likely_device(), _counts(configs[0].data)
    seconds, basis = _time_of(configs, catalogue)
    n_examples = None if counts is None else n_training_examples(configs[0], counts)
    trainings, examples, duration = st.columns(3)
    trainings.metric("Trainings", f"{len(configs):,}", help=words.table.TRAININGS_HELP)
    examples.metric("Galaxies an epoch", _number(n_examples), help=words.train.EXAMPLES_HELP)
    duration.metric(
        "All take roughly",
        duration_in_words(seconds),
        help=fill(words.table.DURATION_HELP, basis=basis),
    )
    if workers:
        st.caption(fill(words.table.ELSEWHERE, workers=workers, basis=basis))
    else:
        st.caption(fill(words.train.DEVICE, device=device.sentence, basis=basis))


def time_in_words(configs: Sequence[TrainConfig], catalogue: Catalogue) -> str:
    """How long these take, one after the other."""
    seconds = _time_of(configs, catalogue)[0]
    return words.table.SOME_TIME if seconds is None else f"roughly {duration_in_words(seconds)}"


def _time_of(configs: Sequence[TrainConfig], catalogue: Catalogue) -> tuple[float | None, str]:
    timed = [entry.run for entry in catalogue.entries]
    return time_of_all(configs, _counts(configs[0].data), timed, likely_device())


def duration_in_words(seconds: float | None) -> str:
    """As roughly as it is known."""
    if seconds is None:
        return "not known"
    if seconds < 90:
        return "a minute"
    if seconds < 2 * 3600:
        return f"{round(seconds / 60)} min"
    if seconds < 72 * 3600:
        return f"{round(seconds / 3600)} h"
    return f"{round(seconds / 86_400)} days"


def _number(value: int | None) -> str:
    return "not known" if value is None else f"{value:,}"


def _counts(file: str) -> list[int] | None:
    """Galaxies of each class; the mock file is known before it is rendered."""
    path = path_of(file)
    if is_here(path):
        return overview_of(path).counts
    return list(MOCK_COUNTS) if file == DATA_MOCK else None
