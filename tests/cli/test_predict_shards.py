"""`galaxy predict` in shards: as one pass, carried on with by the same command, by hand, and by workers."""

import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image
from tiny_backbone import tiny
from typer.testing import Result

from galaxy_core.catalogues.formats import open_catalogue
from galaxy_core.errors import quoted
from galaxy_core.files.lock import locked
from galaxy_core.networks import registry
from galaxy_core.networks.backbone import Backbone
from galaxy_core.networks.policy import initial_tensors
from galaxy_core.networks.registry import get_backbone
from galaxy_core.runs.run import Run
from galaxy_core.serving import engine, jax_engine

Galaxy = Callable[..., Result]
MakeRun = Callable[..., Run]
N = 12


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """Eleven pictures of a bright square on a sky of noise, and one that is cut short."""
    folder = tmp_path / "images"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for i in range(N):
        image = rng.integers(0, 20 + 2 * i, (256, 256, 3), dtype=np.uint8)
        image[108:148, 108:148] = 255 - 10 * i
        Image.fromarray(image).save(folder / f"{i:02d}.jpg")
    (folder / "07.jpg").write_bytes((folder / "07.jpg").read_bytes()[:900])
    return folder


@pytest.fixture
def run(make_run: MakeRun, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """A run of a tiny network, for what is done in this process."""
    made = tiny()
    monkeypatch.setitem(registry._MAKERS, registry.DEFAULT_BACKBONE, lambda: made)
    get_backbone.cache_clear()
    yield a_run(make_run, made)
    get_backbone.cache_clear()


def a_run(make_run: MakeRun, backbone: Backbone) -> Run:
    tensors = initial_tensors(backbone, 10, "scratch", 0.0, 0, None)
    return make_run("best", tensors=tensors, weights_sha256="ab" * 32)


def test_one_file_of_shards_is_the_file_of_one_pass_and_nothing_else_is_left(
    galaxy: Galaxy, run: Run, images: Path, tmp_path: Path
) -> None:
    words = ("predict", "--run", "best", "--images", images, "--out")
    for suffix in (".csv", ".parquet"):
        once, out = tmp_path / f"once{suffix}", tmp_path / f"out{suffix}"
        assert galaxy(*words, once).exit_code == 1
        result = galaxy(*words, out, "--shard-size", 5)
        assert result.exit_code == 1
        assert f"11 predictions of 12 files in {out}" in result.stdout
        assert "1 of 12 files got no class" in result.stderr
        if suffix == ".csv":
            assert out.read_bytes() == once.read_bytes()
        else:
            assert pq.read_table(out).equals(pq.read_table(once))
        assert galaxy("predict", "--status", out).stdout == f"{out} is whole\n"
        assert "exists already" in galaxy(*words, out).stderr
    assert not [path.name for path in tmp_path.iterdir() if path.name.startswith(".o")]


def test_shards_by_hand_and_what_is_left_by_the_command_they_were_planned_with(
    galaxy: Galaxy, run: Run, images: Path, tmp_path: Path
) -> None:
    out = tmp_path / "answers.csv"
    words = ("predict", "--run", "best", "--images", images, "--out", out)
    assert "12 files in 3 shards, 0 to 2" in galaxy(*words, "--shard-size", 5, "--plan").stderr
    assert "0 of 3 shards, 0 of 12 files" in galaxy("predict", "--status", out).stdout
    assert galaxy("predict", "--out", out, "--shard", 1).exit_code == 0
    assert galaxy(*words, "--shard", 2).exit_code == 0
    (run.path.parent / "copy").symlink_to(run.path)
    assert "--run names others" in galaxy("predict", "--run", "copy", "--out", out, "--shard", 2).stderr
    assert "shard 3 is none of the 3" in galaxy("predict", "--out", out, "--shard", 3).stderr
    said = galaxy("predict", "--status", out).stdout
    assert "2 of 3 shards, 7 of 12 files\n1 files got no class" in said
    assert re.search(r"files/s while at work; .* left at that speed", said)
    result = galaxy(*words)
    assert "2 of 3 shards are there already" in result.stderr
    assert [line[:6] for line in out.read_text().splitlines()[1:]] == [f"{i:02d}.jpg" for i in range(N)]


def test_a_shard_is_of_what_was_planned_and_anything_else_is_refused_by_name(
    galaxy: Galaxy, run: Run, images: Path, tmp_path: Path
) -> None:
    out, other = tmp_path / "answers", tmp_path / "other"
    other.mkdir()
    table = tmp_path / "objects.csv"
    table.write_text("image\n" + "".join(f"{i:02d}.jpg\n" for i in range(N)))
    words = ("--run", "best", "--catalogue", table, "--images", images, "--shard-size", 5)
    assert galaxy("predict", *words, "--out", out, "--plan").exit_code == 0
    shard = ("predict", "--out", out, "--shard")
    assert galaxy(*shard, 0, *words).exit_code == 0
    for named, says in (
        (("--images", other), f"is of another input, {quoted(str(table))}, and this is {quoted(str(other))}"),
        (
            ("--catalogue", table, "--images", other),
            f"is of other pictures, {quoted(str(images))}, and these are {quoted(str(other))}",
        ),
        ((*words[2:], "--image-column", "x"), "is of image None, and this is x"),
        (("--precision", "bf16"), "is of precision float32, and this is bf16"),
        (("--shard-size", 7), "is of shard size 5, and this is 7"),
        (("--colours", "lupton"), "is of fits {'colours': 'survey'"),
    ):
        refused = galaxy(*shard, 1, *named)
        assert refused.exit_code == 2, named
        assert says in " ".join(refused.stderr.split())
        assert "begin anew in another --out" in refused.stderr
    table.write_text(table.read_text().replace("01", "02"))
    assert f"{table} has changed since the plan was made" in galaxy(*shard, 1).stderr
    assert [path.name for path in out.glob("shard-*.parquet")] == ["shard-00000.parquet"]


def test_a_folder_of_shards_and_who_may_carry_on_with_it(
    galaxy: Galaxy, run: Run, images: Path, tmp_path: Path
) -> None:
    out = tmp_path / "answers"
    words = ("predict", "--run", "best", "--images", images, "--out", out, "--shard-size", 5)
    assert galaxy(*words).exit_code == 1
    shards = sorted(path.name for path in out.glob("*.parquet"))
    assert shards == [f"shard-0000{i}.parquet" for i in range(3)]
    assert pq.read_table(out).num_rows == N, "what else lies there is passed over"
    assert pq.read_table(out / shards[2]).column("file").to_pylist() == ["10.jpg", "11.jpg"]
    (out / shards[1]).unlink()
    before = (out / shards[0]).stat().st_mtime_ns
    assert "2 of 3 shards are there already" in galaxy(*words).stderr
    assert (out / shards[0]).stat().st_mtime_ns == before
    card = run.path / "card.json"
    card.write_text(card.read_text().replace("ab" * 32, "cd" * 32))
    refused = galaxy(*words)
    assert refused.exit_code == 2
    assert "begun with other weights of best (abababababab, and now they are cdcdcdcdcdcd)" in refused.stderr
    assert "the plan is of other weights of best" in galaxy("predict", "--out", out, "--shard", 1).stderr
    assert galaxy(*words, "--overwrite").exit_code == 1
    (images / "more.jpg").write_bytes((images / "00.jpg").read_bytes())
    assert "held 12 files" in (said := galaxy(*words).stderr)
    assert "and now holds 13" in said


def test_a_long_folder_comes_in_shards_unasked(
    galaxy: Galaxy, run: Run, images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("galaxy_core.prediction.plan.SHARD_SIZE", 5)
    out = tmp_path / "a.csv"
    (tmp_path / ".a.csv.shards").mkdir()
    assert galaxy("predict", "--run", "best", "--images", images, "--out", out).exit_code == 1
    assert len(out.read_text().splitlines()) == N + 1


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--images", "images"), "nothing says where the answers go"),
        (("--images", "images", "--out", "a.csv"), "nobody is asked"),
        (("--out", "b.csv", "--status", "b.csv"), "there is no plan"),
        (("--run", "best", "--images", "images", "--out", "images/in"), "lies inside"),
        (("--run", "best", "--images", "images", "--out", "full"), "is not empty"),
        (("--run", "best", "--images", "images", "--out", "/dev/stdout", "--shard-size", "2"), "shards need"),
        (
            ("--run", "best", "--images", "images", "--out", "a", "--heatmaps", "m"),
            "it goes with no shards",
        ),
    ],
)
def test_what_cannot_be_in_shards_is_said_and_nothing_is_written(
    galaxy: Galaxy,
    run: Run,
    images: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    says: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    there = sorted(tmp_path.rglob("*"))
    result = galaxy("predict", *words)
    assert result.exit_code == 2
    assert says in result.stderr
    assert sorted(tmp_path.rglob("*")) == there


def test_two_commands_for_one_file_do_not_meet(
    galaxy: Galaxy, run: Run, images: Path, tmp_path: Path
) -> None:
    out = tmp_path / "a.csv"
    words = ("predict", "--run", "best", "--images", images, "--out", out, "--shard-size", 5)
    code = f"import sys\nfrom pathlib import Path\nfrom {locked.__module__} import locked\n"
    code += f"with locked(Path({str(tmp_path / '.a.csv.lock')!r})): print('held', flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout
        assert other.stdout.readline() == "held\n"
        assert "another process makes" in galaxy(*words).stderr
        other.communicate("\n")
    assert galaxy(*words).exit_code == 1


@pytest.mark.slow
def test_workers_write_the_very_shards(
    galaxy: Galaxy, make_run: MakeRun, images: Path, tmp_path: Path
) -> None:
    a_run(make_run, get_backbone("densenet121"))
    words = ("predict", "--run", "best", "--images", images, "--out")
    assert galaxy(*words, tmp_path / "a.csv").exit_code == 1
    result = galaxy(*words, tmp_path / "b.csv", "--shard-size", 7, "--workers", 2)
    assert "shards: 2 of 2" in result.stderr
    assert "did not end well" not in result.stderr
    assert (tmp_path / "b.csv").read_bytes() == (tmp_path / "a.csv").read_bytes()


@pytest.mark.long
def test_a_killed_prediction_run_again_ends_in_the_same_bytes(
    make_run: MakeRun, images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_run(make_run, get_backbone("densenet121"))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    rng = np.random.default_rng(0)
    command = [sys.executable, "-m", "galaxy_core", "predict", "--run", "best", "--images", str(images)]
    made = []
    for folder, patience in ((tmp_path / "whole", 600.0), (tmp_path / "killed", 4.0)):
        folder.mkdir()
        out = folder / "a.parquet"
        while not out.exists() or (folder / ".a.parquet.shards").exists():
            with subprocess.Popen([*command, "--out", str(out), "--shard-size", "2"]) as process:
                deadline = time.monotonic() + rng.uniform(0.5, 1) * patience
                while process.poll() is None and time.monotonic() < deadline:
                    time.sleep(0.01)
                process.kill()
            patience += 0.5
        made.append(out.read_bytes())
    assert made[0] == made[1]


def test_the_precision_stands_in_the_plan_and_in_the_answers(
    galaxy: Galaxy, run: Run, images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cards" / "0").mkdir(parents=True)
    monkeypatch.setattr(engine, "NVIDIA", tmp_path / "cards")
    monkeypatch.setattr(jax_engine, "card_of_jax", lambda: "made card")
    words = ("predict", "--run", "best", "--images", images, "--out", tmp_path / "all", "--shard-size", 5)
    told = galaxy(*words, "--precision", "bf16").stderr
    assert "computing on made card, by JAX in bf16" in told
    for shard in ("shard-00000.parquet", "shard-00002.parquet"):
        assert open_catalogue(tmp_path / "all" / shard).metadata["precision"] == "bf16"
    refused = galaxy(*words)
    assert refused.exit_code == 2
    assert "begun with precision bf16, and this is float32" in refused.stderr
