"""Providers' health as it is read and written: summed in each process, read behind the calls that want to know it."""

from collections.abc import Iterable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Final, NamedTuple

from atom_llm.domain.core.errors import StoreUnavailable
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.ledger.sums import percentile
from atom_llm.domain.providers.failures import FailureKind
from atom_llm.domain.registry.health import (
    LOOKED_AT,
    UNMARKED,
    WINDOW,
    Condition,
    HealthOutcome,
    HealthState,
    Minutes,
    OutcomeCounts,
    bucket_of,
    condition_for,
    mark_of,
    outcome_of,
    state_of,
    together,
)
from atom_llm.domain.registry.health import window as window_of
from atom_llm.ports.core import Clock
from atom_llm.ports.registry import HealthLog
from atom_llm.process_cache import LEFT_ALONE_FOR, BoundedMap, Outage, ReadThrough

KNOWN_FOR: Final = timedelta(seconds=15)  # how late a process that makes calls hears how a provider is doing
TRUSTED_FOR: Final = timedelta(minutes=WINDOW)  # how long what was read is used while nothing newer comes
KEPT: Final = timedelta(hours=1)
TOLD_WITHIN: Final = timedelta(seconds=5)  # an answer is told, of a model that has one after the other in this process
CACHED_PROVIDERS: Final = 100
FEWEST_TIMED: Final = 20  # first tokens, before a model's are known


@dataclass(frozen=True, slots=True)
class Health:
    """The state of one provider or model, and the outcomes that it is derived from."""

    state: HealthState
    seen: OutcomeCounts


@dataclass(frozen=True, slots=True)
class ProviderHealth:
    """A provider's health with that of each of its models; `since` and `until` are the window's ends."""

    whole: Health
    models: Mapping[str, Health]
    since: datetime
    until: datetime


class _Read(NamedTuple):
    """The minutes of a provider, as they were read in the minute `present`.

    `conditions` are worked out once for each tenant that met failures, and once for all others, under `UNMARKED`: every
    candidate of a call asks for its provider's.
    """

    by_model: Mapping[str, Minutes]
    whole: Health
    of_all: Minutes
    present: int
    conditions: dict[str, Condition]

    def condition(self, tenant: TenantId) -> Condition:
        """Return the condition for one tenant."""
        mark = mark_of(tenant)
        asked = mark if any(mark in counts.failed_by for counts in self.of_all.values()) else UNMARKED
        known = self.conditions.get(asked)
        if known is None:
            known = self.conditions[asked] = condition_for(mark, self.of_all, self.present)
        return known


_NOTHING_READ: Final = _Read({}, Health(HealthState.UNKNOWN, OutcomeCounts()), {}, 0, {})


class HealthRecorder:
    """The record of attempts' outcomes."""

    def __init__(self, log: HealthLog, clock: Clock) -> None:
        """Take the log that all processes add to."""
        self._log = log
        self._clock = clock
        self._untold: dict[tuple[str, str], dict[int, OutcomeCounts]] = {}
        self._since: dict[tuple[str, str], datetime] = {}
        self._lock = Lock()  # of what is untold
        self._outage = Outage("health cannot be told", "RuntimeTableUnreachable")

    def record(
        self,
        tenant: TenantId,
        provider: str,
        model: str,
        failure: FailureKind | None,
        latency_ms: int | None,
        first_token_ms: int | None,
        *,
        may_wait: bool = False,
    ) -> None:
        """Count a tenant's attempt, unless it is no evidence about a provider; no call fails for a lost count.

        With `may_wait` an answer waits for those that come within `TOLD_WITHIN`, so that they share a write, or for
        `tell`; whoever says so calls that before the process may stop. Failures are told at once, behind the answers
        that wait, so that a provider never looks worse than it is.
        """
        outcome, now = outcome_of(failure), self._clock()
        if outcome is None or self._outage.is_on(now):
            return
        if outcome is HealthOutcome.ANSWERED:
            if not self._sum(provider, model, latency_ms, first_token_ms, now) or not may_wait:
                self._tell(provider, model, now)
            return
        self._tell(provider, model, now)
        try:
            self._log.add(provider, model, _minute(now), outcome, {}, mark_of(tenant), now + KEPT)
        except StoreUnavailable as error:
            self._outage.begin(error, now, provider=provider)

    def tell(self) -> None:
        """Write the answers that wait, of every model."""
        with self._lock:
            waiting = list(self._untold)
        for provider, model in waiting:
            self._tell(provider, model, self._clock())

    def _sum(
        self, provider: str, model: str, latency_ms: int | None, first_token_ms: int | None, now: datetime
    ) -> bool:
        """Add an answer to those that wait; returns whether the first of them has not waited too long."""
        with self._lock:
            waiting = self._untold.setdefault((provider, model), {})
            since = self._since.setdefault((provider, model), now)
            counts = waiting.setdefault(_minute(now), OutcomeCounts())
            counts.answered += 1
            for own, ms in ((counts.latency, latency_ms), (counts.first_token, first_token_ms)):
                if ms is not None:
                    own[bucket_of(ms)] = own.get(bucket_of(ms), 0) + 1
        return now - since < TOLD_WITHIN

    def _tell(self, provider: str, model: str, now: datetime) -> None:
        with self._lock:
            waiting = self._untold.pop((provider, model), {})
            self._since.pop((provider, model), None)
        for minute, answers in waiting.items():
            if self._outage.is_on(now):
                return
            try:
                self._log.add_answers(provider, model, minute, answers, now + KEPT)
            except StoreUnavailable as error:
                self._outage.begin(error, now, provider=provider)


class ProviderHealthService:
    """The health of providers, as it is read."""

    def __init__(self, log: HealthLog, clock: Clock, behind: Executor | None = None) -> None:
        """Take the log; `behind` runs a look behind a call, and looks at providers side by side.

        Without it the call waits for the look.
        """
        self._log = log
        self._clock = clock
        self._behind = behind
        self._reads: ReadThrough[str, _Read] = ReadThrough(self._read, clock, TRUSTED_FOR, CACHED_PROVIDERS)
        self._asked: BoundedMap[str, datetime] = BoundedMap(CACHED_PROVIDERS)
        self._lock = Lock()  # of who asks next
        self._outage = Outage("health cannot be read")

    def of(self, providers: Iterable[str]) -> Mapping[str, ProviderHealth]:
        """Return each provider's health as of now; `unknown` where the table does not answer."""
        now = self._clock()
        wanted = list(providers)
        reads = (self._behind.map if self._behind is not None else map)(lambda name: self._look(name, now), wanted)
        since, until = _window(now)
        found = {}
        for name, read in zip(wanted, reads, strict=True):
            models = {model: _health(minutes, now) for model, minutes in sorted(read.by_model.items())}
            models = {model: health for model, health in models.items() if health.seen.calls}
            found[name] = ProviderHealth(read.whole, models, since, until)
        return found

    def condition(self, tenant: TenantId, provider: str) -> Condition:
        """Return a provider's condition for a tenant's ranking without waiting: as last known, while a newer look is
        had. No other tenant's failures alone make it worse.
        """
        known = self._reads.fresh(provider, KNOWN_FOR)
        if known is None:
            self._have_a_look(provider, self._clock())
            known = self._reads.fresh(provider)
        return "well" if known is None else known.condition(tenant)

    def first_token_p99_s(self, provider: str, model: str) -> float | None:
        """Return the seconds that 99 of 100 first tokens of a model take, by the last minutes; waits for the table.

        None where fewer than `FEWEST_TIMED` were seen, or the table does not answer.
        """
        minutes = self._look(provider, self._clock()).by_model.get(model, {})
        seen = OutcomeCounts()
        for counts in minutes.values():
            seen.add(counts)
        p99 = percentile(seen.first_token, 0.99) if sum(seen.first_token.values()) >= FEWEST_TIMED else None
        return None if p99 is None else p99 / 1000

    def _have_a_look(self, provider: str, now: datetime) -> None:
        with self._lock:
            asked = self._asked.get(provider)
            if asked is not None and now < asked + LEFT_ALONE_FOR:
                return
            self._asked.put(provider, now)
        if self._behind is None:
            self._look(provider, now)
        else:
            self._behind.submit(self._look, provider, now)

    def _look(self, provider: str, now: datetime) -> _Read:
        if self._outage.is_on(now):  # for each of the others its reader would wait as long again
            return _NOTHING_READ
        try:
            return self._reads.anew(provider)
        except StoreUnavailable as error:
            self._outage.begin(error, now, provider=provider)
            return _NOTHING_READ

    def _read(self, provider: str) -> _Read:
        now = self._clock()
        by_model = self._log.minutes(provider, _minute(now) - LOOKED_AT + 1)
        of_all = together(by_model.values())
        return _Read(by_model, _health(of_all, now), of_all, _minute(now), {})


def _health(minutes: Minutes, now: datetime) -> Health:
    present = _minute(now)
    return Health(state_of(minutes, present), window_of(minutes, present))


def _window(now: datetime) -> tuple[datetime, datetime]:
    begun = now.replace(second=0, microsecond=0) - timedelta(minutes=WINDOW - 1)
    return begun, now


def _minute(instant: datetime) -> int:
    return int(instant.timestamp()) // 60
