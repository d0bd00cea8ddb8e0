"""What is planned for each device can be asked for, and comes with a source that the rows start from."""

import pytest

from galaxy_core.runs.pretrain_config import PretrainConfig
from galaxy_core.training.presets import preset_config
from galaxy_core.training.shipped import RECIPES, TERMS


@pytest.mark.parametrize("device", ["processor", "gpu"])
def test_every_setting_of_a_recipe_is_one_that_a_training_knows(device: str) -> None:
    recipe = RECIPES[device]
    source = PretrainConfig.from_json({"images": "photographs", "terms": TERMS, **recipe.source})
    settings = dict(recipe.fractions)
    rows = preset_config(settings.pop("preset"), "galaxies.h5", **settings)
    assert source.epochs >= 1
    # a map of fewer cells than 7 x 7 says nothing about where a network looks
    assert rows.explaining_size >= 224
    assert recipe.n_seeds >= 1
