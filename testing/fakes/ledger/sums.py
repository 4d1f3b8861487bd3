"""The sums of ledger rows in memory, with the same bounds as in the table."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.core.money import EXACT, ZERO
from atom_llm.domain.ledger.budgets import WindowRef, is_of_run
from atom_llm.domain.ledger.end_users import MAX_A_DAY, OTHERS, EndUser, EndUserKind
from atom_llm.domain.ledger.rows import Attempt, LedgerRow
from atom_llm.domain.ledger.sums import Sums
from atom_llm.domain.ledger.told_tags import VALUES_A_DAY, told_apart
from atom_llm.ports.ledger import EndUserCell, SumCell
from testing.fakes.ledger.rows import LedgerInMemory, place_of


class SumsInMemory:
    """Implements `UsageSums` over a ledger in memory."""

    def __init__(self, ledger: LedgerInMemory, at_most: int = 40, tag_values_a_day: int = VALUES_A_DAY) -> None:
        self.ledger = ledger
        self.tag_values_a_day = tag_values_a_day
        self.at_most = at_most
        self.models: dict[tuple[TenantId, date, str, str], Sums] = {}
        self.cells: dict[tuple[TenantId, date, SumCell], Sums] = {}
        self.end_users: dict[tuple[TenantId, date, EndUserKind, EndUserCell], Sums] = {}
        self.first: dict[tuple[TenantId, date, str], tuple[int, set[str]]] = {}
        self.windows: dict[tuple[TenantId, WindowRef], Decimal] = {}

    def post(self, rows: Sequence[LedgerRow]) -> int | None:
        """Post all rows or none, each once."""
        self.ledger.reached("post")
        with self.ledger.lock:
            taken = rows[: self.at_most]
            if not all(self._may_post(row) for row in taken):
                return None
            for row in taken:
                self._add(row)
                del self.ledger.waiting[place_of(row.attempt)]
                if row.takes_mark:
                    self.ledger.rows[place_of(row.attempt)] = replace(row, is_marked=True)
        self.ledger.reached("posted")
        return len(taken)

    def _may_post(self, row: LedgerRow) -> bool:
        place = place_of(row.attempt)
        there = self.ledger.rows.get(place)
        return place in self.ledger.waiting and (not row.takes_mark or (there is not None and not there.is_marked))

    def by_model(
        self, tenant: TenantId, first: date, last: date, *, consistent: bool = False
    ) -> Iterator[tuple[date, str, str, Sums]]:
        for (owner, day, provider, model), sums in sorted(self.models.items(), key=lambda each: each[0]):
            if owner == tenant and first <= day <= last:
                yield day, provider, model, sums

    def by_cell(
        self, tenant: TenantId, first: date, last: date, *, consistent: bool = False
    ) -> Iterator[tuple[date, SumCell, Sums]]:
        for (owner, day, cell), sums in sorted(self.cells.items(), key=lambda each: each[0][1]):
            if owner == tenant and first <= day <= last:
                yield day, cell, sums

    def by_end_user(
        self, tenant: TenantId, first: date, last: date, kind: EndUserKind, *, consistent: bool = False
    ) -> Iterator[tuple[date, EndUserCell, Sums]]:
        for (owner, day, of, cell), sums in self.end_users.items():
            if owner == tenant and of == kind and first <= day <= last:
                yield day, cell, sums

    def erase_end_users(self, tenant: TenantId, month: date) -> int:
        found = [each for each in self.end_users if each[0] == tenant and each[1].replace(day=1) == month]
        for each in found:
            del self.end_users[each]
        return len(found)

    def posted(self, tenant: TenantId, ref: WindowRef) -> Decimal:
        return self.windows.get((tenant, ref), ZERO)

    def _add(self, row: LedgerRow) -> None:
        attempt = row.attempt
        model = (attempt.tenant, attempt.day, attempt.provider, attempt.model)
        self.models.setdefault(model, Sums()).add_row(row)
        told = told_apart(attempt.tags, self.tag_values_a_day, lambda *word: self._beyond(attempt, *word))
        tags = tuple(sorted(told.items()))
        cell = SumCell(attempt.provider, attempt.model, attempt.service_key, attempt.provider_key, tags)
        self.cells.setdefault((attempt.tenant, attempt.day, cell), Sums()).add_row(row)
        self._add_end_user(row)
        for ref in (each for each in attempt.windows if not is_of_run(each)):
            owned = (attempt.tenant, ref)
            self.windows[owned] = EXACT.add(self.windows.get(owned, ZERO), row.spent(ref.unit))

    def _add_end_user(self, row: LedgerRow) -> None:
        attempt = row.attempt
        user = self._group(attempt, "user", attempt.end_user.user)
        session = self._group(attempt, "session", attempt.end_user.session)
        cells: dict[EndUserKind, EndUser] = {} if user is None else {"user": EndUser(user)}
        cells |= {} if session is None else {"session": EndUser(user, session)}
        for kind, end_user in cells.items():
            cell = EndUserCell(attempt.provider, attempt.model, attempt.service_key, end_user)
            self.end_users.setdefault((attempt.tenant, attempt.day, kind, cell), Sums()).add_row(row)

    def _group(self, attempt: Attempt, kind: EndUserKind, name: str | None) -> str | None:
        if name is None:
            return None
        return name if self._beyond(attempt, kind, name, MAX_A_DAY) is None else OTHERS

    def _beyond(self, attempt: Attempt, kind: str, word: str, most: int) -> int | None:
        begun_with, known = self.first.setdefault((attempt.tenant, attempt.day, kind), (most, set()))
        if word not in known and len(known) >= begun_with:
            return begun_with
        known.add(word)
        return None
