"""The fixtures and hooks of every test: its marker by folder, and the emulator, once a run."""

import io
import logging
from collections.abc import Iterator
from pathlib import Path

import pyreqwest.client  # noqa: F401 - on the main thread: first imported on one that ends, it crashes the next
import pytest

from atom_llm.observability import logger
from local.emulator import Emulator, client_environment
from local.processes import free_port

TESTS = Path(__file__).parent
MARKERS = {"contract": "integration", "runtime": "integration", "e2e": "e2e"}  # every other folder holds unit tests


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test by the folder that it stands in, so that no file can forget to."""
    for item in items:
        if item.path.is_relative_to(TESTS):
            folder = item.path.relative_to(TESTS).parts[0]
            item.add_marker(MARKERS.get(folder, "unit"))


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """The records that the logger writes."""
    written = io.StringIO()
    handler = logger().handlers[0]
    assert isinstance(handler, logging.StreamHandler)
    before = handler.setStream(written)
    yield written
    handler.setStream(before)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Asynchronous tests (`@pytest.mark.anyio`) run on asyncio, as the functions do."""
    return "asyncio"


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[str]:
    """The endpoint URL of an emulator of this run's own, without stacks.

    AWS clients find it by themselves: the environment of this run names it, with credentials that are good nowhere.
    """
    if worker_id != "master":
        pytest.fail("tests that need the emulator run without xdist: each worker would start its own")
    with (
        pytest.MonkeyPatch.context() as environment,
        Emulator(free_port(), tmp_path_factory.mktemp("emulator")) as started,
    ):
        for name, value in client_environment(started.url).items():
            environment.setenv(name, value)
        yield started.url
