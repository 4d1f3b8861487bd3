"""Identical calls within a run: an agent that loops asks the same again and again, and somebody should know."""

from datetime import timedelta
from hashlib import blake2b
from typing import Final

from atom_llm.domain.providers.exchange import UploadedFile
from atom_llm.observability import emit, logger
from atom_llm.ports.core import Clock
from atom_llm.process_cache import TimedMap
from atom_llm.quick_json import spelt
from atom_llm.services.calls.call import Call

REMEMBERED: Final = timedelta(minutes=10)  # after the last of them
CALLS_REMEMBERED: Final = 20_000  # of all runs that this process serves
TOLD_FROM: Final = 3  # identical calls from which on the log says so: once again happens to the best


class RunRepeats:
    """The count of identical calls of a session or run that this process has seen, in `RepeatedCallsInRun`."""

    def __init__(self, clock: Clock) -> None:
        self._seen: TimedMap[tuple[str, str, bytes], int] = TimedMap(clock, REMEMBERED, CALLS_REMEMBERED)

    def note(self, call: Call) -> int:
        """Return how often this very request came in its run before; 0 for a call of none, which is not remembered."""
        session = call.end_user.session
        if session is None:
            return 0
        wanted = call.wanted
        said = blake2b(f"{wanted.asked}\0{wanted.requirements.output_limit}\0".encode(), digest_size=16)
        said.update(spelt({name: value for name, value in wanted.body.items() if not isinstance(value, UploadedFile)}))
        for value in wanted.body.values():
            if isinstance(value, UploadedFile):  # a recording, whose bytes no JSON can hold
                said.update(value.content)
        place = (str(call.caller.tenant), session, said.digest())
        before = self._seen.fresh(place) or 0
        self._seen.put(place, before + 1)
        if before:
            emit({"RepeatedCallsInRun": ("Count", 1)}, {"group": "chat"})
            if before + 1 >= TOLD_FROM:
                logger().warning("a run repeats the same call", call_id=call.call_id, times=before + 1)
        return before
