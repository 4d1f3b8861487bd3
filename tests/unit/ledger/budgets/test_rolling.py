"""Budgets of rolling windows: what is spent counts for the whole length, leaves part by part, and is told of."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atom_llm.domain.core.errors import BudgetExceeded
from atom_llm.domain.core.money import exact_sum
from atom_llm.domain.ledger.budgets import WindowRef, forecast
from atom_llm.domain.ledger.rolling import OPENING, ROLLING, fits_at, rolling_part
from atom_llm.domain.ledger.windows import WindowKind, end_by_clock
from testing.money_world import TENANT, MoneyWorld, in_memory, usd

HOUR = 3600.0
DAY = timedelta(days=1)
AT = datetime(2026, 11, 29, 16, 20, tzinfo=UTC)


def rolling_day(limit: str) -> MoneyWorld:
    world = in_memory()
    world.budget(limit, window=WindowKind.ROLLING_DAY)
    return world


def fits(world: MoneyWorld, amount: str) -> bool:
    try:
        world.spend(usd(amount))
    except BudgetExceeded:
        return False
    return True


def test_the_parts_of_every_rolling_window_come_to_its_length() -> None:
    lengths = {kind: length.part * length.parts for kind, length in ROLLING.items()}
    assert lengths == {
        WindowKind.ROLLING_MINUTE: timedelta(minutes=1),
        WindowKind.ROLLING_HOUR: timedelta(hours=1),
        WindowKind.ROLLING_DAY: DAY,
        WindowKind.ROLLING_WEEK: 7 * DAY,
        WindowKind.ROLLING_MONTH: 30 * DAY,
        WindowKind.ROLLING_QUARTER: 90 * DAY,
    }


@pytest.mark.parametrize("kind", [kind for kind in WindowKind if kind in ROLLING])
def test_a_part_counts_for_the_length_after_its_last_instant_and_leaves_then(kind: WindowKind) -> None:
    world = in_memory()
    name = world.calendar.window(kind, AT).name
    part = rolling_part(name)
    assert part is not None
    next_begins = part.length.begins(part.number + 1)
    assert end_by_clock(name) == part.length.leaves(part.number) == next_begins + part.length.part * part.length.parts


def test_parts_of_one_rolling_window_are_counted_in_one_place_and_units_apart() -> None:
    one, other = (
        WindowRef("tenant", "rolling-day:2026-11-29T16:00:00Z"),
        WindowRef("tenant", "rolling-day:2026-11-29T17:00:00Z"),
    )
    assert one.whole == other.whole
    tokens = WindowRef("tenant", "tokens.rolling-day:2026-11-29T16:00:00Z")
    assert (tokens.unit, tokens.whole.window) == ("tokens", "tokens.rolling-day")


def test_what_is_spent_counts_for_a_day_and_is_free_again_within_an_hour_behind_it() -> None:
    world = rolling_day("1")
    world.spend(usd("0.8"))
    world.clock.pass_s(24 * HOUR - 1)
    assert not fits(world, "0.3")
    world.clock.pass_s(HOUR + 1)
    assert fits(world, "1")
    state = world.state(window=WindowKind.ROLLING_DAY)
    assert state is not None
    assert (state.spent, state.available) == (usd("1"), usd("0"))


def test_only_what_has_left_is_free_again() -> None:
    world = rolling_day("1")
    world.spend(usd("0.6"))
    world.clock.pass_s(12 * HOUR)
    world.spend(usd("0.4"))
    world.clock.pass_s(13 * HOUR)
    assert not fits(world, "0.61")
    assert fits(world, "0.6")


def test_a_hold_counts_for_as_long_as_it_is_open() -> None:
    world = in_memory()
    world.budget("1", window=WindowKind.ROLLING_MINUTE)
    held = world.spending.hold(world.attempt(usd("0.7")))
    world.clock.pass_s(200)
    assert not fits(world, "0.4")
    world.spending.settle(held, world.settlement(usd("0.7")))
    assert fits(world, "1")  # its call began longer ago than a minute


def test_a_refusal_says_when_how_much_is_free_again_and_when_the_call_would_fit() -> None:
    world = rolling_day("1")
    began = world.clock()
    world.spend(usd("0.3"))
    world.clock.pass_s(2 * HOUR)
    world.spend(usd("0.6"))
    with pytest.raises(BudgetExceeded) as refused:
        world.spend(usd("0.5"))
    first = began.replace(minute=0, second=0, microsecond=0) + timedelta(hours=25)
    assert refused.value.details["resets_at"] is None
    assert refused.value.details["next_free"] == {"at": first.isoformat(), "amount": "0.3"}
    assert refused.value.details["fits_at"] == (first + timedelta(hours=2)).isoformat()
    assert f"0.3 USD of it are free again at {first.isoformat()}" in refused.value.message


def test_a_call_that_never_fits_is_told_no_instant() -> None:
    world = rolling_day("1")
    world.spend(usd("0.3"))
    with pytest.raises(BudgetExceeded) as refused:
        world.spend(usd("1.5"))
    assert refused.value.details["fits_at"] is None


def test_what_was_spent_before_it_was_set_counts_for_a_whole_length_from_then_on() -> None:
    world = in_memory()
    world.spend(usd("0.7"))
    world.roll_up.run()
    world.clock.pass_s(HOUR)
    status = world.budget("1", window=WindowKind.ROLLING_DAY)
    assert status.state is not None
    assert (status.state.opening, status.state.spent) == (usd("0.7"), usd("0.7"))
    world.clock.pass_s(24 * HOUR)
    assert not fits(world, "0.4")
    world.clock.pass_s(HOUR)
    assert fits(world, "1")


def test_an_alert_is_told_again_once_what_it_told_of_has_left_the_window() -> None:
    world = in_memory()
    world.budget("1", window=WindowKind.ROLLING_DAY, alert_at=(50,))
    for _ in range(2):
        world.spend(usd("0.3"))
        world.roll_up.run()
    assert len(world.alerts.sent) == 1
    world.clock.pass_s(3 * HOUR)
    world.spend(usd("0.1"))
    world.roll_up.run()
    assert len(world.alerts.sent) == 1
    world.clock.pass_s(26 * HOUR)
    world.spend(usd("0.6"))
    world.roll_up.run()
    assert len(world.alerts.sent) == 2


def test_the_daily_check_compares_a_rolling_window_with_the_rows_of_its_parts() -> None:
    world = rolling_day("5")
    for _ in range(3):
        world.spend(usd("0.2"))
        world.clock.pass_s(3 * HOUR)
    assert world.check().drift == {}  # rows that wait
    world.roll_up.run()
    found = world.check()
    assert (found.windows, found.drift) == (1, {})


def test_a_rolling_window_forecasts_no_end_before_it_is_full() -> None:
    world = rolling_day("1")
    world.spend(usd("0.9"))
    (status,) = world.budgets.all(TENANT)
    assert (status.resets_at, status.runs_out_at) == (None, None)
    world.spend(usd("0.1"))
    (status,) = world.budgets.all(TENANT)
    assert status.runs_out_at == world.clock()
    assert status.state is not None
    present = world.calendar.window(WindowKind.ROLLING_DAY, world.clock())
    assert forecast(status.budget, present, status.state, world.clock()) == world.clock()


def test_a_raised_limit_binds_a_rolling_window_at_once() -> None:
    world = rolling_day("1")
    world.spend(usd("1"))
    world.clock.pass_s(0.01)
    world.budget("2", window=WindowKind.ROLLING_DAY)
    assert fits(world, "1")
    assert not fits(world, "0.01")


def test_an_opening_and_what_is_spent_in_the_same_part_leave_together() -> None:
    part = rolling_part("rolling-day:2026-11-29T16:00:00Z")
    assert part is not None
    name = str(part.number)
    (leaving,) = part.leaving({name: usd("0.2"), name + OPENING: usd("0.1"), str(part.oldest - 1): usd("9")})
    assert leaving == (datetime(2026, 11, 30, 17, 0, tzinfo=UTC), usd("0.3"))
    assert fits_at([leaving], usd("0.4")) is None


moves = st.lists(st.tuples(st.integers(0, 7 * 3600), st.decimals("0.01", "0.6", places=2)), min_size=1, max_size=40)


@settings(max_examples=60, deadline=None)
@given(moves)
def test_no_length_anywhere_holds_more_than_the_limit_and_what_fits_an_hour_longer_is_let_pass(
    calls: list[tuple[int, Decimal]],
) -> None:
    world = rolling_day("1")
    spent: list[tuple[datetime, Decimal]] = []
    for pause, amount in calls:
        world.clock.pass_s(float(pause))
        now = world.clock()

        def within(length: timedelta, now: datetime = now) -> Decimal:
            return exact_sum(cost for at, cost in spent if now - at < length)

        if fits(world, str(amount)):
            assert within(DAY) + amount <= 1
            spent.append((now, amount))
        else:
            assert within(DAY + timedelta(hours=1)) + amount > 1
