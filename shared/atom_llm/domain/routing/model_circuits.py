"""The circuits of one model: one that all tenants share, and one of each tenant that met failures of its own.

A failure counts for both. The shared one opens when it would open without any one tenant's failures; a tenant's own
opens for that tenant alone. From then on its own one alone decides for it, so that its probes say nothing about others
when they fail, and close the shared one when they succeed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.routing.circuit import (
    HEALTHY,
    POLICY,
    Circuit,
    CircuitEvent,
    CircuitPolicy,
    Closed,
    Failed,
    Lease,
    Open,
    Permission,
    ProbeFailed,
    ProbeTaken,
    Succeeded,
    after,
    holds,
    is_doubtful,
    opened,
    permits,
)

MOST_OWN: Final = 16  # circuits of single tenants that are kept of a model; so many probe beside the shared one at most
LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ModelCircuits:
    """The shared circuit of a model, and those of single tenants that are not healthy."""

    shared: Circuit = HEALTHY
    own: Mapping[TenantId, Circuit] = field(default_factory=dict)

    def of(self, tenant: TenantId) -> Circuit:
        """Return the circuit that decides about a tenant's calls."""
        own = self.own.get(tenant, HEALTHY)
        return own if isinstance(own, Open) else self.shared

    def permission(self, tenant: TenantId, now: datetime) -> Permission:
        """Return what a call of a tenant may do at an instant."""
        return permits(self.of(tenant), now)

    def is_doubtful(self, tenant: TenantId, policy: CircuitPolicy = POLICY) -> bool:
        """Return whether a success of a tenant is news."""
        return is_doubtful(self.shared, policy) or is_doubtful(self.own.get(tenant, HEALTHY), policy)

    def evidence_begins(self, tenant: TenantId, policy: CircuitPolicy = POLICY) -> datetime:
        """Return the instant at which what decides about a tenant closed, or its present probe began.

        Failures of calls that began before it say nothing. It is the first instant of all without either.
        """
        own = self.own.get(tenant, HEALTHY)
        if isinstance(own, Open):
            return _evidence_begins(own, policy)
        return max(_evidence_begins(own, policy), _evidence_begins(self.shared, policy))

    def after(
        self,
        tenant: TenantId,
        event: CircuitEvent,
        now: datetime,
        policy: CircuitPolicy = POLICY,
        *,
        successes_of_all: int = 0,
    ) -> "ModelCircuits":
        """Return the circuits after an event of a tenant.

        `successes_of_all` are those of all tenants that the process had not told of, as the event's own are of this
        one.
        """
        own = self.own.get(tenant, HEALTHY)
        match event:
            case ProbeTaken():
                if isinstance(own, Open):
                    return self._with(tenant, self.shared, after(own, event, now, policy), now, policy)
                return self._with(tenant, after(self.shared, event, now, policy), own, now, policy)
            case ProbeFailed(holder) if isinstance(own, Closed) and holds(self.shared, holder):
                # It is the tenant's own word about an outage of others: it is not to be the next to ask.
                shared = after(self.shared, event, now, policy)
                return self._with(tenant, shared, opened(own, now, policy), now, policy)
            case Failed(calls):
                shared = after(self.shared, Failed(calls, successes_of_all, tenant), now, policy)
            case Succeeded():
                shared = after(self.shared, Succeeded(successes_of_all), now, policy)
            case _:
                shared = after(self.shared, event, now, policy)
        return self._with(tenant, shared, after(own, event, now, policy), now, policy)

    def _with(
        self, tenant: TenantId, shared: Circuit, own: Circuit, now: datetime, policy: CircuitPolicy
    ) -> "ModelCircuits":
        """Return the circuits with others in place of two; healthy ones are not kept, nor more than `MOST_OWN`."""
        kept = {name: each for name, each in self.own.items() if name != tenant and _is_worth(each, now, policy)}
        if _is_worth(own, now, policy):
            if len(kept) >= MOST_OWN:
                del kept[min(kept, key=lambda name: _news_of(kept[name]))]
            kept[tenant] = own
        return ModelCircuits(shared, kept)


ALL_HEALTHY: Final = ModelCircuits()


def _evidence_begins(circuit: Circuit, policy: CircuitPolicy) -> datetime:
    match circuit:
        case Closed(closed_at=datetime() as closed_at):
            return closed_at
        case Open(lease=Lease(until=until)):
            return until - policy.lease
        case _:
            return LONG_AGO


def _is_worth(circuit: Circuit, now: datetime, policy: CircuitPolicy) -> bool:
    """Return whether a circuit says more than none would."""
    if isinstance(circuit, Open):
        return True
    is_on_trial = circuit.closed_at is not None and now < circuit.closed_at + policy.trial
    is_in_a_row = circuit.row > 0 and circuit.failed_at is not None and now - circuit.failed_at < policy.row_forgotten
    return (
        is_on_trial or is_in_a_row or any(each.failures for each in circuit.slices if each.start > now - policy.window)
    )


def _news_of(circuit: Circuit) -> datetime:
    """Return when a circuit was moved last, or may be next."""
    if isinstance(circuit, Open):
        return circuit.until
    return max(circuit.failed_at or LONG_AGO, circuit.closed_at or LONG_AGO)
