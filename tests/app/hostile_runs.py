"""Run folders as somebody may send them who wants a page to do something: all their texts are one canary."""

import json
import shutil
from pathlib import Path
from typing import Any

from made_runs import make_run

CANARY = (
    "![c](http://127.0.0.1:9/x.png) [Your session expired](https://evil.example) :material/home: :red[c] :smile: $c$ "
    "www.evil.example a@evil.example <b>c</b> **c** ~~c~~ `c"
)


def make_hostile(runs: Path, weights: dict[int, Path], data: Path) -> None:
    """Two finished runs, one that failed, one that was stopped, one with a name, and a damaged one with another."""
    for percent in (20, 40):
        folder = make_run(runs, percent, data, weights=weights[percent])
        about = {**json.loads((folder / "card.json").read_text())["data"], "file": CANARY, "sha256": "1" * 64}
        _rewrite(folder / "card.json", source={"name": CANARY, "sha256": CANARY}, data=about)
        _rewrite(folder / "config.json", data=f"/nowhere/{CANARY}", source=CANARY[:90])
    for percent, state in ((60, "failed"), (80, "stopped")):
        folder = make_run(runs, percent, data, sweep="other", state=state, sentence=CANARY)
        _rewrite(folder / "config.json", data=f"/nowhere/{CANARY}")
        (folder / "log.txt").write_text(CANARY)
    shutil.copytree(runs / "first-020-s0", runs / CANARY.replace("/", "_"))
    damaged = runs / "**c** $c$ <b>c"
    damaged.mkdir()
    (damaged / "config.json").write_text(json.dumps({"policy": CANARY}))


def _rewrite(path: Path, **values: Any) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))
