"""Storage of requests that carry an Idempotency-Key, the sealing of their answers, and who is told of calls."""

from collections.abc import Mapping
from typing import Protocol

from atom_llm.domain.calls.gen_ai import Attributes
from atom_llm.domain.calls.idempotency import IdempotencyRecord
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.ledger.rows import LedgerRow


class IdempotencyStore(Protocol):
    """Records of requests that carry an Idempotency-Key, by tenant and the key's name."""

    def begin(
        self, tenant: TenantId, name: str, record: IdempotencyRecord, *, over: str | None
    ) -> IdempotencyRecord | None:
        """Write a record if there is none, or, with `over`, if that is the token of the one that is there.

        Returns None when it was written; else the one that is there, without its answer.
        """
        ...

    def finish(self, tenant: TenantId, name: str, record: IdempotencyRecord, answer: bytes | None) -> bool:
        """Write a request's outcome, with its sealed answer if that is kept; False if its record's token is another."""
        ...

    def answer(self, tenant: TenantId, name: str, record: IdempotencyRecord) -> bytes | None:
        """Return the sealed answer of a record; None when it is not there, or not whole."""
        ...

    def erase(self, tenant: TenantId) -> Mapping[str, int]:
        """Erase all records of a tenant; returns their number by kind."""
        ...


class Seal(Protocol):
    """Encryption that also proves that nothing was changed."""

    def close(self, key: bytes, content: bytes, about: bytes) -> bytes:
        """Seal content, so that only `key` (32 bytes, used once) opens it, and only with the same `about`."""
        ...

    def open(self, key: bytes, sealed: bytes, about: bytes) -> bytes | None:
        """Return the content that was sealed; None when the key is another one, or anything was changed."""
        ...


class CallTracer(Protocol):
    """The collector of calls' spans."""

    def ended(self, row: LedgerRow, attributes: Attributes) -> None:
        """Send the span of an attempt, and return when it is sent or given up; never raises for its sake."""
        ...
