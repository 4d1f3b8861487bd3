"""The caches of a process: its memory of stores, bounded in number and in age, by the clock that it is given.

All of them may be used by many threads. A store is read outside of a cache's lock, so that a slow answer for one tenant
keeps no other waiting; only `ConfirmedValue` and `DerivedValue`, whose one value is costly to make, let one thread make
it.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Executor
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Final, NamedTuple

from atom_llm.domain.core.errors import StoreUnavailable
from atom_llm.observability import emit, logger
from atom_llm.ports.core import Clock

LEFT_ALONE_FOR: Final = timedelta(seconds=5)  # a store that did not answer: each call would wait for it to time out
LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)


class BoundedMap[Key: Hashable, Value]:
    """A mapping with at most `most` entries; beyond that the one that was written longest ago goes.

    `get` returns the value of a key, or None where there is none.
    """

    __slots__ = ("_entries", "_lock", "_most", "get")

    def __init__(self, most: int) -> None:
        self._most = most
        self._entries: OrderedDict[Key, Value] = OrderedDict()
        self._lock = Lock()
        # Without the lock: one look-up of a dictionary is one step for other threads.
        self.get: Callable[[Key], Value | None] = self._entries.get

    def __contains__(self, key: object) -> bool:
        return key in self._entries

    def items(self) -> list[tuple[Key, Value]]:
        """Return the entries as they are now, the one that was written longest ago first."""
        with self._lock:
            return list(self._entries.items())

    def put(self, key: Key, value: Value) -> None:
        """Write an entry over what stands there."""
        with self._lock:
            self._write(key, value)

    def change(self, key: Key, change: Callable[[Value | None], Value]) -> Value:
        """Write what `change` makes of the entry, or of None, and return it; no other thread writes in between."""
        with self._lock:
            value = change(self._entries.get(key))
            self._write(key, value)
        return value

    def pop(self, key: Key) -> Value | None:
        """Take an entry out and return it; None where there is none."""
        with self._lock:
            return self._entries.pop(key, None)

    def drop(self, is_over: Callable[[Value], bool]) -> None:
        """Take every entry out whose value is over."""
        with self._lock:
            for key in [key for key, value in self._entries.items() if is_over(value)]:
                del self._entries[key]

    def _write(self, key: Key, value: Value) -> None:
        self._entries[key] = value
        self._entries.move_to_end(key)
        if len(self._entries) > self._most:
            self._entries.popitem(last=False)


class _Dated[Value](NamedTuple):
    """A value, the instant it was written at, and the one until which it is fresh."""

    value: Value
    at: datetime
    until: datetime


class TimedMap[Key: Hashable, Value]:
    """A bounded mapping whose entries are fresh for a lifetime; they stay until they are written over or dropped."""

    def __init__(self, clock: Clock, lifetime: timedelta, most: int) -> None:
        self._clock = clock
        self._lifetime = lifetime
        self._dated: BoundedMap[Key, _Dated[Value]] = BoundedMap(most)

    def __contains__(self, key: object) -> bool:
        """Return whether an entry is in memory, however old."""
        return key in self._dated

    def fresh(self, key: Key, within: timedelta | None = None, now: datetime | None = None) -> Value | None:
        """Return the value of a key within its lifetime, or written less than `within` ago; else None.

        Whoever asks of many keys gives the instant `now` itself.
        """
        found = self._dated.get(key)
        if found is None:
            return None
        until = found.until if within is None else found.at + within
        return found.value if (self._clock() if now is None else now) < until else None

    def last(self, key: Key) -> Value | None:
        """Return the value of a key, however old; None where there is none."""
        found = self._dated.get(key)
        return None if found is None else found.value

    def put(self, key: Key, value: Value, *, at: datetime | None = None) -> None:
        """Write an entry that was true at an instant, now unless it is given."""
        written = self._clock() if at is None else at
        self._dated.put(key, _Dated(value, written, written + self._lifetime))

    def forget(self, key: Key) -> None:
        """Take an entry out: this very process has just changed what it was read from."""
        self._dated.pop(key)

    def drop_expired(self) -> None:
        """Take every entry out that is past its lifetime, so that it is no longer in memory at all."""
        now = self._clock()
        self._dated.drop(lambda dated: now >= dated.until)


class ReadThrough[Key: Hashable, Value](TimedMap[Key, Value]):
    """A timed mapping that reads the values it lacks. A value may be None, which `of` alone tells from no entry."""

    def __init__(
        self,
        read: Callable[[Key], Value],
        clock: Clock,
        lifetime: timedelta,
        most: int,
        *,
        despite: str | None = None,
        behind: Executor | None = None,
    ) -> None:
        """Take the reader; `despite` names the data, whose last value, of whatever age, holds while its store is down.

        Without it, or a value, the failure is raised. `behind` reads a value again, behind one of its callers, once
        half of its lifetime is over, so that only a value that nobody has asked for in that time is waited for.
        """
        super().__init__(clock, lifetime, most)
        self._read = read
        self._despite = despite
        self._behind = behind
        self._begun: BoundedMap[Key, datetime] = BoundedMap(most)

    def of(self, key: Key) -> Value:
        """Return the value of a key, read where the known one is not fresh; raises what reading raises."""
        found, now = self._dated.get(key), self._clock()
        if found is not None and now < found.until:
            if self._behind is not None and now - found.at >= (found.until - found.at) / 2:
                self._read_behind(self._behind, key, now)
            return found.value
        try:
            return self.anew(key)
        except StoreUnavailable as error:
            if found is None or self._despite is None:
                raise
            logger().warning(f"{self._despite} cannot be read; what was known holds", exc_info=error)
            return found.value

    def _read_behind(self, behind: Executor, key: Key, now: datetime) -> None:
        """Have a value read by another thread; where one was asked to a moment ago, that one is waited for."""
        begun = self._begun.get(key)
        if begun is None or now >= begun + LEFT_ALONE_FOR:
            self._begun.put(key, now)
            behind.submit(self._try_anew, key)

    def _try_anew(self, key: Key) -> None:
        try:
            self.anew(key)
        except StoreUnavailable as error:
            logger().warning("what was known holds until its lifetime is over", exc_info=error)

    def anew(self, key: Key) -> Value:
        """Read the value of a key, remember it from the instant before the reading, and return it."""
        at = self._clock()
        value = self._read(key)
        self.put(key, value, at=at)
        return value


class ConfirmedValue[Value]:
    """One value that is confirmed once in a lifetime, by one thread while the others wait for it."""

    def __init__(
        self,
        confirm: Callable[[Value | None], Value],
        clock: Clock,
        lifetime: timedelta,
        what: str,
        despite: tuple[type[Exception], ...],
        at_first: Callable[[], Value] | None = None,
    ) -> None:
        """Take `confirm`, which makes the value in force of the last one, and may return that.

        After a failure in `despite` the last one holds for another lifetime; where there is none, what `at_first`
        makes, or the failure is raised.
        """
        self._confirm = confirm
        self._clock = clock
        self._lifetime = lifetime
        self._what = what
        self._despite = despite
        self._at_first = at_first
        self._lock = Lock()
        self._value: Value | None = None
        self._confirmed_at: datetime | None = None

    def current(self) -> Value:
        """Return the value in force, as of a lifetime ago at most, or older while it cannot be read."""
        now = self._clock()
        with self._lock:
            value = self._value
            if value is None or self._confirmed_at is None or now - self._confirmed_at >= self._lifetime:
                value = self._value = self._confirmed()
                self._confirmed_at = now
            return value

    @property
    def last(self) -> Value | None:
        """The value as it was last confirmed, however long ago; None before the first time."""
        return self._value

    def forget(self) -> None:
        """Ask again at the next call: this very process has just written it."""
        with self._lock:
            self._confirmed_at = None

    def _confirmed(self) -> Value:
        try:
            return self._confirm(self._value)
        except self._despite as error:
            found = self._value
            if found is None and self._at_first is not None:
                found = self._at_first()
            if found is None:
                raise
            logger().warning(f"{self._what} cannot be read; what was known holds", exc_info=error)
            return found


class DerivedValue[Source: Hashable, Value]:
    """A value that is made of others, and kept while they are the same."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._known: tuple[Source, Value] | None = None

    def of(self, source: Source, make: Callable[[], Value]) -> Value:
        """Return the value of a source, which tells by equality whether the last one still holds."""
        with self._lock:
            if self._known is None or self._known[0] != source:
                self._known = (source, make())
            return self._known[1]


class Outage:
    """The time for which a store that did not answer is left alone, so that no call waits for it to time out again."""

    def __init__(self, told: str, metric: str | None = None) -> None:
        """Take `told`, the log's sentence, and `metric`, the count that an alarm watches."""
        self._told = told
        self._metric = metric
        self._until = LONG_AGO

    def is_on(self, now: datetime) -> bool:
        """Return whether the store is left alone at an instant."""
        return now < self._until

    def begin(self, error: StoreUnavailable, now: datetime, **about: str) -> None:
        """Leave the store alone from an instant on, visibly."""
        self._until = now + LEFT_ALONE_FOR
        logger().warning(self._told, exc_info=error, extra=about)
        if self._metric is not None:
            emit({self._metric: ("Count", 1)}, {"group": "chat"})
