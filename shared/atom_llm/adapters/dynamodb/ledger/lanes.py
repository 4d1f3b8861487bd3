"""The lanes of a window's items: how they come to be, and how room moves between them, in transactions."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final, Literal

from atom_llm.adapters.dynamodb.ledger.rolling_parts import RollingParts, has_left
from atom_llm.adapters.dynamodb.ledger.window_items import Window, lane_item, window_key
from atom_llm.adapters.dynamodb.table import ConditionFailed, Item, Table, Write, pause
from atom_llm.domain.core.errors import StoreUnavailable
from atom_llm.domain.core.money import EXACT, ZERO, exact_sum, plain
from atom_llm.domain.ledger.lanes import DRAWN_AHEAD, draw, draw_of_each, gathered, widened
from atom_llm.domain.ledger.rolling import rolling_part

TAKE_ATTEMPTS: Final = 12  # of one that meets others at the same lanes
MET_ATTEMPTS: Final = 4  # after which it waits twice as long for them to be done
FILL_ATTEMPTS: Final = 3  # the same of lanes that are begun together

Lanes = dict[int, Item]


class WindowLanes:
    """The moves between the lanes of windows; each is one transaction, or one conditional write."""

    def __init__(self, table: Table, parts: RollingParts) -> None:
        """Take the usage table, and the parts of rolling windows, whose room is freed before a call is refused."""
        self._table = table
        self._parts = parts

    def read(self, window: Window, lanes: Sequence[int]) -> Lanes:
        """Return those lanes of a window that there are, by number."""
        by_key = {window_key(window, lane): lane for lane in lanes}
        return {by_key[item["pk"], item["sk"]]: item for item in self._table.get_many(list(by_key))}

    def widen(self, window: Window, lanes: int, holds: int, amount: Decimal) -> int:
        """Give a window more lanes where one of `lanes` carries many holds, the last of them of an amount; returns how
        many it has then."""
        wanted = widened(lanes, holds)
        if wanted == lanes:
            return lanes
        try:
            self._table.update(
                window_key(window, 0),
                "SET lanes = :wanted",
                {":wanted": wanted, ":lanes": lanes, ":one": 1},
                # Of several that meet a crowded lane one widens, once.
                condition="lanes = :lanes OR (attribute_not_exists(lanes) AND :lanes = :one)",
            )
        except ConditionFailed as failed:
            return int(failed.item.get("lanes", 1)) if failed.item else lanes
        self._fill(window, range(lanes, wanted), amount)
        return wanted

    def _fill(self, window: Window, fresh: range, amount: Decimal) -> None:
        """Begin lanes, with room for calls of an amount where the first has plenty; what is left out begins with its
        first call, for several writes more."""
        for _ in range(FILL_ATTEMPTS):
            found = self.read(window, [0, *fresh])
            missing = [lane for lane in fresh if lane not in found]
            if not missing or 0 not in found:
                return
            first = found[0]
            room = draw_of_each(first["available"], amount, fresh.stop) if first["hard"] else amount
            # Without zeros at its end, as tables keep it.
            begun = lane_item(first) | {"available": Decimal(plain(room))}
            # The condition protects the holds of a lane that somebody else began.
            writes = [self._table.putting(window_key(window, lane), begun, if_absent=True) for lane in missing]
            if room:
                given = EXACT.multiply(room, Decimal(len(missing)))
                writes.append(self._giving(window, 0, given, is_hard=first["hard"]))
            try:
                self._table.transact(writes, FILL_ATTEMPTS)
            except ConditionFailed:
                continue
            except StoreUnavailable:  # the first lane is busy, and a call waits for this
                return
            return

    def take(
        self, window: Window, lanes: int, lane: int, name: str, amount: Decimal
    ) -> Literal["held", "full", "again"]:
        """Hold an amount in a lane that has no room for it, with room of others; `full` where all together have less.

        What is seen at one instant refuses a call: a reading that moves fell into would miss what was on its way.
        """
        for attempt in range(TAKE_ATTEMPTS):
            found = self.read(window, range(lanes))
            if lane not in found:
                self._begin(window, lane, found[0])
                continue
            if int(found[0].get("lanes", 1)) != lanes:
                return "again"
            if name in found[lane]["holds"]:
                return "held"
            freed = [self._parts.freed(window, number, item) for number, item in found.items()]
            if any(freed):
                continue
            taken = _room_for(found, lane, amount)
            if taken is None and self._is_full(window, lanes, lane, amount):
                return "full"
            if taken is not None and self._moved(window, found, taken, lane, name, amount):
                return "held"
            pause(1 + attempt // MET_ATTEMPTS)
        raise StoreUnavailable("a budget's lanes are being changed by many at once")

    def level(self, window: Window, lanes: int, lane: int) -> None:
        """Bring a lane that owes room to zero with the room of others, as far as they have any."""
        for _ in range(TAKE_ATTEMPTS):
            found = self.read(window, range(lanes))
            owed = -found[lane]["available"] if lane in found else ZERO
            rooms = {other: item["available"] for other, item in found.items() if item["available"] > 0}
            owed = min(owed, exact_sum(rooms.values()))
            if owed <= 0:
                return
            taken = gathered(rooms, owed) or {}
            writes = [self._giving(window, giver, room) for giver, room in taken.items()]
            writes.append(
                self._table.updating(window_key(window, lane), "SET available = available + :room", {":room": owed})
            )
            try:
                self._table.transact(writes)
            except ConditionFailed:
                continue
            return

    def left(self, window: Window, at_most: Decimal) -> tuple[Decimal | None, list[Write]]:
        """Return what a window has left, so much at most, with the writes by which its lanes give it, once; None where
        there is no window."""
        found = self.read(window, [0])
        if not found:
            return None, []
        found = self.read(window, range(int(found[0].get("lanes", 1))))
        rooms = {lane: item["available"] for lane, item in found.items()}
        left = max(ZERO, min(at_most, exact_sum(rooms.values())))
        taken = gathered(rooms, left) or {}
        writes = [self._giving(window, lane, room) for lane, room in taken.items() if lane != 0]
        first = "SET available = available - :room, gave = :gave"
        condition = "attribute_not_exists(gave) AND available >= :room"
        values = {":room": taken.get(0, ZERO), ":gave": left}
        if 0 not in taken:  # it may owe
            first, condition, values = "SET gave = :gave", "attribute_not_exists(gave)", {":gave": left}
        return left, [self._table.updating(window_key(window), first, values, condition=condition), *writes]

    def _moved(
        self, window: Window, found: Lanes, taken: Mapping[int, Decimal], lane: int, name: str, amount: Decimal
    ) -> bool:
        """Move room into a lane and hold it there, in one transaction; False where somebody else took of it."""
        is_hard = found[0]["hard"]
        writes = [self._giving(window, giver, room, is_hard=is_hard or giver != 0) for giver, room in taken.items()]
        rest = EXACT.subtract(exact_sum(taken.values()), amount)
        writes.append(
            self._table.updating(
                window_key(window, lane),
                "SET available = available + :rest, holds.#hold = :amount",
                {":rest": rest, ":amount": amount, ":least": -rest},
                condition="attribute_not_exists(holds.#hold) AND available >= :least",
                names={"#hold": name},
            )
        )
        try:
            self._table.transact(writes)
        except ConditionFailed:
            return False
        return True

    def _giving(self, window: Window, lane: int, room: Decimal, *, is_hard: bool = True) -> Write:
        """Return the write by which a lane gives room: what it has, or, the first of a soft budget, anything."""
        return self._table.updating(
            window_key(window, lane),
            "SET available = available - :room",
            {":room": room} if is_hard else {":room": room, ":soft": False},
            condition="available >= :room" if is_hard else "hard = :soft",
        )

    def _begin(self, window: Window, lane: int, first: Item) -> None:
        try:
            # The condition protects the holds of a lane that somebody else began.
            self._table.put(window_key(window, lane), lane_item(first), if_absent=True)
        except ConditionFailed:
            return

    def _is_full(self, window: Window, lanes: int, lane: int, amount: Decimal) -> bool:
        """Return whether all lanes at one instant have less room, and none of them some that is to be freed."""
        found, part = self._together(window, lanes), rolling_part(window[1].window)
        is_all = int(found[0].get("lanes", 1)) == lanes
        return (
            is_all
            and _room_for(found, lane, amount) is None
            and not any(has_left(each, part) for each in found.values())
        )

    def _together(self, window: Window, lanes: int) -> Lanes:
        """Return all lanes as they were at one instant."""
        by_key = {window_key(window, lane): lane for lane in range(lanes)}
        return {by_key[item["pk"], item["sk"]]: item for item in self._table.get_together(list(by_key))}


def _room_for(found: Lanes, lane: int, amount: Decimal) -> dict[int, Decimal] | None:
    """Return what to take from which other lanes so that one can hold an amount; None where all together have less.

    The first lane of a soft budget gives anything.
    """
    rooms = {number: item["available"] for number, item in found.items()}
    missing = EXACT.subtract(amount, rooms.pop(lane, ZERO))
    if missing <= 0:
        return {}
    if lane != 0 and not found[0]["hard"]:
        return {0: EXACT.multiply(amount, Decimal(DRAWN_AHEAD))}
    if lane != 0 and (ahead := draw(rooms[0], amount, len(found))):
        return {0: ahead}
    return gathered(rooms, missing)
