"""Circuits as calls use them: remembered for seconds, looked up behind a call, written only when there is news.

While things go well a call waits for no table: what a process remembers of a healthy circuit serves for half a minute,
and is looked up again behind the calls that use it. `domain/routing/circuit.py` says why successes may stay unwritten.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from secrets import token_hex
from threading import Lock
from typing import Final, Literal

from atom_llm.domain.core.errors import StoreUnavailable
from atom_llm.domain.routing.circuit import (
    POLICY,
    Circuit,
    Closed,
    Event,
    Failed,
    Lease,
    Open,
    Pass,
    Permission,
    Policy,
    ProbeFailed,
    ProbeGivenBack,
    ProbePermit,
    ProbeSucceeded,
    ProbeTaken,
    Succeeded,
    Wait,
    after,
    is_doubtful,
    permits,
)
from atom_llm.observability import emit, logger
from atom_llm.ports.core import Clock
from atom_llm.ports.routing import CircuitStore, ModelKey, StoredCircuit

FRESH_FOR: Final = timedelta(seconds=2)  # how late a process that makes calls hears that a circuit opened elsewhere
TRUSTED_FOR: Final = timedelta(seconds=30)  # how long a closed circuit is used without another look before a call
LEFT_ALONE_FOR: Final = timedelta(seconds=5)  # a table that did not answer: each call would wait for it to time out
WRITE_ATTEMPTS: Final = 4  # by processes that write the same circuit at the same moment; then it waits for the next
KEPT: Final = timedelta(days=1)  # without any news; a circuit that is not stored is closed
Phase = Literal["closed", "open", "half_open"]
NOTHING_STORED: Final = StoredCircuit()
LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(slots=True)
class _Known:
    """What a process remembers of a circuit, and what the circuit was not told yet."""

    stored: StoredCircuit
    at: datetime
    successes: int = 0
    failures: int = 0


class CircuitBreaker:
    """Asks circuits before calls, and tells them after. Where their table does not answer, calls pass, visibly."""

    def __init__(self, store: CircuitStore, clock: Clock, policy: Policy = POLICY) -> None:
        """Nothing is read before the first call."""
        self._store = store
        self._clock = clock
        self._policy = policy
        self._lock = Lock()
        self._known: dict[ModelKey, _Known] = {}
        self._left_alone_until = LONG_AGO

    @cached_property
    def _holder(self) -> str:
        """Who this process is; not known before it is asked for, for processes may be copies of one that was paused."""
        return token_hex(8)

    def look(self, models: Iterable[ModelKey]) -> Mapping[ModelKey, Permission]:
        """What the circuits of several models let through; those that are not remembered are read in one request."""
        now = self._clock()
        wanted = list(dict.fromkeys(models))
        if unknown := [model for model in wanted if not self._is_usable(model, now)]:
            self._load(unknown, now)
        return {model: permits(self._remembered(model).circuit, now) for model in wanted}

    def known(self, provider: str, model: str) -> Permission | None:
        """The same of one model without waiting for anything; None: it takes a `look`."""
        key, now = (provider, model), self._clock()
        return permits(self._remembered(key).circuit, now) if self._is_usable(key, now) else None

    def phases(self, models: Iterable[ModelKey]) -> Mapping[ModelKey, Phase]:
        """The circuits of several models as they are stored now, for people."""
        now, wanted = self._clock(), list(dict.fromkeys(models))
        self._load(wanted, now)
        return {model: _phase(self._remembered(model).circuit, now) for model in wanted}

    def is_open(self, provider: str, model: str) -> bool:
        """Whether calls are kept away: the circuit is open, or somebody else probes it."""
        return isinstance(self.look([(provider, model)])[provider, model], Wait)

    def is_closed(self, provider: str, model: str) -> bool:
        """Whether a call passes without being a probe."""
        return isinstance(self.look([(provider, model)])[provider, model], Pass)

    def take_probe(self, provider: str, model: str, within_s: float | None = None) -> bool:
        """Whether this call may probe, or pass because the circuit closed meanwhile: of all processes one gets it.

        The lease lasts as long as the request may (`within_s`), at most the policy's.
        """
        key, now = (provider, model), self._clock()
        lasts = self._policy.lease if within_s is None else min(self._policy.lease, timedelta(seconds=within_s))
        lease = Lease(self._holder, now + lasts)
        if not self._is_usable(key, now):
            self._load([key], now)
        for _ in range(WRITE_ATTEMPTS):
            known = self._remembered(key)
            match permits(known.circuit, now):
                case Pass():
                    return True
                case Wait():
                    return False
                case ProbePermit():
                    changed = after(known.circuit, ProbeTaken(lease), now, self._policy)
                    if self._save(key, known, changed, now) is not False:
                        return True
        return False

    def give_back(self, provider: str, model: str) -> None:
        """End a probe that said nothing about the model, so that the next call may probe at once."""
        self._tell((provider, model), ProbeGivenBack(self._holder), self._clock())

    def record(self, provider: str, model: str, *, ok: bool, was_probe: bool) -> None:
        """Tell how a call ended that says something about the model. A call does not fail for what goes wrong here."""
        key, now = (provider, model), self._clock()
        if was_probe:
            self._tell(key, ProbeSucceeded(self._holder) if ok else ProbeFailed(self._holder), now)
        elif not ok:
            self._count(key, failures=1)
            self._tell_counts(key, now)
        else:
            self._count(key, successes=1)
            if self._is_doubtful(key):
                self._tell_counts(key, now)
            elif self._is_due(key, now):
                self._load([key], now)

    def needs_write(self, provider: str, model: str, *, ok: bool) -> bool:
        """Whether `record` of a call that was no probe would wait for the table: to write, or to look a circuit up that
        was remembered for a while."""
        key = (provider, model)
        return not ok or self._is_doubtful(key) or self._is_due(key, self._clock())

    def _tell_counts(self, key: ModelKey, now: datetime) -> None:
        """Tell a circuit of all calls that it does not know of; what cannot be told now waits for the next time."""
        with self._lock:
            known = self._known[key]
            successes, known.successes = known.successes, 0
            failures, known.failures = known.failures, 0
        event = Failed(failures, after=successes) if failures else Succeeded(successes)
        if not self._tell(key, event, now):
            self._count(key, successes=successes, failures=failures)

    def _tell(self, key: ModelKey, event: Event, now: datetime) -> bool:
        """Apply an event to what is stored; says whether it was, or changes nothing."""
        for _ in range(WRITE_ATTEMPTS):
            known = self._remembered(key)
            changed = after(known.circuit, event, now, self._policy)
            if changed == known.circuit:
                return True
            match self._save(key, known, changed, now):
                case True:
                    _tell_operators(key, known.circuit, changed)
                    return True
                case None:
                    return False
        logger().warning("a circuit was too busy to be told of a call", provider=key[0], model=key[1])
        return False

    def _save(self, key: ModelKey, before: StoredCircuit, changed: Circuit, now: datetime) -> bool | None:
        """Whether a circuit was written, and else remembers the one that is there; None: its table does not answer."""
        if now < self._left_alone_until:
            return None
        written = StoredCircuit(changed, token_hex(8))
        try:
            there = self._store.save(key, written, before=before.revision, forget_at=now + KEPT)
        except StoreUnavailable as error:
            self._leave_alone(error, now)
            return None
        self._remember(key, written if there is None else there, now)
        return there is None

    def _load(self, keys: list[ModelKey], now: datetime) -> None:
        """Look circuits up; where their table does not answer, what was known before serves on, or else they pass."""
        found: Mapping[ModelKey, StoredCircuit] | None = None
        if now >= self._left_alone_until:
            try:
                found = self._store.load(keys)
            except StoreUnavailable as error:
                self._leave_alone(error, now)
        for key in keys:
            self._remember(key, self._remembered(key) if found is None else found.get(key, NOTHING_STORED), now)

    def _is_usable(self, key: ModelKey, now: datetime) -> bool:
        """An open circuit is looked up again soon: a probe may have closed it."""
        known = self._known.get(key)
        if known is None:
            return False
        return now - known.at < (TRUSTED_FOR if isinstance(known.stored.circuit, Closed) else FRESH_FOR)

    def _remembered(self, key: ModelKey) -> StoredCircuit:
        known = self._known.get(key)
        return NOTHING_STORED if known is None else known.stored

    def _is_doubtful(self, key: ModelKey) -> bool:
        return is_doubtful(self._remembered(key).circuit, self._policy)

    def _is_due(self, key: ModelKey, now: datetime) -> bool:
        known = self._known.get(key)
        return known is None or now - known.at >= FRESH_FOR

    def _remember(self, key: ModelKey, stored: StoredCircuit, now: datetime) -> None:
        with self._lock:
            known = self._known.setdefault(key, _Known(stored, now))
            known.stored, known.at = stored, now

    def _count(self, key: ModelKey, *, successes: int = 0, failures: int = 0) -> None:
        most = self._policy.most_carried
        with self._lock:
            known = self._known.setdefault(key, _Known(NOTHING_STORED, LONG_AGO))
            known.successes = min(most, known.successes + successes)
            known.failures = min(most, known.failures + failures)

    def _leave_alone(self, error: StoreUnavailable, now: datetime) -> None:
        """Circuits fail open, and visibly (docs/security.md, "Money")."""
        self._left_alone_until = now + LEFT_ALONE_FOR
        logger().warning("circuits cannot be asked; calls pass", exc_info=error)
        emit({"CircuitsUnreachable": ("Count", 1)}, {"group": "chat"})


def _phase(circuit: Circuit, now: datetime) -> Phase:
    match circuit:
        case Closed():
            return "closed"
        case Open(until=until):
            return "open" if now < until else "half_open"


def _tell_operators(key: ModelKey, before: Circuit, changed: Circuit) -> None:
    if isinstance(changed, Open) and (not isinstance(before, Open) or changed.openings > before.openings):
        logger().warning("a circuit opened", provider=key[0], model=key[1], until=changed.until.isoformat())
        emit({"CircuitsOpened": ("Count", 1)}, {"group": "chat"})
    elif isinstance(changed, Closed) and isinstance(before, Open):
        logger().info("a circuit closed", provider=key[0], model=key[1])
