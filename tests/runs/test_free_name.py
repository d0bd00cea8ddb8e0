"""A run that nobody named is called by its settings."""

from galaxy_core.runs.config import TrainConfig
from galaxy_core.runs.free_name import free_name
from galaxy_core.runs.names import shipped_folder
from galaxy_core.runs.run import create_run


def test_a_name_made_of_the_settings_is_numbered_where_taken() -> None:
    config = TrainConfig("g.h5", "freeze_prefix", 0.6, seed=2)
    assert free_name(config) == "freeze_prefix-040-s2"
    create_run("freeze_prefix-040-s2", config)
    (shipped_folder() / "freeze_prefix-040-s2-2").mkdir(parents=True)
    assert free_name(config) == "freeze_prefix-040-s2-3"


def test_a_fold_has_its_number_in_the_name() -> None:
    assert free_name(TrainConfig("g.h5", trainable=0.8, n_folds=5, fold=3)) == "transfer_frozen-020-s0-f3"
