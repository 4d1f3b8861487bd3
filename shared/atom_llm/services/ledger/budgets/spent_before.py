"""The spending of a scope since an instant, by the posted rows: a budget set within its window begins with it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import Final

from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.core.money import ZERO
from atom_llm.domain.ledger.budgets import BudgetUnit, exact_sum
from atom_llm.domain.ledger.end_users import EndUserKind
from atom_llm.domain.ledger.scopes import Scope, ScopeKind, Team
from atom_llm.domain.ledger.sums import Sums
from atom_llm.domain.ledger.told_tags import may_hide
from atom_llm.domain.pricing.units import RATES_OF_TOKENS
from atom_llm.ports.core import Clock
from atom_llm.ports.ledger import Ledger, TeamStore, UsageSums

PAGE: Final = 500  # rows of a day that began before the window did


class SpentBefore:
    """The reader of what was spent. Of people and sessions it knows those that the sums of a day tell apart.

    Of tags it knows all: by their rows where sums have them among others.
    """

    def __init__(self, ledger: Ledger, sums: UsageSums, teams: TeamStore, clock: Clock) -> None:
        """Take the stores."""
        self._ledger = ledger
        self._sums = sums
        self._teams = teams
        self._clock = clock

    def since(self, tenant: TenantId, scope: Scope, unit: BudgetUnit, began: datetime | None) -> Decimal:
        """Return what a scope spent since an instant, in a unit; 0 for a default, whose members begin one by one, and
        where it never began."""
        if began is None or scope.is_default:
            return ZERO
        today, first = self._clock().date(), began.date()
        spent: list[Decimal] = []
        if began.hour or began.minute or began.second:  # the window begins within one of our days
            spent += self._of_rows(tenant, scope, unit, first, began)
            first += timedelta(days=1)
        if first <= today:
            if scope.kind is ScopeKind.TAG:
                spent += self._of_tag(tenant, scope, unit, first, today)
            else:
                spent += [_in_unit(sums, unit) for sums in self._of_days(tenant, scope, first, today)]
        return exact_sum(spent)

    def _of_days(self, tenant: TenantId, scope: Scope, first: date, last: date) -> Iterator[Sums]:
        kind, member = scope
        match kind:
            case ScopeKind.TENANT | ScopeKind.MODEL | ScopeKind.PROVIDER:
                for _, provider, model, sums in self._sums.by_model(tenant, first, last):
                    if kind is ScopeKind.TENANT or member == (model if kind is ScopeKind.MODEL else provider):
                        yield sums
            case ScopeKind.KEY:
                for _, cell, sums in self._sums.by_cell(tenant, first, last):
                    if cell.service_key == member:
                        yield sums
            case ScopeKind.PERSON | ScopeKind.SESSION:
                of: EndUserKind = "user" if kind is ScopeKind.PERSON else "session"
                for _, by, sums in self._sums.by_end_user(tenant, first, last, of):
                    if member == getattr(by.end_user, of):
                        yield sums
            case ScopeKind.TEAM:
                yield from self._of_team(tenant, self._team(tenant, member), first, last)

    def _of_tag(self, tenant: TenantId, scope: Scope, unit: BudgetUnit, first: date, last: date) -> Iterator[Decimal]:
        """Yield what the sums of a day say; of a day that may have some of it among others, what its rows say."""
        name, _, value = scope.member.partition("=")
        for day, cells in groupby(self._sums.by_cell(tenant, first, last), key=itemgetter(0)):
            own: list[Decimal] = []
            is_hidden = False
            for _, cell, sums in cells:
                if (name, value) in cell.tags:
                    own.append(_in_unit(sums, unit))
                is_hidden = is_hidden or may_hide(dict(cell.tags), name)
            if is_hidden:
                yield from self._of_rows(tenant, scope, unit, day, datetime.combine(day, time.min, UTC))
            else:
                yield from own

    def _of_team(self, tenant: TenantId, team: Team, first: date, last: date) -> Iterator[Sums]:
        """Yield the sums of its keys, and of its people's calls with other keys."""
        for _, cell, sums in self._sums.by_cell(tenant, first, last):
            if cell.service_key in team.service_keys:
                yield sums
        if team.people:
            for _, by, sums in self._sums.by_end_user(tenant, first, last, "user"):
                if by.end_user.user in team.people and by.service_key not in team.service_keys:
                    yield sums

    def _of_rows(
        self, tenant: TenantId, scope: Scope, unit: BudgetUnit, day: date, began: datetime
    ) -> Iterator[Decimal]:
        team = self._team(tenant, scope.member) if scope.kind is ScopeKind.TEAM else None
        waiting = {attempt.hold_id for attempt in self._ledger.open_attempts_of(tenant)}
        for row in self._ledger.rows_of_day(tenant, day, behind=None, page_size=PAGE):
            attempt = row.attempt
            is_in = (
                scope in list(attempt.scopes)
                if team is None
                else attempt.team == team.id or team.has(attempt.service_key, attempt.end_user.user)
            )
            if is_in and attempt.hold_id not in waiting and attempt.opened_at >= began:
                yield row.spent(unit)

    def _team(self, tenant: TenantId, team_id: str) -> Team:
        return next((team for team in self._teams.of(tenant) if team.id == team_id), Team(team_id, ""))


def _in_unit(sums: Sums, unit: BudgetUnit) -> Decimal:
    if unit == "usd":
        return sums.cost
    if unit == "calls":
        return Decimal(sums.calls)
    return exact_sum(quantity for each, quantity in sums.units.items() if each in RATES_OF_TOKENS)
