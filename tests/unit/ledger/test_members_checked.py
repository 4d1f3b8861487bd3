"""The daily check of windows that members of defaults have, and how long what rows say of short windows stays."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from atom_llm.domain.ledger.budgets import WindowRef
from atom_llm.domain.ledger.end_users import EndUser
from atom_llm.domain.ledger.windows import (
    LONGEST,
    OF_THE_CLOCK,
    SHORTEST,
    BudgetCalendar,
    WindowKind,
    end_by_clock,
    words_kept_until,
)
from atom_llm.services.ledger.budgets.open_window import kept_until
from atom_llm.services.ledger.check_sums import MEMBERS_CHECKED
from testing.fakes.ledger.budget_windows import BudgetWindowsInMemory
from testing.fakes.service_keys import NOON
from testing.money_world import TENANT, MoneyWorld, in_memory, usd


def spent_by(world: MoneyWorld, person: str, amount: str = "0.01") -> WindowRef:
    world.spend(usd(amount), end_user=EndUser(person))
    return WindowRef(f"person:{person}", world.calendar.window(WindowKind.DAY, world.clock()).name)


def miscount(world: MoneyWorld, ref: WindowRef, by: str) -> None:
    windows = world.windows
    assert isinstance(windows, BudgetWindowsInMemory)
    state = windows.all[TENANT, ref]
    windows.all[TENANT, ref] = replace(state, spent=state.spent + usd(by))


def test_a_member_s_window_that_says_another_sum_than_its_rows_is_found() -> None:
    world = in_memory()
    world.budget("1", scope="person:*")
    ann, bob = spent_by(world, "ann"), spent_by(world, "bob")
    world.roll_up.run()
    sound = world.check()
    assert (sound.drift, sound.windows) == ({}, 2)
    miscount(world, ann, "0.5")
    assert world.check().drift == {f"{TENANT} {ann.scope} {ann.window}": usd("0.5")}
    miscount(world, ann, "-0.5")
    miscount(world, bob, "-0.001")
    assert world.check().drift == {f"{TENANT} {bob.scope} {bob.window}": usd("-0.001")}


def test_what_rows_have_not_posted_yet_is_no_difference() -> None:
    world = in_memory()
    world.budget("1", scope="person:*")
    spent_by(world, "ann")
    assert world.check().drift == {}


def test_a_tenant_of_many_members_has_a_bounded_number_of_them_checked() -> None:
    world = in_memory()
    world.budget("1", scope="person:*")
    for number in range(MEMBERS_CHECKED + 5):
        spent_by(world, f"person-{number}", "0.001")
    world.roll_up.run()
    assert world.check().windows == MEMBERS_CHECKED


@pytest.mark.parametrize(
    ("name", "ends"),
    [
        ("minute:2026-11-29T16:59Z", datetime(2026, 11, 29, 17, 0, tzinfo=UTC)),
        ("tokens.hour:2026-11-29T23:00Z", datetime(2026, 11, 30, 0, 0, tzinfo=UTC)),
        ("day:2026-11-29", None),
        ("calls.month:2026-11-01", None),
        ("total", None),
        ("run", None),
    ],
)
def test_the_clock_alone_says_when_minutes_and_hours_end(name: str, ends: datetime | None) -> None:
    assert end_by_clock(name) == ends


@pytest.mark.parametrize(
    ("kind", "zones"),
    [
        (kind, zones)
        for kind in (*SHORTEST, *OF_THE_CLOCK)
        for zones in (("Etc/GMT+12", "Pacific/Kiritimati"), ("Pacific/Kiritimati", "Etc/GMT+12"), ("UTC", "UTC"))
    ],
)
def test_what_rows_say_of_a_window_is_kept_as_long_as_its_item_and_little_longer(
    kind: WindowKind, zones: tuple[str, str]
) -> None:
    before, after = map(ZoneInfo, zones)
    calendar = BudgetCalendar(before).changed(after, NOON)
    for days in (0, 1, 100):
        window = calendar.window(kind, NOON + timedelta(days=days))
        goes, kept = kept_until(window), words_kept_until(f"tokens.{window.name}")
        assert goes is not None
        assert kept is not None
        assert goes <= kept <= goes + LONGEST


def test_what_rows_say_of_a_window_that_never_ends_stays() -> None:
    assert words_kept_until("total") is None
