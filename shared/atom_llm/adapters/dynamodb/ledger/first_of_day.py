"""The words that a day's sums tell apart: the first ones, up to a bound, lest a caller's words fill the table."""

from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from typing import Final, NamedTuple

from atom_llm.adapters.dynamodb import keys
from atom_llm.adapters.dynamodb.table import ConditionFailed, Table
from atom_llm.domain.core.errors import Unavailable
from atom_llm.domain.core.ids import TenantId
from atom_llm.process_cache import BoundedMap

TRACE_DIGITS: Final = 16  # of a SHA-256 in hex: 64 bits tell the words of a day apart
REMEMBERED: Final = 100  # sets; of a thousand words each, 10 MB
LOOKS: Final = 3  # at a set that others write to: it is there then with its bound, and then it is full

_ROOM: Final = (
    "(attribute_not_exists(#most) OR #most = :most) AND "
    "(attribute_not_exists(#known) OR contains(#known, :trace) OR size(#known) < :most)"
)
_NAMES: Final = {"#known": "traces", "#ttl": "ttl", "#most": "most"}


class DayOf(NamedTuple):
    """Whose words, what they name, and of which day."""

    tenant: TenantId
    kind: str
    day: date


@dataclass(slots=True)
class _Known:
    """A set as a process knows it; `waiting` are words that it has told apart and not written yet."""

    traces: frozenset[str]
    most: int
    waiting: frozenset[str] = frozenset()


class FirstOfDay:
    """The sets of the usage table. A process reads a set once; a full one stays, and a word beyond it takes no request.

    A word that is written stays among the first for every process. Up to `unwritten` words a set wait for each other,
    until it is full: few ones, as most sets have, take no write, and of many each takes a part of one. A process that
    ends forgets those, so that a word may be told apart by one process and not by another.
    """

    def __init__(self, table: Table, retention: timedelta, unwritten: int = 0) -> None:
        """Take the usage table; a day's set is kept as long as its rows."""
        self._table = table
        self._retention = retention
        self._unwritten = unwritten
        self._sets: BoundedMap[DayOf, _Known] = BoundedMap(REMEMBERED)

    def beyond(self, of: DayOf, word: str, most: int) -> int | None:
        """Enter a word where there is room, and return None; or return the number that the set has, full of others.

        A set is written with the bound `most` and keeps it, whatever is set meanwhile.
        """
        trace = sha256(word.encode(errors="replace")).hexdigest()[:TRACE_DIGITS]
        for _ in range(LOOKS):
            known = self._sets.get(of)
            if known is None:
                known = self._read(of, most)
                self._sets.put(of, known)
            if trace in known.traces:
                return None
            if len(known.traces) >= known.most:
                return known.most
            waiting = known.waiting | {trace}
            is_last = len(known.traces) + 1 >= known.most
            if is_last or len(waiting) > self._unwritten:
                if not self._enter(of, waiting, trace, known.most):
                    there = self._read(of, most)
                    self._sets.put(of, _Known(there.traces | known.waiting, there.most, known.waiting))
                    continue
                waiting = frozenset()
            self._sets.put(of, _Known(known.traces | {trace}, known.most, waiting))
            return None
        raise Unavailable("a day's set of words changes faster than it can be read")

    def _read(self, of: DayOf, most: int) -> _Known:
        item = self._table.get(_key(of), consistent=True) or {}
        return _Known(frozenset(item.get("traces", ())), int(item.get("most", most)))

    def _enter(self, of: DayOf, traces: frozenset[str], newest: str, most: int) -> bool:
        """Return whether words are, or become, some of the first ones of a day."""
        try:
            self._table.update(
                _key(of),
                "ADD #known :traces SET #ttl = :ttl, #most = :most",
                {
                    ":traces": set(traces),
                    ":trace": newest,
                    ":most": most,
                    ":ttl": kept_until(of.day, self._retention),
                },
                condition=_ROOM,  # bounds the set, by the bound that it began with
                names=_NAMES,
            )
        except ConditionFailed:
            return False
        return True


def _key(of: DayOf) -> keys.Key:
    return keys.first_of_day(of.tenant, of.kind, f"{of.day:%Y-%m}", of.day.day)


def kept_until(day: date, retention: timedelta) -> int:
    """Return the second from which on nothing of a day is kept that names somebody."""
    return int((day - date(1970, 1, 1) + retention + timedelta(days=1)).total_seconds())
