"""A world of money around whose readings something happens."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.ledger.budgets import WindowRef
from atom_llm.domain.ledger.rows import Attempt, LedgerRow
from testing.fakes.ledger.rows import LedgerInMemory
from testing.fakes.ledger.sums import SumsInMemory
from testing.money_world import MoneyWorld, in_memory

Something = Callable[[], object]


def nothing() -> None:
    """Let a reading be alone."""


class BusySums(SumsInMemory):
    """Sums around whose readings something happens."""

    before: Something = staticmethod(nothing)
    behind: Something = staticmethod(nothing)

    def by_model(self, *asked: Any, consistent: bool = False) -> Iterator[Any]:
        return self._amid(super().by_model(*asked, consistent=consistent))

    def by_cell(self, *asked: Any, consistent: bool = False) -> Iterator[Any]:
        return self._amid(super().by_cell(*asked, consistent=consistent))

    def by_end_user(self, *asked: Any, consistent: bool = False) -> Iterator[Any]:
        return self._amid(super().by_end_user(*asked, consistent=consistent))

    def posted(self, tenant: TenantId, ref: WindowRef) -> Decimal:
        (found,) = self._amid(super(BusySums, self).posted(tenant, ref) for _ in range(1))
        return found

    def _amid[T](self, reading: Iterator[T]) -> Iterator[T]:
        self.before()
        found = list(reading)
        self.behind()
        return iter(found)


class BusyLedger(LedgerInMemory):
    """A ledger behind whose list of open attempts something happens, and that counts the rows of days that are read."""

    behind: Something = staticmethod(nothing)
    rows_read = 0

    def rows_of_day(self, tenant: TenantId, day: date, *, behind: str | None, page_size: int) -> Iterator[LedgerRow]:
        for row in super().rows_of_day(tenant, day, behind=behind, page_size=page_size):
            self.rows_read += 1
            yield row

    def open_attempts_of(self, tenant: TenantId) -> list[Attempt]:
        found = super().open_attempts_of(tenant)
        self.behind()
        return found


def busy(tag_values_a_day: int = 1_000) -> tuple[MoneyWorld, BusyLedger, BusySums]:
    """Return a world, and its stores."""
    ledger = BusyLedger()
    sums = BusySums(ledger, tag_values_a_day=tag_values_a_day)
    return replace(in_memory(), ledger=ledger, sums=sums), ledger, sums
