"""The spending of a scope since an instant, by the posted rows: a budget set within its window begins with it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from hashlib import sha256
from itertools import groupby
from operator import itemgetter
from typing import Final

from atom_llm.domain.core.ids import TenantId, instant_of
from atom_llm.domain.core.money import ZERO, exact_sum
from atom_llm.domain.ledger.budgets import BudgetUnit
from atom_llm.domain.ledger.end_users import EndUserKind
from atom_llm.domain.ledger.rows import Attempt, LedgerRow
from atom_llm.domain.ledger.scopes import BudgetScope, ScopeKind, Team
from atom_llm.domain.ledger.sums import Sums
from atom_llm.domain.ledger.sweep import LONGEST_CALL
from atom_llm.domain.ledger.told_tags import may_hide
from atom_llm.domain.pricing.units import RATES_OF_TOKENS
from atom_llm.ports.core import Clock
from atom_llm.ports.ledger import Ledger, TeamStore, UsageSums

MEMBERS_DIGITS: Final = 24  # of a SHA-256 in hex
PAGE: Final = 500  # rows of the day in which a window began


@dataclass(frozen=True, slots=True)
class Spender:
    """A scope of a tenant whose spending is asked for; a team as it is at one moment."""

    tenant: TenantId
    scope: BudgetScope
    team: Team | None = None

    @property
    def members(self) -> str:
        """What stands for the members of the team, another text for others; empty for any other scope."""
        if self.team is None:
            return ""
        said = json.dumps([sorted(self.team.service_keys), sorted(self.team.people)])
        return sha256(said.encode()).hexdigest()[:MEMBERS_DIGITS]

    def has(self, attempt: Attempt) -> bool:
        """Return whether an attempt is of the scope."""
        if self.team is None:
            return self.scope in list(attempt.scopes)
        return attempt.team == self.team.id or self.has_in_sums(attempt)

    def has_in_sums(self, attempt: Attempt) -> bool:
        """Return whether the sums of a day have an attempt in the scope: of a team they know no tokens."""
        if self.team is None:
            return self.has(attempt)
        return self.team.has(attempt.service_key, attempt.end_user.user)


class SpentBefore:
    """The reader of what was spent. Of people and sessions it knows those that the sums of a day tell apart.

    Of tags it knows all: by their rows where sums have them among others. It never says more than was posted.
    """

    def __init__(self, ledger: Ledger, sums: UsageSums, teams: TeamStore, clock: Clock) -> None:
        """Take the stores."""
        self._ledger = ledger
        self._sums = sums
        self._teams = teams
        self._clock = clock

    def spender(self, tenant: TenantId, scope: BudgetScope) -> Spender:
        """Return who spends in a scope; of a team that is not there nobody does."""
        if scope.kind is not ScopeKind.TEAM:
            return Spender(tenant, scope)
        there = (team for team in self._teams.of(tenant) if team.id == scope.member)
        return Spender(tenant, scope, next(there, Team(scope.member, "")))

    def since(self, spender: Spender, unit: BudgetUnit, began: datetime) -> Decimal:
        """Return what was spent in a scope since an instant, in a unit; 0 for a default, whose members begin one by
        one."""
        if spender.scope.is_default:
            return ZERO
        today, first = self._clock().date(), _first_whole_day(began)
        spent: list[Decimal] = []
        if began.date() < first:
            spent += self._of_rows(spender, unit, began.date(), began)
        if first <= today:
            if spender.scope.kind is ScopeKind.TAG:
                spent += self._of_tag(spender, unit, first, today)
            else:
                spent += [_in_unit(sums, unit) for sums in self._of_days(spender, first, today)]
        return exact_sum(spent)

    def will_have(self, spender: Spender, row: LedgerRow, began: datetime) -> bool:
        """Return whether a row will be in what was spent since that instant, once it is posted."""
        attempt = row.attempt
        if attempt.day >= _first_whole_day(began):
            return attempt.day <= self._clock().date() and spender.has_in_sums(attempt)
        return attempt.day == began.date() and attempt.counts_from >= began and spender.has(attempt)

    def _of_days(self, spender: Spender, first: date, last: date) -> Iterator[Sums]:
        tenant, (kind, member) = spender.tenant, spender.scope
        match kind:
            case ScopeKind.TENANT | ScopeKind.MODEL | ScopeKind.PROVIDER:
                for _, provider, model, sums in self._sums.by_model(tenant, first, last, consistent=True):
                    if kind is ScopeKind.TENANT or member == (model if kind is ScopeKind.MODEL else provider):
                        yield sums
            case ScopeKind.KEY:
                for _, cell, sums in self._sums.by_cell(tenant, first, last, consistent=True):
                    if cell.service_key == member:
                        yield sums
            case ScopeKind.PERSON | ScopeKind.SESSION:
                of: EndUserKind = "user" if kind is ScopeKind.PERSON else "session"
                for _, by, sums in self._sums.by_end_user(tenant, first, last, of, consistent=True):
                    if member == getattr(by.end_user, of):
                        yield sums
            case ScopeKind.TEAM if spender.team is not None:
                yield from self._of_team(tenant, spender.team, first, last)

    def _of_tag(self, spender: Spender, unit: BudgetUnit, first: date, last: date) -> Iterator[Decimal]:
        """Yield what the sums of a day say; of a day that may have some of it among others, what its rows say."""
        name, _, value = spender.scope.member.partition("=")
        found = self._sums.by_cell(spender.tenant, first, last, consistent=True)
        for day, cells in groupby(found, key=itemgetter(0)):
            own: list[Decimal] = []
            is_hidden = False
            for _, cell, sums in cells:
                if (name, value) in cell.tags:
                    own.append(_in_unit(sums, unit))
                is_hidden = is_hidden or may_hide(dict(cell.tags), name)
            if is_hidden:
                yield from self._of_rows(spender, unit, day, None)
            else:
                yield from own

    def _of_team(self, tenant: TenantId, team: Team, first: date, last: date) -> Iterator[Sums]:
        """Yield the sums of its keys, and of its people's calls with other keys."""
        for _, cell, sums in self._sums.by_cell(tenant, first, last, consistent=True):
            if cell.service_key in team.service_keys:
                yield sums
        if team.people:
            for _, by, sums in self._sums.by_end_user(tenant, first, last, "user", consistent=True):
                if by.end_user.user in team.people and by.service_key not in team.service_keys:
                    yield sums

    def _of_rows(self, spender: Spender, unit: BudgetUnit, day: date, began: datetime | None) -> Iterator[Decimal]:
        """Yield what the posted rows of a day say, from an instant in it on where one is said."""
        found: list[LedgerRow] = []
        for row in self._ledger.rows_of_day(spender.tenant, day, behind=None, page_size=PAGE):
            if began is not None and instant_of(row.attempt.call_id) < began - LONGEST_CALL:
                break  # the newest come first: behind it are calls that had ended by then
            if spender.has(row.attempt) and (began is None or row.attempt.counts_from >= began):
                found.append(row)
        # Read behind the rows: of those, what is not among these is posted.
        waiting = {attempt.hold_id for attempt in self._ledger.open_attempts_of(spender.tenant)} if found else set()
        yield from (row.spent(unit) for row in found if row.is_marked or row.attempt.hold_id not in waiting)


def _first_whole_day(began: datetime) -> date:
    """Return the first day (UTC) that is in a window from its beginning on."""
    day = began.date()
    return day if began == datetime.combine(day, time.min, UTC) else day + timedelta(days=1)


def _in_unit(sums: Sums, unit: BudgetUnit) -> Decimal:
    if unit == "usd":
        return sums.cost
    if unit == "calls":
        return Decimal(sums.calls)
    return exact_sum(quantity for each, quantity in sums.units.items() if each in RATES_OF_TOKENS)
