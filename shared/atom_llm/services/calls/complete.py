"""The request path: a plan, and along it one attempt after the other until one of them brings an answer.

All control flow of a call stands in `Completer._first`: `Course` decides what comes next, `Attempts` writes it down.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from atom_llm.domain.calls.billing import NOTHING, Bill, estimated_bill, exact_bill
from atom_llm.domain.core.errors import (
    AtomError,
    BudgetExceeded,
    NoCandidate,
    NoUsableKey,
    RateLimited,
    StoreUnavailable,
)
from atom_llm.domain.core.money import EXACT, ZERO
from atom_llm.domain.ledger.rows import LedgerRow
from atom_llm.domain.pricing.reported import Reported
from atom_llm.domain.providers.chunks import carries_content, texts_of
from atom_llm.domain.providers.exchange import Json, ProviderAnswer, Target
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure
from atom_llm.domain.routing.call_limits import LEAST_ATTEMPT_S
from atom_llm.domain.routing.candidates import Candidate
from atom_llm.domain.tenancy.rate_limit import Standing
from atom_llm.domain.tiers.tier import AUTO
from atom_llm.observability import logger
from atom_llm.ports.core import Runtime
from atom_llm.ports.providers import ProviderGateway, ProviderStream, TimeLimits
from atom_llm.services.calls.attempts import AttemptOutcome, Attempts, Call, PreparedAttempt
from atom_llm.services.calls.call_error import out_of_time, verdict
from atom_llm.services.calls.call_progress import CallProgress
from atom_llm.services.calls.endings import Endings
from atom_llm.services.routing.escalate import MAX_ESCALATIONS, Escalations, FitsSchema, shortcoming
from atom_llm.services.routing.plan_call import Plan, Planner, target_of, with_limit

# What keeps one candidate from being tried, and not the next.
_PASSING: Final = (NoUsableKey, NoCandidate, BudgetExceeded, RateLimited)


@dataclass(frozen=True, slots=True)
class Executed:
    """A whole answer and what it took: `cost` is USD, also of answers before it that fell short (`escalations`: each
    tier, and why).

    `settled` ends when nothing of the call is under way any more: the row is there before the answer is given out, and
    budgets get their holds back while it is sent.
    """

    call: Call
    candidate: Candidate
    attempts: int
    standings: Mapping[str, Standing]
    cost: Decimal
    body: Json
    dropped: Sequence[str]
    settled: "asyncio.Future[Any]"
    escalations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Made[Result]:
    """An attempt that brought what was wanted, and the endings of those before it. Times are the clock's seconds."""

    trial: PreparedAttempt
    result: Result
    attempts: int
    standings: Mapping[str, Standing]
    started: float
    brought: float
    endings: Endings


@dataclass(frozen=True, slots=True)
class OpenStream:
    """A stream of which the first content has come, or, for a caller who wants it whole, all of it."""

    stream: ProviderStream
    first: list[Json]
    first_token: float


class ChargedFailure(Exception):
    """An attempt that failed after the provider had said what it would charge."""

    def __init__(self, failure: ProviderFailure, bill: Bill) -> None:
        super().__init__(failure.message)
        self.failure = failure
        self.bill = bill


class BYOKHandler:
    """Makes calls."""

    def __init__(
        self,
        planner: Planner,
        attempts: Attempts,
        escalations: Escalations,
        fits: FitsSchema,
        gateway: ProviderGateway,
        surroundings: Runtime,
    ) -> None:
        self._planner = planner
        self._escalations = escalations
        self._fits = fits
        self._attempts = attempts
        self._gateway = gateway
        self._around = surroundings

    async def whole(self, call: Call) -> Executed:
        """A whole chat answer; raises an `AtomError` that says why there is none.

        Under `auto` an answer that falls short is followed by one of the next tier, within the deadline of the first.
        """
        until = self._around.monotonic() + call.limits.deadline_s
        executed = await self._answer(call, self._gateway.ask)
        for _ in range(MAX_ESCALATIONS if executed.call.choice is not None else 0):
            again = await self._escalated(executed, until)
            if again is None:
                break
            executed = again
        return executed

    async def _escalated(self, executed: Executed, until: float) -> Executed | None:
        """The next tier's answer in the place of one that falls short; None where that one stands."""
        call, choice = executed.call, executed.call.choice
        wanted, left_s = call.wanted, until - self._around.monotonic()
        if choice is None or choice.is_named or left_s < LEAST_ATTEMPT_S:
            return None
        found = shortcoming(executed.body, wanted.body, wanted.demand.output_limit, self._fits)
        if found is None:
            return None
        tenant = call.caller.tenant
        higher = await self._around.in_thread(lambda: self._escalations.next_tier(tenant, choice))
        if higher is None:
            return None
        most = wanted.demand.max_cost
        demand = (
            wanted.demand
            if most is None
            else replace(wanted.demand, max_cost=max(ZERO, EXACT.subtract(most, executed.cost)))
        )
        wanted = replace(wanted, models=(AUTO,), demand=demand, escalated=replace(choice, tier=higher))
        again = replace(
            call, wanted=wanted, limits=call.limits.within(left_s), attempts_before=executed.attempts, choice=None
        )
        try:
            better = await self._answer(again, self._gateway.ask)
        except AtomError as error:  # an answer is there, and what the next tier could not give does not take it away
            logger().warning("an escalation came to nothing", call_id=call.call_id, code=error.code)
            return None
        return replace(
            better,
            standings=executed.standings,
            cost=EXACT.add(executed.cost, better.cost),
            escalations=(*executed.escalations, f"{choice.tier} ({found})"),
            settled=asyncio.gather(executed.settled, better.settled, return_exceptions=True),
        )

    async def embed(self, call: Call) -> Executed:
        """Embeddings; raises likewise."""
        return await self._answer(call, self._gateway.embed)

    async def open(self, call: Call, *, buffer: bool) -> Made[OpenStream]:
        """A stream with its first content, or with `buffer` all of it; raises likewise.

        Whoever takes it closes the stream and ends the attempt with `end`.
        """

        async def act(trial: PreparedAttempt, left_s: float) -> OpenStream:
            return await self._open(trial, left_s, buffer=buffer)

        return await self._first(call, act)

    async def end(self, trial: PreparedAttempt, ending: AttemptOutcome) -> "asyncio.Future[LedgerRow] | None":
        """Write down how an attempt ended. What it answers is done when also its holds are given back.

        None when the row could not be written: the sweep enters the attempt at its estimate, and the log has its cost.
        """
        loop = asyncio.get_running_loop()
        written: asyncio.Future[LedgerRow] = loop.create_future()

        def tell(row: LedgerRow) -> None:
            loop.call_soon_threadsafe(written.set_result, row)

        whole = self._around.in_thread(lambda: self._attempts.end(trial, ending, tell))
        if not whole.done():
            await asyncio.wait((written, whole), return_when=asyncio.FIRST_COMPLETED)
        if whole.done() and isinstance(error := whole.exception(), StoreUnavailable):
            logger().error("an attempt is left to the sweep", call_id=trial.call.call_id, exc_info=error)
            return None
        return whole

    async def _answer(
        self, call: Call, ask: Callable[[Target, str, Json, TimeLimits], Awaitable[ProviderAnswer]]
    ) -> Executed:
        async def act(trial: PreparedAttempt, left_s: float) -> ProviderAnswer:
            limits = call.limits
            times = TimeLimits(limits.connect_s, min(limits.answer_s, left_s), limits.idle_s)
            return await ask(*self._request(trial), times)

        made = await self._first(call, act)
        trial, answer = made.trial, made.result
        bill = self._bill(trial, answer.reported, "".join(texts_of(answer.body)))
        made.endings.add(await self.end(trial, AttemptOutcome(bill, _ms(made.brought - made.started))))
        head: Json = {"model": trial.candidate.id}
        if call.wanted.demand.mode == "chat":
            created = int(call.opened_at.timestamp())
            head |= {"id": f"chatcmpl-{call.call_id}", "object": "chat.completion", "created": created}
        body = {**answer.body, **head}
        attempts = trial.call.attempts_before + made.attempts
        return Executed(
            trial.call,
            trial.candidate,
            attempts,
            made.standings,
            bill.cost,
            body,
            answer.dropped,
            made.endings.written(),
        )

    async def _first[Result](
        self, call: Call, act: Callable[[PreparedAttempt, float], Awaitable[Result]]
    ) -> Made[Result]:
        """The first attempt that brings a result, along the plan and within the deadline."""
        until = self._around.monotonic() + call.limits.deadline_s
        async with Endings() as endings:
            call, standings, course, plan, trial = await self._around.in_thread(lambda: self._start(call))
            while trial is not None:
                started = self._around.monotonic()
                try:
                    result = await act(trial, until - started)
                except (ProviderFailure, ChargedFailure) as error:
                    charged = error if isinstance(error, ChargedFailure) else ChargedFailure(error, NOTHING)
                    failure, latency = charged.failure, _ms(self._around.monotonic() - started)
                    endings.add(await self.end(trial, AttemptOutcome(charged.bill, latency, failure=failure)))
                except BaseException as error:
                    endings.add(await asyncio.shield(self.end(trial, self._broken_off(trial, started, error))))
                    raise
                else:
                    brought = self._around.monotonic()
                    return Made(trial, result, course.attempts + 1, standings, started, brought, endings)
                wait_s = course.failed(trial.candidate, trial.key.key.key_id, failure, self._around.chance())
                if course.candidate is None:
                    break
                if self._around.monotonic() + wait_s + LEAST_ATTEMPT_S > until:
                    raise _of_call(out_of_time(course), call, course)
                if wait_s:
                    await self._around.pause(wait_s)
                trial = await self._around.in_thread(lambda: self._next(call, course, plan.price_version))
            raise _of_call(verdict(course, plan.excluded), call, course)

    def _start(self, asked: Call) -> tuple[Call, Mapping[str, Standing], CallProgress, Plan, PreparedAttempt | None]:
        with self._attempts.admission(asked) as standings:
            plan = self._planner.plan(asked.wanted)
            call = asked if plan.choice is None else replace(asked, wanted=plan.wanted, choice=plan.choice)
            course = CallProgress(plan.candidates)
            trial = self._next(call, course, plan.price_version)
            try:
                return call, standings(), course, plan, trial
            except RateLimited as refusal:
                if trial is not None:
                    self._attempts.withdraw(trial, refusal)
                raise

    def _next(self, call: Call, course: CallProgress, version: str) -> PreparedAttempt | None:
        """The next attempt that can be begun, past the candidates that cannot; None when there is none."""
        while (candidate := course.candidate) is not None:
            number = call.attempts_before + course.attempts + len(course.obstacles) + 1
            try:
                return self._attempts.begin(call, candidate, version, number, repeat=course.repeat, spent=course.spent)
            except _PASSING as obstacle:
                course.pass_over(candidate, obstacle)
        return None

    async def _open(self, trial: PreparedAttempt, left_s: float, *, buffer: bool) -> OpenStream:
        limits = trial.call.limits
        until = self._around.monotonic() + min(limits.first_token_s, left_s)
        times = TimeLimits(limits.connect_s, min(limits.first_byte_s, left_s), limits.idle_s)
        stream = await self._gateway.stream(*self._request(trial), times)
        first: list[Json] = []
        first_token: float | None = None
        try:
            while not _is_enough(stream, first_token, buffer=buffer):
                left_s = limits.idle_s if first_token is not None else max(0.0, until - self._around.monotonic())
                chunks = await stream.next(limits.usage_s if stream.is_finished else left_s)
                if chunks is None:
                    if stream.is_finished:
                        break
                    raise ProviderFailure(FailureKind.CUT, "the provider's stream ended before the answer did")
                first += chunks
                if first_token is None and any(carries_content(chunk) for chunk in chunks):
                    first_token = self._around.monotonic()
        except ProviderFailure as failure:
            if stream.is_finished:  # the answer is whole: what was missing is its usage, or only the end
                return OpenStream(stream, first, first_token or self._around.monotonic())
            await stream.close()
            raise ChargedFailure(failure, self._charged(trial, stream.reported, first)) from failure
        except BaseException:
            await asyncio.shield(stream.close())
            raise
        return OpenStream(stream, first, first_token or self._around.monotonic())

    def _request(self, trial: PreparedAttempt) -> tuple[Target, str, Json]:
        wanted, candidate = trial.call.wanted, trial.candidate
        body = with_limit(wanted.body, candidate, wanted.demand)
        return target_of(candidate.entry), trial.key.plaintext.get_secret_value(), body

    def _bill(self, trial: PreparedAttempt, reported: Reported | None, produced: str) -> Bill:
        demand = trial.call.wanted.demand
        if reported is None:
            return estimated_bill(trial.candidate, demand, produced, None)
        return exact_bill(trial.candidate, demand, reported)

    def _charged(self, trial: PreparedAttempt, reported: Reported | None, chunks: Sequence[Json]) -> Bill:
        """What a stream that broke cost: nothing where the provider had neither counted nor answered anything."""
        produced = "".join(text for chunk in chunks for text in texts_of(chunk))
        if reported is None and not produced:
            return NOTHING
        return estimated_bill(trial.candidate, trial.call.wanted.demand, produced, reported)

    def _broken_off(self, trial: PreparedAttempt, started: float, error: BaseException) -> AttemptOutcome:
        """An attempt that we ourselves did not bring to an end: it may have been charged, unless it never went out."""
        never_sent = isinstance(error, AtomError)
        bill = NOTHING if never_sent else estimated_bill(trial.candidate, trial.call.wanted.demand, "", None)
        kind = FailureKind.REQUEST if never_sent else FailureKind.UNSUPPORTED
        latency = _ms(self._around.monotonic() - started)
        return AttemptOutcome(bill, latency, failure=ProviderFailure(kind, f"broken off: {type(error).__name__}"))


def _is_enough(stream: ProviderStream, first_token: float | None, *, buffer: bool) -> bool:
    """Whether a stream may be handed on: with its first content, or whole and counted."""
    if buffer or first_token is None:
        return stream.is_finished and (stream.reported is not None or not buffer)
    return True


def _of_call(error: AtomError, call: Call, course: CallProgress) -> AtomError:
    """The error with what tells its caller's support where to look."""
    error.about_call = {"x-llm-call-id": call.call_id, "x-llm-attempts": str(course.attempts)}
    return error


def _ms(seconds: float) -> int:
    return max(0, round(seconds * 1000))
