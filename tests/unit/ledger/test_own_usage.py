"""What other models used for a call is costed at their rates, also where the call is costed anew."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from atom_llm.domain.calls.billing import Bill, exact_bill
from atom_llm.domain.ledger.price_alerts import Impact
from atom_llm.domain.ledger.rows import AttemptStatus, LedgerRow, Settlement
from atom_llm.domain.pricing.cost import PricingTerms, cost
from atom_llm.domain.pricing.rates import Rates
from atom_llm.domain.pricing.reported import ReportedUsage
from atom_llm.domain.pricing.units import Unit
from atom_llm.domain.providers.messages_usage import messages_usage
from atom_llm.domain.routing.candidates import CallRequirements, Candidate
from atom_llm.services.catalogue.read_catalogue import CatalogueInForce
from atom_llm.services.ledger.reports.reprice_usage import repriced
from testing.fakes.catalogue_store import BookInMemory
from testing.fakes.service_keys import NOON
from testing.money_world import in_memory
from testing.packaged_prices import PackagedPricesReader

SONNET, HAIKU = "anthropic/claude-sonnet-5", "anthropic/claude-haiku-4-5"
IN_FORCE: CatalogueInForce = PackagedPricesReader(BookInMemory(), lambda: NOON).current()
REQUIREMENTS = CallRequirements("chat", 100, 400, 500, PricingTerms())
ADVICE = {"type": "advisor_message", "model": "claude-opus-5", "input_tokens": 20_000, "output_tokens": 1_500}
PLAIN: dict[str, Any] = {"input_tokens": 1_610, "cache_read_input_tokens": 300, "output_tokens": 350}


def rates(model: str) -> Rates | None:
    entry = IN_FORCE.catalogue.get(model)
    return None if entry is None else IN_FORCE.catalogue.rates(entry)


def beside(name: str) -> Rates | None:
    return rates(f"anthropic/{name}")


def reported(**usage: Any) -> ReportedUsage:
    found = messages_usage(usage)
    assert found is not None
    return found


def billed(**usage: Any) -> Bill:
    entry = IN_FORCE.catalogue.get(SONNET)
    assert entry is not None
    own = IN_FORCE.catalogue.rates(entry)
    candidate = Candidate(entry, own, 500, Decimal(0), Decimal(1), rates_beside=beside)
    return exact_bill(candidate, REQUIREMENTS, reported(**usage))


def settlement(bill: Bill, at: datetime = NOON) -> Settlement:
    counts, context = bill.usage.counts, bill.usage.context_tokens
    return Settlement(AttemptStatus.SUCCEEDED, at, bill.cost, counts, context, lines=bill.lines, terms=bill.terms)


def row(ended: Settlement) -> LedgerRow:
    return LedgerRow(in_memory().attempt(model=SONNET), ended)


@pytest.mark.parametrize("runs", [[], [ADVICE], [ADVICE, ADVICE]])
def test_the_usage_of_the_model_itself_is_what_is_left_without_that_of_others(runs: list[dict[str, Any]]) -> None:
    ended = settlement(billed(**PLAIN, iterations=runs))
    own = ended.own
    assert own.usage == reported(**PLAIN).usage
    assert cost(own.usage, rates(SONNET) or Rates({}), ended.terms).total + own.others == ended.cost


@pytest.mark.parametrize("runs", [[], [ADVICE]])
def test_a_call_costed_anew_by_itself_costs_what_it_did_and_elsewhere_its_advice_costs_the_same(
    runs: list[dict[str, Any]],
) -> None:
    advised = row(settlement(billed(**PLAIN, iterations=runs)))
    itself, elsewhere = (repriced([advised], IN_FORCE, model) for model in (None, HAIKU))
    assert itself.hypothetical == itself.actual == advised.settlement.cost
    advice = advised.settlement.own.others
    at_haiku = cost(reported(**PLAIN).usage, rates(HAIKU) or Rates({})).total
    assert elsewhere.hypothetical == at_haiku + advice


def test_a_changed_price_means_for_a_model_what_it_used_itself() -> None:
    impact, now = Impact(), rates(SONNET) or Rates({})
    impact.add(settlement(billed(**PLAIN, iterations=[ADVICE])), now, now)
    assert impact.cost == cost(reported(**PLAIN).usage, now).total


def test_a_call_that_another_model_answered_alone_has_no_usage_of_its_own() -> None:
    declined = {"type": "message", "model": "claude-sonnet-5", "input_tokens": 10, "output_tokens": 0}
    served = {"type": "fallback_message", "model": "claude-opus-5", "input_tokens": 10, "output_tokens": 99}
    ended = settlement(billed(input_tokens=10, output_tokens=99, iterations=[declined, served]))
    own = ended.own
    assert (dict(own.usage.counts), own.usage.context_tokens, own.others) == ({}, 0, ended.cost)
    assert ended.usage[Unit.OUTPUT] == 99
