"""One attempt at a provider: key, circuit, rate limit and hold before it; ledger row, circuit and key status after it.

All of it waits for tables, so that a caller on an event loop hands it to a thread: once before the provider is called,
and once after.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future, wait
from contextvars import copy_context
from datetime import timedelta
from typing import Final

from atom_llm.domain.calls.billing import Bill, has_unknown_counters, was_estimated
from atom_llm.domain.calls.possible_usage import was_bounded
from atom_llm.domain.core.errors import AtomError, NoCandidate, NoUsableKey, RateLimited, StoreUnavailable
from atom_llm.domain.core.ids import ProviderKeyId, TenantId
from atom_llm.domain.ledger.rows import Attempt, AttemptStatus, LedgerRow, Settlement
from atom_llm.domain.ledger.sweep import LONGEST_CALL
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure
from atom_llm.domain.providers.key_verdict import ProbeResult
from atom_llm.domain.routing.call_limits import CallLimits
from atom_llm.domain.routing.candidates import Candidate
from atom_llm.domain.routing.retry import COUNTED_BY_CIRCUIT
from atom_llm.observability import emit, logger
from atom_llm.ports.core import Clock
from atom_llm.services.calls.call import AttemptOutcome, Call, PreparedAttempt
from atom_llm.services.calls.call_error import CIRCUIT_RETRY_S
from atom_llm.services.calls.call_rate_limits import CallRateLimits, expected_tokens
from atom_llm.services.calls.call_telemetry import CallTelemetry
from atom_llm.services.calls.settlements import ProcessLease
from atom_llm.services.ledger.budgets.spending import Spending
from atom_llm.services.ledger.budgets.windows_seen import WindowsSeen
from atom_llm.services.registry.provider_health import HealthRecorder
from atom_llm.services.routing.call_history import CallHistory
from atom_llm.services.routing.circuit_breaker import CircuitBreaker
from atom_llm.services.tenancy.end_user_names import EndUserNames
from atom_llm.services.tenancy.provider_key_ring import KeyInHand, ProviderKeyRing

MARGIN: Final = timedelta(seconds=45)  # to hold before a whole call, which ends within its deadline, and to settle

_ABOUT_THE_KEY: Final[Mapping[FailureKind, ProbeResult]] = {
    FailureKind.KEY_INVALID: "invalid",
    FailureKind.OUT_OF_CREDIT: "out_of_credit",
}


class Attempts:
    """The beginning and ending of attempts, in every book that hears of them."""

    def __init__(
        self,
        ring: ProviderKeyRing,
        breaker: CircuitBreaker,
        limits: CallRateLimits,
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
        self.limits = limits
        self._ring = ring
        self._breaker = breaker
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
            estimate_tokens=expected_tokens(call, candidate),
        )
        seen = WindowsSeen()
        try:
            held = self._held(attempt, call, candidate, seen)
        except AtomError:
            if is_probe:
                self._breaker.give_back(call.caller.tenant, provider, model)
            raise
        return PreparedAttempt(call, candidate, key, held, is_probe, seen)

    def usual_thoughts(self, prepared: PreparedAttempt) -> int:
        """Return the tokens that an attempt's model usually thinks before it answers its tenant."""
        return self._history.usual_thoughts(prepared.call.caller.tenant, prepared.candidate.id)

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
        taking = self.limits.taking(call, candidate)
        try:
            held = self._spending.hold(attempt, candidate.unbounded, seen, of_run=call.names_run)
        finally:
            if taking is not None:
                wait((taking,))
        try:
            if taking is not None:
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
            self.limits.correct(prepared, outcome)
        except BaseException:
            if not telling:  # the others' health may wait for the end of this one
                self._tell_of_others(prepared)
            raise
        finally:
            if telling:
                wait(telling)
        if not telling:
            self._tell(prepared, outcome, row)
        for each in telling:
            each.result()
        return row

    def _learn(self, prepared: PreparedAttempt, outcome: AttemptOutcome) -> None:
        """Remember how long a call that succeeded took, what it used, and the cache that it leaves behind."""
        was_cut_short = outcome.caller_left and was_estimated(outcome.bill.note)
        if outcome.failure is not None or was_cut_short:
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
