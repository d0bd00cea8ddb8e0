"""What starts from a source is trained and served images as the source is shown them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from small_trainings import make_source, small

from galaxy_core.data.galaxy10 import open_galaxies
from galaxy_core.errors import BadValueError
from galaxy_core.runs.run import create_run
from galaxy_core.serving.lineup import Lineup, Unsaved
from galaxy_core.training.train import train_run
from galaxy_core.transfer.classifier import build_classifier, load_tensors
from galaxy_core.transfer.source import settle_source

pytestmark = pytest.mark.usefixtures("tiny_backbone")


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # within Keras
def test_a_network_from_a_source_of_another_scaling_is_trained_and_served_in_it(
    coloured_galaxies: Path,
) -> None:
    make_source(7, scaling="0-1")
    asked = small(
        coloured_galaxies, policy="transfer_frozen", trainable=0.5, source="source-7", epochs=1, n_views=1
    )
    config = settle_source(asked)
    assert (asked.scaling, config.scaling) == (None, "0-1")
    run = create_run("t", config)
    train_run(run)
    assert run.card()["preprocessing"] == {"name": "0-1", "factor": [1 / 255] * 3, "term": [0] * 3}
    own = create_run("own", replace(config, scaling=None))
    with pytest.raises(BadValueError, match=r"source-7 is shown images in the scaling 0-1, .* in imagenet"):
        train_run(own)
    images = open_galaxies(coloured_galaxies).images[:6]
    model = build_classifier(run.network, run.config.image_size, 10)
    load_tensors(model, run.tensors())
    by_keras = np.asarray(model(run.config.view.of(images)))
    served = Lineup([run]).predict(images)["t"]
    np.testing.assert_allclose(served, by_keras, atol=1e-4)
    (in_its_own,) = (
        Lineup([Unsaved("t", replace(run.config, scaling=None), run.tensors())]).predict(images).values()
    )
    assert np.abs(in_its_own - served).max() > 0.01
