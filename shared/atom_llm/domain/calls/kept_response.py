"""A response that its provider keeps, and the content of the id that stands for it at the door.

The id says at which provider and by which of the tenant's keys the response was made: no other can go on with it. It is
sealed with a key of its own, which the tenant is a part of; nothing of the conversation is kept here.
"""

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, NamedTuple

from atom_llm.domain.core.ids import ProviderKeyId, TenantId

PREFIX: Final = "resp_"
MAX_ID: Final = 1_000  # characters
TOKEN_BYTES: Final = 12  # make the sealing key another one for each id


@dataclass(frozen=True, slots=True)
class KeptResponse:
    """A response by its provider's id, with the provider's id and that of the key that it was made with."""

    provider: str
    key_id: ProviderKeyId
    response_id: str


class SealedId(NamedTuple):
    """The parts of an id: the pepper's version, the token of its sealing key, and what is sealed."""

    version: str
    token: bytes
    sealed: bytes


def sealing_key(pepper: bytes, tenant: TenantId, token: bytes) -> bytes:
    """Return the key that seals one id of a tenant."""
    message = b"kept response\0" + len(tenant.encode()).to_bytes(4, "big") + tenant.encode() + token
    return hmac.digest(pepper, message, sha256)


def packed(kept: KeptResponse) -> bytes:
    """Return what is sealed."""
    return json.dumps([kept.provider, kept.key_id, kept.response_id], separators=(",", ":")).encode()


def unpacked(content: bytes) -> KeptResponse:
    """Return what `packed` took."""
    provider, key_id, response_id = json.loads(content)
    return KeptResponse(provider, ProviderKeyId(key_id), response_id)


def as_id(parts: SealedId) -> str:
    """Return an id as callers see it."""
    version = parts.version.encode()
    raw = bytes([len(version)]) + version + parts.token + parts.sealed
    return PREFIX + urlsafe_b64encode(raw).rstrip(b"=").decode()


def parts_of(identity: str) -> SealedId | None:
    """Return the parts of an id; None for one that is none of ours."""
    if not identity.startswith(PREFIX) or len(identity) > MAX_ID or not identity.isascii():
        return None
    text = identity.removeprefix(PREFIX)
    try:
        raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
        size = raw[0] + 1
        version = raw[1:size].decode()
    except (ValueError, IndexError):
        return None
    return SealedId(version, raw[size : size + TOKEN_BYTES], raw[size + TOKEN_BYTES :])
