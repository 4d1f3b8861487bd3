"""The log of a unit test, for tests that claim that something is told."""

import io
import logging
from collections.abc import Iterator

import pytest

from atom_llm.observability import logger


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """The records that the logger writes."""
    written = io.StringIO()
    handler = logger().handlers[0]
    assert isinstance(handler, logging.StreamHandler)
    before = handler.setStream(written)
    yield written
    handler.setStream(before)
