"""Whatever AWS's own model lets Bedrock answer, with any member left out, is costed to the token or a clear failure."""

import json
from collections.abc import Mapping
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from atom_llm.adapters.providers.bedrock.dialect import BedrockConverse
from atom_llm.adapters.providers.http_stream import TranslatedPieces
from atom_llm.adapters.providers.well_formed import well_formed_answer
from atom_llm.domain.core.providers import BEDROCK
from atom_llm.domain.pricing.reported import ReportedUsage
from atom_llm.domain.pricing.units import Unit
from atom_llm.domain.providers.exchange import Json, Target
from atom_llm.domain.providers.failures import ProviderFailure
from testing.bedrock.made_bodies import values
from tests.unit.providers.bedrock.test_any_converse import Framed
from tests.unit.providers.test_any_body import ABLE

TARGET = Target(BEDROCK, "eu.anthropic.claude-sonnet-4-5-20250929-v1:0", ABLE, 32_000)
FINISHES = {"stop", "length", "tool_calls", "content_filter"}
U = Unit


def expected(usage: Mapping[str, Any]) -> dict[Unit, int]:
    """Count each class by AWS's words for it, whose input tokens are neither read from a cache nor written to one."""
    details = [each for each in usage.get("cacheDetails", ()) if "inputTokens" in each]
    hour = sum(each["inputTokens"] for each in details if each.get("ttl") == "1h")
    others = sum(each["inputTokens"] for each in details if each.get("ttl") != "1h")
    counts = {
        U.INPUT: usage["inputTokens"],
        U.OUTPUT: usage["outputTokens"],
        U.CACHE_READ: usage.get("cacheReadInputTokens", 0),
        U.CACHE_WRITE_1H: hour,
        U.CACHE_WRITE_5M: max(usage.get("cacheWriteInputTokens", 0) - hour, others),
    }
    return {unit: number for unit, number in counts.items() if number}


def is_to_the_digit(reported: ReportedUsage | None, usage: Mapping[str, Any]) -> bool:
    """Return whether what was read is what AWS counted, where it counted both sides."""
    if not {"inputTokens", "outputTokens"} <= usage.keys() or not any(expected(usage).values()):
        return True
    return reported is not None and dict(reported.usage.counts) == expected(usage)


@given(values("ConverseResponse"))
@settings(max_examples=400, deadline=None)
def test_any_whole_answer_is_told_and_counted_or_a_failure(content: Json) -> None:
    try:
        answer = well_formed_answer(lambda: BedrockConverse().answer(TARGET, content))
    except ProviderFailure:
        return
    assert answer.body["choices"][0]["finish_reason"] in FINISHES
    assert is_to_the_digit(answer.reported, content.get("usage", {}))


@given(values("TokenUsage"))
@settings(max_examples=400, deadline=None)
def test_the_classes_of_any_usage_are_counted_each_by_itself(usage: Json) -> None:
    content = {"output": {"message": {"role": "assistant", "content": []}}, "stopReason": "end_turn", "usage": usage}
    answer = well_formed_answer(lambda: BedrockConverse().answer(TARGET, content))
    assert is_to_the_digit(answer.reported, usage)


@given(st.lists(values("ConverseStreamOutput"), max_size=8))
@settings(max_examples=400, deadline=None)
def test_any_stream_is_told_and_counted_or_a_failure(said: list[Json]) -> None:
    reader, chunks = BedrockConverse().reader(TARGET, {}), list[Json]()
    pieces = TranslatedPieces(reader, Framed())
    try:
        for event in said:
            ((name, content),) = event.items()
            pieces.read(f"{name} {json.dumps(content)}".encode(), chunks)
    except ProviderFailure:
        return
    assert all(isinstance(chunk["choices"], list) for chunk in chunks)
    told = [event["metadata"]["usage"] for event in said if "usage" in event.get("metadata", {})]
    assert not told or is_to_the_digit(reader.reported, told[-1])
