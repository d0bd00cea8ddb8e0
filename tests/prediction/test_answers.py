"""Two images, one refused file, two runs."""

import csv
import io

import numpy as np

from galaxy_core.prediction.answers import answers_csv
from galaxy_core.prediction.predict import columns

FILES = [("one.png", None), ("letter.png", "the file is no image"), ("=two.png", None)]
SHARES = {
    "a": np.eye(10, dtype=np.float32)[[3, 4]],
    "b": np.eye(10, dtype=np.float32)[[5, 6]],
}


def rows() -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answers_csv(FILES, SHARES).decode())))


def test_every_image_has_a_row_for_each_run_in_order() -> None:
    found = [(row["file"], row["run"], row["predicted"]) for row in rows() if not row["error"]]
    assert found == [
        ("one.png", "a", "3"),
        ("one.png", "b", "5"),
        ("'=two.png", "a", "4"),
        ("'=two.png", "b", "6"),
    ]
    assert tuple(rows()[0]) == columns()
    assert rows()[0]["p3"] == "1.0"


def test_a_refused_file_is_one_row_with_its_reason() -> None:
    refused = rows()[2]
    assert (refused["file"], refused["run"], refused["error"]) == ("letter.png", "", "the file is no image")
