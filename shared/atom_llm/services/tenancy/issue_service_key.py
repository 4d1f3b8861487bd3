"""Issuing service keys: the secret is made here, shown to the asker once, and kept nowhere."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from secrets import token_bytes
from typing import Final

from atom_llm.domain.core.audit import Action, Actor
from atom_llm.domain.core.errors import AnswerNotKept, IdempotencyMismatch, StoreUnavailable
from atom_llm.domain.core.ids import ServiceKeyId, TenantId
from atom_llm.domain.tenancy.own_names import NO_OWN_NAMES, OwnNames
from atom_llm.domain.tenancy.rate_limit import UNLIMITED, RateLimit
from atom_llm.domain.tenancy.service_keys import (
    ID_LENGTH,
    SECRET_LENGTH,
    Holder,
    Scope,
    ServiceKey,
    id_of_request,
    is_repetition,
    random_text,
    secret_hash,
    spelt,
)
from atom_llm.observability import logger
from atom_llm.ports.core import Clock
from atom_llm.ports.tenancy import PepperVault, ServiceKeyStore
from atom_llm.services.core.audit_entries import audit_entry

LAPSES_AFTER: Final = timedelta(hours=1)  # of a key that was stored and never handed over; its secret is nobody's


@dataclass(frozen=True, slots=True)
class IssuedServiceKey:
    """A stored key, and the plaintext that is not stored."""

    key: ServiceKey
    plaintext: str

    def __repr__(self) -> str:
        """Leave the plaintext out: a repr ends up in logs."""
        return f"IssuedServiceKey(key_id={self.key.key_id!r})"


class ServiceKeyIssuer:
    """The issue of service keys in two steps: a secret that got lost on its way must not leave a key that works.

    A key is stored together with its audit entry, and works for an hour. When that is known to have happened it is
    handed over, which lets it live as long as it was asked to; so does its first use.
    """

    def __init__(
        self,
        keys: ServiceKeyStore,
        peppers: PepperVault,
        environment: str,
        clock: Clock,
        random_bytes: Callable[[int], bytes] = token_bytes,
    ) -> None:
        """Take the stores; `random_bytes` must be fit for secrets."""
        self._keys = keys
        self._peppers = peppers
        self._environment = environment
        self._clock = clock
        self._random_bytes = random_bytes

    def issue(
        self,
        tenant: TenantId,
        scopes: frozenset[Scope],
        by: Actor,
        *,
        label: str | None = None,
        expires_at: datetime | None = None,
        limit: RateLimit = UNLIMITED,
        own_names: OwnNames = NO_OWN_NAMES,
    ) -> IssuedServiceKey:
        """Store a new key of a tenant and hand it over."""
        stored = self.store(tenant, scopes, by, label=label, expires_at=expires_at, limit=limit, own_names=own_names)
        return self.hand_over(stored)

    def store(
        self,
        tenant: TenantId,
        scopes: frozenset[Scope],
        by: Actor,
        *,
        label: str | None = None,
        expires_at: datetime | None = None,
        limit: RateLimit = UNLIMITED,
        own_names: OwnNames = NO_OWN_NAMES,
        idempotency_key: str | None = None,
        holder: Holder | None = None,
    ) -> IssuedServiceKey:
        """Store a new key that lapses; raises `Conflict` in the unlikely case that its id is taken.

        One for a `holder` was exchanged for what that person is known by; it ends so soon that it need not lapse.
        A request with an `idempotency_key` that comes again is given the same key, under a new secret, as long as the
        one that it was given before was not used. Raises `IdempotencyMismatch` when it asks for something else by now,
        and `AnswerNotKept` when the key was used, or revoked.
        """
        key_id, given = self._identity(by, idempotency_key)
        secret = random_text(SECRET_LENGTH, self._random_bytes)
        version, pepper = self._peppers.current()
        now = self._clock()
        key = ServiceKey(
            key_id=key_id,
            tenant=tenant,
            scopes=scopes,
            secret_hash=secret_hash(pepper, secret),
            pepper_version=version,
            created_at=now,
            label=label,
            expires_at=expires_at,
            limit=limit,
            own_names=own_names,
            lapses_at=now + LAPSES_AFTER if holder is None else None,
            holder=holder,
        )
        if given is not None:
            _check_repetition(key, given)
        action: Action = "service_key.issued" if holder is None else "service_key.exchanged"
        self._keys.add(key, audit_entry(by, action, key_id, tenant, now), over=given)
        return IssuedServiceKey(key, spelt(self._environment, key_id, secret))

    def _identity(self, by: Actor, idempotency_key: str | None) -> tuple[ServiceKeyId, ServiceKey | None]:
        """The id of the key, and the key that the same request was given before."""
        if idempotency_key is None:
            return ServiceKeyId(random_text(ID_LENGTH, self._random_bytes)), None
        key_id = id_of_request(by.key_id, idempotency_key)
        return key_id, self._keys.find(key_id)

    def hand_over(self, issued: IssuedServiceKey) -> IssuedServiceKey:
        """Let a stored key live, right before its secret is shown.

        Where the table does not answer, the secret is shown all the same, for the key works: it lives on from its first
        use, and if that does not come within the hour it lapses, as the answer says.
        """
        try:
            self._keys.hand_over(issued.key.key_id)
        except StoreUnavailable as error:
            logger().warning("a service key lapses unless it is used", service_key=issued.key.key_id, exc_info=error)
            return issued
        return replace(issued, key=replace(issued.key, lapses_at=None))


def _check_repetition(asked: ServiceKey, given: ServiceKey) -> None:
    if not is_repetition(asked, given):
        raise IdempotencyMismatch("Idempotency-Key", "was used for another request; use a new one for each")
    if given.last_used_at is not None or given.revoked_at is not None:
        raise AnswerNotKept("the key was issued, and its secret, which was used since, is not kept")
