"""What changed prices mean for tenants: told once, exactly, above their threshold, in slices that resume."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from atom_llm.domain.catalogue.catalogue import ModelEntry, encode
from atom_llm.domain.catalogue.own_prices import OwnPrice
from atom_llm.domain.catalogue.price_events import PriceEvent, changes, encode_events
from atom_llm.domain.catalogue.refresh import Activation
from atom_llm.domain.core.errors import Unavailable
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.ledger.price_alerts import PriceAlertSettings
from atom_llm.services.ledger.price_alerts.tell_tenants import PriceAlerter, PriceAlertRun
from testing.audit import an_entry
from testing.fakes.catalogue_store import BookInMemory
from testing.fakes.ledger.alerts import AlertsInMemory
from testing.fakes.ledger.price_alerts import PriceAlertLogInMemory, PriceAlertSettingsInMemory
from testing.fakes.own_prices import OwnPricesInMemory
from testing.money_world import KEY, TENANT, MoneyWorld, in_memory, usd

OTHER = TenantId("tenant-b")
IN, OUT = "input_cost_per_token", "output_cost_per_token"
SMALL = ModelEntry("openai/gpt-4o-mini", "openai", "gpt-4o-mini", "litellm", "chat", {IN: "0.001", OUT: "0.002"})
LARGE = ModelEntry("openai/gpt-4o", "openai", "gpt-4o", "litellm", "chat", {IN: "0.01", OUT: "0.02"})
DAY = timedelta(days=1)
LATER = timedelta(hours=1)


class World:
    """Tenants' calls of yesterday, and a price book that changes."""

    def __init__(self) -> None:
        self.money: MoneyWorld = in_memory()
        self.clock = self.money.clock
        self.book = BookInMemory()
        self.own = OwnPricesInMemory()
        self.settings = PriceAlertSettingsInMemory()
        self.log = PriceAlertLogInMemory()
        self.alerts = AlertsInMemory()
        self.tenants = [TENANT, OTHER]
        self.rows = [SMALL, LARGE]
        self.activate(self.rows, ())
        self.run()  # a deployment that has told of nothing yet begins with the next change

    def activate(self, rows: list[ModelEntry], events: tuple[PriceEvent, ...]) -> None:
        head = self.book.head()
        version, snapshot = encode(rows)
        sequence = head.sequence + 1 if head else 1
        at = self.clock()
        self.book.activate(
            Activation(sequence, version, at, len(rows), len(snapshot), len(events)), snapshot, encode_events(events)
        )

    def change(self, *rows: ModelEntry) -> None:
        """Put other rows in force, with the events that a refresh tells."""
        by_id = {row.id: row for row in self.rows}
        events = tuple(event for row in rows for event in changes(by_id[row.id], row))
        self.rows = list((by_id | {row.id: row for row in rows}).values())
        self.activate(self.rows, events)

    def call(self, model: str = SMALL.id, tenant: TenantId = TENANT, calls: int = 1) -> None:
        """Calls of a thousand input tokens each."""
        for _ in range(calls):
            self.money.spend(usd("1"), model=model, tenant=tenant)
        self.money.roll_up.run()

    def alerter(self) -> PriceAlerter:
        def behind(after: TenantId | None) -> Iterator[TenantId]:
            return (tenant for tenant in self.tenants if after is None or tenant > after)

        return PriceAlerter(
            self.book,
            self.own,
            self.money.ledger,
            self.money.sums,
            self.settings,
            self.log,
            self.alerts,
            behind,
            self.clock,
        )

    def run(self, until: timedelta = LATER) -> PriceAlertRun:
        return self.alerter().run(self.clock() + until)

    def wants(self, threshold: str, tenant: TenantId = TENANT, *, enabled: bool = True) -> None:
        self.settings.put(tenant, PriceAlertSettings(enabled, usd(threshold)), an_entry())

    @property
    def told(self) -> list[Any]:
        return self.alerts.sent


@pytest.fixture
def world() -> World:
    return World()


def priced(row: ModelEntry, rate: str) -> ModelEntry:
    return replace(row, published={**(row.published or {}), IN: rate})


# What it would have meant


def test_a_dearer_model_tells_what_the_tenants_own_calls_would_have_cost(world: World) -> None:
    world.call(calls=3)
    world.clock.now += DAY
    world.change(priced(SMALL, "0.0015"))
    assert world.run() == PriceAlertRun(activations=1, tenants=2, sent=1, is_finished=True)
    (alert,) = world.told
    assert (alert["tenant"], alert["difference_usd"], alert["more_changes"]) == (TENANT, "1.5", 0)
    (change,) = alert["changes"]
    assert (change["model"], change["kind"], change["calls"]) == (SMALL.id, "price", 3)
    assert (change["cost_usd"], change["would_cost_usd"], change["difference_usd"]) == ("3", "4.5", "1.5")


def test_a_cheaper_one_tells_with_a_minus(world: World) -> None:
    world.call(calls=4)
    world.clock.now += DAY
    world.change(priced(SMALL, "0.0005"))
    world.run()
    assert world.told[0]["difference_usd"] == "-2"


def test_only_calls_of_changed_models_count_and_only_tenants_that_made_some_are_told(world: World) -> None:
    world.call(LARGE.id, calls=5)
    world.call(SMALL.id, OTHER, calls=2)
    world.clock.now += DAY
    world.change(priced(SMALL, "0.002"))
    world.run()
    assert [(alert["tenant"], alert["changes"][0]["calls"]) for alert in world.told] == [(OTHER, 2)]


def test_thirty_whole_days_count_before_the_change_and_no_day_more(world: World) -> None:
    world.call()
    world.clock.now += 30 * DAY
    world.change(priced(SMALL, "0.003"))
    world.run()
    assert (world.told[0]["from_day"], world.told[0]["changes"][0]["calls"]) == (
        (world.clock().date() - 30 * DAY).isoformat(),
        1,
    )
    world.clock.now += DAY
    world.change(priced(SMALL, "0.006"))
    world.run()
    assert len(world.told) == 1


def test_each_call_is_costed_by_itself_so_that_length_tiers_come_out_right(world: World) -> None:
    world.call(calls=2)
    world.clock.now += DAY
    # Together the two prompts are longer than the tier's edge; neither of them is.
    tiered = replace(SMALL, published={**(SMALL.published or {}), IN: "0.002", f"{IN}_above_1k_tokens": "1"})
    world.change(tiered)
    world.run()
    assert world.told[0]["difference_usd"] == "2"


def test_a_deprecation_tells_what_was_spent_on_the_model(world: World) -> None:
    world.call(calls=2)
    world.clock.now += DAY
    world.change(replace(SMALL, deprecation_date=date(2027, 3, 1)))
    world.run()
    (change,) = world.told[0]["changes"]
    assert (change["kind"], change["deprecation_date"], change["cost_usd"]) == ("deprecation", "2027-03-01", "2")
    assert (change["would_cost_usd"], change["difference_usd"]) == (None, None)


def test_what_waits_in_quarantine_tells_what_it_would_mean_and_why_it_waits(world: World) -> None:
    world.call(calls=2)
    world.clock.now += DAY
    held = PriceEvent(
        "quarantined", "litellm", SMALL.id, "openai", dict(SMALL.published or {}), {IN: "0.1", OUT: "0.2"}, "100 times"
    )
    world.activate(world.rows, (held,))
    world.run()
    (change,) = world.told[0]["changes"]
    assert (change["kind"], change["reason"], change["would_cost_usd"]) == ("quarantined", "100 times", "200")
    assert world.told[0]["difference_usd"] == "0"  # nothing of it is in force


def test_a_tenants_own_price_is_what_changes_for_it(world: World) -> None:
    def own(tenant: TenantId, **terms: Any) -> OwnPrice:
        return OwnPrice("01A", tenant, SMALL.id, datetime(2026, 1, 1, tzinfo=UTC), KEY, **terms)

    world.own.add(own(TENANT, factor=Decimal("0.5")), an_entry())
    world.own.add(own(OTHER, rates={IN: "0.001"}), an_entry())
    for tenant in world.tenants:
        world.call(tenant=tenant, calls=4)
    world.clock.now += DAY
    world.change(priced(SMALL, "0.002"))
    world.run()
    assert [(alert["tenant"], alert["difference_usd"]) for alert in world.told] == [(TENANT, "2")]


def test_a_fine_tune_follows_its_base(world: World) -> None:
    tuned = ModelEntry("openai/ft:gpt-4o-mini", "openai", "ft:gpt-4o-mini", "litellm", "chat", {IN: "0.001"})
    world.rows = [*world.rows, tuned]
    world.activate(world.rows, ())
    world.call("openai/ft:gpt-4o-mini:org::id", calls=2)
    world.clock.now += DAY
    world.change(priced(tuned, "0.002"))
    world.run()
    assert [change["model"] for change in world.told[0]["changes"]] == [tuned.id]


# The threshold


@pytest.mark.parametrize(("threshold", "told"), [("0.99", 1), ("1", 1), ("1.01", 0)])
def test_an_alert_is_due_from_the_tenants_threshold_on(world: World, threshold: str, told: int) -> None:
    world.wants(threshold)
    world.call(calls=2)
    world.clock.now += DAY
    world.change(priced(SMALL, "0.0015"))
    world.run()
    assert len(world.told) == told


def test_changes_reach_the_threshold_together_and_kinds_by_themselves(world: World) -> None:
    world.wants("10")
    world.call(calls=2)
    world.call(LARGE.id)
    world.clock.now += DAY
    # 4 and 6 USD of prices; 2 USD spent on what is deprecated.
    world.change(replace(priced(SMALL, "0.003"), deprecation_date=date(2027, 3, 1)), priced(LARGE, "0.016"))
    world.run()
    (alert,) = world.told
    assert [(each["kind"], each["difference_usd"]) for each in alert["changes"]] == [("price", "6"), ("price", "4")]


def test_without_a_word_of_the_tenant_one_dollar_is_the_threshold(world: World) -> None:
    world.call(calls=2)
    world.clock.now += DAY
    world.change(priced(SMALL, "0.00149"))
    world.run()
    assert world.told == []


def test_who_does_not_want_to_be_told_is_not(world: World) -> None:
    world.wants("0", enabled=False)
    world.call(calls=9)
    world.clock.now += DAY
    world.change(priced(SMALL, "0.009"))
    assert world.run().is_finished
    assert world.told == []


def test_a_change_that_changes_nothing_for_the_tenant_is_not_told_even_at_zero(world: World) -> None:
    world.wants("0")
    world.call()
    world.clock.now += DAY
    world.change(replace(SMALL, published={IN: "0.001", OUT: "0.009"}))
    world.run()
    assert world.told == []


# Once, in slices, whatever dies


def test_nobody_is_told_twice(world: World) -> None:
    world.call(calls=3)
    world.clock.now += DAY
    world.change(priced(SMALL, "0.002"))
    runs = [world.run() for _ in range(3)]
    assert [run.sent for run in runs] == [1, 0, 0]
    assert len(world.told) == 1


def test_a_process_that_died_before_it_noted_how_far_it_came_tells_nobody_twice(world: World) -> None:
    world.call(calls=3)
    world.clock.now += DAY
    world.change(priced(SMALL, "0.002"))
    came = world.log.came
    world.run()
    world.log.came = came
    assert world.run().sent == 0
    assert len(world.told) == 1


def test_a_slice_goes_on_behind_the_tenant_where_the_one_before_it_stopped(world: World) -> None:
    world.tenants = [TenantId(f"t{number:02}") for number in range(7)]
    for tenant in world.tenants:
        world.call(tenant=tenant, calls=2)
    world.clock.now += DAY
    world.change(priced(SMALL, "0.002"))
    runs = [world.run(until=timedelta(0))]
    while not runs[-1].is_finished:
        runs.append(world.run(until=timedelta(0)))
    assert [run.tenants for run in runs] == [*[1] * 7, 0]
    assert [alert["tenant"] for alert in world.told] == world.tenants


def test_a_slice_goes_on_in_the_midst_of_a_tenants_days_and_every_call_counts_once(world: World) -> None:
    for _ in range(5):
        world.call(calls=2)
        world.clock.now += DAY
    world.change(priced(SMALL, "0.002"))
    slices = 0
    while not world.run(until=timedelta(0)).is_finished:
        slices += 1
    assert slices >= 5
    (alert,) = world.told
    assert (alert["changes"][0]["calls"], alert["difference_usd"]) == (10, "10")


def test_changes_that_follow_each_other_are_told_one_by_one(world: World) -> None:
    world.call(calls=2)
    world.clock.now += DAY
    world.change(priced(SMALL, "0.002"))
    world.change(priced(SMALL, "0.003"))
    assert world.run().activations == 2
    assert [alert["difference_usd"] for alert in world.told] == ["2", "2"]
    assert [alert["alert_id"] for alert in world.told] == [f"{TENANT}/prices/{number}" for number in (2, 3)]


def test_an_alert_that_is_not_taken_is_sent_by_a_later_run(world: World) -> None:
    world.call(calls=3)
    world.clock.now += DAY
    world.change(priced(SMALL, "0.002"))
    world.alerts.is_down = True
    with pytest.raises(Unavailable):
        world.run()
    world.alerts.is_down = False
    world.clock.now += timedelta(minutes=15)
    assert world.run().sent == 1
    assert len(world.told) == 1


def test_of_two_processes_one_goes_on(world: World) -> None:
    world.call(calls=3)
    world.clock.now += DAY
    world.change(priced(SMALL, "0.002"))
    progress = world.log.progress()
    assert progress is not None
    assert world.log.put_progress(progress) is not None
    assert world.log.put_progress(progress) is None


def test_a_change_that_cannot_be_read_stops_no_later_one(world: World) -> None:
    world.call(calls=3)
    world.clock.now += DAY
    world.change(priced(SMALL, "0.002"))
    head = world.book.head()
    assert head is not None
    world.change(priced(SMALL, "0.004"))
    world.change(priced(SMALL, "0.006"))
    world.book.lose(head.version)
    run = world.run()
    assert (run.activations, run.is_finished) == (3, True)
    assert [alert["difference_usd"] for alert in world.told] == ["6"]


def test_the_first_prices_of_a_deployment_are_no_change() -> None:
    world = World()
    world.log.came = None
    world.call(calls=9)
    assert (world.run().is_finished, world.told) == (True, [])
