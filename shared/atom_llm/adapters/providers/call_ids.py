"""The ids of a conversation's calls, one of its own for each, where a provider refuses a conversation that repeats one.

Many callers and servers begin to count anew in every turn, and two ids may be spelt alike once a provider's alphabet
is kept to.
"""

from collections import deque
from collections.abc import Callable


class CallIds:
    """The ids of the calls so far, and of their results."""

    def __init__(self, spell: Callable[[str], str]) -> None:
        """Take the spelling of an id in the provider's alphabet and length."""
        self._spell = spell
        self._used: set[str] = set()
        self._waiting: dict[str, deque[str]] = {}  # what calls of an id became, until their results come
        self._last: dict[str, str] = {}

    def of_call(self, identity: str) -> str:
        """Return the id of a call; another one where an earlier call has it."""
        mapped = self._spell(identity)
        number = 2
        while mapped in self._used:
            mapped = self._spell(f"{identity}_{number}")
            number += 1
        self._used.add(mapped)
        self._waiting.setdefault(identity, deque()).append(mapped)
        self._last[identity] = mapped
        return mapped

    def of_result(self, identity: str) -> str:
        """Return the id of the call that a result answers: the first of its id that waits for one, else the last."""
        waiting = self._waiting.get(identity)
        if waiting:
            return waiting.popleft()
        return self._last.get(identity) or self._spell(identity)
