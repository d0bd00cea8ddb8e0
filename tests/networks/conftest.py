import pytest


@pytest.fixture(scope="session")
def keras():
    from galaxy_core.transfer.classifier import import_keras

    return import_keras()
