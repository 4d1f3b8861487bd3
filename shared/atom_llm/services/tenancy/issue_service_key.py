"""Issue a service key: its secret is made here, shown to the asker once, and kept nowhere."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from secrets import token_bytes

from atom_llm.domain.core.ids import ServiceKeyId, TenantId
from atom_llm.domain.tenancy.rate_limit import UNLIMITED, Limit
from atom_llm.domain.tenancy.service_keys import (
    ID_LENGTH,
    SECRET_LENGTH,
    Scope,
    ServiceKey,
    random_text,
    secret_hash,
    spelt,
)
from atom_llm.ports.core import Clock
from atom_llm.ports.tenancy import PepperVault, ServiceKeyStore


@dataclass(frozen=True, slots=True)
class Issued:
    """A stored key, and the plaintext that is not stored."""

    key: ServiceKey
    plaintext: str

    def __repr__(self) -> str:
        """Without the plaintext: a repr ends up in logs."""
        return f"Issued(key_id={self.key.key_id!r})"


class ServiceKeyIssuer:
    """Makes and stores service keys."""

    def __init__(
        self,
        keys: ServiceKeyStore,
        peppers: PepperVault,
        environment: str,
        clock: Clock,
        random_bytes: Callable[[int], bytes] = token_bytes,
    ) -> None:
        """`random_bytes` must be fit for secrets."""
        self._keys = keys
        self._peppers = peppers
        self._environment = environment
        self._clock = clock
        self._random_bytes = random_bytes

    def issue(
        self,
        tenant: TenantId,
        scopes: frozenset[Scope],
        *,
        label: str | None = None,
        expires_at: datetime | None = None,
        limit: Limit = UNLIMITED,
    ) -> Issued:
        """Store a new key of a tenant; raises `Conflict` in the unlikely case that its id is taken."""
        key_id = ServiceKeyId(random_text(ID_LENGTH, self._random_bytes))
        secret = random_text(SECRET_LENGTH, self._random_bytes)
        version, pepper = self._peppers.current()
        key = ServiceKey(
            key_id=key_id,
            tenant=tenant,
            scopes=scopes,
            secret_hash=secret_hash(pepper, secret),
            pepper_version=version,
            created_at=self._clock(),
            label=label,
            expires_at=expires_at,
            limit=limit,
        )
        self._keys.add(key)
        return Issued(key, spelt(self._environment, key_id, secret))
