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
    """How far a request has come."""

    BEGUN = "begun"
    DONE = "done"
    ABANDONED = "abandoned"  # it failed before it came to an answer, and may be tried anew


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of a request. `check` tells it from another one under the same key, by a version of the pepper.
    `token` is of who carries it out, until `lease_until` at the latest. Its sealed answer has so many `parts`, or none
    where it is not kept."""

    check: bytes
    pepper_version: str
    token: str
    state: RecordState
    lease_until: datetime
    expires_at: datetime
    parts: int = 0


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it was given."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Free:
    """Nobody has carried the request out, or is about to: whoever comes may, over the record with that token."""

    over: str


@dataclass(frozen=True, slots=True)
class Busy:
    """Somebody carries it out, until then at the latest."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Done:
    """It was carried out."""


@dataclass(frozen=True, slots=True)
class Other:
    """The key belongs to another request."""


Verdict = Free | Busy | Done | Other


def verdict(there: Record, check: bytes, now: datetime) -> Verdict:
    """What a record means for a request with that check, made with the record's pepper.

    An abandoned key may be used for another request too, and an expired one for anything: nothing came of the first,
    or nobody knows any more what did. A process that died leaves a lease behind: after it the same request may go on.
    """
    if there.state is RecordState.ABANDONED or now >= there.expires_at:
        return Free(there.token)
    if not hmac.compare_digest(there.check, check):
        return Other()
    if there.state is RecordState.DONE:
        return Done()
    return Busy(there.lease_until) if now < there.lease_until else Free(there.token)


def checked_key(text: str) -> str:
    """A header's value as a key; raises `InvalidRequest` naming the header."""
    if not 1 <= len(text) <= MAX_KEY or not text.isascii() or not text.isprintable():
        raise InvalidRequest(HEADER, f"must be 1 to {MAX_KEY} printable characters")
    return text


def name_of(key: str) -> str:
    """What a key is stored under: it may be anything that a caller thinks of, and need not be read again."""
    return sha256(key.encode()).hexdigest()[:40]


def check_of(pepper: bytes, digest: bytes) -> bytes:
    """What tells requests apart by their SHA-256, and tells nobody who reads it what was asked."""
    return hmac.digest(pepper, b"idempotency check\0" + digest, sha256)


def sealing_key(pepper: bytes, tenant: TenantId, key: str, token: str, digest: bytes) -> bytes:
    """What an answer is sealed with: whoever shows the same request again brings it, and it is stored nowhere.

    The token makes it another one for each answer that is ever sealed.
    """
    parts = (tenant.encode(), key.encode(), token.encode(), digest)
    message = b"idempotent answer\0" + b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    return hmac.digest(pepper, message, sha256)


def packed(reply: Reply) -> bytes | None:
    """A reply as bytes, compressed; None where it is larger than what is kept."""
    if len(reply.body) > MAX_ANSWER:
        return None
    head = json.dumps({"status": reply.status, "headers": dict(reply.headers)}).encode()
    return zlib.compress(len(head).to_bytes(4, "big") + head + reply.body, level=6)


def unpacked(content: bytes) -> Reply:
    """The reply that was packed."""
    whole = zlib.decompress(content)
    end = 4 + int.from_bytes(whole[:4], "big")
    head = json.loads(whole[4:end])
    return Reply(int(head["status"]), head["headers"], whole[end:])
