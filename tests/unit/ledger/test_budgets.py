"""Windows in a tenant's own time, which budgets count, thresholds, and when the money runs out."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from atom_llm.domain.core.ids import ServiceKeyId, TenantId
from atom_llm.domain.ledger.budgets import (
    Budget,
    Mode,
    TenantBudgets,
    WindowKind,
    WindowState,
    began_at,
    key_scope,
    reached,
    resets_at,
    runs_out_at,
    window_id,
    window_start,
)
from testing.money_world import KEY, usd

BERLIN, UTC_ZONE, SANTIAGO = ZoneInfo("Europe/Berlin"), ZoneInfo("UTC"), ZoneInfo("America/Santiago")
LATE_SUNDAY = datetime(2026, 11, 29, 23, 30, tzinfo=UTC)


def budget(scope: str = "tenant", window: WindowKind = WindowKind.DAY, *alert_at: int, mode: Mode = "hard") -> Budget:
    return Budget(TenantId("t"), scope, window, usd("10"), mode, alert_at, "0", LATE_SUNDAY)


def state(spent: str, *, hard: bool = True, fired: frozenset[int] = frozenset(), refused: bool = False) -> WindowState:
    at = LATE_SUNDAY if refused else None
    left = usd("10") - usd(spent)
    return WindowState(usd("10"), usd(spent), left, hard, "0", fired=fired, refused_at=at)


@pytest.mark.parametrize(
    ("window", "in_utc", "in_berlin"),
    [
        (WindowKind.DAY, "day:2026-11-29", "day:2026-11-30"),
        (WindowKind.WEEK, "week:2026-11-23", "week:2026-11-30"),
        (WindowKind.MONTH, "month:2026-11-01", "month:2026-11-01"),
        (WindowKind.TOTAL, "total", "total"),
    ],
)
def test_a_window_is_the_tenants_own_day_week_or_month(window: WindowKind, in_utc: str, in_berlin: str) -> None:
    assert window_id(window, LATE_SUNDAY, UTC_ZONE) == in_utc
    assert window_id(window, LATE_SUNDAY, BERLIN) == in_berlin


def test_a_day_changes_at_the_tenants_midnight_to_the_second() -> None:
    midnight = datetime(2026, 11, 29, 23, 0, tzinfo=UTC)
    assert window_start(WindowKind.DAY, midnight - timedelta(microseconds=1), BERLIN) == date(2026, 11, 29)
    assert window_start(WindowKind.DAY, midnight, BERLIN) == date(2026, 11, 30)


def test_a_window_ends_where_the_next_one_begins() -> None:
    for window in (WindowKind.DAY, WindowKind.WEEK, WindowKind.MONTH):
        for zone in (UTC_ZONE, BERLIN, SANTIAGO):
            at = datetime(2026, 1, 1, tzinfo=UTC)
            for _ in range(400):
                ends = resets_at(window, at, zone)
                assert ends is not None
                assert ends > at
                assert window_id(window, ends, zone) != window_id(window, at, zone)
                assert window_id(window, ends - timedelta(seconds=1), zone) == window_id(window, at, zone)
                began = began_at(window, at, zone)
                assert began is not None
                assert began <= at
                at += timedelta(hours=22)


def test_a_day_on_which_the_clocks_change_has_23_or_25_hours() -> None:
    for day, hours in ((datetime(2026, 3, 29, 12, tzinfo=UTC), 23), (datetime(2026, 10, 25, 12, tzinfo=UTC), 25)):
        began, ends = began_at(WindowKind.DAY, day, BERLIN), resets_at(WindowKind.DAY, day, BERLIN)
        assert began is not None
        assert ends is not None
        assert ends - began == timedelta(hours=hours)


def test_a_total_budget_never_resets() -> None:
    assert resets_at(WindowKind.TOTAL, LATE_SUNDAY, BERLIN) is None


def test_a_call_counts_against_its_own_key_first_and_shorter_windows_first() -> None:
    own, other = key_scope(KEY), key_scope(ServiceKeyId("another"))
    budgets = [
        budget("tenant", WindowKind.TOTAL),
        budget("tenant", WindowKind.DAY),
        budget(other, WindowKind.DAY),
        budget(own, WindowKind.MONTH),
        budget(own, WindowKind.WEEK),
    ]
    counted = TenantBudgets(budgets, BERLIN).applying(KEY, LATE_SUNDAY)
    assert [(each.scope, each.window) for each, _ in counted] == [
        (own, "week"),
        (own, "month"),
        ("tenant", "day"),
        ("tenant", "total"),
    ]
    assert [ref.window for _, ref in counted] == [window_id(each.window, LATE_SUNDAY, BERLIN) for each, _ in counted]


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
