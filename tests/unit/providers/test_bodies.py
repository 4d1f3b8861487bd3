"""`make bodies`: real answers of every provider come to the expected classes and cost, and what is wrong is told."""

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from atom_llm.domain.core.providers import PROVIDER_BY_ID, PROVIDERS, provider_id
from atom_llm.services.catalogue.read_catalogue import CatalogueInForce
from local.bodies.__main__ import main, seed_prices
from local.bodies.judge import judge

RECORDED = Path(__file__).parents[3] / "testing" / "data" / "bodies.json"
ENTRIES: list[dict[str, Any]] = json.loads(RECORDED.read_text(), parse_float=Decimal)
USAGE: dict[str, Any] = {
    "prompt_tokens": 100,
    "completion_tokens": 20,
    "total_tokens": 120,
    "prompt_tokens_details": {"cached_tokens": 40},
    "completion_tokens_details": {"reasoning_tokens": 5},
}
BODY: dict[str, Any] = {"model": "gpt-4o-2024-08-06", "usage": USAGE}
# 60 x 0.0000025 + 40 x 0.00000125 + 15 x 0.00001 + 5 x 0.00001
COST = "0.0004"


@pytest.fixture(scope="module")
def in_force() -> CatalogueInForce:
    return seed_prices()


def entry(expected: object, **changes: Any) -> dict[str, Any]:
    return {"provider": "openai", "api": "chat", "body": BODY, "expected": expected, **changes}


def faults(in_force: CatalogueInForce, expected: object, **changes: Any) -> list[str]:
    return list(judge(1, entry(expected, **changes), in_force).faults)


@pytest.mark.parametrize("recorded", ENTRIES, ids=lambda recorded: recorded["id"])
def test_a_recorded_body_comes_to_what_was_worked_out_by_hand(
    recorded: Mapping[str, Any], in_force: CatalogueInForce
) -> None:
    assert list(judge(1, recorded, in_force).faults) == []


@pytest.mark.parametrize("recorded", ENTRIES, ids=lambda recorded: recorded["id"])
def test_the_expected_cost_is_its_own_arithmetic(recorded: Mapping[str, Any]) -> None:
    expected = recorded["expected"]
    amount = expected.get("cost") or expected.get("cost_usd")
    if amount is None or "why" not in expected:
        assert "usage" in expected or "cost" in expected  # nothing was said, or it has no price
        return
    total = Decimal(0)
    for line in expected["why"].split(" + "):
        product = Decimal(1)
        for factor in line.split(" x "):
            product *= Decimal(factor)
        total += product
    assert total == Decimal(amount)


def test_every_provider_has_a_whole_answer_and_a_stream() -> None:
    seen = {
        (name if name in PROVIDER_BY_ID else provider_id(name), isinstance(each["body"], str | list))
        for each in ENTRIES
        for name in [each["provider"]]
    }
    assert seen == {(provider.id, stream) for provider in PROVIDERS for stream in (False, True)}


@pytest.mark.parametrize(
    "expected",
    [
        {"input": 60, "cache_read": 40, "output": 15, "reasoning": 5, "cost": COST},
        {"input_tokens": 60, "cache_read_tokens": 40, "output_tokens": 15, "reasoning_tokens": 5, "cost_usd": COST},
        {"usage": {"input": 60, "cached": 40, "output": 15, "thinking": 5}, "total_cost": COST},
        {"classes": {"input": Decimal("60.0"), "cache_read": "40", "output": 15, "thoughts": 5}},
        {"tokens": {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}},
        {"cost": {"input": "0.0002", "output": "2e-4", "total": COST}},
        {"usage": {"input": 60, "cache_read": 40, "output": 15, "reasoning": 5}, "total": COST},
        {"cost": Decimal("0.00040000"), "currency": "USD", "note": "trailing zeros are no difference"},
        {"model": "gpt-4o-2024-08-06", "context_tokens": 100, "service_tier": "default"},
        {"input": 60, "cache_read": 40, "cache_write": 0, "output": 15, "reasoning": 5, "audio": 0, "image": 0},
    ],
)
def test_what_was_found_passes_in_any_usual_words(expected: Mapping[str, Any], in_force: CatalogueInForce) -> None:
    assert faults(in_force, expected) == []


@pytest.mark.parametrize(
    ("expected", "named"),
    [
        ({"input": 61, "cache_read": 40, "output": 15, "reasoning": 5}, "input"),
        ({"input": 60, "cache_read": 40, "output": 20}, "output"),
        ({"input": 60, "output": 15, "reasoning": 5}, "cache_read"),
        ({"cost": "0.00040000000000000001"}, "cost"),
        ({"cost": Decimal("0.00041")}, "cost"),
        ({"cost": None}, "cost"),
        ({"cost": "cheap"}, "cost"),
        ({"cost": {"input": "0.0003"}}, "cost.input"),
        ({"input": True}, "input"),
        ({"model": "gpt-4o-mini"}, "model"),
        ({"service_tier": "flex"}, "service_tier"),
        ({"currency": "EUR"}, "currency"),
        ({"prompt_tokens": 60}, "prompt_tokens"),
        ({"usage": None}, "expected no usage"),
    ],
)
def test_a_difference_names_what_differs(expected: Mapping[str, Any], named: str, in_force: CatalogueInForce) -> None:
    found = faults(in_force, expected)
    assert any(fault.startswith(named) for fault in found), found


@pytest.mark.parametrize("expected", [{"flux": 3}, {"usage": {"flux": 3}}, {"cost": {"flux": 3}}])
def test_a_key_that_is_not_understood_is_a_failure_that_names_it(
    expected: Mapping[str, Any], in_force: CatalogueInForce
) -> None:
    assert any("flux" in fault for fault in faults(in_force, expected))


def test_a_word_for_several_classes_leaves_out_those_with_a_key_of_their_own(in_force: CatalogueInForce) -> None:
    details = {"cached_tokens": 40, "cache_type": "ephemeral"}
    body = {"model": "qwen3.7-max", "usage": {**USAGE, "prompt_tokens_details": details}}
    both = {"input": 60, "cache_read": 0, "cache_read_explicit": 40, "output": 15, "reasoning": 5}
    one = {"input": 60, "cache_read": 40, "output": 15, "reasoning": 5}
    assert faults(in_force, both, provider="qwen", body=body) == []
    assert faults(in_force, one, provider="qwen", body=body) == []


def test_a_search_is_compared_where_it_is_expected_and_costs_where_it_is_not(in_force: CatalogueInForce) -> None:
    body = {"model": "gpt-4o-search-preview", "usage": {"prompt_tokens": 4, "completion_tokens": 0, "total_tokens": 4}}
    assert faults(in_force, {"input": 4}, body=body) == []
    assert faults(in_force, {"input": 4, "web_searches": 1, "cost": "0.02501"}, body=body) == []
    assert faults(in_force, {"input": 4, "web_searches": 2}, body=body) != []


def test_a_search_that_a_stream_told_before_its_usage_is_found(in_force: CatalogueInForce) -> None:
    searched = {"candidates": [{"groundingMetadata": {"webSearchQueries": ["weather"]}}]}
    last = {"candidates": [{"finishReason": "STOP"}], "usageMetadata": {"promptTokenCount": 1}}
    body = [searched, {**last, "modelVersion": "gemini-2.5-flash"}]
    assert faults(in_force, {"web_searches": 1}, provider="google", api="generate_content", body=body) == []


def test_a_null_later_in_a_stream_leaves_a_count_as_it_was(in_force: CatalogueInForce) -> None:
    first = {
        "model": "claude-sonnet-4-5",
        "usage": {"input_tokens": 5, "cache_read_input_tokens": 7, "output_tokens": 1},
    }
    last = {"input_tokens": None, "cache_read_input_tokens": None, "output_tokens": 9}
    body = [
        {"type": "message_start", "message": first},
        {"type": "message_delta", "model": None, "delta": {}, "usage": last},
    ]
    expected = {"input": 5, "cache_read": 7, "output": 9}
    assert faults(in_force, expected, provider="anthropic", api="messages", body=body) == []


def test_without_expectations_a_body_is_costed(in_force: CatalogueInForce) -> None:
    verdict = judge(1, entry(None), in_force)
    assert list(verdict.faults) == []
    assert COST in verdict.found
    assert "cache_read 40" in verdict.found


def test_an_entry_may_ask_for_a_tier_that_the_answer_does_not_deny(in_force: CatalogueInForce) -> None:
    plain_body = {"model": "gpt-4o-2024-08-06", "usage": {"prompt_tokens": 100, "completion_tokens": 0}}
    assert faults(in_force, {"cost": "0.000425"}, body=plain_body, service_tier="priority") == []
    served = {**plain_body, "service_tier": "default"}
    assert faults(in_force, {"cost": "0.00025"}, body=served, service_tier="priority") == []


def test_a_tier_that_nobody_knows_costs_as_the_standard_one_and_says_so(in_force: CatalogueInForce) -> None:
    verdict = judge(1, entry({"cost": COST}, body={**BODY, "service_tier": "platinum"}), in_force)
    assert list(verdict.faults) == []
    assert "at the standard tier" in verdict.found


def test_a_dated_name_takes_the_undated_row(in_force: CatalogueInForce) -> None:
    assert faults(in_force, {"model": "openai/gpt-4.1"}, model="gpt-4.1-2031-01-31") == []


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (7, "no object"),
        ({"api": "chat", "body": BODY}, "no provider"),
        ({"provider": "openai", "api": "telepathy", "body": BODY}, "telepathy"),
        ({"provider": "openai", "body": BODY}, "api"),
        ({"provider": "openai", "api": "chat"}, "the body"),
        ({"provider": "openai", "api": "chat", "body": "no stream at all"}, "no event"),
        ({"provider": "openai", "api": "chat", "body": []}, "no event"),
        ({"provider": "openai", "api": "chat", "body": {"usage": BODY["usage"]}}, "names a model"),
        ({"provider": "openai", "api": "chat", "model": "gpt-none", "body": BODY}, "gpt-none"),
        ({"provider": "nobody", "api": "chat", "body": BODY}, "nobody/gpt-4o"),
        ({"provider": "openai", "api": "chat", "body": {"model": "gpt-4o"}}, "did not say"),
        ({"provider": "openai", "api": "chat", "body": {"model": "gpt-4o", "usage": 3}}, "did not say"),
        ({"provider": "openai", "api": "chat", "body": BODY, "at": "teatime"}, "teatime"),
        ({"provider": "meta", "api": "chat", "body": {**BODY, "model": "Llama-3.3-8B-Instruct"}}, "no price"),
        ({"provider": "openai", "api": "chat", "body": BODY, "expected": 3}, "expected is no object"),
    ],
)
def test_what_cannot_be_read_or_priced_fails_with_its_reason(
    broken: object, reason: str, in_force: CatalogueInForce
) -> None:
    found = list(judge(1, broken, in_force).faults)
    assert len(found) == 1
    assert reason in found[0]


def test_a_price_of_another_provider_is_none(in_force: CatalogueInForce) -> None:
    assert "no openai/claude-sonnet-4-5" in faults(in_force, {"cost": "1"}, model="claude-sonnet-4-5")[0]


def test_the_sum_of_passes_and_failures_is_the_last_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "bodies.json"
    file.write_text(json.dumps([entry({"cost": COST}), entry({"input": 1}), 7]))
    assert main([str(file)]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "1 passed, 2 failed"
    file.write_text(json.dumps({"bodies": [entry({"cost": COST})]}))
    assert main([str(file)]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "1 passed, 0 failed"


def test_a_cost_that_is_a_json_number_is_compared_by_its_digits(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "bodies.json"
    body = {"model": "gpt-4o-2024-08-06", "usage": {"prompt_tokens": 3, "completion_tokens": 0, "total_tokens": 3}}
    file.write_text(json.dumps([entry({"cost": 0.0000075}, body=body), entry({"cost": 7.5e-6}, body=body)]))
    assert main([str(file)]) == 0
    file.write_text(f'[{{"provider":"openai","api":"chat","body":{json.dumps(body)},"expected":{{"cost":1e999999}}}}]')
    assert main([str(file)]) == 1


@pytest.mark.parametrize("content", ["", "{", "3", '{"bodies": 3}', "[]"])
def test_a_file_without_bodies_does_not_pass(content: str, tmp_path: Path) -> None:
    file = tmp_path / "bodies.json"
    file.write_text(content)
    assert main([str(file)]) != 0
    assert main([str(tmp_path / "missing.json")]) == 2
    assert main([]) == 2
