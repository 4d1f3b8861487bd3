"""Where a test lets a process die, or an answer be lost, at a write of the money path."""

from collections.abc import Callable

Reached = Callable[[str], None]
"""Called before and after every write takes effect, with its name: where a test lets a process die or an answer be
lost."""


def nobody_asks(_: str) -> None:
    """Let every write take effect and be answered."""
