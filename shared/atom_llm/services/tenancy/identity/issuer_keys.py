"""The keys of trusted issuers as a process knows them: read anew in time, and kept for when an issuer is down.

Whatever tokens say, an issuer is asked once in ten seconds and process at most.
"""

from datetime import datetime
from threading import Lock
from typing import Final

from atom_llm.domain.core.errors import IssuerUnavailable, StoreUnavailable
from atom_llm.domain.tenancy.identity.key_sets import ASKED_AGAIN_AFTER, KeySet
from atom_llm.domain.tenancy.identity.trusted_issuers import MAX_ISSUERS, TrustedIssuer
from atom_llm.observability import logger
from atom_llm.ports.core import Clock
from atom_llm.ports.tenancy import IssuerStore, KeySetSource
from atom_llm.process_cache import LONG_AGO, BoundedMap

CACHED: Final = 2 * MAX_ISSUERS


class IssuerKeys:
    """The look-up of an issuer's keys."""

    def __init__(self, store: IssuerStore, source: KeySetSource, clock: Clock) -> None:
        """Take the store, whose keys hold while the source does not answer."""
        self._store = store
        self._source = source
        self._clock = clock
        self._known: BoundedMap[str, KeySet] = BoundedMap(CACHED)
        self._asked_at: BoundedMap[str, datetime] = BoundedMap(CACHED)
        self._kept_at: BoundedMap[str, datetime] = BoundedMap(CACHED)
        self._reading: BoundedMap[str, Lock] = BoundedMap(CACHED)

    def of(self, issuer: TrustedIssuer, kid: str | None = None) -> KeySet:
        """Return an issuer's keys; where none of them has the id `kid`, the issuer is asked again.

        While it does not answer, what is known holds for an hour from its reading on; raises `IssuerUnavailable` after
        that.
        """
        place = _place(issuer)
        known = self._good(place, kid)
        if known is not None:
            return known
        with self._reading.change(place, lambda lock: lock or Lock()):
            known = self._good(place, kid)  # another call has read them meanwhile
            if known is not None:
                return known
            now = self._clock()
            if now - (self._asked_at.get(place) or LONG_AGO) < ASKED_AGAIN_AFTER:
                return self._last_good(issuer, IssuerUnavailable("the issuer did not answer a moment ago", 10))
            self._asked_at.put(place, now)
            try:
                return self.anew(issuer)
            except IssuerUnavailable as error:
                return self._last_good(issuer, error)

    def anew(self, issuer: TrustedIssuer) -> KeySet:
        """Read an issuer's keys and remember them; raises `IssuerUnavailable`."""
        now = self._clock()
        read = KeySet(self._source.read(issuer), now)
        self._known.put(_place(issuer), read)
        return read

    def keep(self, issuer: TrustedIssuer) -> None:
        """Keep an issuer's keys for other processes, once after each reading; nobody fails for it.

        For the function that exchanges tokens: the others may not write what every one of them believes.
        """
        place = _place(issuer)
        known = self._known.get(place)
        if known is None or self._kept_at.get(place) == known.read_at:
            return
        self._kept_at.put(place, known.read_at)
        try:
            self._store.keep_keys(issuer.url, known)
        except StoreUnavailable as error:
            logger().warning("an issuer's keys were not kept", issuer=issuer.url, exc_info=error)

    def _good(self, place: str, kid: str | None) -> KeySet | None:
        known = self._known.get(place)
        if known is None or not known.is_fresh(self._clock()):
            return None
        return known if kid is None or any(key.get("kid") == kid for key in known.keys) else None

    def _last_good(self, issuer: TrustedIssuer, error: IssuerUnavailable) -> KeySet:
        """Return what is known, by this process or by any, as long as it holds; else raise the failure."""
        now, place = self._clock(), _place(issuer)
        known = self._known.get(place)
        if known is None or not known.holds(now):
            known = self._store.last_keys(issuer.url)
        if known is None or not known.holds(now):
            raise error
        if not known.is_fresh(now):
            logger().warning("an issuer cannot be asked; its last keys hold", issuer=issuer.url, exc_info=error)
        self._known.put(place, known)
        return known


def _place(issuer: TrustedIssuer) -> str:
    """Return the name of an issuer and of the address of its keys, which a change moves."""
    return f"{issuer.url} {issuer.jwks_uri or ''}"
