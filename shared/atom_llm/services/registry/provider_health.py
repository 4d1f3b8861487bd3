"""Providers' health as it is read and written: told once an attempt, read behind the calls that want to know it."""

from collections.abc import Iterable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Final

from atom_llm.domain.core.errors import StoreUnavailable
from atom_llm.domain.providers.failures import FailureKind
from atom_llm.domain.registry.health import (
    LOOKED_AT,
    WINDOW,
    Condition,
    Counts,
    HealthState,
    Minutes,
    bucket_of,
    outcome_of,
    state_of,
    together,
)
from atom_llm.domain.registry.health import window as window_of
from atom_llm.observability import emit, logger
from atom_llm.ports.core import Clock
from atom_llm.ports.registry import HealthLog

KNOWN_FOR: Final = timedelta(seconds=15)  # how late a process that makes calls hears how a provider is doing
TRUSTED_FOR: Final = timedelta(minutes=WINDOW)  # how long what was read is used while nothing newer comes
LEFT_ALONE_FOR: Final = timedelta(seconds=5)  # a table that did not answer: each call would wait for it to time out
KEPT: Final = timedelta(hours=1)
LONG_AGO: Final = timedelta(days=3650)

# A rate limit is of somebody's account: it is shown, and keeps nobody else away.
_CONDITIONS: Final[Mapping[HealthState, Condition]] = {
    HealthState.DEGRADED: "impaired",
    HealthState.UNHEALTHY: "down",
}


@dataclass(frozen=True, slots=True)
class Health:
    """How one is doing, and what that is told from."""

    state: HealthState
    seen: Counts


@dataclass(frozen=True, slots=True)
class ProviderHealth:
    """A provider's health with that of each of its models; `since` and `until` are the window's ends."""

    whole: Health
    models: Mapping[str, Health]
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class _Read:
    """What was read of a provider; `whole` is worked out once, for it is asked about every candidate of a call."""

    by_model: Mapping[str, Minutes]
    whole: Health
    at: datetime


_NOTHING_READ: Final = _Read({}, Health(HealthState.UNKNOWN, Counts()), datetime.min.replace(tzinfo=UTC))


class HealthRecorder:
    """Tells what became of attempts."""

    def __init__(self, log: HealthLog, clock: Clock) -> None:
        self._log = log
        self._clock = clock
        self._left_alone_until = clock() - LONG_AGO

    def record(
        self,
        provider: str,
        model: str,
        failure: FailureKind | None,
        latency_ms: int | None,
        first_token_ms: int | None,
    ) -> None:
        """One write, and none for what says nothing about a provider. No call fails because health cannot be told."""
        outcome, now = outcome_of(failure), self._clock()
        if outcome is None or now < self._left_alone_until:
            return
        durations = {"latency": latency_ms, "first_token": first_token_ms} if failure is None else {}
        buckets = {name: bucket_of(ms) for name, ms in durations.items() if ms is not None}
        try:
            self._log.add(provider, model, _minute(now), outcome, buckets, now + KEPT)
        except StoreUnavailable as error:
            self._left_alone_until = now + LEFT_ALONE_FOR
            logger().warning("health cannot be told", provider=provider, exc_info=error)
            emit({"HealthUnreachable": ("Count", 1)}, {"group": "chat"})


class ProviderHealthService:
    """Reads it."""

    def __init__(self, log: HealthLog, clock: Clock, behind: Executor | None = None) -> None:
        """`behind` is where a look is had behind a call, and where providers are looked at side by side; without it
        the call waits for the look."""
        self._log = log
        self._clock = clock
        self._behind = behind
        self._lock = Lock()
        self._known: dict[str, _Read] = {}
        self._asked: dict[str, datetime] = {}
        self._left_alone_until = clock() - LONG_AGO

    def of(self, providers: Iterable[str]) -> Mapping[str, ProviderHealth]:
        """Each provider's health as of now; `unknown` where the table does not answer."""
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

    def condition(self, provider: str) -> Condition:
        """How a provider is doing, for whoever must not wait: as known until now, while a newer look is had."""
        now = self._clock()
        known = self._known.get(provider)
        if known is None or now >= known.at + KNOWN_FOR:
            self._have_a_look(provider, now)
            known = self._known.get(provider)
        if known is None or now >= known.at + TRUSTED_FOR:
            return "well"
        return _CONDITIONS.get(known.whole.state, "well")

    def _have_a_look(self, provider: str, now: datetime) -> None:
        with self._lock:
            asked = self._asked.get(provider)
            if asked is not None and now < asked + LEFT_ALONE_FOR:
                return
            self._asked[provider] = now
        if self._behind is None:
            self._look(provider, now)
        else:
            self._behind.submit(self._look, provider, now)

    def _look(self, provider: str, now: datetime) -> _Read:
        if now < self._left_alone_until:  # for each of the others its reader would wait as long again
            return _NOTHING_READ
        try:
            by_model = self._log.minutes(provider, _minute(now) - LOOKED_AT + 1)
        except StoreUnavailable as error:
            self._left_alone_until = now + LEFT_ALONE_FOR
            logger().warning("health cannot be read", provider=provider, exc_info=error)
            return _NOTHING_READ
        read = _Read(by_model, _health(together(by_model.values()), now), now)
        self._known[provider] = read
        return read


def _health(minutes: Minutes, now: datetime) -> Health:
    present = _minute(now)
    return Health(state_of(minutes, present), window_of(minutes, present))


def _window(now: datetime) -> tuple[datetime, datetime]:
    begun = now.replace(second=0, microsecond=0) - timedelta(minutes=WINDOW - 1)
    return begun, now


def _minute(instant: datetime) -> int:
    return int(instant.timestamp()) // 60
