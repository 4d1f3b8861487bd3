"""Circuits in the runtime table: one item a model, written only over the revision that the writer knows.

The item holds the shared circuit and the tenants' own ones, so that reading and changing both is one request.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from atom_llm.adapters.dynamodb import keys
from atom_llm.adapters.dynamodb.table import ConditionFailed, Item, Table
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.routing.circuit import Circuit, Closed, Lease, Open, SeenRow, WindowSlice
from atom_llm.domain.routing.model_circuits import ModelCircuits
from atom_llm.ports.routing import ModelKey, StoredCircuit


class DynamoCircuits:
    """Implements `CircuitStore`."""

    def __init__(self, table: Table) -> None:
        """Take the runtime table."""
        self._table = table

    def load(self, models: Sequence[ModelKey]) -> Mapping[ModelKey, StoredCircuit]:
        """Return the circuits that exist. Consistent, for a probe is taken by what is read."""
        by_key = {keys.circuit(*model): model for model in models}
        return {by_key[item["pk"], item["sk"]]: _stored(item) for item in self._table.get_many(list(by_key))}

    def save(
        self, model: ModelKey, changed: StoredCircuit, *, before: str, forget_at: datetime
    ) -> StoredCircuit | None:
        """Write the circuit with one condition; a refusal carries the one that is there."""
        values: dict[str, object] = {
            ":circuit": _item(changed.circuits.shared),
            ":own": {tenant: _item(own) for tenant, own in changed.circuits.own.items()},
            ":revision": changed.revision,
            ":ttl": int(forget_at.timestamp()),
        }
        try:
            self._table.update(
                keys.circuit(*model),
                "SET circuit = :circuit, own = :own, revision = :revision, #ttl = :ttl",
                values | ({":before": before} if before else {}),
                # The condition keeps two writers from forgetting each other's news, and lets one of them probe.
                condition="revision = :before" if before else "attribute_not_exists(pk)",
                names={"#ttl": "ttl"},
            )
        except ConditionFailed as failed:
            there = StoredCircuit() if failed.item is None else _stored(failed.item)
            return None if there.revision == changed.revision else there  # our own write, whose answer was lost
        return None


def _item(circuit: Circuit) -> Item:
    match circuit:
        case Closed(row, failed_at, slices, closed_at, openings, seen_by):
            return {
                "phase": "closed",
                "row": row,
                "failed_at": failed_at and failed_at.isoformat(),
                "slices": [
                    [int(each.start.timestamp()), each.calls, each.failures, dict(each.seen_by)] for each in slices
                ],
                "closed_at": closed_at and closed_at.isoformat(),
                "openings": openings,
                "seen_by": [[each.tenant, each.failures, each.failed_at.isoformat()] for each in seen_by],
            }
        case Open(until, openings, successes, lease):
            return {
                "phase": "open",
                "until": until.isoformat(),
                "openings": openings,
                "successes": successes,
                "lease": lease and [lease.holder, lease.until.isoformat()],
            }


def _stored(item: Mapping[str, Any]) -> StoredCircuit:
    own = {TenantId(tenant): _circuit(each) for tenant, each in item.get("own", {}).items()}
    return StoredCircuit(ModelCircuits(_circuit(item["circuit"]), own), item["revision"])


def _circuit(item: Mapping[str, Any]) -> Circuit:
    if item["phase"] == "closed":
        failed_at, closed_at = item["failed_at"], item.get("closed_at")
        return Closed(
            row=int(item["row"]),
            failed_at=datetime.fromisoformat(failed_at) if failed_at else None,
            slices=tuple(
                WindowSlice(
                    datetime.fromtimestamp(int(start), UTC),
                    int(calls),
                    int(failures),
                    tuple((tenant, int(count)) for tenant, count in (seen_by[0] if seen_by else {}).items()),
                )
                for start, calls, failures, *seen_by in item["slices"]
            ),
            closed_at=datetime.fromisoformat(closed_at) if closed_at else None,
            openings=int(item.get("openings", 0)),
            seen_by=tuple(
                SeenRow(tenant, int(failures), datetime.fromisoformat(at))
                for tenant, failures, at in item.get("seen_by", ())
            ),
        )
    lease = item["lease"]
    return Open(
        until=datetime.fromisoformat(item["until"]),
        openings=int(item["openings"]),
        successes=int(item["successes"]),
        lease=Lease(lease[0], datetime.fromisoformat(lease[1])) if lease else None,
    )
