"""The bill of an answer that nobody counted to its end: what came of it, and what its model thinks out of sight."""

from dataclasses import replace
from decimal import Decimal

import pytest

from atom_llm.domain.calls.billing import Thoughts, broken_bill, estimated_bill, whole_bill
from atom_llm.domain.catalogue.catalogue import ModelEntry
from atom_llm.domain.pricing.cost import PricingTerms
from atom_llm.domain.pricing.rates import read_rates
from atom_llm.domain.pricing.reported import ReportedUsage
from atom_llm.domain.pricing.token_estimate import tokens_of_texts
from atom_llm.domain.pricing.units import Unit
from atom_llm.domain.pricing.usage import Usage
from atom_llm.domain.providers.chunks import native_chunk, parts_of, texts_of
from atom_llm.domain.providers.exchange import Json, ProviderAnswer
from atom_llm.domain.routing.candidates import CallRequirements, Candidate

RATES = read_rates({"input_cost_per_token": "0.001", "output_cost_per_token": "0.002"})
MODEL = ModelEntry("openai/o9", "openai", "o9", "litellm")
LIMIT = 1_000
OF_CLAUDE = b'data: {"type":"content_block_delta","delta":{"type":"thinking_delta","thinking":"Hm."}}'
SUMMARISED = b'data: {"type":"response.reasoning_summary_text.delta","delta":"Hm."}'
SPOKEN = b'data: {"type":"response.output_text.delta","delta":"Yes"}'
CANDIDATE = Candidate(MODEL, RATES, LIMIT, Decimal(1), hold=Decimal(100))
REQUIREMENTS = CallRequirements("chat", 100, 400, 500, PricingTerms())
SAID = "It is so."
LONG = "It is so. " * LIMIT  # some 4,000 tokens
HEARD = "I think that this is so because of that. "


def bill(thoughts: Thoughts, reported: ReportedUsage | None = None, produced: str = SAID) -> dict[Unit, int]:
    found = estimated_bill(CANDIDATE, REQUIREMENTS, produced, reported, thoughts)
    return {unit: int(count) for unit, count in found.usage.counts.items()}


@pytest.mark.parametrize("usual", [0, 1, 900])
def test_what_is_usually_thought_is_billed_beside_what_was_said(usual: int) -> None:
    counts = bill(Thoughts("", usual))
    assert counts.pop(Unit.REASONING, 0) == usual
    assert counts == {Unit.INPUT: 100, Unit.OUTPUT: tokens_of_texts((SAID,))}


def test_what_was_heard_of_the_thoughts_is_billed_once() -> None:
    heard = tokens_of_texts((HEARD,))
    assert bill(Thoughts(HEARD, 900), produced=HEARD + SAID)[Unit.REASONING] == 900 - heard
    assert Unit.REASONING not in bill(Thoughts(HEARD, heard), produced=HEARD + SAID)


def test_thoughts_that_are_reported_are_billed_as_they_are() -> None:
    told = ReportedUsage(Usage({Unit.INPUT: 25, Unit.REASONING: 7}, 25), {})
    assert bill(Thoughts("", 900), told)[Unit.REASONING] == 7
    before_any = ReportedUsage(Usage({Unit.INPUT: 25}, 25), {})
    assert bill(Thoughts("", 900), before_any)[Unit.REASONING] == 900


def test_no_more_is_taken_for_thought_than_the_answer_may_have() -> None:
    counts = bill(Thoughts("", 10 * LIMIT))
    assert counts[Unit.REASONING] + counts[Unit.OUTPUT] == LIMIT


def test_an_answer_is_never_estimated_longer_than_it_may_be() -> None:
    assert tokens_of_texts((LONG,)) > LIMIT
    assert bill(Thoughts("", 900), produced=LONG) == {Unit.INPUT: 100, Unit.OUTPUT: LIMIT}
    told = ReportedUsage(Usage({Unit.INPUT: 25, Unit.OUTPUT: 3}, 25), {})
    assert bill(Thoughts("", 900), told, produced=LONG) == {Unit.INPUT: 25, Unit.OUTPUT: LIMIT}
    two = replace(REQUIREMENTS, choices=2)
    assert estimated_bill(CANDIDATE, two, 3 * LONG, None).usage.counts[Unit.OUTPUT] == 2 * LIMIT


def test_thoughts_that_were_heard_may_fill_the_limit_once_more() -> None:
    assert bill(Thoughts(LONG, 0), produced=LONG + LONG)[Unit.OUTPUT] == 2 * LIMIT
    assert bill(Thoughts(LONG, 0), produced=LONG)[Unit.OUTPUT] == LIMIT


@pytest.mark.parametrize("name", ["content", "reasoning_content"])
def test_a_whole_answer_and_a_stream_that_broke_are_bounded_alike(name: str) -> None:
    spoken, delta = {"message": {name: LONG}}, {"delta": {name: LONG}}
    whole = whole_bill(CANDIDATE, REQUIREMENTS, ProviderAnswer({"choices": [spoken]}, None))
    broken = broken_bill(CANDIDATE, REQUIREMENTS, None, [{"choices": [delta]}])
    assert whole.usage.counts[Unit.OUTPUT] == broken.usage.counts[Unit.OUTPUT] == LIMIT


@pytest.mark.parametrize(("hold", "cost"), [("0.5", "0.5"), ("0.02", "0.031"), ("5", "2.025")])
def test_an_estimate_raises_no_bill_above_the_hold_and_lowers_none_that_was_told(hold: str, cost: str) -> None:
    candidate = replace(CANDIDATE, hold=Decimal(hold))
    told = ReportedUsage(Usage({Unit.INPUT: 25, Unit.OUTPUT: 3}, 25), {})  # 0.031 USD; with the text, 2.025
    assert estimated_bill(candidate, REQUIREMENTS, LONG, told).cost == Decimal(cost)
    assert estimated_bill(candidate, REQUIREMENTS, LONG, None).cost == min(Decimal(hold), Decimal("2.1"))


@pytest.mark.parametrize(
    ("chunk", "texts", "thoughts"),
    [
        ({"choices": [{"delta": {"reasoning_content": "Hm.", "content": "Yes"}}]}, ["Yes", "Hm."], ["Hm."]),
        (native_chunk(OF_CLAUDE, carries=True), ["Hm."], ["Hm."]),
        (native_chunk(SUMMARISED, carries=True), ["Hm."], ["Hm."]),
        (native_chunk(SPOKEN, carries=True), ["Yes"], []),
    ],
)
def test_thoughts_are_told_from_what_is_said(chunk: Json, texts: list[str], thoughts: list[str]) -> None:
    assert list(texts_of(chunk)) == texts
    assert [text for text, is_thought in parts_of(chunk) if is_thought] == thoughts
