"""Circuits as calls use them: remembered for seconds, looked up behind a call, written only when there is news.

While things go well a call waits for no table: what a process remembers of a healthy circuit serves for half a minute,
and is looked up again behind the calls that use it. `domain/routing/circuit.py` says why successes may stay unwritten.
A model's circuits, the shared one and those of single tenants, are one item, so that a tenant costs no look-up more.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import cached_property
from secrets import token_hex
from typing import Final, NamedTuple

from atom_llm.domain.core.errors import StoreUnavailable
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.routing.circuit import (
    HEALTHY,
    POLICY,
    Circuit,
    CircuitEvent,
    CircuitPhase,
    CircuitPolicy,
    Closed,
    Failed,
    Lease,
    Open,
    Pass,
    Permission,
    ProbeFailed,
    ProbeGivenBack,
    ProbePermit,
    ProbeSucceeded,
    ProbeTaken,
    Succeeded,
    Wait,
    phase_of,
)
from atom_llm.domain.routing.model_circuits import ModelCircuits
from atom_llm.observability import emit, logger
from atom_llm.ports.core import Clock
from atom_llm.ports.routing import CircuitStore, ModelKey, StoredCircuit
from atom_llm.process_cache import BoundedMap, Outage, TimedMap

FRESH_FOR: Final = timedelta(seconds=2)  # how late a process that makes calls hears that a circuit opened elsewhere
TRUSTED_FOR: Final = timedelta(seconds=30)  # how long a closed circuit is used without another look before a call
WRITE_ATTEMPTS: Final = 4  # by processes that write the same circuit at the same moment; then it waits for the next
KEPT: Final = timedelta(days=1)  # without any news; a circuit that is not stored is closed
NOTHING_STORED: Final = StoredCircuit()
CACHED_MODELS: Final = 10_000  # twice as many as the catalogue has


class _Untold(NamedTuple):
    """A tenant's calls that a model's circuits were not told of yet."""

    successes: int = 0
    failures: int = 0


class CircuitBreaker:
    """The circuits of models: asked before calls, told after. Where their table is silent, calls pass, visibly."""

    def __init__(self, store: CircuitStore, clock: Clock, policy: CircuitPolicy = POLICY) -> None:
        """Take the store; nothing is read before the first call."""
        self._store = store
        self._clock = clock
        self._policy = policy
        self._known: TimedMap[ModelKey, StoredCircuit] = TimedMap(clock, TRUSTED_FOR, CACHED_MODELS)
        self._untold: BoundedMap[tuple[ModelKey, TenantId], _Untold] = BoundedMap(CACHED_MODELS)
        self._successes_of_all: BoundedMap[ModelKey, int] = BoundedMap(CACHED_MODELS)
        # Circuits fail open, and visibly (docs/security.md, "Money").
        self._outage = Outage("circuits cannot be asked; calls pass", "RuntimeTableUnreachable")

    @cached_property
    def _holder(self) -> str:
        """The name of this process, drawn when first asked for: processes may be copies of one that was paused."""
        return token_hex(8)

    def _holder_for(self, tenant: TenantId) -> str:
        return f"{self._holder}:{tenant}"

    def look(self, tenant: TenantId, models: Iterable[ModelKey]) -> Mapping[ModelKey, Permission]:
        """Return what a tenant's calls may do at several models; what is not remembered is read in one request."""
        now = self._clock()
        wanted = list(dict.fromkeys(models))
        usable = {model: self._usable(model, tenant, now) for model in wanted}
        if unknown := [model for model, stored in usable.items() if stored is None]:
            self._load(unknown, now)
        return {
            model: (self._remembered(model) if stored is None else stored).circuits.permission(tenant, now)
            for model, stored in usable.items()
        }

    def known(self, tenant: TenantId, provider: str, model: str) -> Permission | None:
        """Return what a call may do at one model without waiting for anything; None: it takes a `look`."""
        now = self._clock()
        stored = self._usable((provider, model), tenant, now)
        return None if stored is None else stored.circuits.permission(tenant, now)

    def phases(self, tenant: TenantId, models: Iterable[ModelKey]) -> Mapping[ModelKey, CircuitPhase]:
        """Return the phases of the circuits that decide about a tenant's calls as they are stored now, for people."""
        now, wanted = self._clock(), list(dict.fromkeys(models))
        self._load(wanted, now)
        return {model: phase_of(self._remembered(model).circuits.of(tenant), now) for model in wanted}

    def is_open(self, tenant: TenantId, provider: str, model: str) -> bool:
        """Return whether a tenant's calls are kept away: the circuit is open, or another call probes it."""
        return isinstance(self._permission(tenant, (provider, model)), Wait)

    def is_closed(self, tenant: TenantId, provider: str, model: str) -> bool:
        """Return whether a tenant's call passes without being a probe."""
        return isinstance(self._permission(tenant, (provider, model)), Pass)

    def _permission(self, tenant: TenantId, model: ModelKey) -> Permission:
        now = self._clock()
        stored = self._usable(model, tenant, now)
        if stored is None:
            self._load([model], now)
            stored = self._remembered(model)
        return stored.circuits.permission(tenant, now)

    def take_probe(self, tenant: TenantId, provider: str, model: str) -> bool:
        """Return whether this call may probe (of all processes one), or pass because the circuit closed meanwhile."""
        key, now = (provider, model), self._clock()
        lease = Lease(self._holder_for(tenant), now + self._policy.lease)
        if self._usable(key, tenant, now) is None:
            self._load([key], now)
        for _ in range(WRITE_ATTEMPTS):
            known = self._remembered(key)
            match known.circuits.permission(tenant, now):
                case Pass():
                    return True
                case Wait():
                    return False
                case ProbePermit():
                    changed = known.circuits.after(tenant, ProbeTaken(lease), now, self._policy)
                    if self._save(key, known, changed, now) is not False:
                        return True
        return False

    def give_back(self, tenant: TenantId, provider: str, model: str) -> None:
        """End a probe that is no evidence about the model, so that the next call may probe at once."""
        self._tell((provider, model), tenant, ProbeGivenBack(self._holder_for(tenant)), self._clock())

    def record(
        self, tenant: TenantId, provider: str, model: str, *, ok: bool, was_probe: bool, began: datetime | None = None
    ) -> None:
        """Tell the outcome of a call that is evidence about the model. No call fails for what goes wrong here.

        A failure of a call that began before the circuit closed, or before the present probe, says nothing about the
        model since.
        """
        key, now = (provider, model), self._clock()
        known = self._remembered(key).circuits
        if not ok and began is not None and began < known.evidence_begins(tenant, self._policy):
            return
        if was_probe:
            holder = self._holder_for(tenant)
            self._tell(key, tenant, ProbeSucceeded(holder) if ok else ProbeFailed(holder), now)
        elif not ok:
            self._count(key, tenant, _Untold(failures=1), 0)
            self._tell_counts(key, tenant, now)
        else:
            self._count(key, tenant, _Untold(successes=1), 1)
            if known.is_doubtful(tenant, self._policy):
                self._tell_counts(key, tenant, now)
            elif self._is_due(key):
                self._load([key], now)

    def _tell_counts(self, key: ModelKey, tenant: TenantId, now: datetime) -> None:
        """Tell the circuits of all calls that they do not know of; what cannot be told now waits for the next time."""
        untold, of_all = self._untold.pop((key, tenant)) or _Untold(), self._successes_of_all.pop(key) or 0
        event = Failed(untold.failures, after=untold.successes) if untold.failures else Succeeded(untold.successes)
        if not self._tell(key, tenant, event, now, of_all):
            self._count(key, tenant, untold, of_all)

    def _tell(self, key: ModelKey, tenant: TenantId, event: CircuitEvent, now: datetime, of_all: int = 0) -> bool:
        """Apply an event to the stored circuits; returns whether it was applied, or changes nothing."""
        for _ in range(WRITE_ATTEMPTS):
            known = self._remembered(key)
            changed = known.circuits.after(tenant, event, now, self._policy, successes_of_all=of_all)
            if changed == known.circuits:
                return True
            match self._save(key, known, changed, now):
                case True:
                    _tell_operators(key, None, known.circuits.shared, changed.shared)
                    own, others = known.circuits.own.get(tenant, HEALTHY), changed.own.get(tenant, HEALTHY)
                    _tell_operators(key, tenant, own, others)
                    return True
                case None:
                    return False
        logger().warning("a circuit was too busy to be told of a call", provider=key[0], model=key[1])
        return False

    def _save(self, key: ModelKey, before: StoredCircuit, changed: ModelCircuits, now: datetime) -> bool | None:
        """Write a model's circuits; returns False, remembering the one there, where another was faster, None without an
        answer.
        """
        if self._outage.is_on(now):
            return None
        written = StoredCircuit(changed, token_hex(8))
        try:
            there = self._store.save(key, written, before=before.revision, forget_at=now + KEPT)
        except StoreUnavailable as error:
            self._outage.begin(error, now)
            return None
        self._known.put(key, written if there is None else there, at=now)
        return there is None

    def _load(self, keys: list[ModelKey], now: datetime) -> None:
        """Look circuits up; where their table does not answer, the known ones serve on, or else calls pass."""
        found: Mapping[ModelKey, StoredCircuit] | None = None
        if not self._outage.is_on(now):
            try:
                found = self._store.load(keys)
            except StoreUnavailable as error:
                self._outage.begin(error, now)
        for key in keys:
            stored = self._remembered(key) if found is None else found.get(key, NOTHING_STORED)
            self._known.put(key, stored, at=now)

    def _usable(self, key: ModelKey, tenant: TenantId, now: datetime) -> StoredCircuit | None:
        """Return circuits that need no look-up. An open one is looked up again soon: a probe may have closed it."""
        stored = self._known.fresh(key, now=now)
        if stored is None or isinstance(stored.circuits.of(tenant), Closed):
            return stored
        return self._known.fresh(key, FRESH_FOR, now)

    def _remembered(self, key: ModelKey) -> StoredCircuit:
        return self._known.last(key) or NOTHING_STORED

    def _is_due(self, key: ModelKey) -> bool:
        return self._known.fresh(key, FRESH_FOR) is None

    def _count(self, key: ModelKey, tenant: TenantId, more: _Untold, of_all: int) -> None:
        most = self._policy.most_carried

        def added(before: _Untold | None) -> _Untold:
            known = before or _Untold()
            return _Untold(min(most, known.successes + more.successes), min(most, known.failures + more.failures))

        self._untold.change((key, tenant), added)
        if of_all:
            self._successes_of_all.change(key, lambda before: min(most, (before or 0) + of_all))


def _tell_operators(key: ModelKey, tenant: TenantId | None, before: Circuit, changed: Circuit) -> None:
    """Tell that a circuit opened or closed: a tenant's own, or (None) the one that all share."""
    if isinstance(changed, Open) and (not isinstance(before, Open) or changed.openings > before.openings):
        until = changed.until.isoformat()
        logger().warning("a circuit opened", provider=key[0], model=key[1], until=until, of_tenant=tenant)
        emit({"CircuitsOpened" if tenant is None else "TenantCircuitsOpened": ("Count", 1)}, {"group": "chat"})
    elif isinstance(changed, Closed) and isinstance(before, Open):
        logger().info("a circuit closed", provider=key[0], model=key[1], of_tenant=tenant)
