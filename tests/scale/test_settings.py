"""Settings of a cluster, from a small file that somebody gives."""

from pathlib import Path

import pytest

from galaxy_core.errors import BadFileError, BadValueError, GalaxyError
from galaxy_core.scale.settings import ClusterSettings


def test_a_file_says_what_differs_from_the_defaults(tmp_path: Path) -> None:
    file = tmp_path / "cluster.toml"
    file.write_text('queue = "gpu"\ngpus = 1\nmemory = "32GB"\nprologue = ["module load cuda"]\n')
    found = ClusterSettings.read(file)
    assert (found.queue, found.gpus, found.memory, found.cores) == ("gpu", 1, "32GB", 2)
    assert found.prologue == ("module load cuda",)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('partition = "gpu"', "unknown entry 'partition'; known are account"),
        ("queue = [", "not a TOML file"),
        ('walltime = "long"', "a time such as 12:00:00, got 'long'"),
        ('memory = "8 GB; rm -rf /"', "a size such as 8GB"),
        ('queue = "a b"', "a name without spaces"),
        ("jobs = 0", "jobs must be a whole number from 1 to 10000, got 0"),
        ('directives = ["--x\\nrm"]', "directives must be lines of text"),
    ],
)
def test_what_is_wrong_in_it_is_named(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "cluster.toml"
    file.write_text(text)
    with pytest.raises((BadFileError, BadValueError), match=words):
        ClusterSettings.read(file)


def test_a_file_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(GalaxyError, match=r"there is no file .*none\.toml"):
        ClusterSettings.read(tmp_path / "none.toml")
