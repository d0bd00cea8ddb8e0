"""The same galaxy gets the same answer as FITS and as the viewer's picture; how much JPEG changes is stated.

python -m pytest -m long -s tests/prediction/test_fits_and_pictures.py
"""

import io
from pathlib import Path

import numpy as np
import pytest
from made_fits import as_the_viewer, fits_file
from PIL import Image

from galaxy_core.data.mock.galaxy import mock_galaxy
from galaxy_core.images.fits_options import FitsOptions
from galaxy_core.images.to_classify import read_view
from galaxy_core.runs.run import list_runs
from galaxy_core.serving.lineup import Lineup, probabilities

N_GALAXIES, SEED, BATCH = 200, 20, 20
MOST_CHANGE = 0.02
FITS, PNG, JPEG = "FITS", "picture without loss", "picture as JPEG of quality 90"
SHIPPED = Path(__file__).parents[2] / "models"


def encoded(picture: np.ndarray, kind: str, **options: int) -> bytes:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, kind, **options)
    return file.getvalue()


def views_of(index: int) -> dict[str, np.ndarray]:
    """One galaxy as it is read of the files an astronomer may have of it."""
    flux = np.moveaxis(mock_galaxy(SEED, index).flux, 2, 0)[:, ::-1]
    picture = as_the_viewer(flux)
    return {
        FITS: read_view(fits_file(flux)).pixels,
        "FITS packed by RICE": read_view(fits_file(flux, packing="RICE_1")).pixels,
        "FITS as JPEG": read_view(fits_file(flux), fits=FitsOptions(as_jpeg=True)).pixels,
        PNG: read_view(encoded(picture, "PNG")).pixels,
        JPEG: read_view(encoded(picture, "JPEG", quality=90)).pixels,
    }


@pytest.mark.long
def test_a_fits_cube_and_the_viewers_picture_get_the_same_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("astropy")
    monkeypatch.setenv("GALAXY_MODELS", str(SHIPPED))
    lineup = Lineup([run for run in list_runs() if run.is_shipped and not run.is_source])
    shares: dict[str, list[np.ndarray]] = {}
    for first in range(0, N_GALAXIES, BATCH):
        views = [views_of(index) for index in range(first, first + BATCH)]
        for kind in views[0]:
            answers = lineup.predict(np.stack([one[kind] for one in views]))
            of_runs = [probabilities(answers[run]) for run in sorted(answers)]
            shares.setdefault(kind, []).append(np.stack(of_runs))
    said = {kind: np.concatenate(parts, axis=1) for kind, parts in shares.items()}
    labels = np.arange(N_GALAXIES) % 10
    worst = {}
    for kind, shares_of_kind in said.items():
        print(f"\n{kind}: {(shares_of_kind.argmax(axis=2) == labels).mean():.3f} right of all", end="")
    for one, other in (
        (FITS, PNG),
        (FITS, "FITS packed by RICE"),
        (JPEG, "FITS as JPEG"),
        (FITS, JPEG),
    ):
        change = np.abs(said[one] - said[other]).max(axis=2)
        n_other = (said[one].argmax(axis=2) != said[other].argmax(axis=2)).mean()
        worst[one, other] = change.max()
        print(
            f"\n{one} and {other}: largest change of a probability, of {change.size} answers: median "
            f"{np.median(change):.4f}, worst {change.max():.4f}; another class in {n_other:.1%}"
        )
    assert max(worst[FITS, PNG], worst[FITS, "FITS packed by RICE"]) <= MOST_CHANGE
    assert worst[JPEG, "FITS as JPEG"] <= MOST_CHANGE
