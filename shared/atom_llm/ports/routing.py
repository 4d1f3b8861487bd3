"""Circuits of models, which all processes share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

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
