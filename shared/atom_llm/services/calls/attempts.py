"""One attempt at a provider: key, circuit, rate limit and hold before it; ledger row, circuit and key status after it.

All of it waits for tables, so that a caller on an event loop hands it to a thread: once before the provider is called,
and once after.
"""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, Future, wait
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from atom_llm.domain.calls.billing import Bill, has_unknown_counters, was_bounded
from atom_llm.domain.core.errors import AtomError, NoCandidate, NoUsableKey, RateLimited, StoreUnavailable
from atom_llm.domain.core.ids import CallId, ProviderKeyId, TenantId
from atom_llm.domain.ledger.end_users import NOBODY, EndUser
from atom_llm.domain.ledger.rows import Attempt, AttemptStatus, LedgerRow, Settlement
from atom_llm.domain.pricing.units import RATES_OF_TOKENS
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure
from atom_llm.domain.providers.key_verdict import ProbeResult
from atom_llm.domain.routing.call_limits import CallLimits
from atom_llm.domain.routing.candidates import Candidate
from atom_llm.domain.routing.retry import COUNTED_BY_CIRCUIT
from atom_llm.domain.tenancy.rate_limit import LimitStanding
from atom_llm.domain.tenancy.service_keys import Caller
from atom_llm.observability import emit, logger
from atom_llm.ports.core import Clock
from atom_llm.services.calls.call_error import CIRCUIT_RETRY_S
from atom_llm.services.calls.call_telemetry import CallTelemetry
from atom_llm.services.calls.settlements import ProcessLease
from atom_llm.services.ledger.budgets.spending import Spending
from atom_llm.services.ledger.budgets.windows_seen import WindowsSeen
from atom_llm.services.registry.provider_health import HealthRecorder
from atom_llm.services.routing.call_history import CallHistory
from atom_llm.services.routing.circuit_breaker import CircuitBreaker
from atom_llm.services.routing.plan_call import PlanRequest
from atom_llm.services.tenancy.end_user_names import EndUserNames
from atom_llm.services.tenancy.provider_key_ring import KeyInHand, ProviderKeyRing
from atom_llm.services.tenancy.rate_limiter import RateLimiter
from atom_llm.services.tiers.choose_tier import TierChoice

LONGEST_CALL: Final = timedelta(minutes=16)  # a Lambda lives 15; a stream that is silent longer is swept
MARGIN: Final = timedelta(seconds=45)  # to hold before a whole call, which ends within its deadline, and to settle

_ABOUT_THE_KEY: Final[Mapping[FailureKind, ProbeResult]] = {
    FailureKind.KEY_INVALID: "invalid",
    FailureKind.OUT_OF_CREDIT: "out_of_credit",
}


@dataclass(frozen=True, slots=True)
class Call:
    """A call as it came in. `choice` is the tier that it got, if it asked for one; `has_left` tells of its caller.

    `attempts_before` counts the attempts for an answer that fell short; `names_run`: its session is a run by its
    caller's own word, whose sum is kept; `slowed_down` says how its key's limit was lowered, and why.
    """

    call_id: CallId
    caller: Caller
    wanted: PlanRequest
    limits: CallLimits
    tags: Mapping[str, str]
    opened_at: datetime
    has_left: Callable[[], bool] = lambda: False
    choice: TierChoice | None = None
    attempts_before: int = 0
    end_user: EndUser = NOBODY
    is_stream: bool = False
    names_run: bool = False
    slowed_down: str = ""

    @property
    def tier(self) -> str | None:
        """The name of the tier; None where the call asked for a model."""
        return None if self.choice is None else str(self.choice.tier)


@dataclass(frozen=True, slots=True)
class PreparedAttempt:
    """An attempt that is held for and may be made; `has_next`: another candidate could be tried after it. `seen` are
    its budgets' windows."""

    call: Call
    candidate: Candidate
    key: KeyInHand
    attempt: Attempt
    is_probe: bool
    seen: WindowsSeen
    has_next: bool = False


@dataclass(frozen=True, slots=True)
class AttemptOutcome:
    """The outcome of an attempt: an answer (`failure` None), or a failure. Times are in milliseconds from its begin.

    `is_final` is a failure after which none is tried: the caller had heard a part of the answer.
    """

    bill: Bill
    latency_ms: int
    first_token_ms: int | None = None
    failure: ProviderFailure | None = None
    caller_left: bool = False
    is_final: bool = False

    @property
    def is_last(self) -> bool:
        """Return whether no other attempt of the call follows: one that brought an answer, or broke it off."""
        return self.failure is None or self.is_final


class Attempts:
    """The beginning and ending of attempts, in every book that hears of them."""

    def __init__(
        self,
        ring: ProviderKeyRing,
        breaker: CircuitBreaker,
        limiter: RateLimiter,
        spending: Spending,
        history: CallHistory,
        health: HealthRecorder,
        end_users: EndUserNames,
        lease: ProcessLease,
        telemetry: CallTelemetry,
        clock: Clock,
        executor: Executor | None = None,
    ) -> None:
        """Take the parts that are asked once before an attempt, and told once after it."""
        self.lease = lease
        self._ring = ring
        self._breaker = breaker
        self._limiter = limiter
        self._spending = spending
        self._history = history
        self._health = health
        self._end_users = end_users
        self._telemetry = telemetry
        self._clock = clock
        self._executor = executor

    def begin(
        self,
        call: Call,
        candidate: Candidate,
        price_version: str,
        number: int,
        *,
        repeat: ProviderKeyId | None,
        spent: set[ProviderKeyId],
    ) -> PreparedAttempt:
        """Prepare an attempt, or raise without leaving anything held.

        Raises `NoUsableKey`, `NoCandidate` while another call probes the model, `RateLimited`, `BudgetExceeded`,
        `TooManyOpenCalls`, `Unavailable`. `repeat` is the key to use again, `spent` those that this call has used up.
        """
        end_user = self._end_users.in_books(call.caller.tenant, call.end_user)
        key = self._key(call, candidate, repeat, spent)
        provider, model = candidate.entry.provider, candidate.entry.name
        is_probe = self._leave(call.caller.tenant, provider, model)
        now = self._clock()
        attempt = Attempt(
            tenant=call.caller.tenant,
            call_id=call.call_id,
            label=str(number),
            service_key=call.caller.key_id,
            provider=provider,
            model=candidate.id,
            model_asked=call.wanted.asked,
            price_version=price_version,
            opened_at=now,
            deadline=now + _lives_for(call),
            hold=candidate.held,
            estimate=candidate.expected,
            provider_key=key.key.key_id,
            tier=call.tier,
            tags=call.tags,
            maker=self.lease.maker,
            own_price=candidate.rates.own_price,
            end_user=end_user,
            team=call.caller.team,
            hold_factor=candidate.hold_factor,
            hold_tokens=candidate.most_tokens,
            estimate_tokens=_tokens(call, candidate),
        )
        seen = WindowsSeen()
        try:
            held = self._held(attempt, call, candidate, seen)
        except AtomError:
            if is_probe:
                self._breaker.give_back(call.caller.tenant, provider, model)
            raise
        return PreparedAttempt(call, candidate, key, held, is_probe, seen)

    @contextmanager
    def admission(self, call: Call) -> Iterator[Callable[[], Mapping[str, LimitStanding]]]:
        """Take a call from its service key's rate limits, where possible while its first attempt is being begun.

        The context's value waits for the limits' standings, or raises `RateLimited`; that is raised at once where it is
        known already. The context ends when nothing is under way any more.
        """

        def take() -> Mapping[str, LimitStanding]:
            return self._limiter.take_of_key(call.caller, _tokens(call))

        self._limiter.refuse_of_key(call.caller, _tokens(call))
        if self._executor is not None and self._limiter.limits_key(call.caller):
            taking = self._executor.submit(take)
            try:
                yield taking.result
            except AtomError:
                wait((taking,))
                if taking.exception() is None:
                    self.end_without_answer(call)
                raise
            finally:
                wait((taking,))
            return
        standings = take()
        try:
            yield lambda: standings
        except AtomError:
            self.end_without_answer(call)
            raise

    def withdraw(self, prepared: PreparedAttempt, refusal: RateLimited) -> None:
        """Let go of an attempt that will not be made, because its call was refused."""
        if prepared.is_probe:
            entry = prepared.candidate.entry
            self._breaker.give_back(prepared.call.caller.tenant, entry.provider, entry.name)
        self._spending.settle(
            prepared.attempt, Settlement(AttemptStatus.REFUSED, self._clock(), reason=refusal.message)
        )

    def _held(self, attempt: Attempt, call: Call, candidate: Candidate, seen: WindowsSeen) -> Attempt:
        """Hold, and take from the tenant's limits at the provider, at the same time where that is possible."""

        def take() -> object:
            return self._limiter.take_of_provider(
                call.caller.tenant, candidate.entry.provider, _tokens(call, candidate)
            )

        if self._executor is None or not self._limiter.limits_providers:
            take()
            return self._spending.hold(attempt, candidate.unbounded, seen, of_run=call.names_run)
        taking = self._executor.submit(take)
        try:
            held = self._spending.hold(attempt, candidate.unbounded, seen, of_run=call.names_run)
        finally:
            wait((taking,))
        try:
            taking.result()
        except RateLimited as refusal:
            self._spending.settle(held, Settlement(AttemptStatus.REFUSED, self._clock(), reason=refusal.message))
            raise
        return held

    def end(
        self, prepared: PreparedAttempt, outcome: AttemptOutcome, written: Callable[[LedgerRow], None] = lambda _: None
    ) -> LedgerRow:
        """Write an attempt's outcome to the ledger, and report it to the circuit, to health and to the key's record.

        `written` hears of the row as soon as it is there. Raises `StoreUnavailable` when it could not be written.
        """
        telling: list[Future[None]] = []

        def go_on(row: LedgerRow) -> None:
            written(row)
            if self._executor is not None:
                telling.append(self._executor.submit(copy_context().run, self._tell, prepared, outcome, row))

        if was_bounded(outcome.bill.note):
            emit({"UsageBeyondBounds": ("Count", 1)}, {"group": "chat"})
        if has_unknown_counters(outcome.bill.note):
            logger().warning("a usage object has counters that are not known", model=prepared.attempt.model)
            emit({"UnknownUsageCounters": ("Count", 1)}, {"group": "chat"})
        try:
            row = self._spending.settle(prepared.attempt, self._settlement(outcome), go_on, prepared.seen)
            self._learn(prepared, outcome)
            self._tell_circuit(prepared, outcome)
            self._report_key(prepared, outcome.failure)
            self._correct_limits(prepared, outcome)
        except BaseException:
            if not telling:  # the others' health may wait for the end of this one
                self._tell_of_others(prepared)
            raise
        finally:
            wait(telling)
        if not telling:
            self._tell(prepared, outcome, row)
        for each in telling:
            each.result()
        return row

    def _learn(self, prepared: PreparedAttempt, outcome: AttemptOutcome) -> None:
        """Remember how long a call that succeeded took, what it used, and the cache that it leaves behind."""
        if outcome.failure is not None:
            return
        tenant, wanted, usage = prepared.call.caller.tenant, prepared.call.wanted, outcome.bill.usage
        self._history.record(
            tenant,
            wanted.learned_as,
            prepared.candidate.id,
            wanted.prefix,
            usage,
            outcome.first_token_ms if outcome.first_token_ms is not None else outcome.latency_ms,
        )
        if wanted.conversation:
            self._history.leaves_cache(
                tenant, wanted.conversation, prepared.candidate, prepared.key.key.key_id, usage, self._clock()
            )

    def _tell_circuit(self, prepared: PreparedAttempt, outcome: AttemptOutcome) -> None:
        """Report an outcome to the model's circuit, or give its probe back where it says nothing about the model."""
        entry, failure, tenant = prepared.candidate.entry, outcome.failure, prepared.call.caller.tenant
        if _is_telling(prepared.call.limits, outcome) and (failure is None or failure.kind in COUNTED_BY_CIRCUIT):
            self._breaker.record(
                tenant,
                entry.provider,
                entry.name,
                ok=failure is None,
                was_probe=prepared.is_probe,
                began=prepared.attempt.opened_at,
            )
        elif prepared.is_probe:
            self._breaker.give_back(tenant, entry.provider, entry.name)

    def _tell(self, prepared: PreparedAttempt, outcome: AttemptOutcome, row: LedgerRow) -> None:
        """Tell whoever looks on: what a call did, and how its provider is."""
        self._tell_health(prepared, outcome)
        self._telemetry.tell(row, prepared.candidate.entry.mode, is_stream=prepared.call.is_stream)

    def _tell_health(self, prepared: PreparedAttempt, outcome: AttemptOutcome) -> None:
        """Report an outcome to health, beside the return of its holds; it may wait while other attempts are open."""
        entry, failure = prepared.candidate.entry, outcome.failure
        if _is_telling(prepared.call.limits, outcome):
            latency_ms = None if outcome.caller_left else outcome.latency_ms
            kind = None if failure is None else failure.kind
            tenant, first_token_ms = prepared.call.caller.tenant, outcome.first_token_ms
            self._health.record(tenant, entry.provider, entry.name, kind, latency_ms, first_token_ms, may_wait=True)
        self._tell_of_others(prepared)

    def _tell_of_others(self, prepared: PreparedAttempt) -> None:
        """Write what health is owed when no other attempt is open: a Lambda may be frozen behind the answer."""
        if self.lease.is_last(prepared.attempt):
            self._health.tell()

    def _correct_limits(self, prepared: PreparedAttempt, outcome: AttemptOutcome) -> None:
        """Count what was used against rate limits, in place of what was expected."""
        used = sum(int(count) for unit, count in outcome.bill.usage.counts.items() if unit in RATES_OF_TOKENS)
        call, candidate = prepared.call, prepared.candidate
        self._limiter.correct_provider(call.caller.tenant, candidate.entry.provider, _tokens(call, candidate), used)
        # A key's tokens are taken once a call: what attempts before the last have used comes on top.
        self._limiter.correct_key(call.caller, _tokens(call) if outcome.is_last else 0, used)

    def end_without_answer(self, call: Call) -> None:
        """Give back the tokens that a call without a last attempt was taken for at its service key; best effort."""
        self._limiter.correct_key(call.caller, _tokens(call), 0)

    def _settlement(self, outcome: AttemptOutcome) -> Settlement:
        bill, failure = outcome.bill, outcome.failure
        status = AttemptStatus.SUCCEEDED if failure is None else AttemptStatus.FAILED
        return Settlement(
            status=AttemptStatus.CANCELLED if outcome.caller_left else status,
            settled_at=self._clock(),
            cost=bill.cost,
            usage=bill.usage.counts,
            context_tokens=bill.usage.context_tokens,
            raw_usage=bill.raw,
            lines=bill.lines,
            terms=bill.terms,
            latency_ms=outcome.latency_ms,
            first_token_ms=outcome.first_token_ms,
            reason=_reason(failure, bill),
        )

    def _key(
        self, call: Call, candidate: Candidate, repeat: ProviderKeyId | None, spent: set[ProviderKeyId]
    ) -> KeyInHand:
        provider = candidate.entry.provider
        keys = self._ring.keys_for(call.caller.tenant, provider, candidate.id)
        if candidate.key is not None:
            keys = sorted(keys, key=lambda each: each.key.key_id != candidate.key)
        native = call.wanted.native
        bound_to = None if native is None else native.bound_to
        for key in keys:
            if bound_to not in (None, key.key.key_id):
                continue
            if key.key.key_id == repeat or (repeat is None and key.key.key_id not in spent):
                return key
        raise NoUsableKey(f"no key of {provider} is left that this call has not tried", provider=provider)

    def _leave(self, tenant: TenantId, provider: str, model: str) -> bool:
        """Return whether this attempt probes a circuit that is not closed; raises `NoCandidate` where none may."""
        if self._breaker.is_closed(tenant, provider, model):
            return False
        if not self._breaker.take_probe(tenant, provider, model):
            raise NoCandidate(f"{provider}/{model}: its last calls failed; it is being left alone", CIRCUIT_RETRY_S)
        return True

    def _report_key(self, prepared: PreparedAttempt, failure: ProviderFailure | None) -> None:
        """Report the evidence of an attempt about its key. A call does not fail because that could not be written."""
        result: ProbeResult | None = "valid" if failure is None else _ABOUT_THE_KEY.get(failure.kind)
        if result is None:
            return
        detail = "a call succeeded" if failure is None else f"a call was answered with {failure.status}"
        try:
            self._ring.report_call(prepared.key.key, result, detail)
        except StoreUnavailable as error:
            logger().warning("a key's status was not noted", provider_key=prepared.key.key.key_id, exc_info=error)


def _lives_for(call: Call) -> timedelta:
    """Return the time within which an attempt ends or its process is dead; a stream goes on past its deadline."""
    if call.is_stream:
        return LONGEST_CALL
    return min(LONGEST_CALL, timedelta(seconds=call.limits.deadline_s) + MARGIN)


def _tokens(call: Call, candidate: Candidate | None = None) -> int:
    """Return the tokens that are taken for a call before any provider has counted it.

    They are the prompt, and as many as the answer may have by `max_tokens` and by the candidate; where the caller sets
    no limit, as many as it is expected to have, for the models' own limits are those of a whole minute.
    """
    requirements = call.wanted.requirements
    if requirements.output_limit is None:
        return requirements.about_tokens + requirements.expected_output * requirements.choices
    published = None if candidate is None else candidate.entry.limits.max_output_tokens
    limit = requirements.output_limit if published is None else min(published, requirements.output_limit)
    return requirements.about_tokens + limit * requirements.choices


def _is_telling(limits: CallLimits, outcome: AttemptOutcome) -> bool:
    """Return whether an outcome is evidence about the provider: a silence is none where the caller's own deadline left
    nobody the time to be heard.
    """
    is_silence = outcome.failure is not None and outcome.failure.kind is FailureKind.SILENT
    return not is_silence or outcome.latency_ms >= limits.telling_silence_s * 1000


def _reason(failure: ProviderFailure | None, bill: Bill) -> str | None:
    """Return the reason why a row is no plain success, in our words: a provider's sentence may quote the prompt."""
    told = [] if failure is None else [f"{failure.kind}: {failure.status or 'no answer'}"]
    return "; ".join([*told, *([bill.note] if bill.note else [])]) or None
