"""Trainings of real processes that start at once, for the tests of faults."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from trainings import Trainings


@pytest.fixture(scope="session")
def trainings() -> Iterator[Trainings]:
    """Starts trainings; importing the engine is paid for once a session."""
    if not hasattr(os, "fork"):
        pytest.skip("this system cannot fork")
    with Trainings() as them:
        yield them
