"""A provider's stream up to the moment at which it may be handed on: its first content, or all of it.

Until then another candidate may still take its place: a failure here is one of the attempt, not of the answer.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from atom_llm.domain.calls.billing import Bill, broken_bill
from atom_llm.domain.calls.patience import StreamPatience
from atom_llm.domain.providers.exchange import Json, Target
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure
from atom_llm.domain.routing.call_limits import LOOKED_AFTER
from atom_llm.ports.core import Runtime
from atom_llm.ports.providers import ProviderGateway, ProviderStream, TimeLimits
from atom_llm.services.calls.call import PreparedAttempt
from atom_llm.services.routing.plan_call import target_of, with_limit

UsualFirstToken = Callable[[str, str], float | None]
"""The seconds that 99 of 100 first tokens of a provider's model take; None where too few were seen."""


@dataclass(frozen=True, slots=True)
class OpenStream:
    """A stream of which the first content has come, or, for a caller who wants it whole, all of it."""

    stream: ProviderStream
    first: list[Json]
    patience: StreamPatience


class ChargedFailure(Exception):
    """An attempt that failed after the provider had said what it would charge."""

    def __init__(self, failure: ProviderFailure, bill: Bill) -> None:
        super().__init__(failure.message)
        self.failure = failure
        self.bill = bill


class StreamOpener:
    """Opens the streams of attempts, and gives those up whose first token is far later than the model's own."""

    def __init__(self, gateway: ProviderGateway, runtime: Runtime, usual_first_token_s: UsualFirstToken) -> None:
        """Take the parts; `usual_first_token_s` waits for a table, and is asked when a first token is late."""
        self._gateway = gateway
        self._runtime = runtime
        self._usual_first_token_s = usual_first_token_s

    async def open(self, prepared: PreparedAttempt, left_s: float, *, buffer: bool) -> OpenStream:
        """Return the stream of an attempt that has `left_s` seconds, with its first content, or with `buffer` all.

        Raises `ProviderFailure`, or `ChargedFailure` where the provider had begun to answer.
        """
        limits = prepared.call.limits
        now = self._runtime.monotonic
        began = now()
        patience = StreamPatience(
            limits, began + min(limits.first_token_s, left_s), began, whole_by=began + left_s if buffer else None
        )
        times = TimeLimits(limits.connect_s, min(limits.first_byte_s, left_s), limits.idle_s)
        stream = await self._gateway.stream(*request_of(prepared), times, native=prepared.call.wanted.native)
        first: list[Json] = []
        looking: asyncio.TimerHandle | None = None
        if prepared.has_next and limits.too_late_s(0.0, left_s) is not None:
            after_s = limits.late_s * LOOKED_AFTER - (now() - began)
            look = partial(self._look_at_lateness, prepared, stream, patience, left_s)
            looking = asyncio.get_running_loop().call_later(max(0.0, after_s), look)
        try:
            while not _is_enough(stream, patience, buffer=buffer):
                chunks = await stream.next(patience.left_s(now()))
                if chunks is None:
                    if stream.is_finished:
                        break
                    raise ProviderFailure(FailureKind.CUT, "the provider's stream ended before the answer did")
                first += chunks
                patience.note(chunks, now(), is_finished=stream.is_finished)
        except ProviderFailure as failure:
            if stream.is_finished:  # the answer is whole: what was missing is its usage, or only the end
                return OpenStream(stream, first, patience)
            await stream.close()
            bill = broken_bill(prepared.candidate, prepared.call.wanted.requirements, stream.reported, first)
            raise ChargedFailure(failure, bill) from failure
        except BaseException:
            await asyncio.shield(stream.close())
            raise
        finally:
            if looking is not None:
                looking.cancel()
        return OpenStream(stream, first, patience)

    def _look_at_lateness(
        self, prepared: PreparedAttempt, stream: ProviderStream, patience: StreamPatience, left_s: float
    ) -> None:
        """Begin to find out whether a first token that has not come yet is later than it may be."""
        if patience.first_token is not None:
            return
        entry, limits = prepared.candidate.entry, prepared.call.limits
        usual = self._runtime.in_thread(lambda: self._usual_first_token_s(entry.provider, entry.name))

        def shorten(found: "asyncio.Future[float | None]") -> None:
            usual_s = None if found.cancelled() or found.exception() is not None else found.result()
            late_s = limits.too_late_s(usual_s, left_s)
            if late_s is not None and patience.first_token is None:
                patience.until = min(patience.until, patience.began + late_s)
                stream.hurry(patience.left_s(self._runtime.monotonic()))

        usual.add_done_callback(shorten)


def request_of(prepared: PreparedAttempt) -> tuple[Target, str, Json]:
    """Return what a provider is sent for an attempt: the target, the tenant's key in plain, and the body."""
    wanted, candidate = prepared.call.wanted, prepared.candidate
    body = with_limit(wanted.body, candidate, wanted.requirements)
    return target_of(candidate.entry), prepared.key.plaintext.reveal(), body


def _is_enough(stream: ProviderStream, patience: StreamPatience, *, buffer: bool) -> bool:
    """Return whether a stream may be handed on: with its first content, or whole and counted."""
    if buffer or patience.first_token is None:
        return stream.is_over if buffer else stream.is_finished
    return True
