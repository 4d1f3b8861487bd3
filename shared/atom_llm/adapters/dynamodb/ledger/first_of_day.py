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
    traces: set[str]
    most: int


class FirstOfDay:
    """The sets of the usage table. A word that is in one stays: whatever is posted again lands in the same group.

    A process reads a set once. One that is full stays as it is, so that a word beyond it takes no request.
    """

    def __init__(self, table: Table, retention: timedelta) -> None:
        """Take the usage table; a day's set is kept as long as its rows."""
        self._table = table
        self._retention = retention
        self._sets: BoundedMap[DayOf, _Known] = BoundedMap(REMEMBERED)

    def beyond(self, of: DayOf, word: str, most: int) -> int | None:
        """Enter a word where there is room, and return None; or return the number that the set has, full of others.

        A set begins with the bound `most` and keeps it: a day's groups do not change with a setting.
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
            if self._enter(of, trace, known.most):
                known.traces.add(trace)
                return None
            self._sets.pop(of)
        raise Unavailable("a day's set of words changes faster than it can be read")

    def _read(self, of: DayOf, most: int) -> _Known:
        item = self._table.get(_key(of), consistent=True) or {}
        return _Known(set(item.get("traces", ())), int(item.get("most", most)))

    def _enter(self, of: DayOf, trace: str, most: int) -> bool:
        """Return whether a word is, or becomes, one of the first ones of a day."""
        try:
            self._table.update(
                _key(of),
                "ADD #known :traces SET #ttl = :ttl, #most = :most",
                {":traces": {trace}, ":trace": trace, ":most": most, ":ttl": kept_until(of.day, self._retention)},
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
