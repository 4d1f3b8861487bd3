"""What became of requests that carry an Idempotency-Key."""

from collections.abc import Mapping
from typing import Protocol

from atom_llm.domain.calls.idempotency import Record
from atom_llm.domain.core.ids import TenantId


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
