"""The request path: a plan, and along it one attempt after the other until one of them brings an answer.

All control flow of a call stands in `BYOKHandler._first`: `CallProgress` decides what comes next, `Attempts` writes it
down.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial
from typing import Final

from atom_llm.domain.calls.billing import NOTHING, expected_bill, failed_bill, whole_bill
from atom_llm.domain.core.errors import (
    AtomError,
    BudgetExceeded,
    CallerLeft,
    CostAboveLimit,
    NoCandidate,
    NoUsableKey,
    RateLimited,
    StoreUnavailable,
)
from atom_llm.domain.core.ids import ProviderKeyId
from atom_llm.domain.core.money import EXACT, ZERO, plain
from atom_llm.domain.ledger.rows import LedgerRow
from atom_llm.domain.pricing.usage import Usage
from atom_llm.domain.providers.exchange import Json, MediaMode, ProviderAnswer, RawContent, Target
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure
from atom_llm.domain.routing.call_limits import LEAST_ATTEMPT_S
from atom_llm.domain.routing.candidates import Candidate
from atom_llm.domain.tenancy.rate_limit import LimitStanding
from atom_llm.domain.tiers.tier import AUTO
from atom_llm.observability import logger
from atom_llm.ports.core import Runtime
from atom_llm.ports.providers import ProviderGateway, TimeLimits
from atom_llm.services.calls.attempts import Attempts
from atom_llm.services.calls.call import AttemptOutcome, Call, PreparedAttempt
from atom_llm.services.calls.call_error import error_of_call, error_of_deadline
from atom_llm.services.calls.call_progress import CallProgress
from atom_llm.services.calls.open_stream import ChargedFailure, OpenStream, StreamOpener, request_of
from atom_llm.services.calls.run_repeats import RunRepeats
from atom_llm.services.calls.settlements import PendingSettlements
from atom_llm.services.calls.slow_down import SlowDown
from atom_llm.services.ledger.budgets.windows_seen import WindowsSeen
from atom_llm.services.routing.escalate import MAX_ESCALATIONS, Escalations, FitsSchema, shortcoming
from atom_llm.services.routing.plan_call import Plan, Planner

_NAMES_ITS_MODEL: Final = frozenset({"chat", "embedding", "moderation"})  # the modes whose answers have a `model`
_ATTEMPTS: Final = "x-llm-attempts"
_COST: Final = "x-llm-cost-usd"
# What keeps one candidate from being tried, and not the next.
_PASSING: Final = (NoUsableKey, NoCandidate, BudgetExceeded, RateLimited, CostAboveLimit)


@dataclass(frozen=True, slots=True)
class CompletedCall:
    """A whole answer with the cost of its call in USD, also of attempts that failed before it, and of answers that fell
    short (`escalations`: each tier, and why).

    `raw` is the answer where that is no JSON.

    Whoever awaits `settled` waits until nothing of the call is under way any more: the row is there before the answer
    is given out, and budgets get their holds back while it is sent. `usage` is that of the last answer, None where its
    provider counted none; `native` the answer byte for byte, where its provider speaks the caller's dialect.
    `provider_key` is the key that it was asked with, `seen` its budgets' windows, which are final once it is `settled`.
    """

    call: Call
    candidate: Candidate
    attempts: int
    standings: Mapping[str, LimitStanding]
    cost: Decimal
    body: Json
    dropped: Sequence[str]
    settled: PendingSettlements
    escalations: tuple[str, ...] = ()
    usage: Usage | None = None
    native: bytes | None = None
    raw: RawContent | None = None
    provider_key: ProviderKeyId | None = None
    seen: WindowsSeen = field(default_factory=WindowsSeen)


@dataclass(frozen=True, slots=True)
class StartedCall:
    """A call that its service key's limits let in, with its plan and its first attempt, if one could be begun."""

    call: Call
    standings: Mapping[str, LimitStanding]
    progress: CallProgress
    plan: Plan
    prepared: PreparedAttempt | None


@dataclass(frozen=True, slots=True)
class AnsweredAttempt[Result]:
    """An attempt that brought a result, with the settlements of those before it, and what they were `charged`, in USD.
    Times are the clock's seconds."""

    prepared: PreparedAttempt
    result: Result
    attempts: int
    standings: Mapping[str, LimitStanding]
    started: float
    brought: float
    settlements: PendingSettlements
    charged: Decimal


class BYOKHandler:
    """The request path of calls with the tenant's own keys."""

    def __init__(
        self,
        planner: Planner,
        attempts: Attempts,
        escalations: Escalations,
        fits: FitsSchema,
        gateway: ProviderGateway,
        opener: StreamOpener,
        runtime: Runtime,
        slow_down: SlowDown,
        repeats: RunRepeats,
    ) -> None:
        """Take the parts; the gateway answers whole, the opener in streams."""
        self._slow_down = slow_down
        self._repeats = repeats
        self._planner = planner
        self._escalations = escalations
        self._fits = fits
        self._attempts = attempts
        self._gateway = gateway
        self._opener = opener
        self._runtime = runtime

    async def whole(self, call: Call) -> CompletedCall:
        """Return a whole chat answer; raises the `AtomError` that says why there is none.

        Under `auto` an answer that falls short is followed by one of the next tier, within the deadline of the first.
        """
        until = self._runtime.monotonic() + call.limits.deadline_s
        completed = await self._answer(call, partial(self._gateway.ask, native=call.wanted.native))
        for _ in range(MAX_ESCALATIONS if completed.call.choice is not None else 0):
            before = len(completed.escalations)
            completed = await self._escalated(completed, until)
            if len(completed.escalations) == before:
                break
        return completed

    async def _escalated(self, completed: CompletedCall, until: float) -> CompletedCall:
        """Return the next tier's answer in the place of one that falls short; the same answer where that one stands,
        with what was tried in vain."""
        call, choice = completed.call, completed.call.choice
        wanted, left_s = call.wanted, until - self._runtime.monotonic()
        if choice is None or choice.is_named or left_s < LEAST_ATTEMPT_S or call.has_left():
            return completed
        found = shortcoming(completed.body, wanted.body, wanted.requirements.output_limit, self._fits)
        if found is None:
            return completed
        tenant = call.caller.tenant
        higher = await self._runtime.in_thread(lambda: self._escalations.next_tier(tenant, choice))
        if higher is None:
            return completed
        most = wanted.requirements.max_cost
        requirements = (
            wanted.requirements
            if most is None
            else replace(wanted.requirements, max_cost=max(ZERO, EXACT.subtract(most, completed.cost)))
        )
        wanted = replace(wanted, models=(AUTO,), requirements=requirements, escalated=replace(choice, tier=higher))
        again = replace(
            call, wanted=wanted, limits=call.limits.within(left_s), attempts_before=completed.attempts, choice=None
        )
        try:
            better = await self._answer(again, partial(self._gateway.ask, native=wanted.native))
        except AtomError as error:  # an answer is there, and what the next tier could not give does not take it away
            logger().warning("an escalation came to nothing", call_id=call.call_id, code=error.code)
            charged, tried = (error.about_call.get(name, "0") for name in (_COST, _ATTEMPTS))
            return replace(
                completed,
                cost=EXACT.add(completed.cost, Decimal(charged)),
                attempts=completed.attempts + int(tried),
            )
        return replace(
            better,
            standings=completed.standings,
            cost=EXACT.add(completed.cost, better.cost),
            escalations=(*completed.escalations, f"{choice.tier} ({found})"),
            settled=better.settled.with_those_of(completed.settled),
        )

    async def embed(self, call: Call) -> CompletedCall:
        """Return embeddings; raises the `AtomError` that says why there are none."""
        return await self._answer(call, self._gateway.embed)

    async def make(self, call: Call, mode: MediaMode) -> CompletedCall:
        """Return a moderation, pictures, speech or a transcript; raises the `AtomError` that says why there is none."""
        return await self._answer(call, partial(self._gateway.make, mode))

    async def open(self, call: Call, *, buffer: bool) -> AnsweredAttempt[OpenStream]:
        """Return a stream with its first content, or with `buffer` all of it; raises the `AtomError` of a call without.

        Whoever takes it closes the stream and ends the attempt with `end`.
        """

        async def act(prepared: PreparedAttempt, left_s: float) -> OpenStream:
            return await self._opener.open(prepared, left_s, buffer=buffer)

        return await self._first(replace(call, is_stream=True), act)

    def usual_thoughts(self, prepared: PreparedAttempt) -> int:
        """Return the tokens that an attempt's model usually thinks before it answers its tenant."""
        return self._attempts.usual_thoughts(prepared)

    async def end(self, prepared: PreparedAttempt, outcome: AttemptOutcome) -> "asyncio.Future[LedgerRow] | None":
        """Write an attempt's outcome; the future that is returned is done when also its holds are given back.

        None when the row could not be written: the sweep enters the attempt at its estimate, and the log has its cost.
        """
        loop = asyncio.get_running_loop()
        written: asyncio.Future[LedgerRow] = loop.create_future()

        def tell(row: LedgerRow) -> None:
            loop.call_soon_threadsafe(written.set_result, row)

        whole = self._runtime.in_thread(lambda: self._attempts.end(prepared, outcome, tell))
        whole.add_done_callback(lambda _: self._attempts.lease.let_go(prepared.attempt))
        if not whole.done():
            await asyncio.wait((written, whole), return_when=asyncio.FIRST_COMPLETED)
        if whole.done() and isinstance(error := whole.exception(), StoreUnavailable):
            logger().error("an attempt is left to the sweep", call_id=prepared.call.call_id, exc_info=error)
            return None
        return whole

    async def _answer(
        self, call: Call, ask: Callable[[Target, str, Json, TimeLimits], Awaitable[ProviderAnswer]]
    ) -> CompletedCall:
        async def act(prepared: PreparedAttempt, left_s: float) -> ProviderAnswer:
            limits = call.limits
            times = TimeLimits(limits.connect_s, min(limits.answer_s, left_s), limits.idle_s)
            try:
                return await ask(*request_of(prepared), times)
            except ProviderFailure as failure:
                bill = failed_bill(prepared.candidate, prepared.call.wanted.requirements, failure)
                raise ChargedFailure(failure, bill) from failure

        answered = await self._first(call, act)
        prepared, answer = answered.prepared, answered.result
        bill = whole_bill(prepared.candidate, call.wanted.requirements, answer)
        answered.settlements.add(
            await self.end(prepared, AttemptOutcome(bill, _ms(answered.brought - answered.started)))
        )
        mode = call.wanted.requirements.mode
        head: Json = {"model": prepared.candidate.id} if mode in _NAMES_ITS_MODEL else {}
        created = int(call.opened_at.timestamp())
        if mode == "chat":
            head |= {"id": f"chatcmpl-{call.call_id}", "object": "chat.completion", "created": created}
        elif mode == "image_generation":
            head["created"] = answer.body.get("created") or created  # Google has none, and clients need it
        elif mode == "embedding" and not answer.body.get("usage"):  # Google tells it of some alone, and clients read it
            head["usage"] = dict.fromkeys(("prompt_tokens", "total_tokens"), bill.usage.context_tokens)
        body = {**answer.body, **head}
        attempts = prepared.call.attempts_before + answered.attempts
        return CompletedCall(
            prepared.call,
            prepared.candidate,
            attempts,
            answered.standings,
            EXACT.add(answered.charged, bill.cost),
            body,
            answer.dropped,
            answered.settlements,
            usage=None if answer.reported is None else answer.reported.usage,
            native=answer.native,
            raw=answer.raw,
            provider_key=prepared.key.key.key_id,
            seen=prepared.seen,
        )

    async def _first[Result](
        self, call: Call, act: Callable[[PreparedAttempt, float], Awaitable[Result]]
    ) -> AnsweredAttempt[Result]:
        """Return the first attempt that brings a result, along the plan and within the deadline."""
        until = self._runtime.monotonic() + call.limits.deadline_s
        async with PendingSettlements() as settlements:
            started_call = await self._runtime.in_thread(lambda: self._start(call))
            try:
                return await self._along(started_call, act, until, settlements)
            except BaseException:
                settlements.add(self._runtime.in_thread(lambda: self._attempts.limits.give_back(started_call.call)))
                raise

    async def _along[Result](
        self,
        begun: StartedCall,
        act: Callable[[PreparedAttempt, float], Awaitable[Result]],
        until: float,
        settlements: PendingSettlements,
    ) -> AnsweredAttempt[Result]:
        call, progress, plan, prepared = begun.call, begun.progress, begun.plan, begun.prepared
        while prepared is not None:
            self._attempts.lease.keep(prepared.attempt)
            started = self._runtime.monotonic()
            try:
                result = await act(prepared, until - started)
            except (ProviderFailure, ChargedFailure) as error:
                charged = error if isinstance(error, ChargedFailure) else ChargedFailure(error, NOTHING)
                failure, latency = charged.failure, _ms(self._runtime.monotonic() - started)
                settlements.add(await self.end(prepared, AttemptOutcome(charged.bill, latency, failure=failure)))
            except BaseException as error:
                settlements.add(await asyncio.shield(self.end(prepared, self._broken_off(prepared, started, error))))
                raise
            else:
                brought = self._runtime.monotonic()
                attempts, standings = progress.attempts + 1, begun.standings
                charged_before = progress.charged
                return AnsweredAttempt(
                    prepared, result, attempts, standings, started, brought, settlements, charged_before
                )
            key, chance = prepared.key.key.key_id, self._runtime.chance()
            wait_s = progress.failed(prepared.candidate, key, failure, chance, charged.bill.cost)
            prepared = await self._following(call, progress, plan.price_version, wait_s, until)
        raise _of_call(error_of_call(progress, plan.excluded, plan.near), call, progress)

    async def _following(
        self, call: Call, progress: CallProgress, version: str, wait_s: float, until: float
    ) -> PreparedAttempt | None:
        """Return the attempt after a failed one, when its pause is over; None when nothing is left. Raises the error of
        the deadline where the pause would not end before it, and `CallerLeft` where nobody waits for the answer."""
        while progress.candidate is not None:
            if call.has_left():
                raise _of_call(CallerLeft("the caller has left before there was an answer"), call, progress)
            if self._runtime.monotonic() + wait_s + LEAST_ATTEMPT_S > until:
                raise _of_call(error_of_deadline(progress), call, progress)
            if wait_s:
                await self._runtime.pause(wait_s)
            prepared = await self._runtime.in_thread(lambda: self._next(call, progress, version))
            if prepared is not None:
                return prepared
            wait_s = progress.wait_for_a_limit()
        return None

    def _start(self, asked: Call) -> StartedCall:
        self._repeats.note(asked)
        asked = self._slow_down.slowed(asked)
        try:
            return self._started(asked)
        except RateLimited as refusal:
            if asked.slowed_down:
                refusal.about_call = {**refusal.about_call, "x-llm-slowed-down": asked.slowed_down}
            raise

    def _started(self, asked: Call) -> StartedCall:
        with self._attempts.limits.admission(asked) as standings:
            plan = self._planner.plan(asked.wanted)
            call = asked if plan.choice is None else replace(asked, wanted=plan.wanted, choice=plan.choice)
            progress = CallProgress(plan.candidates)
            prepared = self._next(call, progress, plan.price_version)
            try:
                return StartedCall(call, standings(), progress, plan, prepared)
            except RateLimited as refusal:
                if prepared is not None:
                    self._attempts.withdraw(prepared, refusal)
                raise

    def _next(self, call: Call, progress: CallProgress, version: str) -> PreparedAttempt | None:
        """Return the next attempt that can be begun, past the candidates that cannot; None when there is none."""
        while (candidate := progress.candidate) is not None:
            number = call.attempts_before + progress.attempts + len(progress.obstacles) + 1
            try:
                progress.check_cost(candidate, call.wanted.requirements.max_cost)
                prepared = self._attempts.begin(
                    call, candidate, version, number, repeat=progress.repeat, spent=progress.used_up(candidate)
                )
                return replace(prepared, has_next=True) if progress.has_next else prepared
            except _PASSING as obstacle:
                progress.pass_over(candidate, obstacle)
        return None

    def _broken_off(self, prepared: PreparedAttempt, started: float, error: BaseException) -> AttemptOutcome:
        """Return the outcome of an attempt that we broke off: it may have been charged, unless it never went out."""
        never_sent = isinstance(error, AtomError)
        bill = NOTHING if never_sent else expected_bill(prepared.candidate, prepared.call.wanted.requirements)
        kind = FailureKind.REQUEST if never_sent else FailureKind.UNSUPPORTED
        latency = _ms(self._runtime.monotonic() - started)
        return AttemptOutcome(bill, latency, failure=ProviderFailure(kind, f"broken off: {type(error).__name__}"))


def _of_call(error: AtomError, call: Call, progress: CallProgress) -> AtomError:
    """Return the error with the headers by which its caller's support finds the call, and what it cost in vain."""
    error.about_call = {"x-llm-call-id": call.call_id, _ATTEMPTS: str(progress.attempts)}
    if progress.charged:
        error.about_call |= {_COST: plain(progress.charged)}
    return error


def _ms(seconds: float) -> int:
    return max(0, round(seconds * 1000))
