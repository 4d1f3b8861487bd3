"""The proof of a call's cost holds offline at every kind of row, at the list's rates and at own prices."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest

from atom_llm.domain.calls.billing import Bill, estimated_bill, exact_bill, expected_bill
from atom_llm.domain.catalogue.catalogue import ModelEntry, TokenLimits, compiled
from atom_llm.domain.catalogue.own_prices import AddedModel, OwnPrice, added_entry, list_rates, own_rates
from atom_llm.domain.ledger.rows import MAX_AMOUNT, AttemptStatus, LedgerRow, Settlement
from atom_llm.domain.pricing.cost import PricingTerms, Unpriced, cost
from atom_llm.domain.pricing.reported import ReportedUsage
from atom_llm.domain.pricing.units import CACHE_READ_TOKEN, SEARCH_RATE, Unit
from atom_llm.domain.pricing.usage import Usage, disjoint
from atom_llm.domain.providers.messages_usage import messages_usage
from atom_llm.domain.routing.candidates import CallRequirements, Candidate
from atom_llm.http.published import plain_rates
from functions.byok.usage.present_usage import call_detail
from local import proof
from testing.chat_world import OURS
from testing.fakes.catalogue_store import BookInMemory
from testing.fakes.service_keys import NOON, SetClock
from testing.money_world import KEY, MoneyWorld, in_memory
from testing.packaged_prices import PackagedPricesReader, packaged

KINDS: Final = {
    (row.provider, *(key in (row.published or {}) for key in ("off_peak_pricing", SEARCH_RATE, CACHE_READ_TOKEN))): row
    for row in packaged().catalogue
    if row.mode == "chat"
}
USAGES: Final = (
    {"input_tokens": 1000, "cache_read_tokens": 100, "cache_write_tokens": 90, "output_tokens": 50},
    {"input_tokens": 300_000, "cache_read_tokens": 5, "output_tokens": 10, "reasoning_tokens": 3},
    {"input_tokens": 1000, "output_tokens": 10, "web_searches": 2},
)
PRICES: Final = PackagedPricesReader(BookInMemory(), SetClock())
ADDED: Final = added_entry("meta/our-own", AddedModel("chat", TokenLimits(8_000, 1_000)))
PER_TOKEN: Final = {"input_cost_per_token": "0.0000003", "output_cost_per_token": "0.0000007"}
OWN: Final[Mapping[str, Mapping[str, Any]]] = {
    "a factor": {"factor": Decimal("0.7")},
    "other rates": {"rates": PER_TOKEN},
}


def own_price(model: str, **more: Any) -> OwnPrice:
    return OwnPrice("01M844DZG0AD5WNQ0VF9ZREJAS", OURS, model, NOON, KEY, **more)


def called(world: MoneyWorld, entry: ModelEntry, counted: dict[str, int], price: OwnPrice | None) -> LedgerRow | None:
    """Return the row of a call; None where something that it used has no price."""
    usage, terms, rates = disjoint(counted), PricingTerms(at=world.clock()), list_rates(packaged().catalogue, entry)
    try:
        spent = cost(usage, rates if price is None else own_rates(price, rates), terms)
    except Unpriced:
        return None
    attempt = replace(
        world.attempt(model=entry.id),
        price_version=str(packaged().catalogue.version),
        own_price=None if price is None else price.id,
    )
    ended = Settlement(
        AttemptStatus.SUCCEEDED,
        world.clock(),
        spent.total,
        usage=usage.counts,
        context_tokens=usage.context_tokens,
        raw_usage={"prompt_tokens": usage.context_tokens},
        lines=spent.lines,
        terms=terms,
    )
    return LedgerRow(attempt, ended)


def told(rows: Sequence[LedgerRow], *prices: OwnPrice) -> Any:
    by_id = {price.id: price for price in prices}
    return json.loads(call_detail(rows, [], PRICES, lambda _tenant, price: by_id.get(price)).model_dump_json())


def is_proved(answer: Any, folder: Path) -> bool:
    file = folder / "call.json"
    file.write_text(json.dumps(answer))
    return proof.main(str(file)) == 0


@pytest.mark.parametrize("own", [None, *OWN])
def test_the_cost_of_a_call_is_proved_whatever_row_and_price_it_rests_on(tmp_path: Path, own: str | None) -> None:
    world, price = in_memory(), None if own is None else own_price("*", **OWN[own])
    rows = [called(world, entry, counted, price) for entry in KINDS.values() for counted in USAGES]
    priced = [row for row in rows if row is not None]
    assert len(priced) > len(KINDS)
    assert is_proved(told(priced, *([] if price is None else [price])), tmp_path)


@pytest.mark.parametrize("row", ["fireworks_ai/accounts/fireworks/models/deepseek-r1", "xai/grok-4.20"])
def test_the_cost_of_a_declared_model_is_proved_by_the_rules_of_the_row_whose_prices_it_has(
    tmp_path: Path, row: str
) -> None:
    listed = packaged().find(row).entry
    published = {**(listed.published or {}), "price_of": listed.id}
    declared = replace(listed, id="ours/large", provider="ours", source_key="ours/large", published=published)
    counted = {"input_tokens": 200_000, "cache_read_tokens": 100, "output_tokens": 10}
    usage, terms, rates = disjoint(counted), PricingTerms(at=NOON), compiled(declared)
    spent = cost(usage, rates, terms)
    ended = Settlement(AttemptStatus.SUCCEEDED, NOON, spent.total, usage.counts, usage.context_tokens)
    attempt = replace(in_memory().attempt(model=declared.id), provider="ours")
    ledger_row = LedgerRow(attempt, replace(ended, raw_usage={}, lines=spent.lines, terms=terms))
    answer = told([ledger_row])
    answer["attempts"][0]["proof"]["price"]["published"] = plain_rates(published)
    assert is_proved(answer, tmp_path)
    del answer["attempts"][0]["proof"]["price"]["published"]["price_of"]
    assert not is_proved(answer, tmp_path)


ADVICE: Final = {"type": "advisor_message", "model": "claude-opus-5", "input_tokens": 20_000, "output_tokens": 1_500}


@pytest.mark.parametrize("own", [None, *OWN])
def test_the_cost_of_a_call_in_which_another_model_took_part_is_proved(tmp_path: Path, own: str | None) -> None:
    world, entry, catalogue = in_memory(), packaged().find("anthropic/claude-sonnet-5").entry, packaged().catalogue
    price = None if own is None else own_price(entry.id, **OWN[own])
    rates = catalogue.rates(entry) if price is None else own_rates(price, catalogue.rates(entry))
    of_opus = catalogue.rates(packaged().find("anthropic/claude-opus-5").entry)
    candidate = Candidate(entry, rates, 500, Decimal(0), Decimal(1), rates_beside=lambda _: of_opus)
    reported = messages_usage({"input_tokens": 1_610, "output_tokens": 350, "iterations": [ADVICE]})
    assert reported is not None
    bill = exact_bill(candidate, CallRequirements("chat", 100, 400, 500, PricingTerms()), reported)
    ended = Settlement(AttemptStatus.SUCCEEDED, NOON, bill.cost, bill.usage.counts, bill.usage.context_tokens)
    row = called(world, entry, {"input_tokens": 1}, price)
    assert row is not None
    answer = told([LedgerRow(row.attempt, replace(ended, lines=bill.lines))], *([] if price is None else [price]))
    assert is_proved(answer, tmp_path)
    of_advice = answer["attempts"][0]["proof"]["lines"][-1]
    assert of_advice["rate_key"].startswith("claude-opus-5: ")
    of_advice["rate_usd"] = "0.0000001"
    assert not is_proved(answer, tmp_path)


def test_the_cost_of_a_model_that_no_list_has_is_proved_by_the_price_that_added_it(tmp_path: Path) -> None:
    price = own_price(ADDED.id, rates=PER_TOKEN, adds=AddedModel("chat", ADDED.limits))
    row = called(in_memory(), ADDED, {"input_tokens": 1000, "output_tokens": 10}, price)
    assert row is not None
    answer = told([row], price)
    assert is_proved(answer, tmp_path)
    answer["attempts"][0]["proof"]["own_price"]["price"]["rates"]["input_cost_per_token"] = "0.0000009"
    assert not is_proved(answer, tmp_path)


@pytest.mark.parametrize(("field", "other"), [("factor", "0.9"), ("factor", None)])
def test_a_proof_whose_own_price_is_another_one_does_not_hold(tmp_path: Path, field: str, other: str | None) -> None:
    entry = packaged().find("openai/gpt-4o-mini").entry
    price = own_price(entry.id, **OWN["a factor"])
    row = called(in_memory(), entry, {"input_tokens": 1000, "output_tokens": 10}, price)
    assert row is not None
    answer = told([row], price)
    answer["attempts"][0]["proof"]["own_price"]["price"][field] = other
    assert not is_proved(answer, tmp_path)


MINI: Final = packaged().find("openai/gpt-4o-mini").entry
HELD: Final = Decimal("0.00001")  # less than the estimates below come to
ASKED: Final = CallRequirements("chat", 100, 400, 500, PricingTerms())
NARROW: Final = Candidate(MINI, packaged().catalogue.rates(MINI), 500, Decimal(0), hold=HELD)
SEARCHED: Final = ReportedUsage(Usage({Unit.INPUT: 10, Unit.MAPS_QUERIES: 1}, 10), {"prompt_tokens": 10})
PARTLY: Final = ReportedUsage(Usage({Unit.INPUT: 10}, 10), {"prompt_tokens": 10})
BOUNDED: Final = {
    "an estimate without a report": estimated_bill(NARROW, ASKED, "It is so. " * 100, None),
    "an estimate behind a report": estimated_bill(NARROW, ASKED, "It is so. " * 100, PARTLY),
    "an answer that was not heard": expected_bill(NARROW, ASKED),
    "something that has no price": exact_bill(NARROW, ASKED, SEARCHED),
}


def charged(bill: Bill, factor: Decimal) -> LedgerRow:
    world = in_memory()
    attempt = replace(
        world.attempt(HELD * factor, model=MINI.id),
        price_version=str(packaged().catalogue.version),
        hold_factor=factor,
    )
    ended = Settlement(AttemptStatus.SUCCEEDED, NOON, bill.cost, bill.usage.counts, bill.usage.context_tokens)
    return LedgerRow(attempt, replace(ended, raw_usage=bill.raw, lines=bill.lines, reason=bill.note))


@pytest.mark.parametrize("factor", [Decimal(1), Decimal(3)])
@pytest.mark.parametrize("kind", BOUNDED)
def test_a_cost_that_the_worst_case_decides_is_proved_against_what_was_held(
    tmp_path: Path, kind: str, factor: Decimal
) -> None:
    assert BOUNDED[kind].cost == HELD
    answer = told([charged(BOUNDED[kind], factor)])
    assert answer["attempts"][0]["proof"]["charged_at"] == "hold"
    assert is_proved(answer, tmp_path)


@pytest.mark.parametrize(
    "changed", [{"held_usd": "0.00002"}, {"reason": None}, {"total_usd": "0.000011"}, {"charged_at": "lines"}]
)
def test_a_cost_that_is_not_the_worst_case_or_does_not_say_why_it_is_charged_is_not_proved(
    tmp_path: Path, changed: dict[str, str | None]
) -> None:
    answer = told([charged(BOUNDED["an estimate without a report"], Decimal(1))])
    (attempt,) = answer["attempts"]
    for name, value in changed.items():
        (attempt["proof"] if name in attempt["proof"] else attempt)[name] = value
    answer["cost_usd"] = attempt["cost_usd"] = attempt["proof"]["total_usd"]
    assert not is_proved(answer, tmp_path)


def test_what_has_no_price_is_not_proved_at_less_than_the_worst_case(tmp_path: Path) -> None:
    bill = BOUNDED["something that has no price"]
    free = bill._replace(cost=sum((line.amount for line in bill.lines), Decimal(0)))
    assert not is_proved(told([charged(free, Decimal(1))]), tmp_path)


def test_the_most_that_an_attempt_can_cost_is_proved_where_its_lines_come_to_more(tmp_path: Path) -> None:
    entry = added_entry("meta/our-own", AddedModel("chat", TokenLimits(8_000, 1_000)))
    price = own_price(entry.id, rates={"input_cost_per_token": "2000000"}, adds=AddedModel("chat", entry.limits))
    rates = own_rates(price, list_rates(packaged().catalogue, entry))
    dear = Candidate(entry, rates, 500, Decimal(0), hold=Decimal(1))
    bill = exact_bill(dear, ASKED, ReportedUsage(Usage({Unit.INPUT: 1_000}, 1_000), {"prompt_tokens": 1_000}))
    assert bill.cost == MAX_AMOUNT
    row = charged(bill, Decimal(1))
    row = replace(row, attempt=replace(row.attempt, model=entry.id, provider="meta", own_price=price.id))
    answer = told([row], price)
    assert answer["attempts"][0]["proof"]["charged_at"] == "most"
    assert is_proved(answer, tmp_path)
    answer["attempts"][0]["proof"]["lines"] = []
    assert not is_proved(answer, tmp_path)
