"""The ImageNet weights come whole from a server that misbehaves, or not at all; here they are 200 kB of noise."""

import hashlib

import pytest

from galaxy_core.errors import BadFileError, GalaxyError, MissingError
from galaxy_core.files.http_answer import BLOCK_BYTES
from galaxy_core.networks.registry import get_backbone
from galaxy_core.transfer.imagenet import fetch_imagenet, imagenet_is_here

DENSENET = get_backbone("densenet121")

FILE_NAME = DENSENET.published.file_name

FILE_NAME = DENSENET.published.file_name


@pytest.fixture
def models(server, tmp_path, monkeypatch):
    """Where Keras keeps them: an empty folder; the server's content is the file that is wanted."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setenv("GALAXY_IMAGENET_URL", server.url)
    monkeypatch.setenv("GALAXY_IMAGENET_MD5", hashlib.md5(server.content).hexdigest())
    return tmp_path / "keras" / "models"


def names(folder):
    return sorted(path.name for path in folder.iterdir() if path.suffix != ".lock")


@pytest.mark.parametrize(
    ("answers", "ranges"),
    [
        (["whole"], [None]),
        ([f"break {5 * BLOCK_BYTES}", "whole"], [None, f"bytes={5 * BLOCK_BYTES}-"]),
        ([f"break {5 * BLOCK_BYTES}", "no range"], [None, f"bytes={5 * BLOCK_BYTES}-"]),
        ([f"break {5 * BLOCK_BYTES}", "wrong place", "whole"], [None, f"bytes={5 * BLOCK_BYTES}-", None]),
        (["promise 5000"], [None, "bytes=200000-"]),
        ([503, "chunked"], [None, None]),
    ],
)
def test_they_are_whole_whatever_the_server_does(server, models, answers, ranges):
    server.answers = answers
    seen = []
    assert fetch_imagenet(DENSENET, progress=lambda *at: seen.append(at)) == models / FILE_NAME
    assert (models / FILE_NAME).read_bytes() == server.content
    assert [asked.get("Range") for asked in server.asked][: len(ranges)] == ranges
    assert names(models) == [FILE_NAME]
    assert seen[-1][0] == len(server.content)
    assert imagenet_is_here(DENSENET)


@pytest.mark.parametrize(
    ("answers", "error", "words"),
    [
        (["promise -5000"], BadFileError, "did not send the file with MD5"),
        (["page"], MissingError, "a web page"),
        ([404], MissingError, "answered 404"),
    ],
)
def test_what_is_not_them_leaves_nothing(server, models, answers, error, words):
    server.answers = answers
    with pytest.raises(error, match=rf"{words}.*or choose another source"):
        fetch_imagenet(DENSENET)
    assert names(models) == []


def test_another_file_of_the_same_length_is_refused(server, models):
    server.content = bytes(len(server.content))
    with pytest.raises(BadFileError, match="did not send the file with MD5"):
        fetch_imagenet(DENSENET)
    assert names(models) == []


def test_a_copy_is_checked_and_put_there_without_a_network(server, models, tmp_path):
    server.answers = [404]
    (tmp_path / "copy.h5").write_bytes(server.content)
    (tmp_path / "other.h5").write_bytes(server.content[:-1])
    for name, words in (("other.h5", "its md5 is"), ("none.h5", "there is no file")):
        with pytest.raises(GalaxyError, match=words):
            fetch_imagenet(DENSENET, from_file=tmp_path / name)
        assert names(models) == []
    fetch_imagenet(DENSENET, from_file=tmp_path / "copy.h5")
    assert (models / FILE_NAME).read_bytes() == server.content
    assert server.asked == []
