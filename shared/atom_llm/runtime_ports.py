"""What the services that steer calls at run time need from the world: state that a thousand processes share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from atom_llm.domain.circuit import HEALTHY, Circuit
from atom_llm.domain.idempotency import Record
from atom_llm.domain.ids import TenantId
from atom_llm.domain.rate_limit import Step, Taken

ModelKey = tuple[str, str]
"""A provider, and its own name of a model."""


@dataclass(frozen=True, slots=True)
class StoredCircuit:
    """A circuit and the name of the write that made it so; empty where nothing is stored."""

    circuit: Circuit = HEALTHY
    revision: str = ""


class CircuitStore(Protocol):
    """Circuits by provider and model."""

    def load(self, models: Sequence[ModelKey]) -> Mapping[ModelKey, StoredCircuit]:
        """Those that exist, in one request; raises `StoreUnavailable`."""
        ...

    def save(
        self, model: ModelKey, changed: StoredCircuit, *, before: str, forget_at: datetime
    ) -> StoredCircuit | None:
        """Write a circuit if its stored revision is still `before`; None when that was done, else what is there.

        A write whose answer was lost may be repeated: `changed` has a revision that nobody else uses.
        """
        ...


class RateLimitStore(Protocol):
    """When subjects are paid off."""

    def take(self, subject: str, requests: Step | None, tokens: Step | None, forget_at: datetime) -> tuple[bool, Taken]:
        """Move both instants if both steps' conditions hold, in one write; says whether it did, and how they stand."""
        ...

    def correct(self, subject: str, tokens: int) -> Taken | None:
        """Add signed microseconds of tokens; None where nothing is known of the subject (any more)."""
        ...


class IdempotencyStore(Protocol):
    """What became of requests that carry an Idempotency-Key, by tenant and the key's name."""

    def begin(self, tenant: TenantId, name: str, record: Record, *, over: str | None) -> Record | None:
        """Write a record if there is none, or, with `over`, if that is the token of the one that is there.

        None when it was written; else the one that is there, without its answer.
        """
        ...

    def finish(self, tenant: TenantId, name: str, record: Record, answer: bytes | None) -> bool:
        """Write how a request ended, with its sealed answer if that is kept, while its record still has its token."""
        ...

    def answer(self, tenant: TenantId, name: str, record: Record) -> bytes | None:
        """The sealed answer of a record; None when it is not there, or not whole."""
        ...

    def erase(self, tenant: TenantId) -> Mapping[str, int]:
        """Erase everything that is a tenant's; says how many records there were."""
        ...


class Seal(Protocol):
    """Encryption that also proves that nothing was changed."""

    def close(self, key: bytes, content: bytes, about: bytes) -> bytes:
        """Content that only `key` (32 bytes, used once) opens, and only as being about the same thing."""
        ...

    def open(self, key: bytes, sealed: bytes, about: bytes) -> bytes | None:
        """What was sealed; None when the key is another one, or what was sealed was changed."""
        ...
