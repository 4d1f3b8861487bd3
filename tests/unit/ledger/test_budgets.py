"""Which budgets count, thresholds, and when the money runs out."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from atom_llm.domain.core.ids import ServiceKeyId, TenantId
from atom_llm.domain.ledger.budgets import Budget, Mode, TenantBudgets, WindowState, reached, runs_out_at
from atom_llm.domain.ledger.scopes import CallScopes
from atom_llm.domain.ledger.windows import BudgetCalendar, WindowKind
from testing.money_world import KEY, key_scope, usd

BERLIN = BudgetCalendar(ZoneInfo("Europe/Berlin"))
LATE_SUNDAY = datetime(2026, 11, 29, 23, 30, tzinfo=UTC)


def budget(scope: str = "tenant", window: WindowKind = WindowKind.DAY, *alert_at: int, mode: Mode = "hard") -> Budget:
    return Budget(TenantId("t"), scope, window, usd("10"), mode, alert_at, "0", LATE_SUNDAY)


def state(spent: str, *, hard: bool = True, fired: frozenset[int] = frozenset(), refused: bool = False) -> WindowState:
    at = LATE_SUNDAY if refused else None
    left = usd("10") - usd(spent)
    return WindowState(usd("10"), usd(spent), left, hard, "0", fired=fired, refused_at=at)


def test_a_call_counts_against_its_own_key_first_and_shorter_windows_first() -> None:
    own, other = key_scope(KEY), key_scope(ServiceKeyId("another"))
    budgets = [
        budget("tenant", WindowKind.TOTAL),
        budget("tenant", WindowKind.DAY),
        budget(other, WindowKind.DAY),
        budget(own, WindowKind.MONTH),
        budget(own, WindowKind.WEEK),
    ]
    counted = TenantBudgets(budgets, BERLIN).applying(CallScopes(KEY, "openai", "openai/gpt-4o-mini"), LATE_SUNDAY)
    assert [(each.scope, each.window) for each, _ in counted] == [
        (own, "week"),
        (own, "month"),
        ("tenant", "day"),
        ("tenant", "total"),
    ]
    assert [ref.window for _, ref in counted] == ["week:2026-11-30", "month:2026-11-01", "day:2026-11-30", "total"]


@pytest.mark.parametrize(
    ("spent", "due"), [("4.999999", ()), ("5", (50,)), ("7.999", (50,)), ("12", (50, 80, 100, 120))]
)
def test_a_threshold_is_reached_at_it_and_not_before(spent: str, due: tuple[int, ...]) -> None:
    assert reached(budget("tenant", WindowKind.DAY, 120, 50, 80, 100), state(spent, hard=False)) == due


def test_a_threshold_that_was_told_of_is_not_due_again() -> None:
    assert reached(budget("tenant", WindowKind.DAY, 50, 80), state("9", fired=frozenset({50}))) == (80,)


def test_a_hard_budget_that_refused_a_call_is_full_though_a_cent_is_left() -> None:
    assert reached(budget("tenant", WindowKind.DAY, 50, 100, 120), state("9.99", refused=True)) == (50, 100)
    assert reached(budget("tenant", WindowKind.DAY, 100), state("9.99", hard=False, refused=True)) == ()


def test_money_that_is_spent_evenly_runs_out_when_the_share_of_time_says() -> None:
    began = LATE_SUNDAY - timedelta(hours=6)
    assert runs_out_at(state("5"), began, LATE_SUNDAY, None) == LATE_SUNDAY + timedelta(hours=6)
    assert runs_out_at(state("5"), began, LATE_SUNDAY, LATE_SUNDAY + timedelta(hours=5)) is None
    assert runs_out_at(state("0"), began, LATE_SUNDAY, None) is None
    assert runs_out_at(state("11"), began, LATE_SUNDAY, None) == LATE_SUNDAY
    assert runs_out_at(state("0.0000000001"), began, LATE_SUNDAY, None) is None
