"""What is planned for each device can be asked for, and comes with a source that the rows start from."""

import pytest

from galaxy_core.maps.cells import is_coarse
from galaxy_core.runs.pretrain_config import PretrainConfig
from galaxy_core.training.presets import preset_config
from galaxy_core.training.shipped import BEST, RECIPES, SOURCE, TERMS, best_configs


@pytest.mark.parametrize("device", ["processor", "gpu"])
def test_every_setting_of_a_recipe_is_one_that_a_training_knows(device: str) -> None:
    recipe = RECIPES[device]
    source = PretrainConfig.from_json({"images": "photographs", "terms": TERMS, **recipe.source})
    settings = dict(recipe.fractions)
    rows = preset_config(settings.pop("preset"), "galaxies.h5", **settings)
    assert source.epochs >= 1
    assert is_coarse(rows.view) is (device == "processor")  # the quick recipe sees 96 px: its maps say so
    assert recipe.n_seeds >= 1


@pytest.mark.parametrize("device", ["processor", "gpu"])
def test_the_best_one_ends_with_real_galaxies_alone_and_is_tested_as_the_rows_are(device: str) -> None:
    recipe = RECIPES[device]
    first, last = best_configs("galaxies.h5", recipe).items()
    assert (first[1].source, last[0], last[1].source) == (SOURCE, BEST, first[0])
    assert first[1].n_mocks > 0 == last[1].n_mocks
    rows = preset_config("quick", "galaxies.h5")
    for _, config in (first, last):
        assert (config.split_seed, config.validation, config.test) == (
            rows.split_seed,
            rows.validation,
            rows.test,
        )
        assert config.cut == 0
        assert config.preset == "custom"  # what a preset says is not all that it does
