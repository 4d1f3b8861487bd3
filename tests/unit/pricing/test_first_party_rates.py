"""Rates that a provider publishes for all its models: a share of the input's, at every length and range."""

from decimal import Decimal
from typing import Any

import pytest

from atom_llm.domain.catalogue.catalogue import ModelEntry, decode, encode
from atom_llm.domain.pricing.cost import PricingTerms, cost
from atom_llm.domain.pricing.first_party_rates import with_first_party_rates
from atom_llm.domain.pricing.rates import Rates, read_rates
from atom_llm.domain.pricing.usage import disjoint

INPUT, OUTPUT = "input_cost_per_token", "output_cost_per_token"
READ, WRITE = "cache_read_input_token_cost", "cache_creation_input_token_cost"


def of(provider: str, model: str, **published: Any) -> Rates:
    return with_first_party_rates(read_rates(published), provider, model)


def test_a_warm_prompt_of_qwen_is_charged_at_its_share_and_the_line_says_whose_word_that_is() -> None:
    rates = of("qwen", "qwen-plus", **{INPUT: "4e-07", OUTPUT: "1.2e-06"})
    bill = cost(disjoint({"input_tokens": 1000, "cache_read_tokens": 900}), rates)
    assert bill.total == Decimal("0.000112")  # 100 x 4e-7 + 900 x 8e-8, a third of what the input rate came to
    assert bill.lines[-1].rate_key == f"{READ} (20% of {INPUT}, alibabacloud.com context cache)"


def test_an_explicit_cache_of_qwen_has_a_rate_for_what_is_written_and_one_for_what_is_read() -> None:
    rates = of("qwen", "qwen3-max", **{INPUT: 8, OUTPUT: 1})
    written = disjoint({"input_tokens": 10, "cache_write_tokens": 10})
    read = disjoint({"input_tokens": 10, "cache_read_tokens": 10, "explicit_cache_read_tokens": 10})
    assert cost(written, rates).total == 100
    assert cost(read, rates).total == 8


@pytest.mark.parametrize(("prompt", "rate"), [(32_000, "0.2"), (32_001, "0.4"), (900_000, "0.4")])
def test_each_range_of_prompts_has_its_share(prompt: int, rate: str) -> None:
    ranges = [{INPUT: 1, OUTPUT: 1, "range": [0, 32_000]}, {INPUT: 2, OUTPUT: 1, "range": [32_000, 1_000_000]}]
    rates = of("qwen", "qwen-flash", tiered_pricing=ranges)
    line = cost(disjoint({"input_tokens": prompt, "cache_read_tokens": prompt}), rates).lines[0]
    assert line.rate == Decimal(rate)
    assert line.rate_key.startswith(f"{READ} (20% of tiered_pricing[")


def test_each_length_and_service_tier_has_its_share() -> None:
    rates = of("mistral", "mistral-medium", **{INPUT: 1, f"{INPUT}_above_200k_tokens": 2, f"{INPUT}_batches": "0.5"})
    read = {"input_tokens": 10, "cache_read_tokens": 10}
    long = {"input_tokens": 200_001, "cache_read_tokens": 200_001}
    assert cost(disjoint(read), rates).lines[0].rate == Decimal("0.1")
    assert cost(disjoint(long), rates).lines[0].rate == Decimal("0.2")
    assert cost(disjoint(read), rates, PricingTerms(service_tier="batch")).lines[0].rate == Decimal("0.05")


@pytest.mark.parametrize("stated", ["3e-08", 0])
def test_what_the_row_states_stands_also_where_it_is_nothing(stated: object) -> None:
    rates = of("qwen", "qwen-plus", **{INPUT: "4e-07", READ: stated})
    assert rates.step(READ, 1, "") == (Decimal(stated), READ)  # type: ignore[arg-type]  # a number or its spelling


@pytest.mark.parametrize(("provider", "model"), [("qwen", "deepseek-v4"), ("deepseek", "qwen-plus"), ("groq", "qwen3")])
def test_only_the_maker_s_own_models_have_it(provider: str, model: str) -> None:
    assert of(provider, model, **{INPUT: 1}).step(READ, 1, "") is None
    assert of("qwen", "qwen-unpriced").step(WRITE, 1, "") is None


def test_a_warm_prompt_of_fireworks_is_charged_at_half_where_its_model_says_no_other_price() -> None:
    published = {INPUT: "1.2e-06", OUTPUT: "1.2e-06"}
    warm = disjoint({"input_tokens": 1000, "cache_read_tokens": 900})
    assert cost(warm, of("fireworks_ai", "deepseek-coder", **published)).total == Decimal("0.00066")
    assert cost(warm, of("fireworks_ai", "glm-5p1", **published, **{READ: "2e-07"})).total == Decimal("0.0003")


def test_a_declared_model_is_priced_by_the_rules_of_the_row_that_it_takes_its_prices_from() -> None:
    steps = {INPUT: 1, f"{INPUT}_above_200k_tokens": 2}
    listed = {
        "fireworks_ai/glm": {INPUT: 1, OUTPUT: 1},
        "xai/grok": steps,
        "openai/gpt": steps,
    }
    rows = [ModelEntry(name, name.partition("/")[0], name, "litellm", published=each) for name, each in listed.items()]
    ours = [
        ModelEntry(f"ours/{number}", "ours", f"ours/{number}", "declared", published={"price_of": name})
        for number, name in enumerate(listed)
    ]
    catalogue = decode(encode(rows)[1], declared=ours)
    of_fireworks, of_xai, of_openai = (catalogue.rates(entry) for entry in catalogue if entry.provider == "ours")
    assert cost(disjoint({"input_tokens": 10, "cache_read_tokens": 10}), of_fireworks).total == 5
    at_the_threshold = disjoint({"input_tokens": 200_000})
    assert cost(at_the_threshold, of_xai).total == 400_000
    assert cost(at_the_threshold, of_openai).total == 200_000
    assert of_openai.unread is None
