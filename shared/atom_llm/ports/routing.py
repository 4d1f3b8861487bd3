"""Circuits of models, which all processes share, and the allow-lists of tenants."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from atom_llm.domain.core.audit import AuditEntry
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.routing.allow_lists import AllowList
from atom_llm.domain.routing.model_circuits import ALL_HEALTHY, ModelCircuits

ModelKey = tuple[str, str]
"""A provider, and its own name of a model."""


@dataclass(frozen=True, slots=True)
class StoredCircuit:
    """A model's circuits and the name of the write that made them; empty where nothing is stored."""

    circuits: ModelCircuits = ALL_HEALTHY
    revision: str = ""


class CircuitStore(Protocol):
    """Circuits by provider and model."""

    def load(self, models: Sequence[ModelKey]) -> Mapping[ModelKey, StoredCircuit]:
        """Return the circuits that exist, in one request; raises `StoreUnavailable`."""
        ...

    def save(
        self, model: ModelKey, changed: StoredCircuit, *, before: str, forget_at: datetime
    ) -> StoredCircuit | None:
        """Write a circuit if its stored revision is still `before`; None when that was done, else what is there.

        A write whose answer was lost may be repeated: `changed` has a revision that no other write uses.
        """
        ...


class AllowListStore(Protocol):
    """Tenants' allow-lists of models, by scope; a change and its `entry` are one write."""

    def of(self, tenant: TenantId) -> list[AllowList]:
        """Return a tenant's lists. Consistent."""
        ...

    def put(self, tenant: TenantId, allow_list: AllowList, entry: AuditEntry) -> None:
        """Write a list over any of its scope."""
        ...

    def delete(self, tenant: TenantId, scope: str, entry: AuditEntry) -> bool:
        """Delete a scope's list; False when there was none, and then no entry is written."""
        ...

    def erase(self, tenant: TenantId) -> int:
        """Delete all of a tenant's as a part of its erasure; returns how many there were."""
        ...
