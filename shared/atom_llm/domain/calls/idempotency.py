"""Requests that carry an Idempotency-Key: the same key and request are carried out once, and answered the same."""

import hmac
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Final

from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.core.ids import TenantId

HEADER: Final = "Idempotency-Key"
MAX_KEY: Final = 255  # characters
REMEMBERED_FOR: Final = timedelta(hours=24)  # how long a repeat is known as one
LEASE_MARGIN: Final = timedelta(seconds=30)  # beyond the time that a request may take, to write its answer down
MAX_ANSWER: Final = 6 * 1024 * 1024  # bytes of an answer that is kept; Lambda itself sends no larger one


class RecordState(StrEnum):
    """The progress of a request under a key."""

    BEGUN = "begun"
    DONE = "done"
    ABANDONED = "abandoned"  # it failed before it came to an answer, and may be tried anew


@dataclass(frozen=True, slots=True)
class IdempotencyRecord:
    """The record of a request under a key.

    `check` tells it from another request under the same key, by a version of the pepper. `token` belongs to the process
    that carries it out, until `lease_until` at the latest. `parts` counts the pieces of its sealed answer, 0 where the
    answer is not kept.
    """

    check: bytes
    pepper_version: str
    token: str
    state: RecordState
    lease_until: datetime
    expires_at: datetime
    parts: int = 0


@dataclass(frozen=True, slots=True)
class KeptReply:
    """An HTTP answer as it was given."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Claimable:
    """The request may be carried out, by replacing the record whose token is `over`."""

    over: str


@dataclass(frozen=True, slots=True)
class InProgress:
    """Another process carries the request out, until then at the latest."""

    until: datetime


@dataclass(frozen=True, slots=True)
class AlreadyAnswered:
    """The request was carried out."""


@dataclass(frozen=True, slots=True)
class OtherRequest:
    """The key belongs to another request."""


ClaimResult = Claimable | InProgress | AlreadyAnswered | OtherRequest


def claim_result(there: IdempotencyRecord, check: bytes, now: datetime) -> ClaimResult:
    """Judge a record for a request with that check, made with the record's pepper.

    An abandoned key may be used for another request too, and an expired one for anything: nothing came of the first, or
    its outcome is forgotten. A process that died leaves a lease behind: after it the same request may go on.
    """
    if there.state is RecordState.ABANDONED or now >= there.expires_at:
        return Claimable(there.token)
    if not hmac.compare_digest(there.check, check):
        return OtherRequest()
    if there.state is RecordState.DONE:
        return AlreadyAnswered()
    return InProgress(there.lease_until) if now < there.lease_until else Claimable(there.token)


def checked_key(text: str) -> str:
    """Return the header's value if it is 1 to 255 printable ASCII characters; else raise `InvalidRequest` naming it."""
    if not 1 <= len(text) <= MAX_KEY or not text.isascii() or not text.isprintable():
        raise InvalidRequest(HEADER, f"must be 1 to {MAX_KEY} printable characters")
    return text


def name_of(key: str) -> str:
    """Return the name that a key is stored under, a hash: a caller's key may be any text, and is never read again."""
    return sha256(key.encode()).hexdigest()[:40]


def check_of(pepper: bytes, digest: bytes) -> bytes:
    """Return a keyed hash of a request's SHA-256, which tells requests apart without telling what was asked."""
    return hmac.digest(pepper, b"idempotency check\0" + digest, sha256)


def sealing_key(pepper: bytes, tenant: TenantId, key: str, token: str, digest: bytes) -> bytes:
    """Return the key that seals an answer. It is stored nowhere: only the same request, shown again, brings it back.

    The token makes it another one for each answer that is ever sealed.
    """
    parts = (tenant.encode(), key.encode(), token.encode(), digest)
    message = b"idempotent answer\0" + b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    return hmac.digest(pepper, message, sha256)


def packed(reply: KeptReply) -> bytes | None:
    """Compress a reply; None where its body exceeds `MAX_ANSWER`, the largest that is kept."""
    if len(reply.body) > MAX_ANSWER:
        return None
    head = json.dumps({"status": reply.status, "headers": dict(reply.headers)}).encode()
    return zlib.compress(len(head).to_bytes(4, "big") + head + reply.body, level=6)


def unpacked(content: bytes) -> KeptReply:
    """Read a reply from the bytes that `packed` made."""
    whole = zlib.decompress(content)
    end = 4 + int.from_bytes(whole[:4], "big")
    head = json.loads(whole[4:end])
    return KeptReply(int(head["status"]), head["headers"], whole[end:])
