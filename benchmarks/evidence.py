"""How long it takes to score where the heat is, and to put six runs into one report.

    python benchmarks/evidence.py [--maps 1000] [--json]

Focus: maps of 8 × 8 cells, six for each mock galaxy as a sweep of six runs gives them. For every image the galaxy, its
neighbours and the sky are found, for every map all scores of `focus` are computed, and those of both nulls. The
maps themselves are given: what they cost is `six_models.py`.

Report: `galaxy report` in a process of its own, from starting Python to the finished file, of six runs with untrained
weights that see the whole image, looking at mock galaxies that it renders for lack of others.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from _measured import Bar, Figures, begin, parser, report, seconds
from _runs import CUTS, write_run

MOST_FOCUS_SECONDS, MOST_REPORT_SECONDS = 30.0, 60.0
N_CELLS = 8
PIXEL_SCALE = 0.262


def main() -> int:
    words = parser(__doc__)
    words.add_argument("--maps", type=int, default=1000, help="maps to score")
    options = begin(words)
    figures: Figures = {"maps": options.maps, **focus(options.maps), "report_seconds": six_runs()}
    figures["focus_seconds_of_1000"] = 1000 * figures["focus_seconds"] / options.maps
    return report(figures, bars(figures), options.json)


def bars(figures: Figures) -> list[Bar]:
    return [
        Bar(
            "all focus scores of 1,000 maps", figures["focus_seconds_of_1000"], MOST_FOCUS_SECONDS, unit=" s"
        ),
        Bar("`galaxy report` of six runs", figures["report_seconds"], MOST_REPORT_SECONDS, unit=" s"),
    ]


def focus(n_maps: int) -> Figures:
    """Seconds of all scores of that many maps, and how many images they belong to."""
    from galaxy_core.data.mock import make_mock_galaxies

    rng = np.random.default_rng(0)
    n_images = -(-n_maps // len(CUTS))
    images = [galaxy.image for galaxy in make_mock_galaxies(n_images, seed=0)]
    maps = rng.normal(size=(n_images, len(CUTS), N_CELLS, N_CELLS)).astype(np.float32)
    score(images[0], maps[0])  # libraries are warm afterwards
    taken = seconds(lambda: [score(image, of_image) for image, of_image in zip(images, maps, strict=True)])
    return {"images": n_images, "focus_seconds": taken * n_maps / (n_images * len(CUTS))}


def score(image: np.ndarray, maps: np.ndarray) -> None:
    """What `galaxy study focus` does with the maps (M, h, w) of one image."""
    from galaxy_core.maps.focus import focus_scores, null_maps
    from galaxy_core.maps.galaxy_mask import find_galaxy

    mask = find_galaxy(image)
    focus_scores(null_maps(image, mask, (N_CELLS, N_CELLS)), mask, PIXEL_SCALE)
    for one in maps:
        focus_scores(one[None], mask, PIXEL_SCALE)


def six_runs() -> float:
    """Seconds of the whole command."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ.update(GALAXY_RUNS=f"{folder}/runs", GALAXY_CACHE=f"{folder}/cache")
        runs = [f"measured-{round(100 * cut):03d}" for cut in CUTS]
        for run in runs:
            write_run(run, "classifier")
        command = [sys.executable, "-m", "galaxy_core", "report", *runs, "--out", f"{folder}/report.html"]
        return seconds(lambda: subprocess.run(command, capture_output=True, check=True))


if __name__ == "__main__":
    sys.exit(main())
