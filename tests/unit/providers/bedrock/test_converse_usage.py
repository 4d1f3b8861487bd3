"""The classes of Bedrock's `TokenUsage`, each with its own count, whatever of it is left out."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atom_llm.domain.pricing.units import Unit
from atom_llm.domain.providers.converse_usage import converse_usage
from atom_llm.domain.providers.unknown_counters import unknown_counters
from testing.bedrock.service_model import shapes

U = Unit


def read(**usage: Any) -> dict[Unit, Any]:
    reported = converse_usage({"usage": usage})
    assert reported is not None
    return dict(reported.usage.counts)


@pytest.mark.parametrize(
    ("usage", "counts"),
    [
        ({"inputTokens": 5, "outputTokens": 3, "totalTokens": 8}, {U.INPUT: 5, U.OUTPUT: 3}),
        (
            {"inputTokens": 5, "outputTokens": 3, "totalTokens": 28, "cacheReadInputTokens": 20},
            {U.INPUT: 5, U.CACHE_READ: 20, U.OUTPUT: 3},
        ),
        (
            {"inputTokens": 5, "outputTokens": 3, "cacheReadInputTokens": 0, "cacheWriteInputTokens": 9},
            {U.INPUT: 5, U.CACHE_WRITE_5M: 9, U.OUTPUT: 3},
        ),
        (
            {
                "inputTokens": 5,
                "outputTokens": 3,
                "cacheWriteInputTokens": 9,
                "cacheDetails": [{"ttl": "1h", "inputTokens": 4}, {"ttl": "5m", "inputTokens": 5}],
            },
            {U.INPUT: 5, U.CACHE_WRITE_5M: 5, U.CACHE_WRITE_1H: 4, U.OUTPUT: 3},
        ),
        (
            {"inputTokens": 5, "outputTokens": 3, "cacheDetails": [{"ttl": "1h", "inputTokens": 4}]},
            {U.INPUT: 5, U.CACHE_WRITE_1H: 4, U.OUTPUT: 3},
        ),
        ({"inputTokens": 0, "outputTokens": 3, "cacheReadInputTokens": 20}, {U.CACHE_READ: 20, U.OUTPUT: 3}),
        (
            {"outputTokens": 3, "totalTokens": 28, "cacheReadInputTokens": 20},
            {U.INPUT: 5, U.CACHE_READ: 20, U.OUTPUT: 3},
        ),
        ({"inputTokens": 5, "totalTokens": 8}, {U.INPUT: 5, U.OUTPUT: 3}),
        (
            {"inputTokens": 5, "outputTokens": 3, "cacheReadInputTokenCount": 7, "cacheWriteInputTokenCount": 2},
            {U.INPUT: 5, U.CACHE_READ: 7, U.CACHE_WRITE_5M: 2, U.OUTPUT: 3},
        ),
        ({"inputTokens": 5, "outputTokens": 3, "cacheDetails": None}, {U.INPUT: 5, U.OUTPUT: 3}),
    ],
)
def test_each_class_has_its_own_count(usage: dict[str, Any], counts: dict[Unit, int]) -> None:
    assert read(**usage) == counts


@pytest.mark.parametrize("content", [{}, {"usage": None}, {"usage": {}}, {"usage": {"inputTokens": None}}])
def test_what_counts_nothing_reports_nothing(content: dict[str, Any]) -> None:
    assert converse_usage(content) is None


@pytest.mark.parametrize(
    ("said", "tier"),
    [("default", "default"), ("flex", "flex"), ("priority", "priority"), ("reserved", "default"), (None, None)],
)
def test_the_tier_that_served_is_the_terms(said: str | None, tier: str | None) -> None:
    content = {"usage": {"inputTokens": 1, "outputTokens": 1}, "serviceTier": {"type": said}}
    reported = converse_usage(content)
    assert reported is not None
    assert reported.terms.service_tier == tier


COUNTS = st.integers(0, 10**6)


@given(COUNTS, COUNTS, COUNTS, COUNTS, COUNTS)
def test_no_token_is_lost_or_counted_twice(fresh: int, read_: int, five: int, hour: int, produced: int) -> None:
    details = [{"ttl": "5m", "inputTokens": five}, {"ttl": "1h", "inputTokens": hour}]
    total = fresh + read_ + five + hour + produced
    usage = {
        "inputTokens": fresh,
        "outputTokens": produced,
        "totalTokens": total,
        "cacheReadInputTokens": read_,
        "cacheWriteInputTokens": five + hour,
        "cacheDetails": details,
    }
    reported = converse_usage({"usage": usage})
    assert reported is not None
    assert sum(reported.usage.counts.values()) == total
    assert reported.usage.context_tokens == total - produced


def test_every_counter_of_awss_model_is_known() -> None:
    members = shapes()["TokenUsage"]["members"]
    usage: dict[str, Any] = {name: 1 for name in members if name != "cacheDetails"}
    usage["cacheDetails"] = [dict.fromkeys(shapes()["CacheDetail"]["members"], 1)]
    usage["cacheDetails"][0]["ttl"] = "1h"
    assert unknown_counters(usage) == {}


def test_what_a_guardrail_assessed_is_usage_beside_the_model_s_and_what_is_new_of_it_is_named() -> None:
    def of(**units: int) -> dict[str, Any]:
        return {"invocationMetrics": {"usage": units}}

    guardrail = {
        "inputAssessment": {"g1": of(topicPolicyUnits=1, contentPolicyUnits=2, wordPolicyUnits=1, newUnits=5)},
        "outputAssessments": {"g1": [of(topicPolicyUnits=3), of(contentPolicyUnits=0)]},
    }
    reported = converse_usage({"usage": {"inputTokens": 5, "outputTokens": 3}, "trace": {"guardrail": guardrail}})
    assert reported is not None
    told = {"topicPolicyUnits": 4, "contentPolicyUnits": 2, "wordPolicyUnits": 1, "newUnits": 5}
    assert reported.raw["guardrailUnits"] == told
    assert unknown_counters(reported.raw) == {"guardrailUnits.newUnits": 5}
    [beside] = reported.others
    assert beside.model == "guardrails"
    assert beside.usage.counts == {U.TOPIC_POLICY: 4, U.CONTENT_POLICY: 2, U.WORD_POLICY: 1}
    assert dict(reported.usage.counts) == {U.INPUT: 5, U.OUTPUT: 3}
