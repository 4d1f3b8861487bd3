"""The check of three records of the same money: ledger rows, their sums, and the windows of budgets."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.core.money import EXACT, ZERO, exact_sum
from atom_llm.domain.ledger.budgets import TenantBudgets, WindowRef, WindowState, is_of_run
from atom_llm.domain.ledger.hold_names import begun_by, named_in
from atom_llm.domain.ledger.rolling import rolling_part
from atom_llm.domain.ledger.rows import LedgerRow
from atom_llm.domain.ledger.scopes import scope_of
from atom_llm.domain.ledger.sums import Sums
from atom_llm.domain.ledger.windows import end_by_clock
from atom_llm.ports.core import Clock
from atom_llm.ports.ledger import BudgetSettings, BudgetWindows, Ledger, UsageSums
from atom_llm.services.ledger.budgets.budget_book import CalendarOf

LOOKS: Final = 3  # money moves while it is counted: a difference counts when it is seen every time
ORPHAN_AGE: Final = timedelta(
    hours=1
)  # no call lives that long; a hold of that age without an open attempt is nobody's
PAGE: Final = 500  # rows a request
MEMBERS_CHECKED: Final = 200  # windows of members of defaults, of one tenant and day: three reads each


@dataclass(slots=True)
class SumCheck:
    """The findings of a check: differences in USD by what differs, and holds that nothing would ever give back."""

    tenants: int = 0
    rows: int = 0
    windows: int = 0
    drift: dict[str, Decimal] = field(default_factory=dict)
    orphans: int = 0

    def add(self, other: "SumCheck") -> None:
        """Add the findings of a check of other tenants, or of another day."""
        self.tenants += other.tenants
        self.rows += other.rows
        self.windows += other.windows
        self.drift |= other.drift
        self.orphans += other.orphans


class SumChecker:
    """The check of one tenant; it changes nothing but orphaned holds."""

    def __init__(
        self,
        ledger: Ledger,
        sums: UsageSums,
        settings: BudgetSettings,
        windows: BudgetWindows,
        calendar_of: CalendarOf,
        clock: Clock,
    ) -> None:
        """Take the stores that are compared."""
        self._ledger = ledger
        self._sums = sums
        self._settings = settings
        self._windows = windows
        self._calendar_of = calendar_of
        self._clock = clock

    def check(self, tenant: TenantId, day: date, into: SumCheck) -> None:
        """Compare a tenant's rows of a day with that day's sums, and its budgets' windows with what rows posted."""
        into.tenants += 1
        now, budgets = self._clock(), TenantBudgets(self._settings.of(tenant), self._calendar_of(tenant))
        for ref in self._check_day(tenant, day, budgets, into):
            self._check_window(tenant, ref, into)
            self._free_orphans(tenant, ref, now, into)
        for budget in budgets.budgets:
            if scope_of(budget.scope).is_default:
                continue  # its members have the windows, and the day's rows tell which
            ref = budgets.ref(budget, budget.scope, now)
            self._check_window(tenant, ref, into)
            self._free_orphans(tenant, ref, now, into)

    def _check_day(self, tenant: TenantId, day: date, budgets: TenantBudgets, into: SumCheck) -> list[WindowRef]:
        """Compare a day's rows with its sums; returns windows of defaults' members that its rows were spent in."""
        of_members: set[WindowRef] = set()
        others: set[WindowRef] = set()  # of budgets of their own, which are few
        for look in range(LOOKS):
            # A day that is over has none waiting: they are looked for where something differs.
            waiting = {attempt.hold_id for attempt in self._ledger.open_attempts_of(tenant)} if look else set()
            by_model = sum_by_model(self._sums, tenant, day)
            by_cell = sum_by_cell(self._sums, tenant, day)
            posted: defaultdict[str, Sums] = defaultdict(Sums)
            rows = 0
            for row in self._ledger.rows_of_day(tenant, day, behind=None, page_size=PAGE):
                rows += 1
                for ref in row.attempt.windows if len(of_members) < MEMBERS_CHECKED else ():
                    if ref not in others and not is_of_run(ref):
                        (of_members if _is_of_member(budgets, ref) else others).add(ref)
                if row.attempt.hold_id not in waiting:
                    posted[row.attempt.model].add_row(row)
            found = {
                f"{tenant} {day} {name} {model}": difference
                for name, sums in (("model sums", by_model), ("cell sums", by_cell))
                for model in posted.keys() | sums.keys()
                if (difference := _difference(posted[model], sums.get(model, Sums()))) is not None
            }
            if not found or look == LOOKS - 1:
                into.rows += rows
                into.drift |= found
                break
        return sorted(of_members)

    def _check_window(self, tenant: TenantId, ref: WindowRef, into: SumCheck) -> None:
        difference = ZERO
        for _ in range(LOOKS):
            state = self._windows.states([(tenant, ref)]).get((tenant, ref))
            if state is None:
                return
            posted = exact_sum(self._sums.posted(tenant, part) for part in _parts(ref))
            said = EXACT.add(state.opening, posted)
            difference = EXACT.subtract(state.spent, said)
            if difference:
                difference = EXACT.subtract(difference, self._waiting(tenant, ref, state))
            if not difference:
                break
        into.windows += 1
        if difference:
            into.drift[f"{tenant} {ref.scope} {ref.window}"] = difference

    def _waiting(self, tenant: TenantId, ref: WindowRef, state: WindowState) -> Decimal:
        """Return the USD spent in a window by rows that the sums do not hold yet."""
        rows: list[LedgerRow] = self._ledger.rows_of(self._ledger.open_attempts_of(tenant))
        parts = set(_parts(ref))
        return exact_sum(
            row.spent(ref.unit)
            for row in rows
            if not row.is_marked and not parts.isdisjoint(row.attempt.windows) and not state.has(row.attempt.hold_id)
        )

    def _free_orphans(self, tenant: TenantId, ref: WindowRef, now: datetime, into: SumCheck) -> None:
        """Give back holds whose call is long over: its steps left no trail that the sweep could have followed."""
        state = self._windows.states([(tenant, ref)]).get((tenant, ref))
        holds = state.holds if state else {}
        old = {name for name in holds if now - begun_by(name) > ORPHAN_AGE}
        if not old:
            return
        alive = {named_in(attempt.hold_id, old) for attempt in self._ledger.open_attempts_of(tenant)}
        for name in old - alive:
            into.orphans += self._windows.settle(tenant, ref, name, holds[name], ZERO) is not None


def _parts(ref: WindowRef) -> list[WindowRef]:
    """Return the windows that rows name whose spending a window counts: itself, or the parts of a rolling one."""
    part = rolling_part(ref.window)
    return [ref] if part is None else [WindowRef(ref.scope, name) for name in part.windows]


def _is_of_member(budgets: TenantBudgets, ref: WindowRef) -> bool:
    """Return whether a window is a member's of a default, and there for longer than the check may take."""
    if end_by_clock(ref.window) is not None:
        return False
    behind = budgets.behind(ref)
    return behind is not None and scope_of(behind.scope).is_default


def sum_by_model(sums: UsageSums, tenant: TenantId, day: date) -> dict[str, Sums]:
    """Return a day's model sums by model."""
    found: defaultdict[str, Sums] = defaultdict(Sums)
    for _, _, model, part in sums.by_model(tenant, day, day):
        found[model].add(part)
    return dict(found)


def sum_by_cell(sums: UsageSums, tenant: TenantId, day: date) -> dict[str, Sums]:
    """Return a day's cell sums by model."""
    found: defaultdict[str, Sums] = defaultdict(Sums)
    for _, cell, part in sums.by_cell(tenant, day, day):
        found[cell.model].add(part)
    return dict(found)


def _difference(rows: Sums, sums: Sums) -> Decimal | None:
    """Return how much more the sums say than the rows; None where they agree, 0 where only the counts differ."""
    same = (rows.calls, rows.failed, rows.refused, rows.cost) == (sums.calls, sums.failed, sums.refused, sums.cost)
    return None if same else EXACT.subtract(sums.cost, rows.cost)
