"""A streamed answer on its way to the caller: chunk by chunk, and settled however it ends."""

from collections.abc import AsyncGenerator, Sequence
from typing import Final

from atom_llm.domain.calls.billing import NOTHING, Bill, Thoughts, estimated_bill, exact_bill
from atom_llm.domain.calls.produced_text import ProducedText
from atom_llm.domain.core.ids import ProviderKeyId
from atom_llm.domain.pricing.usage import Usage
from atom_llm.domain.providers.exchange import Json
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure
from atom_llm.domain.routing.candidates import Candidate
from atom_llm.ports.core import Runtime
from atom_llm.services.calls.byok_handler import AnsweredAttempt, BYOKHandler
from atom_llm.services.calls.call import AttemptOutcome, Call
from atom_llm.services.calls.call_error import error_of_failure
from atom_llm.services.calls.open_stream import OpenStream
from atom_llm.services.ledger.budgets.windows_seen import WindowsSeen

LAST_WORD_S: Final = 0.05  # for the sentinel behind a whole answer
MAX_LAST_WORDS: Final = 3  # pieces that are read for it


class CallStream:
    """One stream. `next` returns chunks until None; `finish` is called at the end, whatever happened."""

    def __init__(self, handler: BYOKHandler, runtime: Runtime, answered: AnsweredAttempt[OpenStream]) -> None:
        """Take over the stream and the attempt that brought it."""
        self._handler = handler
        self._runtime = runtime
        self._prepared = answered.prepared.without_prompt()  # it may be large, and the answer long
        self._stream = answered.result.stream
        self._started = answered.started
        self._patience = answered.result.patience
        self._patience.whole_by = None  # it was, where it had to be
        self._waiting: list[Json] = answered.result.first
        self._produced = ProducedText()
        self._failure: ProviderFailure | None = None
        self._is_settled = False
        self._settlements = answered.settlements
        self.attempts = answered.attempts
        self.standings = answered.standings
        self.dropped: Sequence[str] = self._stream.dropped

    @property
    def call(self) -> Call:
        """The call that is answered."""
        return self._prepared.call

    @property
    def candidate(self) -> Candidate:
        """The model that answers."""
        return self._prepared.candidate

    @property
    def provider_key(self) -> ProviderKeyId:
        """The key that its provider is asked with."""
        return self._prepared.key.key.key_id

    @property
    def seen(self) -> WindowsSeen:
        """Its budgets' windows: after its hold, until it is settled."""
        return self._prepared.seen

    async def next(self) -> list[Json] | None:
        """Return the chunks that came next; None when the answer is whole, or its caller has left.

        Raises the `AtomError` of a stream that broke: the chunks before it are no whole answer.
        """
        if self._waiting:
            chunks, self._waiting = self._waiting, []
            return self._noted(chunks)
        while not self._stream.is_over:
            try:
                came = await self._stream.next(self._patience.left_s(self._runtime.monotonic()))
            except ProviderFailure as failure:
                self._end_with(failure)
                return None
            if came is None:
                self._end_with(ProviderFailure(FailureKind.CUT, "the provider's stream ended before its answer did"))
                return None
            self._patience.note(came, self._runtime.monotonic(), is_finished=self._stream.is_finished)
            if came:
                return self._noted(list(came))
        return None

    async def chunks(self) -> AsyncGenerator[Json]:
        """Yield every chunk, and then settle: also a stream that breaks, or whose reader closes this generator."""
        try:
            while (came := await self.next()) is not None:
                for chunk in came:
                    yield chunk
        except GeneratorExit:
            self.abandon()
            while await self.next() is not None:
                pass
            raise
        finally:
            await self.finish()

    def abandon(self) -> None:
        """Note that the caller has left: the rest is read for its cost, for at most `drain_s` seconds."""
        if self._patience.left_at is None:
            self._patience.left_at = self._runtime.monotonic()
            self._stream.hurry(self.call.limits.drain_s)

    @property
    def is_abandoned(self) -> bool:
        """Return whether the caller has left."""
        return self._patience.left_at is not None

    @property
    def usage(self) -> Usage | None:
        """The usage until now; None where the provider did not report it."""
        reported = self._stream.reported
        return None if reported is None else reported.usage

    async def settle(self) -> None:
        """Let go of the provider and write the call's outcome, once; its holds may still be on their way back."""
        if self._is_settled:
            return
        self._is_settled = True
        try:
            await self._last_word()
        finally:
            await self._stream.close()
        first_token = self._patience.first_token or self._runtime.monotonic()
        outcome = AttemptOutcome(
            self._bill(),
            round((self._runtime.monotonic() - self._started) * 1000),
            first_token_ms=round((first_token - self._started) * 1000),
            failure=self._failure,
            caller_left=self.is_abandoned and self._failure is None,
            is_final=True,
        )
        self._settlements.add(await self._handler.end(self._prepared, outcome))

    async def finish(self) -> None:
        """Settle, and wait until nothing of the call is under way any more."""
        await self.settle()
        await self._settlements

    def _noted(self, chunks: list[Json]) -> list[Json]:
        self._produced.add(chunks)
        return chunks

    def _end_with(self, failure: ProviderFailure) -> None:
        """End the stream with a failure, unless it is whole: its finish reason has come, whatever follows."""
        if self._stream.is_finished or self.is_abandoned:
            return
        cut = failure.kind is FailureKind.SILENT
        self._failure = ProviderFailure(FailureKind.CUT, failure.message) if cut else failure
        raise error_of_failure(self.candidate, self._failure) from failure

    def _bill(self) -> Bill:
        requirements, reported = self.call.wanted.requirements, self._stream.reported
        if self._stream.is_finished and reported is not None:
            return exact_bill(self.candidate, requirements, reported)
        if reported is None and not self._produced.is_begun:
            return NOTHING
        heard = Thoughts(self._produced.thoughts, self._handler.usual_thoughts(self._prepared))
        return estimated_bill(self.candidate, requirements, self._produced.texts, reported, heard)

    async def _last_word(self) -> None:
        """Read the sentinel behind a whole answer: the connection can then be used again."""
        if not self._stream.is_finished or self.is_abandoned:
            return
        try:
            for _ in range(MAX_LAST_WORDS):
                if await self._stream.next(LAST_WORD_S) is None:
                    return
        except ProviderFailure:
            return  # it goes on, or broke: the answer is whole, and the connection is closed
