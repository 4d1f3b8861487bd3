"""Money on its way through a call, on real tables and on the fakes of other tests: both keep the same promises."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from atom_llm.adapters.dynamodb.ledger import sums as tables
from atom_llm.domain.core.errors import BudgetExceeded, Conflict, InvalidRequest
from atom_llm.domain.core.ids import ServiceKeyId, TenantId
from atom_llm.domain.core.money import exact_sum
from atom_llm.domain.ledger.end_users import OTHERS, EndUser, EndUserKind
from atom_llm.domain.ledger.rows import AttemptStatus
from atom_llm.domain.ledger.sweep import LEASE
from atom_llm.domain.ledger.windows import WindowKind
from atom_llm.services.ledger.budgets.windows_seen import WindowsSeen
from atom_llm.services.ledger.correct_spending import Corrections
from testing.audit import SOMEBODY, an_entry
from testing.fakes.ledger import sums as fakes
from testing.fakes.service_keys import NOON
from testing.money_world import CALL_TIME, KEY, TENANT, MoneyWorld, NewWorld, in_memory, key_scope, on_tables, usd
from tests.contract.conftest import NewTable


@pytest.fixture(params=["tables", "memory"])
def new_world(request: pytest.FixtureRequest) -> NewWorld:
    if request.param == "memory":
        return in_memory
    new_table: NewTable = request.getfixturevalue("new_table")
    return lambda: on_tables(new_table()[0], new_table()[0], NOON)


@pytest.fixture
def world(new_world: Callable[[], MoneyWorld]) -> MoneyWorld:
    return new_world()


def test_a_call_is_held_then_settled_then_summed(world: MoneyWorld) -> None:
    world.budget("1")
    held = world.spending.hold(world.attempt(usd("0.01")))
    state = world.state()
    assert state is not None
    assert (state.held, state.available, state.spent) == (usd("0.01"), usd("0.99"), usd("0"))

    world.spending.settle(held, world.settlement(usd("0.0025")))
    state = world.state()
    assert state is not None
    assert (state.held, state.available, state.spent) == (usd("0"), usd("0.9975"), usd("0.0025"))

    assert world.roll_up.run().posted == 1
    assert world.summed() == usd("0.0025")
    assert world.check().drift == {}


def test_windows_of_every_kind_hear_of_a_row_once_and_a_run_s_tally_of_its_cost(world: MoneyWorld) -> None:
    for window in WindowKind:
        if window in (WindowKind.MINUTE, WindowKind.HOUR, WindowKind.TOTAL):
            world.budget("1", window=window)
    world.budget("1", scope="person:*")
    seen = WindowsSeen()
    attempt = replace(world.attempt(usd("0.01"), end_user=EndUser("ann", "run-1")), team="research")
    held = world.spending.hold(attempt, seen=seen, of_run=True)
    assert (seen.remaining, seen.run_cost) == (usd("0.99"), usd("0"))
    row = world.spending.settle(held, world.settlement(usd("0.0025")), seen=seen)
    assert (seen.remaining, seen.run_cost) == (usd("0.9975"), usd("0.0025"))
    assert world.rows()[0].attempt == held == row.attempt
    assert world.roll_up.run().posted == 1
    posted = {ref.window.partition(":")[0]: world.sums.posted(row.attempt.tenant, ref) for ref in held.windows}
    assert posted == {"run": usd("0"), **dict.fromkeys(("day", "minute", "hour", "total"), usd("0.0025"))}
    assert world.check().drift == {}


def test_a_row_says_all_that_its_attempt_and_its_settlement_said(world: MoneyWorld) -> None:
    attempt = world.spending.hold(world.attempt(tags={"team": "a"}))
    settlement = world.settlement()
    world.spending.settle(attempt, settlement)
    (row,) = world.rows()
    assert (row.attempt, row.settlement) == (attempt, settlement)


def test_a_call_that_does_not_fit_is_refused_and_a_smaller_one_still_passes(world: MoneyWorld) -> None:
    world.budget("0.02")
    world.spending.hold(world.attempt(usd("0.015")))
    with pytest.raises(BudgetExceeded) as refused:
        world.spending.hold(world.attempt(usd("0.006")))
    assert refused.value.details["scope"] == "tenant"
    assert refused.value.details["resets_at"] is not None
    world.spending.hold(world.attempt(usd("0.005")))
    assert [row.settlement.status for row in world.rows()] == [AttemptStatus.REFUSED]


def test_the_first_call_of_a_window_obeys_the_limit(world: MoneyWorld) -> None:
    world.budget("0.02")
    world.clock.pass_s(86400)  # a new day, whose window nobody has opened
    world.start_over()
    with pytest.raises(BudgetExceeded):
        world.spending.hold(world.attempt(usd("0.03")))


def test_a_refusal_gives_back_what_smaller_budgets_hold(world: MoneyWorld) -> None:
    world.budget("1", scope=key_scope(KEY))
    world.budget("0.001")
    with pytest.raises(BudgetExceeded):
        world.spending.hold(world.attempt(usd("0.01")))
    own = world.state(key_scope(KEY))
    assert own is not None
    assert (own.held, own.available) == (usd("0"), usd("1"))


def test_a_soft_budget_counts_and_never_refuses(world: MoneyWorld) -> None:
    world.budget("0.001", mode="soft")
    world.spend(usd("0.01"))
    state = world.state()
    assert state is not None
    assert (state.spent, state.available) == (usd("0.01"), usd("-0.009"))


def test_another_service_keys_budget_is_not_touched(world: MoneyWorld) -> None:
    world.budget("0", scope=key_scope(ServiceKeyId("another")))
    world.spend(usd("0.01"))


def test_a_budget_of_zero_lets_nothing_pass(world: MoneyWorld) -> None:
    world.budget("0")
    with pytest.raises(BudgetExceeded):
        world.spending.hold(world.attempt(usd("0.000001")))


def test_a_raised_limit_lets_pass_at_once_in_every_process(world: MoneyWorld) -> None:
    world.budget("0.001")
    with pytest.raises(BudgetExceeded):
        world.spending.hold(world.attempt(usd("0.01")))
    elsewhere = replace(world)
    world.clock.pass_s(0.001)
    elsewhere.budget("1")
    world.spending.hold(world.attempt(usd("0.01")))


def test_a_lowered_limit_refuses_at_once_though_more_is_held(world: MoneyWorld) -> None:
    world.budget("1")
    world.spending.hold(world.attempt(usd("0.5")))
    world.clock.pass_s(0.001)
    world.budget("0.1")
    with pytest.raises(BudgetExceeded):
        world.spending.hold(world.attempt(usd("0.01")))


def test_a_cleared_budget_refuses_nothing_though_a_process_remembers_it(world: MoneyWorld) -> None:
    world.budget("0.001")
    with pytest.raises(BudgetExceeded):
        world.spending.hold(world.attempt(usd("0.01")))
    elsewhere = replace(world)
    world.clock.pass_s(0.001)
    assert elsewhere.budgets.clear(TENANT, "tenant", WindowKind.DAY, SOMEBODY)
    world.spending.hold(world.attempt(usd("0.01")))


def test_a_budget_counts_what_was_spent_in_its_window_before_it_was_set(world: MoneyWorld) -> None:
    world.spend(usd("0.4"))
    world.spend(usd("0.2"), key=ServiceKeyId("another"))
    world.roll_up.run()
    assert _spent(world.budget("1", window=WindowKind.MONTH)) == usd("0.6")
    assert _spent(world.budget("1", window=WindowKind.MONTH, scope=key_scope(KEY))) == usd("0.4")
    assert _spent(world.budget("1", window=WindowKind.TOTAL)) == 0
    assert world.check().drift == {}


def test_a_budget_that_was_cleared_and_is_set_again_counts_what_was_spent_between(world: MoneyWorld) -> None:
    world.budget("1", window=WindowKind.MONTH)
    world.spend(usd("0.1"))
    world.clock.pass_s(0.001)
    world.budgets.clear(TENANT, "tenant", WindowKind.MONTH, SOMEBODY)
    world.spend(usd("0.2"))
    world.roll_up.run()
    world.clock.pass_s(0.001)
    status = world.budget("1", window=WindowKind.MONTH)
    assert _spent(status) == usd("0.3")
    assert status.state is not None
    assert (status.state.available, status.state.is_hard) == (usd("0.7"), True)
    assert world.check().drift == {}


def test_what_is_settled_twice_counts_once(world: MoneyWorld) -> None:
    world.budget("1")
    held = world.spending.hold(world.attempt())
    settlement = world.settlement(usd("0.005"))
    first = world.spending.settle(held, settlement)
    assert world.spending.settle(held, settlement) == first
    world.roll_up.run()
    assert world.spending.settle(held, settlement) == first
    world.roll_up.run()
    state = world.state()
    assert state is not None
    assert (state.spent, world.summed()) == (usd("0.005"), usd("0.005"))


def test_an_id_cannot_be_held_for_two_different_calls(world: MoneyWorld) -> None:
    attempt = world.attempt()
    world.spending.hold(attempt)
    with pytest.raises(Conflict):
        world.spending.hold(world.attempt(usd("0.5"), call_id=attempt.call_id))


def test_a_call_that_died_is_charged_at_its_estimate(world: MoneyWorld) -> None:
    world.budget("1")
    world.spending.hold(world.attempt(usd("0.01"), estimate=usd("0.002")))
    world.clock.pass_s(CALL_TIME.total_seconds() - 1)
    assert world.roll_up.run().swept == 0
    world.clock.pass_s(1)
    assert world.roll_up.run().swept == 1
    state = world.state()
    assert state is not None
    assert (state.spent, state.held) == (usd("0.002"), usd("0"))
    (row,) = world.rows()
    assert row.settlement.status is AttemptStatus.SWEPT
    assert world.check().drift == {}


def test_a_call_that_comes_back_after_it_was_swept_is_corrected_to_what_it_came_to(world: MoneyWorld) -> None:
    world.budget("1")
    held = world.spending.hold(world.attempt(usd("0.01"), estimate=usd("0.002")))
    world.clock.pass_s(CALL_TIME.total_seconds())
    world.roll_up.run()
    late = world.settlement(usd("0.0075"))
    for _ in range(2):
        row = world.spending.settle(held, late)
        assert row.settlement.status is AttemptStatus.SWEPT
    world.clock.pass_s(60)
    world.roll_up.run()
    state = world.state()
    assert state is not None
    assert (state.spent, world.summed()) == (usd("0.0075"), usd("0.0075"))
    assert [row.settlement.cost for row in world.rows()] == [usd("0.0055"), usd("0.002")]
    assert world.check().drift == {}


def test_a_dead_process_s_hold_goes_back_and_a_living_one_s_stays(world: MoneyWorld) -> None:
    world.budget("1")
    dead, alive = (world.spending.hold(world.attempt(maker=name)) for name in ("dead", "alive"))
    world.clock.pass_s(LEASE.total_seconds())
    for _ in range(2):  # the later word counts
        world.clock.pass_s(1)
        world.ledger.renew("alive", world.clock() + LEASE)
    world.roll_up.run()
    assert [row.attempt for row in world.rows()] == [dead]
    state = world.state()
    assert state is not None
    assert (state.has(alive.hold_id), state.has(dead.hold_id), len(state.holds)) == (True, False, 1)


def test_many_that_correct_one_call_at_once_never_take_off_more_than_it_cost(world: MoneyWorld) -> None:
    row = world.spend(usd("0.01"))

    def corrects(number: int) -> bool:
        corrections = Corrections(world.ledger, world.windows, world.clock)
        try:
            corrections.enter(TENANT, row.attempt.call_id, "1", f"n-{number}", usd("-0.004"), "a credit", SOMEBODY)
        except (Conflict, InvalidRequest):
            return False
        return True

    with ThreadPoolExecutor(6) as threads:
        entered = sum(threads.map(corrects, range(6)))
    assert 1 <= entered <= 2
    assert exact_sum(each.settlement.cost for each in world.rows()) == usd("0.01") - entered * usd("0.004")


def test_of_a_hundred_calls_at_once_as_many_pass_as_the_budget_has_room_for(world: MoneyWorld) -> None:
    world.budget("0.10")

    def admitted(_: int) -> bool:
        try:
            world.spending.hold(world.attempt(usd("0.01")))
        except BudgetExceeded:
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(admitted, range(100))) == 10
    state = world.state()
    assert state is not None
    assert (state.held, state.available) == (usd("0.10"), usd("0"))


def test_the_sums_of_a_day_tell_the_first_end_users_apart_and_put_the_others_together(
    world: MoneyWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (tables, fakes):
        monkeypatch.setattr(module, "MAX_A_DAY", 2)
    for user in ("ann", "bob", "cem", "ann", "dora", "bob"):
        world.spend(usd("0.01"), end_user=EndUser(user, f"session of {user}"))
        world.roll_up.run()
    world.spend(usd("0.01"))
    world.roll_up.run()
    found: dict[str, dict[str | None, int]] = {"user": {}, "session": {}}
    today = world.clock().date()
    kinds: tuple[EndUserKind, ...] = ("user", "session")
    for kind in kinds:
        for _, cell, sums in world.sums.by_end_user(TENANT, today, today, kind):
            name = cell.end_user.user if kind == "user" else cell.end_user.session
            found[kind][name] = found[kind].get(name, 0) + sums.calls
    assert found["user"] == {"ann": 2, "bob": 2, OTHERS: 2}
    assert found["session"] == {"session of ann": 2, "session of bob": 2, OTHERS: 2}
    assert world.summed() == usd("0.07")
    assert world.sums.erase_end_users(TENANT, today.replace(day=1)) > 0
    assert list(world.sums.by_end_user(TENANT, today, today, "user")) == []


def test_roll_ups_at_once_count_every_row_once(world: MoneyWorld) -> None:
    for number in range(120):
        world.spend(usd("0.001"), tags={"n": str(number % 7)})
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: world.roll_up.run(), range(4)))
    assert sum(each.posted for each in done) == 120
    assert world.summed() == usd("0.12")
    assert world.check().drift == {}
    assert [attempt for shard in range(world.ledger.shards) for attempt in _open(world, shard)] == []


def test_thresholds_are_told_of_once(world: MoneyWorld) -> None:
    world.budget("1", alert_at=(50, 80, 100))
    for cost in ("0.85", "0.01"):
        world.spend(usd(cost))
        world.roll_up.run()
    assert [alert["threshold_percent"] for alert in world.alerts.sent] == [50, 80]


def test_a_hard_budget_that_refused_a_call_has_reached_its_hundred_per_cent(world: MoneyWorld) -> None:
    world.budget("1", alert_at=(100,))
    world.spend(usd("0.99"))
    with pytest.raises(BudgetExceeded):
        world.spending.hold(world.attempt(usd("0.02")))
    world.roll_up.run()
    assert [alert["threshold_percent"] for alert in world.alerts.sent] == [100]


def test_an_alert_that_was_not_taken_is_sent_a_minute_later(world: MoneyWorld) -> None:
    world.budget("1", alert_at=(50,))
    world.alerts.is_down = True
    world.spend(usd("0.6"))
    assert (world.roll_up.run().posted, world.alerts.sent) == (1, [])
    world.alerts.is_down = False
    for seconds, sent in ((0, 0), (61, 1), (0, 1)):
        world.clock.pass_s(seconds)
        world.spend(usd("0.001"))
        world.roll_up.run()
        assert len(world.alerts.sent) == sent


def _spent(status: object) -> object:
    return status.state.spent  # type: ignore[attr-defined]


def _open(world: MoneyWorld, shard: int) -> list[object]:
    return list(world.ledger.open_attempts(shard, after=None, limit=100))


def test_narrowed_holds_are_one_for_all_processes_and_two_that_write_at_once_lose_nothing(world: MoneyWorld) -> None:
    elsewhere = replace(world)
    tenants = [TenantId(f"tenant-{number}") for number in range(4)]
    attempts = [world.attempt(usd("0.01"), tenant=tenant) for tenant in tenants]

    def tell(number: int) -> None:
        process = (world, elsewhere)[number % 2]
        process.narrowed.report(attempts[number], usd("0.01") * (number + 2))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(tell, range(4)))
    world.clock.pass_s(31)
    for process in (world, elsewhere, replace(world)):
        [found] = process.narrowed.of(None).values()
        assert [(each.tenant, int(each.times)) for each in found.bills] == [
            (tenants[number], number + 2) for number in (3, 2, 1, 0)
        ]
        assert found.bills[0].cost == usd("0.05")
    assert world.narrowings.of(found.model) == found
    assert not world.narrowings.save(replace(found, revision="later"), before="another")
    assert not world.narrowings.acknowledge(replace(found, revision="another"), an_entry())
    assert world.narrowings.acknowledge(found, an_entry())
    assert world.narrowings.all() == []
