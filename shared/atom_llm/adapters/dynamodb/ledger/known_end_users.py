"""The end users that a day's sums tell apart: the first ones, up to a bound, lest a caller's names fill the table."""

from datetime import date, timedelta
from hashlib import sha256
from typing import Final

from atom_llm.adapters.dynamodb import keys
from atom_llm.adapters.dynamodb.table import ConditionFailed, Table
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.ledger.end_users import MAX_A_DAY, OTHERS, EndUserKind
from atom_llm.process_cache import BoundedMap

TRACE_DIGITS: Final = 16  # of a SHA-256 in hex: 64 bits tell the names of a day apart
REMEMBERED: Final = 20_000  # names that a process knows to be among the first, or not

_ROOM: Final = "attribute_not_exists(#known) OR contains(#known, :trace) OR size(#known) < :most"


class KnownEndUsers:
    """The sets of the usage table. A name that is in one stays: whatever is posted again lands in the same group."""

    def __init__(self, table: Table, retention: timedelta) -> None:
        """Take the usage table; a day's set is kept as long as its rows."""
        self._table = table
        self._retention = retention
        self._first: BoundedMap[tuple[TenantId, EndUserKind, date, str], bool] = BoundedMap(REMEMBERED)

    def group(self, tenant: TenantId, kind: EndUserKind, day: date, name: str) -> str:
        """Return the name under which the sums of a day have an end user: its own, or `OTHERS`."""
        trace = sha256(name.encode(errors="replace")).hexdigest()[:TRACE_DIGITS]
        place = (tenant, kind, day, trace)
        is_known = self._first.get(place)
        if is_known is None:
            is_known = self._enter(tenant, kind, day, trace)
            self._first.put(place, is_known)
        return name if is_known else OTHERS

    def _enter(self, tenant: TenantId, kind: EndUserKind, day: date, trace: str) -> bool:
        """Return whether a name is, or becomes, one of the day's first ones."""
        try:
            self._table.update(
                keys.known_end_users(tenant, kind, f"{day:%Y-%m}", day.day),
                "ADD #known :traces SET #ttl = :ttl",
                {":traces": {trace}, ":trace": trace, ":most": MAX_A_DAY, ":ttl": kept_until(day, self._retention)},
                # The condition bounds the set; a full one takes no further name for ever.
                condition=_ROOM,
                names={"#known": "traces", "#ttl": "ttl"},
            )
        except ConditionFailed:
            return False
        return True


def kept_until(day: date, retention: timedelta) -> int:
    """Return the second from which on nothing of a day is kept that names somebody."""
    return int((day - date(1970, 1, 1) + retention + timedelta(days=1)).total_seconds())
