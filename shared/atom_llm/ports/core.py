"""The time, as services are given it."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """The time, as an argument."""

    def __call__(self) -> datetime:
        """The present instant, timezone-aware UTC."""
        ...
