"""What the stacks cost at AWS's list prices, computed from synthesised templates; bounds may only be lowered."""

import json
from copy import deepcopy
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from atom_llm.adapters.data_keys import OPEN_FOR
from atom_llm.adapters.dynamodb import keys
from atom_llm.services.tenancy.provider_key_ring import KEPT_FOR
from infra.environments import ManagedCapacity
from local.bill.break_even import break_even
from local.bill.calls import call_lines, tenant_lines, total
from local.bill.idle import WEB_ACL, core_second_price, idle_lines
from local.bill.list_prices import TABLE, list_prices
from local.bill.usage import CORE_MB, IDLE_RUNS, READS_AN_HOUR, STREAMED, UTILISED, VOLUME, WHOLE
from tests.infra.conftest import Templates

PRICES = list_prices()


@pytest.mark.parametrize(("environment", "most"), [("dev", "3.00"), ("staging", "9.00"), ("prod", "9.00")])
def test_an_idle_month_costs_no_more_than_this_without_a_web_acl(
    templates: Templates, environment: str, most: str
) -> None:
    lines = idle_lines(templates(environment), PRICES)
    assert total([line for line in lines if line.what != WEB_ACL]) <= Decimal(most)


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_a_million_calls_cost_no_more_than_this_and_a_tenant_its_secret(templates: Templates, environment: str) -> None:
    assert total(call_lines(templates(environment), WHOLE, PRICES)) <= Decimal("28.80")
    assert total(call_lines(templates(environment), STREAMED, PRICES)) <= Decimal("126.00")
    assert total(tenant_lines(templates(environment), PRICES)) <= Decimal("0.4438")


def test_a_tenant_costs_less_than_a_cent_in_the_envelope_vault(templates: Templates) -> None:
    stacks = templates("prod", tenant_vault="envelope")
    assert total(tenant_lines(stacks, PRICES)) <= Decimal("0.0033")
    assert total(call_lines(stacks, WHOLE, PRICES)) < total(call_lines(templates("prod"), WHOLE, PRICES))
    assert _idle(templates, "prod", tenant_vault="envelope") == _idle(templates, "prod")


def test_a_data_key_is_opened_once_an_hour_and_keys_are_read_every_five_minutes() -> None:
    assert timedelta(hours=1) == OPEN_FOR
    assert timedelta(hours=1) / READS_AN_HOUR == KEPT_FOR


def test_what_stands_is_counted_from_the_templates(templates: Templates) -> None:
    dev = _idle(templates, "dev")
    assert _idle(templates, "dev", dashboard=True) - dev == 3
    # 208 MB for a month of 730 hours, and four runs that keep it awake.
    snapshot = Decimal("0.203125") * 730 * 3600 * Decimal("0.0000015046")
    assert 0 <= _idle(templates, "dev", snap_start=("chat",)) - dev - snapshot < Decimal("0.001")
    assert _idle(templates, "dev", web_acl_rate_limit=1000) - dev == 5 + 4


def test_memory_of_chat_and_the_share_of_traces_move_what_a_call_costs(templates: Templates) -> None:
    def lines(**changed: object) -> dict[str, Decimal]:
        found = call_lines(templates("prod", **changed), WHOLE, PRICES)
        return {line.what: line.usd for line in found}

    assert round(lines()["Lambda, chat at 208 MB"], 2) == Decimal("13.90")
    assert lines(trace_share=0.1)["X-Ray"] == Decimal("0.5")
    assert lines(trace_share=None)["X-Ray"] == Decimal("0.25")


ON_INSTANCES = ManagedCapacity(write_units=(10, 20_000), read_units=(5, 5_000))


def test_a_million_of_a_billion_calls_cost_no_more_than_this_on_instances(templates: Templates) -> None:
    stacks = templates("prod", managed_capacity=ON_INSTANCES, tenant_vault="envelope")
    assert total(call_lines(stacks, WHOLE, PRICES, VOLUME)) <= Decimal("10.81")
    assert "instances" in {line.what for line in idle_lines(stacks, PRICES)}
    plain = total(call_lines(templates("prod"), WHOLE, PRICES, VOLUME))
    assert plain <= Decimal("26.55")
    assert plain < total(call_lines(templates("prod"), WHOLE, PRICES))  # fewer runs of the ledger, cheaper tiers


@pytest.mark.parametrize("places", [1, 16, 64])
def test_at_the_break_even_instances_cost_what_memory_does_and_beyond_it_less(places: int) -> None:
    def monthly(calls: int) -> tuple[Decimal, Decimal]:
        seconds = WHOLE.waits + WHOLE.cpu_seconds * CORE_MB / 192
        by_memory = calls * PRICES.of("lambda_arm64_gb_second", Decimal("0.1875") * seconds)
        core_seconds = max((WHOLE.waits + WHOLE.cpu_seconds) / places, WHOLE.cpu_seconds) / UTILISED
        cores = max(calls * core_seconds / (730 * 3600), Decimal(3))
        gateway = PRICES.of("nat_gateway_hour", 730)
        return by_memory, cores * 730 * 3600 * core_second_price(PRICES) + gateway

    calls = break_even(WHOLE, 192, places, 3, PRICES)
    if calls is None:
        assert places == 1  # a core for a call that mostly waits is dearer than its memory, however many there are
        return
    before, at = monthly(calls - 1_000), monthly(calls + 1_000)
    assert before[0] < before[1]
    assert at[0] > at[1]


def test_a_schedule_that_nobody_has_measured_has_no_price(templates: Templates) -> None:
    stacks = deepcopy(templates("dev"))
    for resource in stacks[1]["Resources"].values():
        if resource["Type"] == "AWS::Events::Rule" and "sweep" in str(resource["Properties"]["Targets"]):
            resource["Properties"]["Targets"][0]["Input"] = json.dumps({"trigger": "unheard-of"})
    with pytest.raises(LookupError, match="unheard-of"):
        idle_lines(stacks, PRICES)


def test_a_sweep_of_nothing_reads_each_shard_of_open_calls_once() -> None:
    assert IDLE_RUNS["functions.byok.ledger.handler", "sweep"].reads == keys.OPEN_SHARDS


def test_a_price_without_its_source_is_refused(tmp_path: Path) -> None:
    told = json.loads(TABLE.read_text())
    del told["prices"]["secret"]["source"]
    table = tmp_path / "prices.json"
    table.write_text(json.dumps(told))
    with pytest.raises(ValueError, match="secret"):
        list_prices(table)


def _idle(templates: Templates, name: str, **changed: object) -> Decimal:
    return total(idle_lines(templates(name, **changed), PRICES))
