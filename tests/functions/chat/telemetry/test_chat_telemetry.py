"""What is told of a call beside the books: a line in the log and a span, in OpenTelemetry's names."""

import io
import json
from collections.abc import Iterator

import httpx
import pytest
from opentelemetry.semconv._incubating.attributes import gen_ai_attributes

from atom_llm.adapters.otlp import OtlpCallTracer
from atom_llm.domain.core.ids import number_of
from testing.chat_world import ANTHROPIC, OPENAI, ChatWorld, asking, served, stream
from testing.otlp_collector import OtlpCollector, attributes_of, running_collector
from testing.stand_in.server import StandIn

PUBLISHED = {value for name, value in vars(gen_ai_attributes).items() if name.startswith("GEN_AI_")}


@pytest.fixture
def collector() -> Iterator[OtlpCollector]:
    with running_collector() as running:
        yield running


@pytest.fixture
def world(stand_in: StandIn, collector: OtlpCollector) -> Iterator[ChatWorld]:
    stand_in.behave()
    made = ChatWorld(stand_in)
    made.ports.call_tracer = OtlpCallTracer(collector.url, {"api-key": "c"}, "local")
    with served(made) as served_world:
        for provider in ("openai", "anthropic"):
            served_world.provider_key(provider)
        yield served_world


def told(log: io.StringIO) -> list[dict[str, object]]:
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    return [line for line in lines if line["message"] == "call"]


def test_a_call_is_a_line_in_the_log_with_its_exact_cost_and_nothing_of_its_words(
    world: ChatWorld, caller: httpx.Client, log: io.StringIO
) -> None:
    caller.post("/chat/completions", json=asking(OPENAI, user="ann@example.com"), headers={"session-id": "s-1"})
    [line], [row] = told(log), world.rows()
    assert line["gen_ai.provider.name"] == "openai"
    assert line["gen_ai.request.model"] == row.attempt.model
    assert line["gen_ai.usage.input_tokens"] == row.settlement.context_tokens
    assert line["atom_llm.cost_usd"] == format(row.settlement.cost, "f")
    assert line["atom_llm.call_id"] == row.attempt.call_id
    assert "ann@example.com" not in log.getvalue()


def test_every_name_of_the_conventions_is_one_that_they_publish(
    world: ChatWorld, caller: httpx.Client, collector: OtlpCollector
) -> None:
    stream(caller, ANTHROPIC)
    [span] = collector.spans
    used = {name for name in attributes_of(span) if name.startswith("gen_ai.")}
    assert {"gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.response.time_to_first_chunk"} <= used <= PUBLISHED


def test_a_span_is_there_before_the_answer_has_ended(
    world: ChatWorld, caller: httpx.Client, collector: OtlpCollector
) -> None:
    answer = caller.post("/chat/completions", json=asking(OPENAI))
    [span] = collector.spans
    assert int.from_bytes(span.trace_id, "big") == number_of(answer.headers["x-llm-call-id"])
    assert span.name == f"chat {world.rows()[0].attempt.model}"
    assert span.end_time_unix_nano >= span.start_time_unix_nano
    assert collector.headers[0]["api-key"] == "c"
    assert collector.resources == [{"service.name": "atom-llm", "deployment.environment.name": "local"}]


def test_an_attempt_that_failed_is_a_span_of_the_same_trace_with_its_kind_of_failure(
    world: ChatWorld, caller: httpx.Client, collector: OtlpCollector
) -> None:
    world.stand_in.fault("status", status=503, provider="openai")
    answer = caller.post("/chat/completions", json=asking(f"{OPENAI},{ANTHROPIC}"))
    assert answer.status_code == 200, answer.text
    told = {attributes_of(span)["gen_ai.provider.name"]: attributes_of(span) for span in collector.spans}
    assert "error.type" in told["openai"]
    assert "error.type" not in told["anthropic"]
    assert len({span.trace_id for span in collector.spans}) == 1


def test_a_collector_that_fails_keeps_no_answer_back(
    world: ChatWorld, caller: httpx.Client, collector: OtlpCollector
) -> None:
    collector.status = 400
    assert caller.post("/chat/completions", json=asking(OPENAI)).status_code == 200
    assert collector.spans == []
    assert len(world.rows()) == 1
