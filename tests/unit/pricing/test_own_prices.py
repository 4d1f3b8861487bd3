"""Own prices as rates: what a factor and what rates make of a list's, for which models, and until when."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from atom_llm.domain.catalogue.catalogue import ModelEntry, decode, encode
from atom_llm.domain.catalogue.own_prices import OwnPrice, OwnPrices, is_absurd, own_rates
from atom_llm.domain.core.ids import ServiceKeyId, TenantId
from atom_llm.domain.core.money import EXACT
from atom_llm.domain.pricing.cost import PricingTerms, cost
from atom_llm.domain.pricing.rates import Rates, read_rates
from atom_llm.domain.pricing.usage import disjoint

NOW = datetime(2026, 11, 29, 7, tzinfo=UTC)
SECOND = timedelta(seconds=1)
LIST = {
    "input_cost_per_token": "0.000002",
    "input_cost_per_token_above_200k_tokens": "0.000004",
    "input_cost_per_token_batches": "0.000001",
    "cache_read_input_token_cost": "0.0000002",
    "output_cost_per_token": "0.00001",
}
LONG = disjoint({"input_tokens": 200_001, "output_tokens": 7, "cache_read_tokens": 9})
SHORT = disjoint({"input_tokens": 2_000, "output_tokens": 7, "cache_read_tokens": 9})


def price(identity: str = "01A", models: str = "openai/*", **more: object) -> OwnPrice:
    fields = {"starts": NOW, "set_by": ServiceKeyId("k"), "factor": Decimal("0.5")} | more
    return OwnPrice(identity, TenantId("acme"), models, **fields)  # type: ignore[arg-type]


def total(rates: Rates, *, batch: bool = False, is_long: bool = False) -> Decimal:
    return cost(LONG if is_long else SHORT, rates, PricingTerms(service_tier="batch" if batch else None)).total


@pytest.mark.parametrize("is_long", [False, True])
@pytest.mark.parametrize("batch", [False, True])
def test_a_factor_is_one_of_every_length_and_tier(*, is_long: bool, batch: bool) -> None:
    listed = read_rates(LIST)
    own = own_rates(price(factor=Decimal("0.85")), listed)
    whole = total(listed, batch=batch, is_long=is_long)
    assert total(own, batch=batch, is_long=is_long) == EXACT.multiply(whole, Decimal("0.85"))


def test_rates_replace_those_of_their_names_and_no_others() -> None:
    own = own_rates(price(factor=None, rates={"input_cost_per_token": "0.000003"}), read_rates(LIST))
    for batch in (False, True):
        for is_long in (False, True):
            steps = own.step("input_cost_per_token", 300_000 if is_long else 0, "batches" if batch else "")
            assert steps is not None
            assert steps.rate == Decimal("0.000003")
    assert own.step("output_cost_per_token", 0, "") == read_rates(LIST).step("output_cost_per_token", 0, "")


def test_the_more_special_the_later_and_the_operators_precede() -> None:
    prices = OwnPrices(
        [
            price("01A", "openai/*"),
            price("01B", "openai/gpt-4o"),
            price("01C", "openai/gpt-4o"),
            price("01D", "openai/gpt-4o*"),
        ]
    )
    assert [found.id for found in prices.prices] == ["01C", "01B", "01D", "01A"]
    assert (found := prices.price_of("openai/gpt-4o-mini", NOW)) is not None
    assert found.id == "01D"
    assert prices.price_of("anthropic/claude", NOW) is None
    operators = OwnPrices([*prices.prices, price("01E", "*/*", by_operator=True)])
    assert (found := operators.price_of("openai/gpt-4o", NOW)) is not None
    assert found.id == "01E"


@pytest.mark.parametrize(
    ("models", "model", "covers"),
    [
        ("openai/*", "openai/ft:gpt-4o:org::id", True),
        ("openai/*", "openai_other/gpt-4o", False),
        ("openai/*-mini", "openai/gpt-4o-mini-2024", False),
        ("openai/gpt-?o*", "openai/gpt-4o", False),
        ("openai/[g]pt*", "openai/gpt-4o", False),
        ("openai/GPT*", "openai/gpt-4o", False),
        ("openai/gpt-4o", "openai/gpt-4o-mini", False),
    ],
)
def test_a_star_alone_stands_for_anything(models: str, model: str, *, covers: bool) -> None:
    assert price(models=models).covers(model) is covers


def test_it_holds_from_its_first_instant_until_before_its_last() -> None:
    prices = OwnPrices([price(ends=NOW + 2 * SECOND)])
    held = [prices.price_of("openai/x", NOW + number * SECOND) is not None for number in (-1, 0, 1, 2)]
    assert held == [False, True, True, False]


def test_rates_are_compiled_once() -> None:
    row = ModelEntry("openai/x", "openai", "x", "litellm", "chat", LIST)
    catalogue = decode(encode([row])[1])
    prices = OwnPrices([price()])
    first = prices.rates_of(catalogue, NOW)(row)
    assert prices.rates_of(catalogue, NOW + SECOND)(row) is first
    assert (first.own_price, catalogue.rates(row).own_price) == ("01A", None)


@pytest.mark.parametrize(
    ("own", "listed", "absurd"),
    [
        ("10", "1", False),
        ("10.01", "1", True),
        ("1", "10", False),
        ("0.99", "10", True),
        ("0", "1", True),
        ("0", "0", False),
    ],
)
def test_ten_times_is_the_bound(own: str, listed: str, *, absurd: bool) -> None:
    assert is_absurd(Decimal(own), Decimal(listed)) is absurd
