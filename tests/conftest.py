"""The fixtures and hooks of every test: its marker by folder, and the emulator, once a run."""

import io
import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from atom_llm.observability import logger
from local.emulator import Emulator, client_environment
from local.processes import free_port

settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")  # how quick it is says nothing of the code

TESTS = Path(__file__).parent
REAL_TIME = Path("functions", "chat")  # calls whose limits of tenths of a second are the machine's own
UNSTABLE_NAME = r"frozenset\(| at 0x"
MARKERS = {"contract": "integration", "runtime": "integration", "e2e": "e2e"}  # every other folder holds unit tests


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test by the folder that it stands in, so that no file can forget to.

    One that runs in real time is tried up to three times: on a busy machine a provider that answers at once may answer
    too late.

    Raises:
        pytest.UsageError: A test's name holds a set or an address: it differs from worker to worker, in some runs only.
    """
    if unstable := [item.nodeid for item in items if re.search(UNSTABLE_NAME, item.nodeid)]:
        raise pytest.UsageError("names that differ from process to process: " + ", ".join(unstable))
    for item in items:
        if item.path.is_relative_to(TESTS):
            folder = item.path.relative_to(TESTS)
            item.add_marker(MARKERS.get(folder.parts[0], "unit"))
            if folder.is_relative_to(REAL_TIME):
                item.add_marker(pytest.mark.flaky(reruns=2, reruns_delay=1))


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
