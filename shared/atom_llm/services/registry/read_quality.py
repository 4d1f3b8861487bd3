"""The scores in force: the set in memory, checked against the store; before the first sync the packaged one."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from atom_llm.domain.catalogue.errors import SnapshotCorrupt, SnapshotMissing
from atom_llm.domain.core.errors import StoreUnavailable
from atom_llm.domain.registry.quality import QualitySet, decode_set
from atom_llm.ports.core import Clock
from atom_llm.ports.registry import QualityStore
from atom_llm.process_cache import ConfirmedValue

HEAD_MAX_AGE: Final = timedelta(seconds=60)  # how long a process may answer from a set that is no longer in force


class QualityReader(ConfirmedValue[QualitySet]):
    """The set for readers: decoded once, and the pointer asked for at most once a minute."""

    def __init__(self, store: QualityStore, seed: Callable[[], bytes], clock: Clock) -> None:
        """Take the store; `seed` is called only while it has no set, or cannot be read and nothing else is known."""
        super().__init__(
            self._in_force,
            clock,
            HEAD_MAX_AGE,
            "the quality set",
            despite=(StoreUnavailable, SnapshotMissing, SnapshotCorrupt),
            at_first=lambda: decode_set(seed()),
        )
        self._store = store
        self._seed = seed

    def _in_force(self, last: QualitySet | None) -> QualitySet:
        head = self._store.head()
        if head is None:
            return last or decode_set(self._seed())
        if last is not None and last.version == head.version:
            return last
        return decode_set(self._store.load(head))
