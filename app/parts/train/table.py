"""The whole table at once: its settings, how long all of it will take, and its start in a process of its own."""

import os
from dataclasses import dataclass

import streamlit as st
import words.choice
import words.table
import words.train
from catalogue import Catalogue
from children import begin_sweep
from foreign import fill
from places import is_here, path_of
from state import overview_of

from galaxy_core.data.classes import GALAXY10, Classes
from galaxy_core.errors import BadValueError
from galaxy_core.networks.policy import DEFAULT_POLICY, POLICIES, needs_source
from galaxy_core.runs.config import MOST_FOLDS, MOST_MOCKS, TrainConfig
from galaxy_core.runs.cores import n_cores
from galaxy_core.runs.free_name import free_sweep_name
from galaxy_core.runs.names import check_name
from galaxy_core.runs.run import sweep_runs
from galaxy_core.training.presets import PAPER_FRACTIONS, preset_config, preset_values
from galaxy_core.training.stand_in import DATA_MOCK
from parts.correct import choose_corrections
from parts.files import check_file, choose_or_type_file
from parts.shield import plain_errors
from parts.train.intent import show_intent_of_all
from parts.train.settings import (
    begin,
    choose_network,
    choose_preset,
    choose_recipe,
    choose_source,
    follow_address,
)

MOST_SEEDS = 20
WORKERS, CLUSTER = "GALAXY_WORKERS", "GALAXY_CLUSTER"
"""What `galaxy explore --workers --cluster` says: whoever serves a page names its clusters, not who visits it."""


@dataclass(frozen=True)
class Asked:
    """A table that is asked for: its trainings, its name, and the options of `galaxy reproduce` that make it."""

    name: str
    configs: tuple[TrainConfig, ...]
    options: tuple[str, ...]


def show_table_form(catalogue: Catalogue) -> None:
    """The settings, what they will cost, and the start."""
    st.markdown(words.table.LEAD)
    with plain_errors():
        begin()
        asked = _choose(catalogue)
        workers = choose_workers()
        show_intent_of_all(asked.configs, catalogue, workers)
        _show_start(asked, workers)


def choose_workers() -> str:
    """Who trains: nobody else (empty), a number of processes here, or what the server was told of."""
    here = [str(n) for n in (2, 4, 8) if n <= n_cores()]
    return st.selectbox(
        words.table.WORKERS,
        ["", *here, *os.environ.get(WORKERS, "").split()],
        key="new_workers",
        format_func=_workers_in_words,
        help=words.table.WORKERS_HELP,
        width=360,
    )


def workers_options(workers: str) -> list[str]:
    """The options of the command for it."""
    cluster = os.environ.get(CLUSTER, "")
    is_cluster = workers and not workers.isdigit()
    return [
        *([f"--workers={workers}"] if workers else []),
        *([f"--cluster={cluster}"] if is_cluster and cluster else []),
    ]


def _workers_in_words(workers: str) -> str:
    if not workers:
        return words.table.HERE
    return words.table.AT_ONCE.format(n=workers) if workers.isdigit() else workers


def _choose(catalogue: Catalogue) -> Asked:
    from galaxy_core.training.sweep import settings_of_rows

    first, second = st.columns(2, gap="medium")
    with first:
        network = choose_network()
        policies = st.multiselect(
            words.table.POLICIES, list(POLICIES), [DEFAULT_POLICY], key="new_policies",
            help=words.choice.POLICY_HELP,
        )  # fmt: skip
        if not policies:
            raise BadValueError(words.table.NO_POLICY)
        follow_address(catalogue)
        file = choose_or_type_file(catalogue, "new_data")
    with second:
        needed = any(needs_source(policy, cut) for policy in policies for cut in PAPER_FRACTIONS)
        source = choose_source(catalogue, network, needed)
        preset = choose_preset()
    recipe = choose_recipe()
    n_seeds, n_folds, n_mocks, name = _choose_how_many(preset, network.name, file)
    common = {"source": source, "backbone": network.name, "n_folds": n_folds, "classes": _classes_of(file)}
    common |= {**recipe, "n_mocks": n_mocks, "corrections": choose_corrections(file)}
    rows = settings_of_rows(policies, n_seeds, n_folds)
    configs = tuple(preset_config(preset, file, **common, **row) for row in rows)
    options = {
        "data": file if file == DATA_MOCK else path_of(file),
        "preset": preset,
        "backbone": network.name,
    }
    options |= {**recipe, "seeds": n_seeds, "folds": n_folds, "mocks": n_mocks}
    options |= {"source": source if needed else None}
    given = [f"--{key.replace('_', '-')}={value}" for key, value in options.items() if value is not None]
    given += [f"--policy={policy}" for policy in policies]
    return Asked(name, configs, (*given, *(["--corrections"] if common["corrections"] else [])))


def _choose_how_many(preset: str, network: str, file: str) -> tuple[int, int | None, int | None, str]:
    """Seeds, folds and mock galaxies (None where there are none of these classes), and the name."""
    seeds, folds, mocks, name = st.columns(4)
    n_seeds = seeds.number_input("Seeds", 1, MOST_SEEDS, key="new_seeds", help=words.table.SEEDS_HELP)
    n_folds = folds.number_input(
        words.table.FOLDS, 1, MOST_FOLDS, key="new_folds", help=words.table.FOLDS_HELP
    )
    n_mocks = None
    if _classes_of(file) == GALAXY10:
        usual = preset_values(preset, network).get("n_mocks", 0)
        n_mocks = mocks.number_input(
            "Mock galaxies", 0, MOST_MOCKS, usual, 100, key=f"new_mocks_{preset}", help=words.table.MOCKS_HELP
        )
    free = free_sweep_name(preset, network)
    typed = name.text_input(
        "Name", key="new_table", max_chars=80, placeholder=free, help=words.table.NAME_HELP
    ).strip()
    return int(n_seeds), None if n_folds == 1 else int(n_folds), n_mocks, typed or free


def _classes_of(file: str) -> Classes:
    path = path_of(file)
    return overview_of(path).classes if file != DATA_MOCK and is_here(path) else GALAXY10


def _show_start(asked: Asked, workers: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        is_wanted = st.button(
            words.table.START, type="primary", icon=":material/table_chart:", key="start_table"
        )
        st.caption(fill(words.table.START_NAME, name=asked.name))
    if is_wanted:
        with plain_errors():
            if sweep_runs(check_name(asked.name)):
                raise BadValueError(words.table.TAKEN.format(name=asked.name))
            check_file(asked.configs[0].data)
            begin_sweep(asked.name, *asked.options, *workers_options(workers))
            st.query_params["sweep"] = asked.name
            st.rerun()
