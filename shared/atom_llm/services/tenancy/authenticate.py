"""Who calls: from the key that a caller shows to the tenant that it belongs to."""

import hmac
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from threading import Lock
from typing import Final

from atom_llm.domain.core.errors import StoreUnavailable, Unauthenticated
from atom_llm.domain.core.ids import ServiceKeyId
from atom_llm.domain.tenancy.service_keys import Caller, PresentedKey, ServiceKey, presented, secret_hash
from atom_llm.observability import logger
from atom_llm.ports.core import Clock
from atom_llm.ports.tenancy import PepperVault, ServiceKeyStore

KNOWN_FOR: Final = timedelta(seconds=60)  # a revocation is effective within this time
UNKNOWN_FOR: Final = timedelta(seconds=5)  # a new key works within this time though somebody guessed its id before
NOTED_EVERY: Final = timedelta(hours=1)  # how exactly a key's last use is known, for one write an hour and process
NEVER: Final = datetime.min.replace(tzinfo=UTC)
CACHED_KEYS: Final = 10_000  # the least recently used goes first; a few megabytes

END: Final = datetime.max.replace(tzinfo=UTC)

REFUSAL: Final = "the service key is missing, unknown, expired or revoked"
_NO_HASH: Final = bytes(32)


@dataclass(frozen=True, slots=True)
class _Remembered:
    key: ServiceKey | None
    until: datetime


class Authenticator:
    """Checks service keys; stored ones are kept in memory for at most a minute."""

    def __init__(self, keys: ServiceKeyStore, peppers: PepperVault, environment: str, clock: Clock) -> None:
        """`environment` is the part of a key that names the deployment; another deployment's keys open nothing."""
        self._keys = keys
        self._peppers = peppers
        self._environment = environment
        self._clock = clock
        self._cache: OrderedDict[ServiceKeyId, _Remembered] = OrderedDict()
        self._noted: OrderedDict[ServiceKeyId, datetime] = OrderedDict()
        self._let_in: OrderedDict[bytes, tuple[Caller, datetime]] = OrderedDict()
        self._lock = Lock()

    def remembered(self, shown: str | None) -> Caller | None:
        """The caller of a key that was let in a moment ago, without asking anybody; None: `authenticate` knows more."""
        known = self._let_in.get(_trace(shown)) if shown else None
        return known[0] if known is not None and self._clock() < known[1] else None

    def authenticate(self, shown: str | None) -> Caller:
        """The caller of a key; raises one and the same `Unauthenticated` for no, malformed, unknown, wrong, expired
        and revoked keys."""
        key = presented(shown, self._environment) if shown else None
        if key is None:
            raise Unauthenticated(REFUSAL)
        now = self._clock()
        stored = self._find(key.key_id, now)
        if not self._opens(key, stored) or stored is None or not stored.is_usable(now):
            raise Unauthenticated(REFUSAL)
        self._note_use(stored, now)
        caller = Caller(stored.tenant, stored.key_id, stored.scopes, stored.limit)
        self._remember(_trace(shown or ""), caller, stored, now)
        return caller

    def _remember(self, trace: bytes, caller: Caller, stored: ServiceKey, now: datetime) -> None:
        """No longer than the stored key is believed, lives, or has its use noted."""
        with self._lock:
            believed = self._cache.get(stored.key_id)
            until = min(believed.until if believed else now, stored.expires_at or END, now + KNOWN_FOR)
            self._let_in[trace] = (caller, until)
            while len(self._let_in) > CACHED_KEYS:
                self._let_in.popitem(last=False)

    def _opens(self, key: PresentedKey, stored: ServiceKey | None) -> bool:
        """Whether the secret is the stored one. An unknown id costs the same hash and comparison as a known one."""
        version, pepper = self._peppers.current()
        if stored is not None and stored.pepper_version != version:
            pepper = self._peppers.pepper(stored.pepper_version) or b""
        expected = stored.secret_hash if stored is not None and pepper else _NO_HASH
        return hmac.compare_digest(secret_hash(pepper or bytes(32), key.secret), expected)

    def _note_use(self, key: ServiceKey, now: datetime) -> None:
        """Write down that a key is in use, at most once an hour and process; a call does not fail for it."""
        last = max(key.last_used_at or NEVER, self._noted.get(key.key_id, NEVER))
        if now - last < NOTED_EVERY:
            return
        with self._lock:
            self._noted[key.key_id] = now
            while len(self._noted) > CACHED_KEYS:
                self._noted.popitem(last=False)
        try:
            self._keys.used(key.key_id, now)
        except StoreUnavailable as error:
            logger().warning("a key's use was not noted", service_key=key.key_id, exc_info=error)

    def _find(self, key_id: ServiceKeyId, now: datetime) -> ServiceKey | None:
        with self._lock:
            remembered = self._cache.get(key_id)
            if remembered is not None and now < remembered.until:
                self._cache.move_to_end(key_id)
                return remembered.key
        stored = self._keys.find(key_id)
        until = now + (KNOWN_FOR if stored is not None else UNKNOWN_FOR)
        with self._lock:
            self._cache[key_id] = _Remembered(stored, until)
            self._cache.move_to_end(key_id)
            while len(self._cache) > CACHED_KEYS:
                self._cache.popitem(last=False)
        return stored


def _trace(shown: str) -> bytes:
    """What a whole key is known by in memory: nobody can make a key of it, or learn by guessing how near one was."""
    return sha256(shown.encode()).digest()
