"""What options of a request can be billed for is held for, or the option is named that nothing bounds."""

from decimal import Decimal
from typing import Any

import pytest

from atom_llm.adapters.seed import load_seed
from atom_llm.domain.catalogue.catalogue import ModelEntry, decode
from atom_llm.domain.pricing.cost import PricingTerms
from atom_llm.domain.routing.candidates import CallRequirements, Candidate, ExcludedModel, RoutingContext, weigh
from atom_llm.domain.routing.chat_request import chat_request
from atom_llm.domain.routing.option_bounds import billed_options

CATALOGUE = decode(load_seed().snapshot)
HAIKU, FLASH, GEMINI_3 = "anthropic/claude-haiku-4-5", "google/gemini-2.5-flash", "google/gemini-3-flash-preview"


def weighed(model: str, max_cost: str | None = None, **body: Any) -> Candidate | ExcludedModel:
    entry = CATALOGUE.get(model)
    assert entry is not None, model
    asked = {"model": model, "messages": [{"role": "user", "content": "q"}], "max_tokens": 100, **body}
    request = chat_request(asked)
    requirements = CallRequirements(
        "chat",
        100,
        2_000,
        500,
        PricingTerms(),
        output_limit=request.output_limit,
        max_cost=None if max_cost is None else Decimal(max_cost),
        most_attached=request.most_attached,
        options=billed_options(request.body),
    )
    return weigh(entry, CATALOGUE.rates, requirements, CONTEXT)


def beside(provider: str, name: str) -> ModelEntry | None:
    return CATALOGUE.get(f"{provider}/{name}")


CONTEXT = RoutingContext(lambda _: True, lambda _: None, lambda _: False, beside=beside)


def candidate(model: str, **body: Any) -> Candidate:
    found = weighed(model, **body)
    assert isinstance(found, Candidate), found
    return found


def tool(kind: str, **more: Any) -> dict[str, Any]:
    return {"tools": [{"type": kind, "name": "t", **more}]}


@pytest.mark.parametrize(
    ("options", "fees"),
    [
        ({"web_search_options": {}}, "0.05"),
        ({"web_search_options": {"search_context_size": "high"}}, "0.10"),
        (tool("web_search_20250305"), "0.05"),
        (tool("web_search_20250305", max_uses=20), "0.20"),
    ],
)
def test_every_search_that_may_be_made_is_held_for(options: dict[str, Any], fees: str) -> None:
    assert candidate(HAIKU, **options).hold > candidate(HAIKU).hold + Decimal(fees)


def test_a_prompt_that_is_read_again_after_each_result_is_held_for_each_time() -> None:
    one, two = (candidate(HAIKU, **tool("web_fetch_20250910", max_uses=uses)).hold for uses in (1, 2))
    rate = Decimal("0.000002")  # a write to the cache for an hour
    assert one - candidate(HAIKU).hold == pytest.approx(27_000 * rate)
    assert two - candidate(HAIKU).hold == pytest.approx((27_000 + 52_000) * rate)


def test_the_tool_of_a_caller_costs_nothing_beside_its_tokens() -> None:
    assert candidate(HAIKU, **tool("bash_20250124")).hold == candidate(HAIKU).hold


def test_an_advisor_is_held_for_at_its_own_models_rates() -> None:
    advised = candidate(HAIKU, **tool("advisor_20260301", model="claude-opus-5"))
    assert advised.unbounded is None
    assert advised.hold > Decimal("1.20")


def test_a_fallback_is_held_for_beside_the_model_that_is_asked() -> None:
    held = candidate(HAIKU, fallbacks=[{"model": "claude-opus-5"}]).hold
    alone = candidate("anthropic/claude-opus-5").hold
    assert held == candidate(HAIKU).hold + alone


@pytest.mark.parametrize(
    ("model", "options", "field"),
    [
        (HAIKU, tool("advisor_20260301", model="nobody"), "tools.0.model"),
        (HAIKU, {"fallbacks": [{"model": "nobody"}]}, "fallbacks.0.model"),
        (HAIKU, {"fallbacks": "default"}, "fallbacks"),
        (HAIKU, tool("telepathy_20280101"), "tools.0.type"),
        (GEMINI_3, {"web_search_options": {}}, "web_search_options"),
        (GEMINI_3, {"tools": [{"googleMaps": {}}]}, "tools.0.googleMaps"),
        (FLASH, {"tools": [{"telepathy": {}}]}, "tools.0.telepathy"),
        ("qwen/qwen-plus", {"enable_search": True}, "enable_search"),
        ("zhipu/glm-4.6", {"tools": [{"type": "web_search", "web_search": {}}]}, "tools.0.type"),
        ("openai/gpt-4o-mini", {"tools": [{"type": "web_search"}]}, "tools.0.type"),
    ],
)
def test_an_option_that_nothing_bounds_is_named_and_refused_where_the_caller_sets_a_limit(
    model: str, options: dict[str, Any], field: str
) -> None:
    assert candidate(model, **options).unbounded == field
    refused = weighed(model, "1000", **options)
    assert isinstance(refused, ExcludedModel)
    assert (refused.reason, refused.field) == ("over_max_cost", field)


@pytest.mark.parametrize(("option", "fees"), [("googleSearch", "0.035"), ("googleMaps", "0.06")])
def test_a_grounded_prompt_of_gemini_2_is_held_for_once(option: str, fees: str) -> None:
    grounded = candidate(FLASH, tools=[{option: {}}])
    assert grounded.unbounded is None
    assert grounded.hold - candidate(FLASH).hold >= Decimal(fees)


def test_a_native_picture_counts_as_one_and_not_as_its_text() -> None:
    data = "A" * 1_900_000
    native = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": data}}
    openais = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{data}"}}
    read = [
        chat_request({"model": "m", "messages": [{"role": "user", "content": [part]}]}) for part in (native, openais)
    ]
    assert [each.attachments for each in read] == [{"vision": 1}, {"vision": 1}]
    assert [each.most_attached for each in read] == [48_200, 48_200]
    assert all(each.size < 500 for each in read)


def test_a_file_of_text_has_a_token_for_every_byte_at_most() -> None:
    data = "data:text/plain;base64," + "A" * 2_000_000
    part = {"type": "file", "file": {"filename": "a.txt", "file_data": data}}
    read = chat_request({"model": "m", "messages": [{"role": "user", "content": [part]}]})
    assert read.most_attached == len(data)


def test_a_file_elsewhere_is_held_for_as_far_as_the_window_goes() -> None:
    part = {"type": "file", "file": {"file_id": "file-1"}}
    held = candidate(HAIKU, messages=[{"role": "user", "content": [part]}]).hold
    assert held - candidate(HAIKU).hold == pytest.approx(250_000 * Decimal("0.000002"))
