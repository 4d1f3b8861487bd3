"""Windows of budgets in DynamoDB: one item a window, and further ones, its lanes, where many calls are open at once."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from atom_llm.adapters.dynamodb.keys import Key
from atom_llm.adapters.dynamodb.ledger.lanes import WindowLanes
from atom_llm.adapters.dynamodb.ledger.listed_scopes import ListedScopes
from atom_llm.adapters.dynamodb.ledger.rolling_parts import RollingParts
from atom_llm.adapters.dynamodb.ledger.window_items import SENT, Window, first_item, sent_in, state_of, window_key
from atom_llm.adapters.dynamodb.table import ConditionFailed, Item, Table
from atom_llm.domain.core.errors import StoreUnavailable
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.core.money import EXACT, ZERO
from atom_llm.domain.ledger.budgets import Budget, WindowRef, WindowState
from atom_llm.domain.ledger.hold_names import hold_name, named_in
from atom_llm.domain.ledger.lanes import LaneChoice, lane_choices, lane_of, possible_lanes, second_lane_of
from atom_llm.domain.ledger.rolling import OPENING, RollingPart, rolling_part
from atom_llm.ports.ledger import Reservation, WindowBefore
from atom_llm.process_cache import BoundedMap

ALERT_CLAIM: Final = timedelta(seconds=60)  # an alert that was claimed and not sent within it is sent by another
APPLY_ATTEMPTS: Final = 10  # writers of one budget's limit at the same time
RESERVE_ATTEMPTS: Final = 16  # of one call: lanes are doubled six times, four choices, and others take room meanwhile
KNOWN_WINDOWS: Final = 10_000  # whose number of lanes a process remembers
KNOWN_HOLDS: Final = 10_000  # whose lanes a process remembers: its own open ones


class DynamoBudgetWindows:
    """Implements `BudgetWindows` on the usage table. A hold is one conditional update of an item that carries holds by
    id, so that it can be repeated by itself; a transaction on a busy item would drown in conflicts, and there are some
    only where a lane has no room."""

    def __init__(self, table: Table) -> None:
        """Take the usage table."""
        self._table = table
        self._parts = RollingParts(table)
        self._lanes = WindowLanes(table, self._parts)
        self._scopes = ListedScopes(table)
        self._known: BoundedMap[Window, int] = BoundedMap(KNOWN_WINDOWS)
        self._held_in: BoundedMap[tuple[Window, str], int] = BoundedMap(KNOWN_HOLDS)

    def reserve(self, budget: Budget, ref: WindowRef, hold_id: str, amount: Decimal) -> Reservation:
        """Add the hold by one conditional update of a lane; a refusal is read from all lanes together."""
        window, name = (budget.tenant, ref), hold_name(hold_id)
        choice, *others = lane_choices()
        for _ in range(RESERVE_ATTEMPTS):
            lanes = self._known.get(_whole(window)) or 1
            lane = second_lane_of(name) if choice.is_second else lane_of(name, lanes)
            try:
                item = self._hold(budget, ref, lane, name, amount, choice.most)
            except ConditionFailed as failed:
                answer = self._after(failed.item, budget, ref, lane, name, amount, choice)
                if answer is not None and (answer.outcome != "crowded" or not others):
                    return answer
                if answer is not None:
                    choice, *others = others
                continue
            self._note(window, lane, name, item, amount)
            self._parts.freed(window, lane, item)
            return Reservation("held", state_of([item], rolling_part(ref.window)))
        raise StoreUnavailable("a budget's lanes keep changing")

    def _hold(self, budget: Budget, ref: WindowRef, lane: int, name: str, amount: Decimal, most: int) -> Item:
        values: dict[str, object] = {":amount": amount, ":most": most}
        # It exists, it fits, and this hold is not there yet.
        condition = "attribute_exists(pk) AND attribute_not_exists(holds.#hold) AND size(holds) < :most AND "
        if lane == 0:  # and the limit is at least as new as the one we know
            condition += "(hard = :soft OR available >= :amount) AND revision >= :revision"
            values |= {":soft": False, ":revision": budget.revision}
        else:
            condition += "available >= :amount"
        return self._table.update(
            window_key((budget.tenant, ref), lane),
            "SET available = available - :amount, holds.#hold = :amount",
            values,
            condition=condition,
            names={"#hold": name},
        )

    def _after(
        self,
        item: Item | None,
        budget: Budget,
        ref: WindowRef,
        lane: int,
        name: str,
        amount: Decimal,
        choice: LaneChoice,
    ) -> Reservation | None:
        """Return the outcome of a hold that its lane refused; None where it is to be tried again."""
        window, part = (budget.tenant, ref), rolling_part(ref.window)
        if item is not None and name in item["holds"]:  # our own write, whose answer was lost
            self._held_in.put((window, name), lane)
            return Reservation("held", state_of([item], part))
        first = item if lane == 0 else self._table.get(window_key(window), consistent=True)
        if first is None:
            return Reservation("missing")
        if first["revision"] < budget.revision:
            return Reservation("outdated", state_of([first], part))
        lanes = int(first.get("lanes", 1))
        if not choice.is_second and lane != lane_of(name, lanes):  # it has more lanes than this process knew
            self._known.put(_whole(window), lanes)
            return None
        if item is not None and len(item["holds"]) >= choice.most:
            if self._lanes.widen(window, lanes, len(item["holds"]), amount) == lanes:
                return Reservation("crowded", state_of([first], part))
            self._known.put(_whole(window), 2 * lanes)
            return None
        if self._parts.freed(window, lane, item):
            return None
        if lanes == 1:
            return Reservation("full", state_of([first], part))
        self._known.put(_whole(window), lanes)
        held = self._lanes.take(window, lanes, lane, name, amount)
        if held == "full":
            return Reservation("full", self.states([window]).get(window) or state_of([first], part))
        if held == "held":
            self._held_in.put((window, name), lane)
            return Reservation("held", state_of([first], part))
        return None

    def _note(self, window: Window, lane: int, name: str, item: Mapping[str, Any], amount: Decimal) -> None:
        """Remember where a hold lies, and give the window more lanes where this one carries many."""
        self._held_in.put((window, name), lane)
        known = int(item.get("lanes", 1)) if lane == 0 else self._known.get(_whole(window)) or 1
        # Holds from before there were so many lanes do not count: they would be elsewhere now, and go.
        own = sum(lane_of(each, known) == lane for each in item["holds"])
        self._known.put(_whole(window), self._lanes.widen(window, known, own, amount))

    def open(self, budget: Budget, ref: WindowRef, opening: Decimal, expires_at: datetime | None) -> None:
        """Write the window if it is absent: of two writers the second finds the first one's."""
        self._scopes.add(budget.tenant, ref.scope, expires_at)
        try:
            # The condition protects what was spent and held in a window that is there.
            item = first_item(budget, opening, expires_at, rolling_part(ref.window))
            self._table.put(window_key((budget.tenant, ref)), item, if_absent=True)
        except ConditionFailed:
            return

    def open_carrying(
        self, budget: Budget, ref: WindowRef, opening: Decimal, expires_at: datetime | None, before: WindowBefore
    ) -> None:
        """Take what is carried over from the lanes of the window before, and write the window, in one transaction."""
        window, last = (budget.tenant, ref), (budget.tenant, before.ref)
        self._scopes.add(budget.tenant, ref.scope, expires_at)
        for _ in range(APPLY_ATTEMPTS):
            if self._table.get(window_key(window), consistent=True) is not None:
                return
            carried, giving = self._lanes.left(last, budget.carry_over or ZERO)
            if carried is None and before.is_untouched:  # it is opened late, so that what it gives is taken from it
                self.open(budget, before.ref, ZERO, before.expires_at)
                continue
            item = first_item(budget, opening, expires_at, carried=carried or ZERO)
            try:
                self._table.transact([*giving, self._table.putting(window_key(window), item, if_absent=True)])
            except ConditionFailed:
                continue
            return
        raise StoreUnavailable("a budget's window is being opened by many at once")

    def apply(self, budget: Budget, ref: WindowRef) -> WindowState | None:
        """Move the limit by the difference to the one that is there; a lower one takes from lanes what it lacks."""
        window = (budget.tenant, ref)
        key = window_key(window)
        for _ in range(APPLY_ATTEMPTS):
            item = self._table.get(key, consistent=True)
            if item is None:
                return None
            if item["revision"] >= budget.revision:
                return self.states([window]).get(window)
            try:
                limit = budget.limit_with(item.get("carried", ZERO))
                # The difference is right only against the limit that it was taken from.
                changed = self._table.update(
                    key,
                    "SET #limit = :limit, available = available + :more, hard = :hard, revision = :revision",
                    {
                        ":limit": limit,
                        ":more": EXACT.subtract(limit, item["limit"]),
                        ":hard": budget.is_hard,
                        ":revision": budget.revision,
                        ":before": item["revision"],
                    },
                    condition="revision = :before",
                    names={"#limit": "limit"},
                )
            except ConditionFailed:
                continue
            self._level(window, 0, changed)
            return self.states([window]).get(window)
        raise StoreUnavailable("a budget's limit is being set by many at once")

    def settle(
        self, tenant: TenantId, ref: WindowRef, hold_id: str, held: Decimal, cost: Decimal
    ) -> WindowState | None:
        """Settle by one conditional update of the hold's lane, only while the hold is there."""
        window, part = (tenant, ref), rolling_part(ref.window)
        name = hold_name(hold_id)
        known = self._held_in.pop((window, name))
        back: dict[str, object] = {":back": EXACT.subtract(held, cost), ":cost": cost}
        counting, names, values = _counting(part, cost)
        for lane, seen_as in self._where(window, hold_id) if known is None else ((known, name),):
            try:
                item = self._table.update(
                    window_key(window, lane),
                    f"SET available = available + :back, spent = spent + :cost{counting} REMOVE holds.#hold",
                    back | values,
                    condition="attribute_exists(holds.#hold)",
                    names={"#hold": seen_as} | names,
                )
            except ConditionFailed:
                continue
            self._level(window, lane, item)
            return state_of([item], part)
        return None

    def _where(self, window: Window, hold_id: str) -> list[tuple[int, str]]:
        """Return the lane in which a hold of another process is seen now, and by which name; or nothing."""
        first = self._table.get(window_key(window), consistent=True)
        if first is None:
            return []
        lanes = int(first.get("lanes", 1))
        possible = {lane for name in (hold_name(hold_id), hold_id) for lane in possible_lanes(name, lanes)}
        found = {0: first} if possible == {0} else self._lanes.read(window, sorted(possible))
        seen = ((lane, named_in(hold_id, item["holds"])) for lane, item in found.items())
        return [(lane, name) for lane, name in seen if name is not None]

    def correct(self, tenant: TenantId, ref: WindowRef, correction_id: str, amount: Decimal) -> WindowState | None:
        """Add the amount by one conditional update; the ids of corrections stay in the window, for they are few."""
        part = rolling_part(ref.window)
        counting, names, values = _counting(part, amount)
        change = f"SET available = available - :amount, spent = spent + :amount{counting}"
        values |= {":amount": amount}
        if part is None:
            change += " ADD corrections :ids"
            is_new = "NOT contains(corrections, :id)"
            values |= {":ids": {correction_id}, ":id": correction_id}
        else:  # the ids go with their parts: behind it a repetition is of a part that counts no more
            change += ", corrected.#id = :part"
            is_new = "attribute_not_exists(corrected.#id)"
            names |= {"#id": correction_id}
            values |= {":part": str(part.number)}
        item = self._entered((tenant, ref), change, values, f"attribute_exists(pk) AND {is_new}", names)
        return None if item is None else state_of([item], part)

    def recount(self, tenant: TenantId, ref: WindowRef, missed: Decimal, openings: Decimal) -> bool:
        """Add the amount by one conditional update; a rolling window's part of it leaves with the present one."""
        counting, names, values = _counting(rolling_part(ref.window), missed, OPENING)
        values |= {":missed": missed, ":openings": openings}
        change = "SET available = available - :missed, spent = spent + :missed, opening = opening + :missed" + counting
        # What was missed is right only against the openings that it was taken from: nothing of it is counted twice.
        return self._entered((tenant, ref), change, values, "opening = :openings", names) is not None

    def _entered(
        self, window: Window, change: str, values: dict[str, object], condition: str, names: dict[str, str]
    ) -> Item | None:
        """Add an amount to a window's first lane; None where the condition does not hold."""
        try:
            item = self._table.update(window_key(window), change, values, condition=condition, names=names)
        except ConditionFailed:
            return None
        self._level(window, 0, item)
        return item

    def _level(self, window: Window, lane: int, item: Mapping[str, Any]) -> None:
        """Make good from other lanes what a lane owes, so that nobody draws on it there."""
        if item["available"] >= 0 or not item.get("hard", True):
            return
        lanes = int(item.get("lanes", 1)) if lane == 0 else self._known.get(_whole(window)) or 1
        if lanes > 1:
            self._lanes.level(window, lanes, lane)

    def refused(self, tenant: TenantId, ref: WindowRef, at: datetime) -> bool:
        """Note the first refusal of a window, in a rolling one of its length; later ones change nothing."""
        part = rolling_part(ref.window)
        is_first = "attribute_not_exists(refused_at)"
        values: dict[str, object] = {":at": at.isoformat()}
        if part is not None:
            is_first = f"({is_first} OR refused_at < :since)"
            values |= {":since": part.since.isoformat()}
        try:
            self._table.update(
                window_key((tenant, ref)),
                "SET refused_at = :at",
                values,
                condition=f"attribute_exists(pk) AND {is_first}",
            )
        except ConditionFailed:
            return False
        return True

    def states(self, wanted: Sequence[Window]) -> Mapping[Window, WindowState]:
        """Read many windows at once, and then the lanes of those that have several."""
        by_key: dict[Key, list[Window]] = {}
        for window in wanted:  # parts of a rolling one are of one item
            by_key.setdefault(window_key(window), []).append(window)
        found = {(item["pk"], item["sk"]): [item] for item in self._table.get_many(list(by_key))}
        of_lane = {
            window_key(by_key[key][0], lane): key
            for key, (first,) in found.items()
            for lane in range(1, int(first.get("lanes", 1)))
        }
        for item in self._table.get_many(list(of_lane)) if of_lane else ():
            found[of_lane[item["pk"], item["sk"]]].append(item)
        return {
            window: state_of(items, rolling_part(window[1].window))
            for key, items in found.items()
            for window in by_key[key]
        }

    def erase(self, tenant: TenantId, *, at_most: int) -> int:
        """Delete the partitions of scopes: windows of every kind, their lanes, and what rows say of them."""
        return self._scopes.erase(tenant, at_most)

    def claim_alert(self, tenant: TenantId, ref: WindowRef, threshold: int, now: datetime) -> bool:
        """Write the claim, which is an instant; a later one may replace it once it is old."""
        part = rolling_part(ref.window)
        told = sent_in(part, None if part is None else part.oldest)
        try:
            self._table.update(
                window_key((tenant, ref)),
                "SET alerts.#threshold = :now",
                {":now": now.isoformat(), ":stale": (now - ALERT_CLAIM).isoformat(), ":sent": SENT, ":told": told},
                # One of several roll-ups tells of a threshold, and again only if that one died in between, or, of a
                # rolling window, what was told has left it. Instants are less than the word.
                condition=(
                    "attribute_exists(pk) AND (attribute_not_exists(alerts.#threshold) OR alerts.#threshold < :stale"
                    " OR (alerts.#threshold >= :sent AND alerts.#threshold < :told))"
                ),
                names={"#threshold": str(threshold)},
            )
        except ConditionFailed:
            return False
        return True

    def alert_sent(self, tenant: TenantId, ref: WindowRef, threshold: int) -> None:
        """Add the threshold to those whose alert was sent."""
        key, names = window_key((tenant, ref)), {"#threshold": str(threshold)}
        values = {":sent": sent_in(rolling_part(ref.window))}
        try:
            self._table.update(
                key, "SET alerts.#threshold = :sent", values, condition="attribute_exists(pk)", names=names
            )
        except ConditionFailed:
            return


def _counting(
    part: RollingPart | None, amount: Decimal, kind: str = ""
) -> tuple[str, dict[str, str], dict[str, object]]:
    """Return what an update sets besides so that a part of a rolling window counts an amount, with names and values."""
    if part is None or not amount:
        return "", {}, {}
    counting = ", parts.#part = if_not_exists(parts.#part, :zero) + :counted"
    return counting, {"#part": f"{part.number}{kind}"}, {":zero": ZERO, ":counted": amount}


def _whole(window: Window) -> Window:
    return window[0], window[1].whole
