"""The candidates for a request, and the reason for every exclusion, at both sides of its boundary."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from atom_llm.domain.catalogue.catalogue import ModelEntry, TokenLimits, compiled
from atom_llm.domain.pricing.cost import PricingTerms
from atom_llm.domain.providers.exchange import Refusal
from atom_llm.domain.routing.candidates import (
    CallRequirements,
    Candidate,
    ExcludedModel,
    ExclusionReason,
    RoutingContext,
    cheapest_first,
    output_limit,
    weigh,
)
from atom_llm.domain.routing.hold import DEFAULT_OUTPUT_LIMIT
from testing.rows import IN, OUT, row

ABLE = frozenset({"vision", "function_calling", "response_schema", "prompt_caching"})


def model(**fields: Any) -> ModelEntry:
    fields.setdefault("provider", "anthropic")
    fields.setdefault("rates", {IN: "0.000002", OUT: "0.00001"})
    fields.setdefault("limits", TokenLimits(10_000, 1_000))
    fields.setdefault("capabilities", ABLE)
    return row("m", **fields)


def requirements(**changes: Any) -> CallRequirements:
    given: dict[str, Any] = {"mode": "chat", "about_tokens": 100, "most_tokens": 400, "most_output": 500}
    return CallRequirements(**{**given, "terms": PricingTerms(), **changes})


def around(
    *,
    has_key: bool = True,
    refusal: Refusal | None = None,
    is_open: bool = False,
    hit_rate: Callable[[ModelEntry], Decimal | None] = lambda _: None,
) -> RoutingContext:
    return RoutingContext(lambda _: has_key, lambda _: refusal, lambda _: is_open, hit_rate)


def weighed(
    entry: ModelEntry, asked: CallRequirements, about: RoutingContext | None = None
) -> Candidate | ExcludedModel:
    return weigh(entry, compiled, asked, about or around())


def reason(entry: ModelEntry, asked: CallRequirements, about: RoutingContext | None = None) -> ExclusionReason | None:
    found = weighed(entry, asked, about)
    return found.reason if isinstance(found, ExcludedModel) else None


def candidate(entry: ModelEntry, asked: CallRequirements, about: RoutingContext | None = None) -> Candidate:
    found = weighed(entry, asked, about)
    assert isinstance(found, Candidate), found
    return found


def test_a_provider_that_is_not_called_is_out() -> None:
    assert reason(model(provider="sagemaker"), requirements()) is ExclusionReason.NOT_SERVED


def test_a_model_of_another_mode_is_out() -> None:
    assert reason(model(), requirements(mode="embedding")) is ExclusionReason.WRONG_MODE


def test_a_missing_capability_names_the_field_that_asks_for_it() -> None:
    found = weighed(model(capabilities=frozenset()), requirements(needs={"vision": "messages.0.content.1"}))
    assert isinstance(found, ExcludedModel)
    assert (found.reason, found.field) == (ExclusionReason.CAPABILITY, "messages.0.content.1")


@pytest.mark.parametrize("able", ["response_schema", "native_structured_output", "function_calling"])
def test_an_answer_by_a_schema_can_be_made_in_several_ways(able: str) -> None:
    asked = requirements(needs={"response_schema": "response_format"})
    assert reason(model(capabilities=frozenset({able})), asked) is None
    assert reason(model(capabilities=frozenset({"vision"})), asked) is ExclusionReason.CAPABILITY


def test_what_a_providers_dialect_cannot_say_keeps_it_away() -> None:
    refused = around(refusal=Refusal("n", "one answer a call"))
    assert reason(model(), requirements(), refused) is ExclusionReason.NOT_EXPRESSIBLE


@pytest.mark.parametrize(("tokens", "out"), [(12_500, None), (12_501, ExclusionReason.CONTEXT_WINDOW)])
def test_a_prompt_is_kept_away_when_its_estimate_is_a_quarter_over_the_window(
    tokens: int, out: ExclusionReason | None
) -> None:
    assert reason(model(), requirements(about_tokens=tokens)) is out


def test_a_model_whose_window_nobody_published_is_tried() -> None:
    assert reason(model(limits=TokenLimits()), requirements(about_tokens=10**7)) is None


def test_a_provider_without_a_key_is_out() -> None:
    assert reason(model(), requirements(), around(has_key=False)) is ExclusionReason.NO_KEY


def test_an_open_circuit_keeps_a_model_away_and_still_tells_its_cost() -> None:
    found = weighed(model(), requirements(), around(is_open=True))
    assert isinstance(found, ExcludedModel)
    assert (found.reason, found.expected is not None) == (ExclusionReason.CIRCUIT_OPEN, True)


@pytest.mark.parametrize("rates", [{}, {IN: "0.000001"}, {OUT: "0.000001"}])
def test_a_model_without_a_price_for_a_side_is_unpriced(rates: dict[str, str]) -> None:
    assert reason(model(rates=rates), requirements()) is ExclusionReason.UNPRICED


def test_a_service_tier_that_is_none_is_named() -> None:
    found = weighed(model(), requirements(terms=PricingTerms(service_tier="first class")))
    assert isinstance(found, ExcludedModel)
    assert found.field == "service_tier"


def test_the_callers_limit_is_on_the_most_that_a_call_may_cost() -> None:
    most = candidate(model(), requirements()).hold
    assert reason(model(), requirements(max_cost=most)) is None
    assert reason(model(), requirements(max_cost=most - Decimal("1e-12"))) is ExclusionReason.OVER_MAX_COST


def test_a_limit_of_zero_lets_only_what_is_free_pass() -> None:
    assert reason(model(), requirements(max_cost=Decimal(0))) is ExclusionReason.OVER_MAX_COST
    assert reason(model(rates={IN: "0", OUT: "0"}), requirements(max_cost=Decimal(0))) is None


def test_the_hold_is_the_longest_prompt_and_the_longest_answer_at_the_dearest_rates() -> None:
    held = candidate(model(), requirements()).hold
    assert held == 400 * Decimal("0.000002") + 500 * Decimal("0.00001")


def test_every_choice_is_held_for() -> None:
    one, three = candidate(model(), requirements()), candidate(model(), requirements(choices=3))
    assert three.hold - one.hold == 2 * 500 * Decimal("0.00001")


def test_openai_may_serve_with_priority_what_did_not_ask_for_it() -> None:
    rates = {IN: "0.000002", OUT: "0.00001", f"{IN}_priority": "0.000004", f"{OUT}_priority": "0.00002"}
    asked = requirements()
    assert candidate(model(provider="openai", rates=rates), asked).hold == 2 * candidate(model(rates=rates), asked).hold
    standard = requirements(terms=PricingTerms(service_tier="default"))
    assert candidate(model(provider="openai", rates=rates), standard).hold == candidate(model(rates=rates), asked).hold


LIMITS: list[tuple[int | None, int | None, int, int]] = [
    (1_000, None, 500, 500),  # ours is lower than the model's
    (1_000, None, 5_000, 1_000),
    (None, None, 10**6, DEFAULT_OUTPUT_LIMIT),  # nobody published the model's
    (1_000, 20, 500, 20),
    (1_000, 5_000, 500, 5_000),  # beyond the published one: the provider may refuse it, and it is held for
]


@pytest.mark.parametrize(("models", "callers", "ours", "limit"), LIMITS)
def test_the_output_limit_is_the_callers_or_else_the_lower_one(
    models: int | None, callers: int | None, ours: int, limit: int
) -> None:
    entry = model(limits=TokenLimits(None, models))
    assert output_limit(entry, requirements(output_limit=callers, most_output=ours)) == limit


def test_embeddings_have_no_output() -> None:
    entry = model(rates={IN: "0.000002"})
    embedding = ModelEntry("openai/e", "openai", "e", "litellm", "embedding", entry.published)
    found = candidate(embedding, requirements(mode="embedding"))
    assert (found.output_limit, found.expected) == (0, 100 * Decimal("0.000002"))


CACHING = {IN: "0.000002", OUT: "0.00001", "cache_read_input_token_cost": "0.0000002"}


def expected(tokens: int, hit_rate: str | None) -> Decimal:
    seen = Decimal(hit_rate) if hit_rate is not None else None
    asked = requirements(about_tokens=tokens, expected_output=1)
    return candidate(model(rates=CACHING), asked, around(hit_rate=lambda _: seen)).expected - Decimal("0.00001")


def test_a_long_prompt_is_expected_to_come_half_from_the_cache_until_it_was_measured() -> None:
    assert expected(1_023, None) == 1_023 * Decimal("0.000002")
    assert expected(1_024, None) == 512 * Decimal("0.000002") + 512 * Decimal("0.0000002")
    assert expected(1_024, "0") == 1_024 * Decimal("0.000002")
    assert expected(1_024, "1") == 1_024 * Decimal("0.0000002")


def test_hosts_are_tried_cheapest_first_then_quickest_then_by_name() -> None:
    dear = candidate(model(rates={IN: "0.000003", OUT: "0.00001"}), requirements())
    same = [candidate(model(provider=name), requirements()) for name in ("openai", "google", "anthropic")]
    latency = {"google/m": 90.0, "openai/m": 300.0, "anthropic/m": 300.0}
    ordered = cheapest_first([dear, *same], lambda name: latency[name])
    assert [each.entry.provider for each in ordered] == ["google", "anthropic", "openai", "anthropic"]
    assert ordered[-1] is dear
