"""Windows of budgets in memory, with the same conditions on every write as the table has."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime
from decimal import Decimal
from threading import RLock
from typing import Any, Final

from atom_llm.adapters.dynamodb.ledger.budget_windows import ALERT_CLAIM
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.core.money import EXACT, ZERO
from atom_llm.domain.ledger.budgets import Budget, WindowRef, WindowState
from atom_llm.domain.ledger.lanes import MOST_LANE_HOLDS, MOST_LANES
from atom_llm.domain.ledger.rolling import OPENING, RollingPart, rolling_part
from atom_llm.ports.ledger import Reservation, WindowBefore
from testing.fakes.reached import Reached, nobody_asks

_OF_A_WINDOW: Final = tuple(each.name for each in fields(WindowState))


class BudgetWindowsInMemory:
    """Implements `BudgetWindows`."""

    def __init__(
        self,
        reached: Reached = nobody_asks,
        most_holds: int = MOST_LANES * MOST_LANE_HOLDS,
        said_by_rows: dict[tuple[TenantId, WindowRef], Decimal] | None = None,
    ) -> None:
        self.reached = reached
        self.most_holds = most_holds
        self.said_by_rows = {} if said_by_rows is None else said_by_rows
        self.all: dict[tuple[TenantId, WindowRef], WindowState] = {}
        self.corrections: set[tuple[TenantId, WindowRef, str]] = set()
        self.alerts: dict[tuple[TenantId, WindowRef, int], datetime | None] = {}
        self.told_in: dict[tuple[TenantId, WindowRef, int], RollingPart | None] = {}
        self.lock = RLock()

    def reserve(self, budget: Budget, ref: WindowRef, hold_id: str, amount: Decimal) -> Reservation:
        """Hold the amount if it fits and is not held yet."""
        self.reached("reserve")
        with self.lock:
            self._let_go(budget.tenant, ref)
            answer = self._reserve(budget, ref.whole, hold_id, amount)
        self.reached("reserved")
        if answer.state is None or (part := rolling_part(ref.window)) is None:
            return answer
        return replace(answer, state=answer.state.at_part(part))

    def _reserve(self, budget: Budget, ref: WindowRef, hold_id: str, amount: Decimal) -> Reservation:
        state = self.all.get((budget.tenant, ref))
        if state is None:
            return Reservation("missing")
        if hold_id in state.holds:
            return Reservation("held", state)
        if state.revision < budget.revision:
            return Reservation("outdated", state)
        if len(state.holds) >= self.most_holds:
            return Reservation("crowded", state)
        if state.is_hard and state.available < amount:
            return Reservation("full", state)
        left = EXACT.subtract(state.available, amount)
        held = self._changed((budget.tenant, ref), available=left, holds={**state.holds, hold_id: amount})
        return Reservation("held", held)

    def open(self, budget: Budget, ref: WindowRef, opening: Decimal, expires_at: datetime | None) -> None:
        self.reached("open window")
        with self.lock:
            left = EXACT.subtract(budget.limit, opening)
            fresh = WindowState(budget.limit, opening, left, budget.is_hard, budget.revision, opening=opening)
            fresh = replace(fresh, openings=opening)
            if (part := rolling_part(ref.window)) is not None:
                fresh = replace(fresh, parts={f"{part.number}{OPENING}": opening})
            self.all.setdefault((budget.tenant, ref.whole), fresh)
        self.reached("opened window")

    def open_carrying(
        self, budget: Budget, ref: WindowRef, opening: Decimal, expires_at: datetime | None, before: WindowBefore
    ) -> None:
        self.reached("open window carrying")
        with self.lock:
            if (budget.tenant, ref) not in self.all:
                if before.is_untouched:
                    self.open(budget, before.ref, ZERO, before.expires_at)
                last = self.all.get((budget.tenant, before.ref))
                carried = ZERO if last is None else max(ZERO, min(budget.carry_over or ZERO, last.available))
                if last is not None:
                    self._changed((budget.tenant, before.ref), available=EXACT.subtract(last.available, carried))
                self.open(replace(budget, limit=budget.limit_with(carried)), ref, opening, expires_at)
                self._changed((budget.tenant, ref), carried=carried)
        self.reached("opened window carrying")

    def apply(self, budget: Budget, ref: WindowRef) -> WindowState | None:
        self.reached("apply")
        with self.lock:
            state = self.all.get((budget.tenant, ref.whole))
            if state is not None and state.revision < budget.revision:
                limit = budget.limit_with(state.carried)
                more = EXACT.subtract(limit, state.limit)
                state = self._changed(
                    (budget.tenant, ref.whole),
                    limit=limit,
                    available=EXACT.add(state.available, more),
                    is_hard=budget.is_hard,
                    revision=budget.revision,
                )
        self.reached("applied")
        return None if state is None else state.at_part(rolling_part(ref.window))

    def settle(
        self, tenant: TenantId, ref: WindowRef, hold_id: str, held: Decimal, cost: Decimal
    ) -> WindowState | None:
        self.reached("give back")
        with self.lock:
            state = self.all.get((tenant, ref.whole))
            found = state is not None and hold_id in state.holds
            if state is not None and found:
                state = self._changed(
                    (tenant, ref.whole),
                    parts=_counted(state, ref, cost),
                    available=EXACT.add(state.available, EXACT.subtract(held, cost)),
                    spent=EXACT.add(state.spent, cost),
                    holds={name: amount for name, amount in state.holds.items() if name != hold_id},
                )
        self.reached("given back")
        return state.at_part(rolling_part(ref.window)) if state is not None and found else None

    def correct(self, tenant: TenantId, ref: WindowRef, correction_id: str, amount: Decimal) -> WindowState | None:
        self.reached("correct")
        with self.lock:
            state = self.all.get((tenant, ref.whole))
            fresh = state is not None and (tenant, ref, correction_id) not in self.corrections
            if state is not None and fresh:
                self.corrections.add((tenant, ref, correction_id))
                state = self._changed(
                    (tenant, ref.whole),
                    parts=_counted(state, ref, amount),
                    available=EXACT.subtract(state.available, amount),
                    spent=EXACT.add(state.spent, amount),
                )
        self.reached("corrected")
        return state.at_part(rolling_part(ref.window)) if state is not None and fresh else None

    def recount(self, tenant: TenantId, ref: WindowRef, missed: Decimal, openings: Decimal) -> bool:
        self.reached("recount")
        with self.lock:
            state = self.all.get((tenant, ref.whole))
            fresh = state is not None and state.openings == openings
            if state is not None and fresh:
                self._changed(
                    (tenant, ref.whole),
                    parts=_counted(state, ref, missed, OPENING),
                    available=EXACT.subtract(state.available, missed),
                    spent=EXACT.add(state.spent, missed),
                    opening=EXACT.add(state.opening, missed),
                    openings=EXACT.add(state.openings, missed),
                )
        self.reached("recounted")
        return fresh

    def refused(self, tenant: TenantId, ref: WindowRef, at: datetime) -> bool:
        self.reached("refuse")
        with self.lock:
            state = self.all.get((tenant, ref.whole))
            is_first = state is not None and state.at_part(rolling_part(ref.window)).refused_at is None
            if is_first:
                self._changed((tenant, ref.whole), refused_at=at)
        self.reached("refused")
        return is_first

    def states(self, wanted: Sequence[tuple[TenantId, WindowRef]]) -> Mapping[tuple[TenantId, WindowRef], WindowState]:
        with self.lock:
            return {(tenant, ref): self._told(tenant, ref) for tenant, ref in wanted if (tenant, ref.whole) in self.all}

    def erase(self, tenant: TenantId, *, at_most: int) -> int:
        """Delete what is of the first scopes of a tenant, in windows and in what rows say of them."""
        with self.lock:
            scopes = {ref.scope for owner, ref in self.all.keys() | self.said_by_rows.keys() if owner == tenant}
            going = sorted(scopes)[:at_most]
            everything: tuple[dict[Any, Any], ...] = (self.all, self.said_by_rows, self.alerts, self.told_in)
            for each in everything:
                for place in [place for place in each if place[0] == tenant and place[1].scope in going]:
                    del each[place]
        return len(going)

    def claim_alert(self, tenant: TenantId, ref: WindowRef, threshold: int, now: datetime) -> bool:
        with self.lock:
            place = (tenant, ref.whole, threshold)
            claimed = self.alerts.get(place)
            if (tenant, ref.whole) not in self.all or threshold in self._told(tenant, ref).fired:
                return False
            if claimed is not None and now - claimed < ALERT_CLAIM:
                return False
            self.alerts[place] = now
            return True

    def alert_sent(self, tenant: TenantId, ref: WindowRef, threshold: int) -> None:
        with self.lock:
            self.alerts[tenant, ref.whole, threshold] = None
            self.told_in[tenant, ref.whole, threshold] = rolling_part(ref.window)
            state = self.all[tenant, ref.whole]
            self._changed((tenant, ref.whole), fired=state.fired | {threshold})

    def _told(self, tenant: TenantId, ref: WindowRef) -> WindowState:
        """Return a window as of a part, without the alerts that were sent before all that it counts."""
        part = rolling_part(ref.window)
        state = self.all[tenant, ref.whole].at_part(part)
        if part is None:
            return state
        sent = {each: self.told_in.get((tenant, ref.whole, each)) for each in state.fired}
        fired = frozenset(each for each, when in sent.items() if when is not None and when.number >= part.oldest)
        return replace(state, fired=fired)

    def _let_go(self, tenant: TenantId, ref: WindowRef) -> None:
        """Forget the parts that have left a rolling window."""
        if (part := rolling_part(ref.window)) is not None and (tenant, ref.whole) in self.all:
            state = self.all[tenant, ref.whole]
            self.all[tenant, ref.whole] = replace(state.at_part(part), refused_at=state.refused_at)

    def _changed(self, place: tuple[TenantId, WindowRef], **changes: Any) -> WindowState:
        before = self.all[place]  # the benchmark counts what this takes, which is a third of `replace`
        state = WindowState(
            **{each: changes[each] if each in changes else getattr(before, each) for each in _OF_A_WINDOW}
        )
        self.all[place] = state
        return state


def _counted(state: WindowState, ref: WindowRef, amount: Decimal, kind: str = "") -> Mapping[str, Decimal]:
    """Return a window's parts with an amount more in the one that a reference names."""
    if (part := rolling_part(ref.window)) is None:
        return state.parts
    name = f"{part.number}{kind}"
    return {**state.parts, name: EXACT.add(state.parts.get(name, ZERO), amount)}
