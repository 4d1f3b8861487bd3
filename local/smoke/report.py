"""What each step took and saw, printed as it happens and again at the end; and what is undone afterwards."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from botocore.exceptions import BotoCoreError, ClientError
from httpx import HTTPError

from local.steps import CannotGoOn, step

EXPECTED = (CannotGoOn, HTTPError, BotoCoreError, ClientError)
"""What a step may fail with and the cleaning goes on after: an answer that says no, or none."""


class NotSeen(CannotGoOn):
    """What a step was to show did not show."""


@dataclass(slots=True)
class Step:
    """A step, what it saw so far, and how long it took in seconds once it is over."""

    name: str
    seen: list[str] = field(default_factory=list)
    took_s: float = 0.0
    is_well: bool = False

    def saw(self, what: str) -> None:
        """Note a fact and print it."""
        self.seen.append(what)
        print(f"    {what}", flush=True)

    def must(self, is_so: bool, what: str) -> None:
        """Note a fact that has to be so; raises `NotSeen` where it is not."""
        if not is_so:
            raise NotSeen(f"Not so: {what}")
        self.saw(what)


class Report:
    """The steps of a run, and what has to be undone after them, the latest first."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        """`now` is a clock in seconds."""
        self.steps: list[Step] = []
        self._now = now
        self._undoing: list[tuple[str, Callable[[], None]]] = []

    @contextmanager
    def step(self, name: str) -> Iterator[Step]:
        """Announce a step and time it."""
        made = Step(name)
        self.steps.append(made)
        began = self._now()
        try:
            with step(name):
                yield made
                made.is_well = True
        finally:
            made.took_s = self._now() - began

    def afterwards(self, what: str, undo: Callable[[], None]) -> None:
        """Have something undone when the run is over, however it ends."""
        self._undoing.append((what, undo))

    def clean_up(self) -> list[str]:
        """Undo everything, each by itself; returns what could not be undone, in sentences."""
        left: list[str] = []
        while self._undoing:
            what, undo = self._undoing.pop()
            try:
                with self.step(what):
                    undo()
            except EXPECTED as error:
                left.append(f"{what}: {error}")
        return left

    def table(self) -> str:
        """Return a line a step: how it went, what it took, and what it saw."""
        width = max((len(each.name) for each in self.steps), default=0)
        return "\n".join(
            f"  {'ok    ' if each.is_well else 'FAILED'}  {each.took_s:7.1f} s  {each.name:<{width}}  "
            f"{'; '.join(each.seen)}".rstrip()
            for each in self.steps
        )
