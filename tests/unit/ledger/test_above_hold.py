"""A bill above its hold: it is written, told, and narrows what the model may do next until a person has looked."""

from concurrent.futures import Executor, Future
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atom_llm.domain.core.errors import Conflict, StoreUnavailable
from atom_llm.domain.core.ids import CallId, TenantId
from atom_llm.domain.core.money import ONE
from atom_llm.domain.ledger.narrowing import MOST_TIMES, ExcessBill, Narrowing
from atom_llm.services.ledger.budgets.narrowed_holds import NarrowedHolds
from testing.audit import SOMEBODY
from testing.fakes.audit_log import AuditLogInMemory
from testing.fakes.ledger.narrowings import NarrowingsInMemory
from testing.fakes.service_keys import NOON
from testing.money_world import TENANT, MoneyWorld, in_memory, usd

MODEL = "openai/gpt-4o-mini"
A, B, C, D = (TenantId(f"tenant-{each}") for each in "abcd")


def billed(world: MoneyWorld, cost: str, tenant: TenantId = TENANT, factor: Decimal = ONE) -> None:
    """A call with a cent of worst case, held `factor` times, and what it cost."""
    attempt = replace(world.attempt(usd("0.01") * factor, tenant=tenant), hold_factor=factor)
    world.spending.settle(world.spending.hold(attempt), world.settlement(usd(cost)))


def factor(world: MoneyWorld, tenant: TenantId = TENANT, model: str = MODEL) -> int:
    found = world.narrowed.of(None).get(model)
    return 1 if found is None else int(found.factor(tenant))


def stored(world: MoneyWorld) -> NarrowingsInMemory:
    assert isinstance(world.narrowings, NarrowingsInMemory)
    return world.narrowings


def test_a_bill_above_its_hold_is_written_whole_and_more_is_held_for_the_model_from_then_on() -> None:
    world = in_memory()
    billed(world, "0.025")
    assert world.rows()[0].settlement.cost == usd("0.025")
    assert factor(world) == 3


def test_a_bill_of_just_its_hold_changes_nothing_and_no_other_model_is_touched() -> None:
    world = in_memory()
    billed(world, "0.01")
    assert stored(world).stored == {}
    billed(world, "0.02")
    assert factor(world, model="openai/gpt-4o") == 1


def test_a_bill_above_a_narrowed_hold_narrows_further_by_the_models_own_worst_case() -> None:
    world = in_memory()
    billed(world, "0.025")
    billed(world, "0.07", factor=Decimal(3))
    assert factor(world) == 7


def test_a_factor_is_bounded() -> None:
    world = in_memory()
    billed(world, "500")
    assert factor(world) == int(MOST_TIMES)


def test_every_process_hears_of_it_within_30_seconds_also_one_that_starts_later() -> None:
    world = in_memory()
    elsewhere = replace(world)
    assert factor(elsewhere) == 1
    billed(world, "0.025")
    elsewhere.clock.pass_s(30)
    assert factor(elsewhere) == 3
    assert factor(replace(world)) == 3


def test_calls_of_30_seconds_read_it_once() -> None:
    world = in_memory()
    for _ in range(29):
        factor(world)
        world.clock.pass_s(1)
    assert stored(world).reads == 1


class Later(Executor):
    """Runs what it is given when it is told to."""

    def __init__(self) -> None:
        self.waiting: list[tuple[Any, tuple[Any, ...]]] = []

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> "Future[Any]":
        self.waiting.append((fn, args))
        return Future()

    def run(self) -> int:
        waiting, self.waiting = self.waiting, []
        for fn, args in waiting:
            fn(*args)
        return len(waiting)


def test_under_traffic_no_call_waits_for_it_and_one_look_is_had_behind_them() -> None:
    world, later = in_memory(), Later()
    world.narrowed = NarrowedHolds(world.narrowings, world.clock, later)
    assert factor(world) == 1
    billed(replace(world), "0.025")
    reads = stored(world).reads
    world.clock.pass_s(15)
    assert [factor(world) for _ in range(3)] == [1, 1, 1]
    assert (stored(world).reads, later.run(), stored(world).reads) == (reads, 1, reads + 1)
    assert factor(world) == 3
    world.clock.pass_s(15)
    stored(world).is_down = True
    assert (factor(world), later.run(), factor(world)) == (3, 1, 3)


def test_one_tenant_alone_makes_no_hold_of_another_dearer() -> None:
    world = in_memory()
    billed(world, "0.5", A)
    assert (factor(world, A), factor(world, B)) == (50, 1)


def test_who_met_no_such_bill_is_held_for_by_the_second_highest_of_the_others() -> None:
    world = in_memory()
    billed(world, "0.5", A)
    billed(world, "0.03", B)
    assert [factor(world, each) for each in (A, B, C)] == [50, 3, 3]


def test_a_bill_that_the_table_does_not_take_narrows_this_process_at_once_and_the_others_when_it_does() -> None:
    world = in_memory()
    elsewhere = replace(world)
    factor(world)
    stored(world).is_down = True
    billed(world, "0.025")
    assert (factor(world), stored(world).stored) == (3, {})
    stored(world).is_down = False
    world.clock.pass_s(31)
    assert factor(world) == 3
    assert factor(elsewhere) == 3


def test_what_was_known_holds_while_the_table_is_down_and_without_a_first_answer_nothing_is_known() -> None:
    world = in_memory()
    billed(world, "0.025")
    stored(world).is_down = True
    world.clock.pass_s(3_600)
    assert factor(world) == 3
    with pytest.raises(StoreUnavailable):
        factor(replace(world))


def test_a_person_ends_it_for_everybody_with_an_entry_in_the_audit_log() -> None:
    audit = AuditLogInMemory()
    world = in_memory(audit=audit)
    billed(world, "0.025")
    elsewhere = replace(world)
    assert factor(elsewhere) == 3
    seen = world.narrowed.acknowledge(MODEL, None, SOMEBODY)
    assert seen is not None
    assert [(entry.action, entry.subject, entry.tenant) for entry in audit.all] == [
        ("narrowing.acknowledged", MODEL, SOMEBODY.tenant)
    ]
    assert factor(world) == 1
    elsewhere.clock.pass_s(30)
    assert factor(elsewhere) == 1
    assert world.narrowed.acknowledge(MODEL, None, SOMEBODY) is None
    assert len(audit.all) == 1


def test_nobody_acknowledges_what_they_have_not_seen() -> None:
    audit = AuditLogInMemory()
    world = in_memory(audit=audit)
    billed(world, "0.025")
    [seen] = world.narrowed.listed()
    billed(world, "0.5", B)
    with pytest.raises(Conflict):
        world.narrowed.acknowledge(MODEL, seen.revision, SOMEBODY)
    assert (factor(world), audit.all) == (3, [])
    [now] = world.narrowed.listed()
    assert [(each.tenant, int(each.times)) for each in now.bills] == [(B, 50), (TENANT, 3)]
    assert world.narrowed.acknowledge(MODEL, now.revision, SOMEBODY) is not None


def test_after_an_acknowledgement_the_next_bill_narrows_anew() -> None:
    world = in_memory()
    billed(world, "0.5")
    world.narrowed.acknowledge(MODEL, None, SOMEBODY)
    billed(world, "0.015")
    assert factor(world) == 2


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(2, 1_000)), max_size=40))
def test_whatever_was_billed_each_tenant_has_the_higher_of_its_own_and_the_second_of_the_others(
    billed: list[tuple[int, int]],
) -> None:
    narrowing, highest = Narrowing(MODEL, NOON, ()), dict[TenantId, int]()
    for whose, times in billed:
        tenant = TenantId(f"tenant-{whose}")
        bill = ExcessBill(tenant, CallId("c"), "1", NOON, usd("1"), usd("2"), Decimal(times))
        narrowing = narrowing.with_bill(bill)
        highest[tenant] = max(times, highest.get(tenant, 1))
    for tenant in (*highest, TenantId("tenant-of-no-bill")):
        others = sorted((times for each, times in highest.items() if each != tenant), reverse=True)
        second = others[1] if len(others) > 1 else 1
        assert narrowing.factor(tenant) == max(highest.get(tenant, 1), second)


@given(st.dictionaries(st.integers(0, 5), st.integers(2, 1_000)), st.integers(2, 1_000))
def test_what_one_tenant_is_billed_changes_no_factor_where_no_other_was_billed_as_much(
    before: dict[int, int], times: int
) -> None:
    """Another's factor goes beyond its own and the others' highest bill never, however high one tenant's is."""
    narrowing = Narrowing(MODEL, NOON, ())
    for whose, each in before.items():
        bill = ExcessBill(TenantId(f"tenant-{whose}"), CallId("c"), "1", NOON, usd("1"), usd("2"), Decimal(each))
        narrowing = narrowing.with_bill(bill)
    loud = ExcessBill(TenantId("loud"), CallId("c"), "1", NOON, usd("1"), usd("2"), Decimal(times))
    highest = max(before.values(), default=1)
    assert narrowing.with_bill(loud).factor(TenantId("quiet")) <= highest
