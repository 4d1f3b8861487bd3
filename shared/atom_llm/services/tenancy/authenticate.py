"""Authentication: from the key that a caller shows to the tenant that it belongs to."""

import hmac
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Final, NamedTuple

from atom_llm.domain.core.errors import StoreUnavailable, Unauthenticated
from atom_llm.domain.core.ids import ServiceKeyId
from atom_llm.domain.tenancy.identity.tokens import is_token
from atom_llm.domain.tenancy.service_keys import Caller, PresentedKey, ServiceKey, presented, secret_hash
from atom_llm.observability import logger
from atom_llm.ports.core import Clock
from atom_llm.ports.tenancy import PepperVault, ServiceKeyStore
from atom_llm.process_cache import LONG_AGO, BoundedMap
from atom_llm.services.tenancy.known_service_keys import CACHED_KEYS, KnownServiceKeys

if TYPE_CHECKING:
    from atom_llm.services.tenancy.identity.authenticate_token import TokenAuthenticator

CHECKED_EVERY: Final = timedelta(seconds=60)  # the secret of a caller that was let in, its use and its pepper
VOUCHED_FOR: Final = timedelta(seconds=30)  # the same of a key that a token was exchanged for
NOTED_EVERY: Final = timedelta(hours=1)  # how exactly a key's last use is known, for one write an hour and process
END: Final = datetime.max.replace(tzinfo=UTC)

REFUSAL: Final = "the service key is missing, unknown, expired or revoked"
_NO_HASH: Final = bytes(32)


class _LetIn(NamedTuple):
    """A caller, the stored key that opened, and the instant from which on all of it is checked again."""

    caller: Caller
    by: ServiceKey
    until: datetime


class Authenticator:
    """The check of service keys."""

    def __init__(
        self,
        keys: ServiceKeyStore,
        peppers: PepperVault,
        environment: str,
        clock: Clock,
        executor: Executor | None = None,
        tokens: "Callable[[], TokenAuthenticator] | None" = None,
    ) -> None:
        """Take the stores; `environment` is the part of a key that names the deployment: others' keys open nothing.

        With an `executor`, keys in steady use are read anew behind calls, else in front of them. `tokens` makes the
        check of tokens when one is shown.
        """
        self._tokens = tokens
        self._keys = keys
        self._peppers = peppers
        self._environment = environment
        self._clock = clock
        self._stored = KnownServiceKeys(keys.find, clock, executor)
        self._noted: BoundedMap[ServiceKeyId, datetime] = BoundedMap(CACHED_KEYS)
        self._let_in: BoundedMap[bytes, _LetIn] = BoundedMap(CACHED_KEYS)

    def remembered(self, shown: str | None) -> Caller | None:
        """Return the caller of a key that was let in before, without waiting for a request; None: `authenticate` knows
        more.
        """
        if shown and is_token(shown):
            return self._tokens().remembered(shown) if self._tokens is not None else None
        known = self._let_in.get(_trace(shown)) if shown else None
        if known is None or self._clock() >= known.until or not self._stored.is_trusted(known.by):
            return None
        return known.caller

    def authenticate(self, shown: str | None) -> Caller:
        """Return the caller of a key; raises one and the same `Unauthenticated` for every other.

        No key, a malformed, unknown, wrong, expired or revoked one: the caller is not told which. Of a token it is told
        why: nothing can be guessed about a signature.
        """
        if shown and is_token(shown) and self._tokens is not None:
            return self._tokens().authenticate(shown)
        key = presented(shown, self._environment) if shown else None
        if key is None:
            raise Unauthenticated(REFUSAL)
        now = self._clock()
        stored = self._stored.of(key.key_id)
        if stored is not None and self._peppers.pepper(stored.pepper_version) is None:
            stored = self._stored.anew(key.key_id)  # its pepper was retired: it was rehashed since it was read here
        if not self._opens(key, stored) or stored is None or not stored.is_usable(now):
            raise Unauthenticated(REFUSAL)
        if not self._is_vouched_for(stored):
            raise Unauthenticated(REFUSAL)
        self._note_use(stored, now)
        self._rehash(key, stored)
        caller = Caller(stored.tenant, stored.key_id, stored.scopes, stored.limit, stored.own_names, stored.holder)
        every = CHECKED_EVERY if stored.holder is None else VOUCHED_FOR
        self._let_in.put(_trace(shown or ""), _LetIn(caller, stored, min(stored.works_until or END, now + every)))
        return caller

    def _is_vouched_for(self, stored: ServiceKey) -> bool:
        """Return whether who vouched for a key's holder is still trusted; an issued key needs nobody."""
        if stored.holder is None:
            return True
        return self._tokens is not None and self._tokens().is_still_trusted(stored.holder, stored.created_at)

    def _opens(self, key: PresentedKey, stored: ServiceKey | None) -> bool:
        """Return whether the secret is the stored one. An unknown id costs the same hash and comparison as a known."""
        version, pepper = self._peppers.current()
        if stored is not None and stored.pepper_version != version:
            pepper = self._peppers.pepper(stored.pepper_version) or b""
        expected = stored.secret_hash if stored is not None and pepper else _NO_HASH
        return hmac.compare_digest(secret_hash(pepper or bytes(32), key.secret), expected)

    def _note_use(self, key: ServiceKey, now: datetime) -> None:
        """Write down that a key is in use, at most once an hour and process; a call does not fail for it."""
        last = max(key.last_used_at or LONG_AGO, self._noted.get(key.key_id) or LONG_AGO)
        if now - last < NOTED_EVERY:
            return
        self._noted.put(key.key_id, now)
        try:
            self._keys.used(key.key_id, now)
        except StoreUnavailable as error:
            logger().warning("a key's use was not noted", service_key=key.key_id, exc_info=error)

    def _rehash(self, key: PresentedKey, stored: ServiceKey) -> None:
        """Hash a key by the current pepper, which its secret is needed for; a call does not fail for it."""
        version, pepper = self._peppers.current()
        if stored.pepper_version == version:
            return
        anew = secret_hash(pepper, key.secret)
        try:
            self._keys.rehash(stored, anew, version)
        except StoreUnavailable as error:
            logger().warning("a key was not rehashed", service_key=stored.key_id, exc_info=error)
            return
        self._stored.put_in_place(replace(stored, secret_hash=anew, pepper_version=version), of=stored)


def _trace(shown: str) -> bytes:
    """Return the hash by which a whole key is known in memory: no key can be made of it, nor its nearness guessed."""
    return sha256(shown.encode()).digest()
