"""Which scores are in force: the set in memory, checked against the store; before the first sync the packaged one."""

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

from atom_llm.domain.core.errors import SnapshotCorrupt, SnapshotMissing, StoreUnavailable
from atom_llm.domain.registry.quality import QualitySet, decode_set
from atom_llm.observability import logger
from atom_llm.ports.core import Clock
from atom_llm.ports.registry import QualityStore

HEAD_MAX_AGE: Final = timedelta(seconds=60)  # how long a process may answer from a set that is no longer in force


class QualityReader:
    """The set for readers: decoded once, and the pointer asked for at most once a minute."""

    def __init__(self, store: QualityStore, seed: Callable[[], bytes], clock: Clock) -> None:
        """`seed` is called only while the store has no set."""
        self._store = store
        self._seed = seed
        self._clock = clock
        self._lock = Lock()
        self._current: QualitySet | None = None
        self._checked_at: datetime | None = None

    def current(self) -> QualitySet:
        """What is in force now, at most a minute old; while that cannot be read, what was known until now."""
        now = self._clock()
        with self._lock:
            if self._current is None or self._checked_at is None or now - self._checked_at >= HEAD_MAX_AGE:
                self._current = self._confirmed()
                self._checked_at = now
            return self._current

    def forget(self) -> None:
        """Ask the store again at the next call: a sync in this very process has just written it."""
        with self._lock:
            self._checked_at = None

    def _confirmed(self) -> QualitySet:
        try:
            head = self._store.head()
            if head is None:
                return self._current or decode_set(self._seed())
            if self._current is not None and self._current.version == head.version:
                return self._current
            return decode_set(self._store.load(head))
        except (StoreUnavailable, SnapshotMissing, SnapshotCorrupt) as error:
            logger().warning("the quality set cannot be read; the last known one stays", exc_info=error)
            return self._current or decode_set(self._seed())
