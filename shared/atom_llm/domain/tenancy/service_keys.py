"""Service keys: the shape in which a caller shows one, its check without a read, and the record stored of it."""

import hmac
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Final

from atom_llm.domain.core.ids import ServiceKeyId, TenantId
from atom_llm.domain.tenancy.own_names import NO_OWN_NAMES, OwnNames
from atom_llm.domain.tenancy.rate_limit import UNLIMITED, RateLimit

BASE62: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
ID_LENGTH: Final = 12
SECRET_LENGTH: Final = 32  # characters of base 62: 190 bits
CHECKSUM_LENGTH: Final = 6  # a CRC-32 in base 62

_SHAPE: Final = re.compile(
    rf"atom_(?P<env>[a-z]{{2,10}})_(?P<id>[0-9A-Za-z]{{{ID_LENGTH}}})"
    rf"_(?P<secret>[0-9A-Za-z]{{{SECRET_LENGTH}}})(?P<checksum>[0-9A-Za-z]{{{CHECKSUM_LENGTH}}})"
)


class Scope(StrEnum):
    """A permission of a service key."""

    CHAT = "chat"
    USAGE_READ = "usage:read"
    KEYS_READ = "keys:read"
    KEYS_WRITE = "keys:write"
    PREFS_WRITE = "prefs:write"
    BUDGETS_WRITE = "budgets:write"
    CATALOG_WRITE = "catalog:write"
    ADMIN = "admin"


ALL_SCOPES: Final = frozenset(Scope)


@dataclass(frozen=True, slots=True)
class PresentedKey:
    """The parts of a key as a caller shows it; the secret never leaves the check."""

    key_id: ServiceKeyId
    secret: str

    def __repr__(self) -> str:
        """Leave the secret out: a repr ends up in logs."""
        return f"PresentedKey(key_id={self.key_id!r})"


@dataclass(frozen=True, slots=True)
class Holder:
    """The person that a key was exchanged for, by the word of `issuer`: its address, or `iam` for the account."""

    person: str
    issuer: str
    team: str | None = None


@dataclass(frozen=True, slots=True)
class ServiceKey:
    """A stored key: its tenant, its scopes, and the keyed hash of its secret under a version of the pepper.

    `limit` is its own; where it has none the environment's holds. `own_names` are what its callers' names stand for. A
    key that nobody is known to have received works
    until `lapses_at`; handing it over, or its first use, takes that away. `holder` is whom it was exchanged for; None
    for a key that an admin has issued.
    """

    key_id: ServiceKeyId
    tenant: TenantId
    scopes: frozenset[Scope]
    secret_hash: bytes
    pepper_version: str
    created_at: datetime
    label: str | None = None
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None
    limit: RateLimit = UNLIMITED
    lapses_at: datetime | None = None
    own_names: OwnNames = NO_OWN_NAMES
    holder: Holder | None = None

    def is_usable(self, now: datetime) -> bool:
        """Return whether the key is neither revoked nor expired nor lapsed."""
        return self.revoked_at is None and (self.works_until is None or now < self.works_until)

    @property
    def works_until(self) -> datetime | None:
        """The instant from which it opens nothing, whether it expires or lapses then; None: there is none."""
        return min((end for end in (self.expires_at, self.lapses_at) if end is not None), default=None)


@dataclass(frozen=True, slots=True)
class Caller:
    """The source of a request: a tenant through one of its service keys, with the key's own limit and names.

    `holder` is the person behind it where somebody vouches for one. A token or a role that is used as it is has no key:
    `key_id` is then the id that all its calls are told by.
    """

    tenant: TenantId
    key_id: ServiceKeyId
    scopes: frozenset[Scope]
    limit: RateLimit = UNLIMITED
    own_names: OwnNames = NO_OWN_NAMES
    holder: Holder | None = None

    @property
    def person(self) -> str | None:
        """The person behind it, where somebody vouches for one."""
        return self.holder.person if self.holder is not None else None

    @property
    def team(self) -> str | None:
        """The team that its issuer names, where one does."""
        return self.holder.team if self.holder is not None else None


def presented(text: str, environment: str) -> PresentedKey | None:
    """Take a well-formed key of this environment apart; None for anything else, typos included."""
    match = _SHAPE.fullmatch(text)
    if match is None or match["env"] != environment:
        return None
    if not hmac.compare_digest(match["checksum"], _checksum(text[:-CHECKSUM_LENGTH])):
        return None
    return PresentedKey(ServiceKeyId(match["id"]), match["secret"])


def spelt(environment: str, key_id: ServiceKeyId, secret: str) -> str:
    """Spell a whole key as it is shown once to its owner."""
    text = f"atom_{environment}_{key_id}_{secret}"
    return text + _checksum(text)


def random_text(length: int, random_bytes: Callable[[int], bytes]) -> str:
    """Return characters of base 62, each equally likely: bytes of 248 and more are drawn again."""
    characters: list[str] = []
    while len(characters) < length:
        characters += [BASE62[byte % 62] for byte in random_bytes(length) if byte < 248]
    return "".join(characters[:length])


def id_of_request(asker: ServiceKeyId, idempotency_key: str) -> ServiceKeyId:
    """Return the id of the key that a request makes which says so: the same each time that it comes."""
    seed = sha256(f"{asker} {idempotency_key}".encode()).digest()
    return ServiceKeyId(random_text(ID_LENGTH, lambda _: _stretched(seed)))


def id_of_principal(issuer: str, subject: str, tenant: TenantId) -> ServiceKeyId:
    """Return the id that a caller without a key has in all books: the same for each of its calls."""
    seed = sha256("\0".join(("principal", issuer, subject, tenant)).encode()).digest()
    return ServiceKeyId(random_text(ID_LENGTH, lambda _: _stretched(seed)))


def is_repetition(asked: ServiceKey, stored: ServiceKey) -> bool:
    """Return whether a stored key of the same id is the one that is asked for, under another secret."""
    said = (asked.tenant, asked.scopes, asked.label, asked.expires_at, asked.limit, asked.own_names)
    kept = (stored.tenant, stored.scopes, stored.label, stored.expires_at, stored.limit, stored.own_names)
    return said == kept


def secret_hash(pepper: bytes, secret: str) -> bytes:
    """Return the keyed hash that is stored instead of a secret."""
    return hmac.digest(pepper, secret.encode(), sha256)


def _stretched(seed: bytes) -> bytes:
    """More bytes than an id takes, though some of them are left out."""
    return b"".join(sha256(seed + bytes([number])).digest() for number in range(4))


def _checksum(text: str) -> str:
    number, digits = zlib.crc32(text.encode()), ""
    for _ in range(CHECKSUM_LENGTH):
        number, digit = divmod(number, 62)
        digits = BASE62[digit] + digits
    return digits
