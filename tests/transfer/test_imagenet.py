import functools
import hashlib
import http.server
import threading
import urllib.parse
from pathlib import Path

import h5py
import numpy as np
import pytest

from galaxy_core.errors import BadFileError, BadValueError, MissingError
from galaxy_core.networks.registry import BACKBONES, get_backbone
from galaxy_core.transfer.imagenet import (
    imagenet_is_here,
    imagenet_path,
    imagenet_weights,
    read_keras_weights,
)

DENSENET = get_backbone("densenet121")

FILE_NAME = DENSENET.published.file_name

FILE_NAME = DENSENET.published.file_name


def write_stand_in(path, tensors, changed=None):
    """A weights file in the layout of Keras 2, with the old names: layer `conv1/conv`, tensor `conv1/conv/kernel:0`."""
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = [_old_name(layer.name).encode() for layer in DENSENET.layers]
        file.attrs["backend"], file.attrs["keras_version"] = b"tensorflow", b"2.1.3"
        for layer in DENSENET.layers:
            group = file.create_group(_old_name(layer.name))
            stored = [f"{_old_name(layer.name)}/{name.rpartition('/')[2]}:0" for name in layer.weights]
            group.attrs["weight_names"] = np.array([name.encode() for name in stored], dtype="S64")
            for name, tensor in zip(stored, layer.weights, strict=True):
                group.create_dataset(name, data=(changed or {}).get(tensor, tensors[tensor]))


def _old_name(name):
    return name.replace("conv1_", "conv1/") if name in ("conv1_conv", "conv1_bn") else name


@pytest.fixture(scope="module")
def tensors():
    rng = np.random.default_rng(0)
    shapes = {name: shape for layer in DENSENET.layers for name, shape in layer.weights.items()}
    return {name: rng.uniform(0.5, 1, size=shape).astype(np.float32) for name, shape in shapes.items()}


@pytest.fixture(scope="module")
def stand_in(tmp_path_factory, tensors):
    path = tmp_path_factory.mktemp("store") / "stand-in.h5"
    write_stand_in(path, tensors)
    return path


@pytest.fixture
def server(stand_in):
    """Serves the folder of the stand-in on this machine; `/short/...` breaks off after 1000 bytes."""

    class Handler(http.server.SimpleHTTPRequestHandler):
        def do_GET(self):
            if not self.path.startswith("/short/"):
                return super().do_GET()
            self.send_response(200)
            self.send_header("Content-Length", str(stand_in.stat().st_size))
            self.end_headers()
            return self.wfile.write(stand_in.read_bytes()[:1000])

        def log_message(self, *arguments):
            pass

    handler = functools.partial(Handler, directory=stand_in.parent)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()


@pytest.fixture
def cache(tmp_path, monkeypatch, stand_in):
    """An empty Keras cache, and the stand-in's checksum in place of the real one."""
    (tmp_path / "keras").mkdir()
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setenv("GALAXY_IMAGENET_URL", "http://127.0.0.1:9/unused.h5")
    monkeypatch.setenv("GALAXY_IMAGENET_MD5", hashlib.md5(stand_in.read_bytes()).hexdigest())
    return tmp_path / "keras" / "models"


def names(cache):
    """What lies in the cache, the lock left out."""
    return sorted(path.name for path in cache.iterdir() if path.suffix != ".lock")


def put_into_cache(cache, stand_in):
    cache.mkdir()
    (cache / FILE_NAME).write_bytes(stand_in.read_bytes())


def test_a_cached_file_is_read_without_any_network(cache, stand_in, tensors):
    assert not imagenet_is_here(DENSENET)
    put_into_cache(cache, stand_in)
    assert imagenet_is_here(DENSENET)
    found, sha256 = imagenet_weights(DENSENET)
    assert list(found) == list(tensors)
    assert all(np.array_equal(found[name], tensors[name]) for name in tensors)
    assert sha256 == hashlib.sha256(stand_in.read_bytes()).hexdigest()


def test_a_damaged_file_in_the_cache_does_not_count_as_cached(cache, stand_in):
    put_into_cache(cache, stand_in)
    with (cache / FILE_NAME).open("ab") as file:
        file.write(b"x")
    assert not imagenet_is_here(DENSENET)


def test_the_cache_is_that_of_keras(monkeypatch, tmp_path):
    monkeypatch.delenv("KERAS_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert imagenet_path(DENSENET) == tmp_path / ".keras" / "models" / FILE_NAME


def test_the_file_is_fetched_once_and_nothing_is_printed(
    cache, server, monkeypatch, stand_in, tensors, capsys
):
    monkeypatch.setenv("GALAXY_IMAGENET_URL", f"{server}/{stand_in.name}")
    said = []
    found, _ = imagenet_weights(DENSENET, said.append)
    assert np.array_equal(found["bn/gamma"], tensors["bn/gamma"])
    assert names(cache) == [FILE_NAME]
    monkeypatch.setenv("GALAXY_IMAGENET_URL", "http://127.0.0.1:9/gone.h5")
    imagenet_weights(DENSENET, said.append)
    assert said == [f"Fetching the ImageNet weights of DenseNet-121 (29 MB) from {server}/{stand_in.name}."]
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("path", "error", "words"),
    [
        ("other.h5", BadFileError, "did not send the file with MD5"),
        ("missing.h5", MissingError, "404"),
    ],
)
def test_a_failed_download_says_what_to_do_and_leaves_nothing(
    cache, server, monkeypatch, stand_in, path, error, words
):
    stand_in.with_name("other.h5").write_bytes(b"a page that wants a login")
    monkeypatch.setenv("GALAXY_IMAGENET_URL", f"{server}/{path}")
    with pytest.raises(error, match=words) as caught:
        imagenet_weights(DENSENET)
    assert f"put {FILE_NAME} into {cache}, or choose another source" in str(caught.value)
    assert names(cache) == []


def test_an_interrupted_download_is_kept_and_carried_on_with(cache, server, monkeypatch, stand_in):
    monkeypatch.setattr("galaxy_core.files.download.SECONDS_BEFORE_NEXT_TRY", 0.0)
    monkeypatch.setenv("GALAXY_IMAGENET_URL", f"{server}/short/stand-in.h5")
    with pytest.raises(MissingError, match=r"ended at 1000 of .*1000 bytes are kept; run it again") as caught:
        imagenet_weights(DENSENET)
    assert f"put {FILE_NAME} into {cache}, or choose another source" in str(caught.value)
    assert names(cache) == [f"{FILE_NAME}.part", f"{FILE_NAME}.part.json"]
    # this server knows no Range: the file is begun anew, not mixed
    monkeypatch.setenv("GALAXY_IMAGENET_URL", f"{server}/{stand_in.name}")
    imagenet_weights(DENSENET)
    assert names(cache) == [FILE_NAME]


def test_a_mirror_may_be_a_file(cache, monkeypatch, stand_in):
    monkeypatch.setenv("GALAXY_IMAGENET_URL", stand_in.as_uri())
    imagenet_weights(DENSENET)
    assert names(cache) == [FILE_NAME]
    monkeypatch.setenv("GALAXY_IMAGENET_MD5", "0" * 32)
    with pytest.raises(BadFileError, match=r"its md5 is .* or choose another source"):
        imagenet_weights(DENSENET)


def test_a_server_that_is_down_is_a_missing_error_in_one_line(cache):
    with pytest.raises(MissingError, match="could not be fetched") as caught:
        imagenet_weights(DENSENET)
    assert "\n" not in str(caught.value)


def test_a_checksum_of_ones_own_needs_an_address_of_ones_own(cache, monkeypatch):
    monkeypatch.delenv("GALAXY_IMAGENET_URL")
    with pytest.raises(BadValueError, match="set both for a mirror, or neither"):
        imagenet_is_here(DENSENET)


def test_an_address_that_is_no_address_is_refused(cache, stand_in, monkeypatch):
    put_into_cache(cache, stand_in)
    monkeypatch.setenv("GALAXY_IMAGENET_URL", "mirror/file.h5")
    with pytest.raises(BadValueError, match=r"http://, https:// or file://, got 'mirror/file.h5'"):
        imagenet_weights(DENSENET)


def test_a_tensor_of_the_wrong_shape_is_refused_by_name(tmp_path, tensors):
    path = tmp_path / "wrong.h5"
    write_stand_in(path, tensors, changed={"conv1_bn/beta": np.zeros(3, np.float32)})
    with pytest.raises(BadFileError, match=r"conv1_bn/beta of wrong.h5 has shape \(3,\), expected \(64,\)"):
        read_keras_weights(path, DENSENET)


def test_a_file_of_another_network_is_refused(tmp_path):
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file.attrs["layer_names"] = [b"dense"]
        file.create_group("dense").attrs["weight_names"] = [b"dense/kernel:0"]
        file["dense/dense/kernel:0"] = np.ones((3, 3), np.float32)
    with pytest.raises(BadFileError, match=r"conv1_conv/kernel of other.h5 has shape \(3, 3\), expected"):
        read_keras_weights(tmp_path / "other.h5", DENSENET)


@pytest.mark.parametrize("link", [h5py.SoftLink("/bn"), h5py.ExternalLink("elsewhere.h5", "/bn")])
def test_links_are_refused(tmp_path, stand_in, link):
    path = tmp_path / "linked.h5"
    path.write_bytes(stand_in.read_bytes())
    with h5py.File(path, "a") as file:
        del file["pool2_bn"]
        file["pool2_bn"] = link
    with pytest.raises(BadFileError, match=r"has no layer 'pool2_bn' in itself"):
        read_keras_weights(path, DENSENET)


def test_a_tensor_in_a_chunk_that_unpacks_to_much_is_refused(tmp_path, stand_in):
    path = tmp_path / "bomb.h5"
    path.write_bytes(stand_in.read_bytes())
    with h5py.File(path, "a") as file:
        del file["bn/bn/beta:0"]
        values = file.create_dataset(
            "bn/bn/beta:0", (1024,), "f4", chunks=(2**26,), maxshape=(None,), compression="gzip"
        )
        values.id.write_direct_chunk((0,), b"x")
    with pytest.raises(BadFileError, match=r"bn/beta .* chunks of shape \(67108864,\), too large"):
        read_keras_weights(path, DENSENET)


def _numbers_of_the_type_for_times(file):
    del file["bn/bn/beta:0"]
    h5py.h5d.create(file.id, b"bn/bn/beta:0", h5py.h5t.UNIX_D32LE, h5py.h5s.create_simple((1024,)))


def _names_that_are_no_text(file):
    file["bn"].attrs["weight_names"] = 7


def _names_that_are_not_utf8(file):
    file.attrs["layer_names"] = [b"\xff\xfe"]


@pytest.mark.parametrize(
    "spoil", [_numbers_of_the_type_for_times, _names_that_are_no_text, _names_that_are_not_utf8]
)
def test_what_cannot_be_read_is_refused_in_a_sentence(tmp_path, stand_in, spoil):
    path = tmp_path / "spoilt.h5"
    path.write_bytes(stand_in.read_bytes())
    with h5py.File(path, "a") as file:
        spoil(file)
    with pytest.raises(
        BadFileError, match=r"no whole weights file of Keras|has no tensor '7' in itself"
    ) as caught:
        read_keras_weights(path, DENSENET)
    assert "\n" not in str(caught.value)


def test_a_truncated_file_is_refused(tmp_path, stand_in):
    path = tmp_path / "short.h5"
    path.write_bytes(stand_in.read_bytes()[:100_000])
    with pytest.raises(BadFileError, match="no whole weights file of Keras"):
        read_keras_weights(path, DENSENET)


@pytest.mark.slow
def test_addresses_and_checksums_are_those_of_the_installed_keras(keras):
    from keras.src.applications import densenet, efficientnet_v2

    known = {name: getattr(densenet, f"{name.upper()}_WEIGHT_PATH_NO_TOP") for name in BACKBONES[:3]}
    known["efficientnet_v2_s"] = f"{efficientnet_v2.BASE_WEIGHTS_PATH}efficientnetv2-s_notop.h5"
    hashes = Path(densenet.__file__).read_text() + Path(efficientnet_v2.__file__).read_text()
    for name, address in known.items():
        published = get_backbone(name).published
        assert f"{published.place}{published.file_name}" == address
        assert f'"{published.digest}"' in hashes
        assert urllib.parse.urlsplit(address).scheme == "https"


@pytest.mark.slow
def test_keras_reads_the_same_tensors_from_the_stand_in(keras, stand_in):
    model = keras.applications.DenseNet121(include_top=False, weights=str(stand_in))
    ours = read_keras_weights(stand_in, DENSENET)
    theirs = {f"{layer.name}/{v.name}": np.asarray(v) for layer in model.layers for v in layer.weights}
    assert list(ours) == list(theirs)
    assert all(np.array_equal(ours[name], theirs[name]) for name in theirs)
