"""POST /api/ai/pricing/estimate: what a call would cost, line by line, or why that cannot be said."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from atom_llm.domain.pricing.usage import USAGE_FIELDS
from functions.pricing import estimate_request
from functions.pricing.schemas import EstimateIn
from testing.fakes.service_keys import NOON
from tests.functions.http.sample_app import error_of
from tests.functions.pricing.pricing_world import PREFIX, PricingWorld, chat, data_of, leaves, prices

pytestmark = pytest.mark.anyio


async def estimated(world: PricingWorld, **body: Any) -> dict[str, Any]:
    return data_of(await world.post("/estimate", {"model": "gpt-4o", **body}))


async def test_a_cost_is_the_sum_of_its_lines_and_each_line_a_multiplication(priced: PricingWorld) -> None:
    data = await estimated(priced, input_tokens=1000, cached_tokens=400, output_tokens=200)
    lines = {each["unit"]: each for each in data["lines"]}
    assert {unit: (each["quantity"], each["rate_usd"], each["amount_usd"]) for unit, each in lines.items()} == {
        "input": ("600", "0.0000025", "0.0015"),
        "cache_read": ("400", "0.00000125", "0.0005"),
        "output": ("200", "0.00001", "0.002"),
    }
    for each in lines.values():
        product = Decimal(each["quantity"]) * Decimal(each["rate_usd"]) * Decimal(each["multiplier"])
        assert product == Decimal(each["amount_usd"])
    assert sum(Decimal(each["amount_usd"]) for each in lines.values()) == Decimal(data["total_usd"])
    assert (data["input_usd"], data["output_usd"], data["extra_usd"], data["total_usd"]) == (
        "0.002",
        "0.002",
        "0",
        "0.004",
    )


async def test_it_says_which_row_under_which_version_priced_it(priced: PricingWorld) -> None:
    data = await estimated(priced, model="GPT-4o", input_tokens=1)
    assert (data["model"], data["match"], data["provider"], data["source"]) == (
        "openai/gpt-4o",
        "alias",
        "openai",
        "litellm",
    )
    assert data["price_version"] == priced.container.catalogue.reader.current().catalogue.version
    assert data["origin"] == "snapshot"


async def test_counts_that_are_given_are_not_estimated(priced: PricingWorld) -> None:
    data = await estimated(priced, input_tokens=7, prompt="this text is not counted")
    assert (data["input_tokens"], data["input_tokens_estimated"], data["token_estimate_method"]) == (7, False, None)


async def test_the_tokens_of_a_prompt_are_estimated_and_the_answer_says_how(priced: PricingWorld) -> None:
    data = await estimated(priced, prompt="The quick brown fox jumps over the lazy dog.")
    assert (data["input_tokens_estimated"], data["token_estimate_method"]) == (True, "estimate-by-script")
    assert data["input_tokens"] == 10
    assert Decimal(data["total_usd"]) == 10 * Decimal("0.0000025")


async def test_the_tokens_of_messages_are_estimated_with_their_framing_and_pictures(priced: PricingWorld) -> None:
    text = [{"role": "user", "content": "Hello"}]
    picture = [{"role": "user", "content": [{"type": "text", "text": "Hello"}, {"type": "image_url", "image_url": {}}]}]
    without = (await estimated(priced, messages=text))["input_tokens"]
    assert without == 1 + 1 + 3 + 3
    assert (await estimated(priced, messages=picture))["input_tokens"] == without + 765


async def test_an_empty_conversation_still_has_a_price(priced: PricingWorld) -> None:
    data = await estimated(priced, prompt="", output_tokens=1)
    assert (data["input_tokens"], data["total_usd"]) == (0, "0.00001")


async def test_a_service_tier_has_its_own_rates(priced: PricingWorld) -> None:
    assert (await estimated(priced, input_tokens=1000, service_tier="batch"))["total_usd"] == "0.00125"


@pytest.mark.parametrize(("tokens", "rate"), [(200_000, "0.000003"), (200_001, "0.000006")])
async def test_a_length_tier_begins_above_its_threshold(priced: PricingWorld, tokens: int, rate: str) -> None:
    data = await estimated(priced, model="claude-sonnet-4-5", input_tokens=tokens)
    assert [each["rate_usd"] for each in data["lines"]] == [rate]


@pytest.mark.parametrize(("hour", "rate"), [("16:29:59", "0.0000003"), ("16:30:00", "0.00000015")])
async def test_an_off_peak_window_begins_on_the_minute(priced: PricingWorld, hour: str, rate: str) -> None:
    data = await estimated(priced, model="deepseek-chat", input_tokens=1, at=f"2026-11-23T{hour}Z")
    assert [each["rate_usd"] for each in data["lines"]] == [rate]


async def test_without_an_instant_it_is_priced_now(priced: PricingWorld) -> None:
    assert (await estimated(priced, model="deepseek-chat", input_tokens=1))["total_usd"] == "0.0000003"
    priced.clock.pass_s(5 * 3600)
    assert (await estimated(priced, model="deepseek-chat", input_tokens=1))["total_usd"] == "0.00000015"


async def test_a_past_call_is_priced_as_was_believed_then(priced: PricingWorld) -> None:
    priced.puts_in_force(prices(**{"gpt-4o": chat("openai", 2e-06, 8e-06)}), at=NOON - timedelta(hours=1))
    before = (NOON - timedelta(hours=2)).isoformat()
    assert (await estimated(priced, input_tokens=1, at=before))["total_usd"] == "0.0000025"
    assert (await estimated(priced, input_tokens=1))["total_usd"] == "0.000002"


async def test_a_call_before_the_first_snapshot_is_not_priced(priced: PricingWorld) -> None:
    answer = await priced.post("/estimate", {"model": "gpt-4o", "input_tokens": 1, "at": "2020-01-01T00:00:00Z"})
    assert (answer.status_code, error_of(answer)["code"]) == (404, "not_found")


async def test_seconds_keep_their_fraction_and_no_line_has_an_exponent(priced: PricingWorld) -> None:
    data = await estimated(priced, model="whisper-1", audio_seconds=0.0000001)
    assert [each["quantity"] for each in data["lines"]] == ["0.0000001"]
    text = [each for each in leaves(data["lines"]) if isinstance(each, str)]
    assert not [each for each in text if "E-" in each]
    assert (await estimated(priced, model="whisper-1", audio_seconds="12.34"))["total_usd"] == "0.001234"


async def test_the_packaged_prices_say_that_they_are_that(pricing: PricingWorld) -> None:
    answer = await pricing.post("/estimate", {"model": "gpt-4o", "input_tokens": 1000})
    assert answer.json()["message"] == "seed, of 2026-11-12: nothing was fetched yet"
    assert (answer.json()["data"]["origin"], answer.json()["data"]["total_usd"]) == ("seed", "0.0025")


# What has no answer


async def test_what_has_no_price_is_a_402_and_never_nothing(priced: PricingWorld) -> None:
    answer = await priced.post("/estimate", {"model": "gpt-unpriced", "input_tokens": 10, "output_tokens": 10})
    error = error_of(answer)
    assert (answer.status_code, error["code"]) == (402, "model_unpriced")
    assert error["details"] == {"unpriced": ["input", "output"]}


async def test_a_used_part_without_a_price_is_a_402_too(priced: PricingWorld) -> None:
    answer = await priced.post("/estimate", {"model": "gpt-4o", "input_tokens": 10, "web_searches": 1})
    assert (answer.status_code, error_of(answer)["details"]) == (402, {"unpriced": ["web_searches"]})


async def test_an_unknown_model_is_a_404_with_near_names(priced: PricingWorld) -> None:
    answer = await priced.post("/estimate", {"model": "gpt-4oo", "input_tokens": 1})
    assert (answer.status_code, error_of(answer)["code"]) == (404, "model_not_found")
    assert "openai/gpt-4o" in error_of(answer)["details"]["near"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"model": "gpt-4o"}, "input_tokens"),
        ({"input_tokens": 1}, "model"),
        ({"model": "", "input_tokens": 1}, "model"),
        ({"model": "x" * 257, "input_tokens": 1}, "model"),
        ({"model": "gpt-4o", "input_tokens": -1}, "input_tokens"),
        ({"model": "gpt-4o", "input_tokens": 10**12 + 1}, "input_tokens"),
        ({"model": "gpt-4o", "input_tokens": 1.5}, "input_tokens"),
        ({"model": "gpt-4o", "input_tokens": True}, "input_tokens"),
        ({"model": "gpt-4o", "input_tokens": "12"}, "input_tokens"),
        ({"model": "gpt-4o", "audio_seconds": -0.5}, "audio_seconds"),
        ({"model": "gpt-4o", "audio_seconds": True}, "audio_seconds"),
        ({"model": "gpt-4o", "input_tokens": 5, "cached_tokens": 6}, "cached_tokens"),
        ({"model": "gpt-4o", "output_tokens": 5, "reasoning_tokens": 6}, "reasoning_tokens"),
        ({"model": "gpt-4o", "prompt": "a", "messages": []}, "prompt"),
        ({"model": "gpt-4o", "messages": [{"content": "x"}]}, "messages.0.role"),
        (
            {"model": "gpt-4o", "messages": [{"role": "user", "content": [{"type": "input_audio"}]}]},
            "messages.0.content.0",
        ),
        ({"model": "gpt-4o", "input_tokens": 1, "at": "2026-11-23T12:00:00"}, "at"),
        ({"model": "deepseek-chat", "input_tokens": 1, "at": "9999-12-31T23:59:59-23:59"}, "at"),
        ({"model": "gpt-4o", "input_tokens": 1, "search_context_size": "vast"}, "search_context_size"),
        ({"model": "gpt-4o", "input_tokens": 1, "max_results": -1}, "max_results"),
        ({"model": "gpt-4o", "input_tokens": 1, "service_tier": "golden"}, "service_tier"),
        ({"model": "gpt-4o", "inptu_tokens": 1}, "inptu_tokens"),
        ({"model": "gpt-4o", "input_tokens": 1, "tenant_id": "tenant-b"}, "tenant_id"),
    ],
)
async def test_a_wrong_field_is_named_as_it_was_sent(priced: PricingWorld, body: dict[str, Any], field: str) -> None:
    answer = await priced.post("/estimate", body)
    assert answer.status_code == 422, answer.text
    assert field in [each["field"] for each in error_of(answer)["details"]["fields"]]


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
async def test_what_is_no_number_of_json_is_refused(priced: PricingWorld, number: str) -> None:
    body = f'{{"model": "whisper-1", "audio_seconds": {number}}}'.encode()
    headers = {"content-type": "application/json"}
    answer = await priced.client().post(f"{PREFIX}/estimate", content=body, headers=headers)
    assert answer.status_code in (400, 422)


@pytest.mark.parametrize(
    ("count", "quantity", "total"), [("annotated_pages", 3, "0.015"), ("pages", 3, "0.003"), ("credits", "1.5", "0.03")]
)
async def test_pages_that_are_annotated_and_credits_are_estimated(
    pricing: PricingWorld, count: str, quantity: object, total: str
) -> None:
    rates = {"ocr_cost_per_page": 0.001, "annotation_cost_per_page": 0.005, "ocr_cost_per_credit": 0.02}
    pricing.puts_in_force({"reader": {"litellm_provider": "mistral", "mode": "ocr", **rates}})
    assert (await estimated(pricing, model="reader", **{count: quantity}))["total_usd"] == total


def test_whatever_is_priced_can_be_estimated() -> None:
    sent = {estimate_request.field_of(name) for name in EstimateIn.model_fields}
    # The five-minute write is the ordinary one; text tokens are a provider's own statement of what it bills.
    assert USAGE_FIELDS - sent == {"cache_write_5m_tokens", "text_tokens"}


async def test_a_prompt_is_not_repeated_by_a_refusal(priced: PricingWorld) -> None:
    answer = await priced.post("/estimate", {"model": "gpt-4o", "prompt": "hunter2", "messages": "hunter2"})
    assert answer.status_code == 422
    assert "hunter2" not in answer.text
