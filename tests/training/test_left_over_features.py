"""What a killed pass of features leaves on the disk."""

import os
import time

import pytest

from galaxy_core.training.features import features_folder, make_room

NAME = "." + 64 * "a" + ".f16.0123456789ab.tmp"


@pytest.mark.parametrize("age", [3600.0, 400 * 86400.0, -3600.0])
def test_what_a_killed_pass_left_is_removed_and_a_file_being_written_is_not(age: float) -> None:
    features_folder().mkdir(parents=True)
    left_over, in_work, whole = (features_folder() / name for name in (NAME, "." + NAME, 64 * "b" + ".f16"))
    for path in (left_over, in_work, whole):
        path.write_bytes(b"features")
    for path in (left_over, whole):
        os.utime(path, (time.time() - age, time.time() - age))
    make_room(0)
    assert set(features_folder().iterdir()) == {in_work, whole}
