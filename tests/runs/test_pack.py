"""A run travels as one zip; a stranger's zip becomes a run only when every file of it is right."""

import io
import json
import stat
import struct
import zipfile
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from galaxy_core.errors import BadFileError, BadValueError, GalaxyError, MissingError
from galaxy_core.runs.checkpoint import write_tensors
from galaxy_core.runs.config import TrainConfig
from galaxy_core.runs.names import runs_folder
from galaxy_core.runs.pack import MOST_BYTES, pack_run, unpack_run
from galaxy_core.runs.run import NOTICE, create_run, delete_run, find_run, list_runs, rename_run

PACKED = set(MOST_BYTES) - {NOTICE}


@pytest.fixture
def contents(whole_run, tmp_path) -> dict[str, bytes]:
    """The files of a good packed run named `good`, of which no run is left."""
    packed = pack_run(whole_run("good"), tmp_path / "good.zip")
    delete_run("good")
    with zipfile.ZipFile(packed) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zip_of(contents: dict[str, bytes]) -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in contents.items():
            archive.writestr(name, data)
    return file


@pytest.fixture
def refused(disk, tmp_path):
    """Unpack, and see that it is refused in one sentence and that the disk is as it was."""
    (tmp_path / "runs").mkdir(exist_ok=True)

    def check(source, words, error=BadFileError, **more):
        before = disk()
        with pytest.raises(error, match=words) as caught:
            unpack_run(source, **more)
        assert "\n" not in str(caught.value)
        assert ".tmp" not in str(caught.value)
        assert disk() == before

    return check


def test_a_packed_run_comes_back_as_it_was_and_the_same_run_gives_the_same_bytes(whole_run, tmp_path):
    run = whole_run("one")
    packed = pack_run(run, tmp_path / "one.zip")
    assert pack_run(run, tmp_path / "again.zip").read_bytes() == packed.read_bytes()
    with zipfile.ZipFile(packed) as archive:
        assert set(archive.namelist()) == PACKED
    back = unpack_run(packed, name="two")
    assert back.path == runs_folder() / "two"
    assert back.config == run.config
    assert back.history() == run.history()
    assert back.metrics() == run.metrics()
    assert back.split().hash == run.split().hash
    np.testing.assert_array_equal(back.tensors()["conv/kernel"], run.tensors()["conv/kernel"])
    np.testing.assert_array_equal(back.predictions().probabilities, run.predictions().probabilities)
    assert (back.status().state, back.status().sentence) == ("done", "unpacked from one.zip")


def test_a_run_that_was_renamed_travels_under_its_new_name(whole_run, tmp_path):
    whole_run("old")
    packed = pack_run(rename_run("old", "new"), tmp_path / "x.zip")
    delete_run("new")
    assert unpack_run(io.BytesIO(packed.read_bytes())).name == "new"


def test_a_run_of_a_file_whose_name_is_no_utf8_travels_with_the_name_spelt_out(whole_run, tmp_path):
    packed = pack_run(whole_run("one", data={"file": "gal\udcff.h5"}), tmp_path / "one.zip")
    assert unpack_run(packed, name="two").card()["data"] == {"file": r"gal\udcff.h5"}


def test_a_source_without_a_config_travels_too(whole_run, tmp_path):
    run = whole_run("shapes", kind="source")
    (run.path / "config.json").unlink()
    packed = pack_run(run, tmp_path / "x.zip")
    assert unpack_run(packed, name="copy").card()["kind"] == "source"


def test_what_is_not_finished_or_would_replace_a_file_is_not_packed(whole_run, tmp_path):
    run = whole_run("one")
    with pytest.raises(BadValueError, match=r"must end in \.zip"):
        pack_run(run, tmp_path / "one.tar")
    (tmp_path / "mine.zip").write_text("mine")
    with pytest.raises(BadValueError, match="exists already"):
        pack_run(run, tmp_path / "mine.zip")
    assert (tmp_path / "mine.zip").read_text() == "mine"
    with pytest.raises(MissingError, match="no whole checkpoint"):
        pack_run(create_run("half", TrainConfig(data="a.h5")), tmp_path / "half.zip")


def test_a_taken_name_is_refused_and_the_run_of_that_name_is_unharmed(contents, whole_run, refused):
    whole_run("good")
    refused(zip_of(contents), "a run named good exists; give this one another with --name", BadValueError)
    assert unpack_run(zip_of(contents), name="other").name == "other"


@pytest.mark.parametrize("name", ["../x", "a/b", ".hidden", "-x", "a\0b", "x" * 101, "CON:"])
def test_a_name_that_is_no_plain_one_is_refused_wherever_it_stands(contents, refused, name):
    refused(zip_of(contents), "a run name is", BadValueError, name=name)
    card = {**json.loads(contents["card.json"]), "name": name}
    refused(zip_of({**contents, "card.json": json.dumps(card).encode()}), "a run name is", BadValueError)


@pytest.mark.parametrize(
    "name",
    [
        "../config.json",
        "/etc/cron.d/galaxy",
        "run/config.json",
        "..\\config.json",
        "C:\\config.json",
        "CONFIG.JSON",
        "resume/state.safetensors",
        "status.json",
        "lock",
        "log.txt",
        "weights.h5",
        "weights.pkl",
        "__MACOSX/._card.json",
    ],
)
def test_every_name_but_the_known_ones_is_refused(contents, refused, name):
    refused(zip_of({**contents, name: b"x"}), "and only config.json, .* are taken, without folders|more than")
    del contents["metrics.json"]
    refused(
        zip_of({**contents, name: b"x"}), r"is no whole zip|holds '.*', and only config.json, .* are taken"
    )


def test_a_name_that_only_begins_like_a_known_one_is_refused(contents, refused):
    # zipfile itself cuts a name off at its first NUL
    data = zip_of({**{k: v for k, v in contents.items() if k != "split.json"}, "split.json!exe": b"x"})
    cut_off = data.getvalue().replace(b"split.json!exe", b"split.json\0exe")
    refused(io.BytesIO(cut_off), r"holds 'split\.json\\x00exe'")


def test_a_file_twice_and_a_file_too_few_are_refused(contents, refused):
    file = zip_of({name: contents[name] for name in contents if name != "split.json"})
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(file, "a") as archive:
        archive.writestr("config.json", contents["config.json"])
    refused(file, "holds 'config.json' twice")
    for name in ("card.json", "weights.safetensors", "config.json"):
        refused(zip_of({key: contents[key] for key in contents if key != name}), f"lacks {name}")


def test_a_link_is_refused(contents, refused):
    file = zip_of({name: contents[name] for name in contents if name != "split.json"})
    with zipfile.ZipFile(file, "a") as archive:
        entry = zipfile.ZipInfo("split.json")
        entry.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(entry, "/etc/passwd")
    refused(file, r"'split\.json' in the zip is a link")


def patched(file: io.BytesIO, name: str, offset: int, value: bytes) -> io.BytesIO:
    """The zip with bytes of the directory's entry of `name` replaced (APPNOTE 4.3.12)."""
    data = bytearray(file.getvalue())
    place = data.rindex(b"PK\1\2", 0, data.rindex(name.encode()))
    data[place + offset : place + offset + len(value)] = value
    return io.BytesIO(bytes(data))


def test_an_entry_that_claims_too_much_is_refused_before_it_is_read(contents, refused):
    file = patched(zip_of(contents), "config.json", 24, struct.pack("<L", 2**31))
    refused(file, r"'config\.json' in the zip claims 2147483648 bytes, and at most 262144")


def test_a_bomb_that_claims_little_ends_at_what_it_claims(contents, refused):
    bomb = zip_of({**contents, "metrics.json": b" " * 50_000_000})
    assert len(bomb.getvalue()) < 200_000
    refused(bomb, r"'metrics\.json' in the zip claims 50000000 bytes")
    refused(patched(bomb, "metrics.json", 24, struct.pack("<L", 1000)), "metrics.json|is no whole zip")


def test_an_encrypted_entry_and_another_packing_are_refused(contents, refused):
    refused(patched(zip_of(contents), "split.json", 8, b"\x01\x00"), "a link or encrypted")
    refused(patched(zip_of(contents), "split.json", 10, b"\x0c\x00"), "packed in a way that is not read")


def test_a_directory_of_many_entries_is_refused_before_it_is_read(contents, refused):
    refused(zip_of({**contents, **{f"f{i}": b"" for i in range(300)}}), "directory has more than 4096 bytes")
    refused(zip_of({**contents, **{f"f{i}": b"" for i in range(2)}}), "holds 9 members, more than the 8")


def test_a_64_bit_directory_is_refused(contents, refused):
    data = zip_of(contents).getvalue()
    locator = b"PK\6\7" + struct.pack("<LQL", 0, 0, 1)
    refused(io.BytesIO(data[:-22] + locator + data[-22:]), "is no whole zip")


def test_what_is_no_zip_is_refused(refused, tmp_path):
    refused(io.BytesIO(b""), "is no whole zip .*pack the run again")
    refused(io.BytesIO(b"<!DOCTYPE html><title>404</title>" * 10), "is no whole zip .*pack the run again")
    refused(tmp_path / "nothing.zip", "there is no file", MissingError)
    refused(tmp_path, "there is no file", MissingError)


BAD_CARDS = {
    "is no JSON": b"{",
    "has no name": b"[]",
    r"nested deeper|is no JSON|RecursionError|is damaged": b'{"name":"x","a":'
    + b"[" * 50_000
    + b"]" * 50_000
    + b"}",
    "'kind' must be one of classifier, source, got 'virus'": {"kind": "virus"},
    "its 'cut' is of another kind": {"cut": "0.6"},
    "its 'crop' is of another kind": {"crop": True},
    "its 'source' is of another kind": {"source": ["x"]},
    r"the text .* characters that cannot be shown": {"policy": "\x1b[2J"},
    "too long or holds": {"note": "x" * 5000},
    "it says cut is 0.6, its card says 0.2": {"cut": 0.2},
    "'held_out' has no 'accuracy'": {"held_out": {"n": 5}},
    "'held_out' must be an object": {"held_out": [1]},
    "a number is not finite": {"seconds": float("inf")},
    "not the file whose sha256 the card gives": {"weights_sha256": "ab" * 32},
    "not the split that the card names": {"split_hash": "ab" * 32},
}


BAD_METRICS = {
    "it has no 'n'": lambda metrics: {"batch_norm": 5},
    "it has no 'accuracy_low'": lambda metrics: metrics.pop("accuracy_low"),
    "it has no 'loss' of the kind": lambda metrics: metrics.update(loss="low"),
    "those of 10 classes": lambda metrics: metrics["confusion"][3].pop(),
    "must be those of 10 classes": lambda metrics: metrics["confusion"][3].__setitem__(0, 0.5),
    "a line of 'per_class' must be an object": lambda metrics: metrics["per_class"].__setitem__(2, 5),
    "a line of 'per_class' has no 'purity'": lambda metrics: metrics["per_class"][2].pop("purity"),
    "'batch_norm' must be an object": lambda metrics: metrics.update(batch_norm=5),
    "'batch_norm' has no 'accuracy'": lambda metrics: metrics.update(
        batch_norm={"keras": {}, "re-estimated": {}}
    ),
    "a number is not finite": lambda metrics: metrics.update(loss=float("nan")),
    "far too large": lambda metrics: metrics.update(loss=10**400),
}


@pytest.mark.parametrize("words", BAD_METRICS)
def test_metrics_that_a_table_could_not_show_are_refused(contents, refused, words):
    metrics = json.loads(contents["metrics.json"])
    instead = BAD_METRICS[words](metrics)
    content = instead if isinstance(instead, dict) and "batch_norm" in instead else metrics
    refused(zip_of({**contents, "metrics.json": json.dumps(content).encode()}), words)


def test_a_run_that_was_never_tested_travels_with_its_empty_metrics(contents):
    assert unpack_run(zip_of({**contents, "metrics.json": b"{}"}), name="loaded").measured() is None
    del contents["metrics.json"]
    assert unpack_run(zip_of(contents), name="bare").measured() is None


@pytest.mark.parametrize("words", BAD_CARDS)
def test_a_card_that_is_not_one_is_refused(contents, refused, words):
    change = BAD_CARDS[words]
    card = change
    if isinstance(change, dict):
        card = json.dumps({**json.loads(contents["card.json"]), **change}).encode()
    refused(zip_of({**contents, "card.json": card}), words)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("config.json", b'{"data": "a.h5", "command": "rm"}', "unknown entry 'command'"),
        ("config.json", b'{"data": "a.h5", "trainable": 7}', r"trainable must lie in \[0, 1\]"),
        ("config.json", b'{"data": "a.h5", "augmentation": "none"}', "augmentation must be an object"),
        ("config.json", b'{"data": "\\u001b]0;x\\u0007"}', "characters that cannot be shown"),
        ("config.json", b"\xff\xfe", "is damaged"),
        ("history.jsonl", b'{"epoch": 1}\nrm -rf\n', "every line must be"),
        ("history.jsonl", b'{"loss": 1}\n', "every line must be"),
        ("history.jsonl", b"\xff\n", "history.jsonl in the zip is refused"),
        ("metrics.json", b"[1]", "must hold a JSON object"),
        ("split.json", b'{"seed": 0}', "a split must be an object"),
        ("predictions.csv", b"h\n6,3" + b",0.1" * 9 + b",=1+1\n", "is damaged"),
        ("predictions.csv", b"h\n6,3" + b",0.1" * 9 + b",nan\n", "not finite"),
        ("predictions.csv", b"h\n6,11" + b",0.1" * 10 + b"\n", "a class 0 to 9"),
        ("predictions.csv", b"h\n1e300,1" + b",0.1" * 10 + b"\n", "far too large"),
        ("predictions.csv", b"h\n6,1" + b",0.5" * 10 + b"\n", "10 probabilities"),
        ("predictions.csv", b"h\n" + b"9" * 200_000, "is damaged"),
        ("weights.safetensors", b"\x80\x04cos\nsystem\n", "is no safetensors file"),
        ("weights.safetensors", struct.pack("<Q", 2**60), "is no safetensors file"),
    ],
)
def test_every_file_is_read_as_it_will_be_read_and_refused_by_name(contents, refused, name, content, words):
    card = {key: value for key, value in json.loads(contents["card.json"]).items() if key != "weights_sha256"}
    changed = {**contents, "card.json": json.dumps(card).encode(), name: content}
    refused(zip_of(changed), rf"{name} in the zip is refused: .*{words}|{words}")


@pytest.mark.parametrize(
    ("tensors", "words"),
    [
        ({"a": np.array([1, np.inf], np.float32)}, "tensor 'a' holds values that are not finite"),
        ({"a": np.array([1, 2], np.int64)}, "tensor 'a' has type int64"),
    ],
)
def test_weights_that_are_no_finite_numbers_are_refused(contents, refused, tmp_path, tensors, words):
    write_tensors(tmp_path / "w", tensors)
    card = {key: value for key, value in json.loads(contents["card.json"]).items() if key != "weights_sha256"}
    changed = {"card.json": json.dumps(card).encode(), "weights.safetensors": (tmp_path / "w").read_bytes()}
    refused(zip_of({**contents, **changed}), rf"weights\.safetensors in the zip is refused: .*{words}")


def test_whoever_knows_the_network_may_refuse_the_weights(contents, refused):
    def check(tensors, kind, backbone):
        assert backbone.name == "densenet121"
        raise BadFileError(f"a {kind} has no tensor conv1_conv/kernel")

    refused(zip_of(contents), "is refused: a classifier has no tensor conv1_conv/kernel", check_weights=check)


@settings(max_examples=75, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.floats(0, 0.9999), st.integers(0, 255)), max_size=4), st.floats(0.01, 1))
def test_a_damaged_zip_is_a_good_run_or_one_sentence_and_leaves_nothing(contents, changes, kept):
    data = bytearray(zip_of(contents).getvalue())
    for place, value in changes:
        data[int(place * len(data))] = value
    if kept < 0.5:
        del data[int(2 * kept * len(data)) :]
    with suppress(GalaxyError):
        unpack_run(io.BytesIO(bytes(data)), name="damaged")
        assert find_run("damaged").tensors().keys() == {"conv/kernel", "predictions/bias"}
        delete_run("damaged")
    assert list_runs() == []
    assert list(runs_folder().iterdir()) == []
