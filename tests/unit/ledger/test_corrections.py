"""Corrections of one attempt by several at the same moment: never below nothing, each once, none forgotten."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from atom_llm.domain.core.errors import Conflict, InvalidRequest
from atom_llm.domain.core.money import exact_sum
from atom_llm.domain.ledger.rows import LedgerRow
from atom_llm.services.ledger.correct_spending import ENTER_ATTEMPTS, Corrections
from testing.audit import SOMEBODY
from testing.fakes.audit_log import AuditLogInMemory
from testing.money_world import ONE_CENT, TENANT, MoneyWorld, in_memory, usd


class Interleaved:
    """A world in which something else happens just before a correction is written."""

    def __init__(self) -> None:
        self.before: list[Callable[[], object]] = []
        self.audit = AuditLogInMemory()
        self.world: MoneyWorld = in_memory(self._reached, audit=self.audit)
        self.row = self.world.spend(ONE_CENT)

    def _reached(self, step: str) -> None:
        if step == "open_correction" and self.before:
            self.before.pop(0)()

    def corrects(self, name: str, amount: str) -> LedgerRow:
        corrections = Corrections(self.world.ledger, self.world.windows, self.world.clock)
        call = self.row.attempt.call_id
        return corrections.enter(TENANT, call, "1", name, usd(amount), "a credit", SOMEBODY)

    @property
    def cost(self) -> Decimal:
        return exact_sum(row.settlement.cost for row in self.world.rows())


def test_two_that_each_take_off_all_at_the_same_moment_take_it_off_once() -> None:
    race = Interleaved()
    race.before.append(lambda: race.corrects("theirs", "-0.01"))
    with pytest.raises(InvalidRequest, match="amount_usd"):
        race.corrects("ours", "-0.01")
    assert race.cost == 0
    assert [entry.action for entry in race.audit.all] == ["usage.corrected"]


def test_two_that_fit_beside_each_other_are_both_entered() -> None:
    race = Interleaved()
    race.before.append(lambda: race.corrects("theirs", "-0.004"))
    race.corrects("ours", "-0.006")
    assert race.cost == 0


def test_the_same_correction_twice_at_the_same_moment_is_entered_once() -> None:
    race = Interleaved()
    race.before.append(lambda: race.corrects("same", "-0.004"))
    assert race.corrects("same", "-0.004").settlement.cost == usd("-0.004")
    assert race.cost == usd("0.006")
    assert len(race.audit.all) == 1


def test_a_correction_that_others_keep_overtaking_is_a_conflict_and_changes_nothing() -> None:
    race = Interleaved()

    def overtake(number: int) -> None:
        waiting, race.before = race.before, []
        race.corrects(f"theirs-{number}", "-0.001")
        race.before = waiting

    race.before = [lambda number=number: overtake(number) for number in range(ENTER_ATTEMPTS)]  # type: ignore[misc]
    with pytest.raises(Conflict):
        race.corrects("ours", "-0.001")
    assert race.cost == usd("0.006")
