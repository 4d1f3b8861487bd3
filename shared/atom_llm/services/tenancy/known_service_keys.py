"""The service keys that a process knows: trusted for seconds, so that a revocation holds everywhere within seconds.

A key in steady use is read behind a call, and no call waits for it; one that is used less often is read by its call.
"""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from datetime import datetime, timedelta
from threading import Lock
from typing import Final, NamedTuple

from atom_llm.domain.core.errors import StoreUnavailable
from atom_llm.domain.core.ids import ServiceKeyId
from atom_llm.domain.tenancy.service_keys import ServiceKey
from atom_llm.observability import logger
from atom_llm.ports.core import Clock
from atom_llm.process_cache import LEFT_ALONE_FOR, LONG_AGO, BoundedMap

TRUSTED_FOR: Final = timedelta(seconds=5)  # a revocation is effective within this time, and so is a new key's id
READ_AFTER: Final = timedelta(seconds=4)  # from this age on a key is read anew behind a call, once
TRUSTED_UNREAD_FOR: Final = timedelta(seconds=60)  # a known key is trusted while the table cannot be read
CACHED_KEYS: Final = 10_000  # a few megabytes


class _Known(NamedTuple):
    """A key as it was at an instant; None: there was none of that id."""

    key: ServiceKey | None
    at: datetime


class KnownServiceKeys:
    """The look-up of service keys by their public ids, and a memory of them."""

    def __init__(
        self, find: Callable[[ServiceKeyId], ServiceKey | None], clock: Clock, executor: Executor | None = None
    ) -> None:
        """Take the consistent look-up of a key; without an `executor` nothing is read behind calls."""
        self._find = find
        self._clock = clock
        self._executor = executor
        self._known: BoundedMap[ServiceKeyId, _Known] = BoundedMap(CACHED_KEYS)
        self._reading: BoundedMap[ServiceKeyId, Lock] = BoundedMap(CACHED_KEYS)
        self._asked_behind: BoundedMap[ServiceKeyId, datetime] = BoundedMap(CACHED_KEYS)
        self._asking = Lock()
        self._failed_at = LONG_AGO  # the instant of the last look-up without an answer; a long time ago after one with

    def is_trusted(self, key: ServiceKey) -> bool:
        """Return whether a key is, to the knowledge of seconds ago, still as it is given; asks nobody in front."""
        known = self._trusted(key.key_id)
        return known is not None and known.key is key

    def of(self, key_id: ServiceKeyId) -> ServiceKey | None:
        """Return a key, read where what is known is too old; None: there is none of that id.

        While the table does not answer, a key that was there less than a minute ago is taken to be there still; raises
        `StoreUnavailable` for every other.
        """
        known = self._trusted(key_id)
        if known is not None:
            return known.key
        with self._reading.change(key_id, lambda lock: lock or Lock()):
            known = self._trusted(key_id)  # another call has read it meanwhile
            if known is not None:
                return known.key
            try:
                return self.anew(key_id)
            except StoreUnavailable as error:
                found = self._known.get(key_id)
                if found is None or found.key is None or self._clock() - found.at >= TRUSTED_UNREAD_FOR:
                    raise
                logger().warning("service keys cannot be read; what was known holds for a minute", exc_info=error)
                return found.key

    def anew(self, key_id: ServiceKeyId) -> ServiceKey | None:
        """Read a key and remember it from the instant before the reading; raises `StoreUnavailable`."""
        at = self._clock()
        try:
            read = _Known(self._find(key_id), at)
        except StoreUnavailable:
            self._failed_at = self._clock()
            raise
        self._failed_at = LONG_AGO
        return self._known.change(key_id, lambda known: _newest(known, read)).key

    def put_in_place(self, key: ServiceKey, of: ServiceKey) -> None:
        """Take over what this process has just made of a known key, which is no fresher for it."""

        def changed(known: _Known | None) -> _Known:
            if known is None:
                return _Known(key, LONG_AGO)
            return known if known.key is not of else _Known(key, known.at)  # what was read meanwhile stays

        self._known.change(key.key_id, changed)

    def _trusted(self, key_id: ServiceKeyId) -> _Known | None:
        """Return what is known and may be gone by, asking behind the call where that is about to end."""
        known = self._known.get(key_id)
        if known is None:
            return None
        now = self._clock()
        age = now - known.at
        if age < TRUSTED_FOR:
            if age >= READ_AFTER and known.key is not None and self._executor is not None:
                self._read_behind(key_id, known.at, now, self._executor)
            return known
        is_left_alone = now - self._failed_at < LEFT_ALONE_FOR  # each call would wait for the table to time out
        return known if known.key is not None and is_left_alone and age < TRUSTED_UNREAD_FOR else None

    def _read_behind(self, key_id: ServiceKeyId, read_at: datetime, now: datetime, executor: Executor) -> None:
        """Read a key in another thread, unless one is at it; what is frozen with its process is not waited for."""
        with self._asking:
            last = self._asked_behind.get(key_id)
            if last is not None and read_at < last and now - last < TRUSTED_FOR:
                return
            self._asked_behind.put(key_id, now)
        executor.submit(self.anew, key_id).add_done_callback(_noted)


def _newest(known: _Known | None, read: _Known) -> _Known:
    """Return the later of two readings, and the same object for the same key."""
    if known is None:
        return read
    if known.at > read.at:
        return known
    return _Known(known.key, read.at) if known.key == read.key else read


def _noted(reading: "Future[ServiceKey | None]") -> None:
    if (error := reading.exception()) is not None:
        logger().warning("a service key was not read behind a call", exc_info=error)
