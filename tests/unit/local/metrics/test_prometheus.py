"""What Prometheus reads at the front door: the metrics of the log, under the names that it has for such."""

import io
import json
import sys

import httpx
import pytest

from atom_llm.observability import emit
from local.metrics.prometheus import CountedOutput, LogMetrics, counted_stdout

pytestmark = pytest.mark.anyio

REQUEST = {
    "message": "request",
    "group": "chat",
    "Requests": 1,
    "Latency": 250.0,
    "_aws": {
        "CloudWatchMetrics": [
            {
                "Namespace": "AtomLLM",
                "Dimensions": [["group"]],
                "Metrics": [{"Name": "Requests", "Unit": "Count"}, {"Name": "Latency", "Unit": "Milliseconds"}],
            }
        ]
    },
}
CALL = {
    "message": "call",
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "gpt-4o",
    "gen_ai.usage.input_tokens": 12,
    "gen_ai.usage.output_tokens": 3,
    "atom_llm.tenant": "acme",
    "atom_llm.cost_usd": "0.00006",
    "duration_ms": 800,
}


async def scraped(metrics: LogMetrics) -> dict[str, float]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(metrics), base_url="http://door") as client:
        answer = await client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    lines = [line for line in answer.text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


async def test_what_cloudwatch_counts_is_counted_with_its_dimensions_as_labels() -> None:
    metrics = LogMetrics()
    for _ in range(2):
        metrics.read(json.dumps(REQUEST))
    seen = await scraped(metrics)
    assert seen['atom_llm_requests_total{group="chat"}'] == 2
    assert seen['atom_llm_latency_seconds_sum{group="chat"}'] == 0.5
    assert seen['atom_llm_latency_seconds_bucket{group="chat",le="0.1"}'] == 0


async def test_a_call_is_counted_under_the_conventions_names() -> None:
    metrics = LogMetrics()
    metrics.read(json.dumps(CALL))
    seen = await scraped(metrics)
    of_call = 'gen_ai_operation_name="chat",gen_ai_provider_name="openai",gen_ai_request_model="gpt-4o"'
    assert seen[f'gen_ai_client_operation_duration_seconds_sum{{error_type="",{of_call}}}'] == 0.8
    assert seen[f'gen_ai_client_token_usage_sum{{{of_call},gen_ai_token_type="input"}}'] == 12
    assert seen[f'atom_llm_cost_usd_total{{{of_call},tenant="acme"}}'] == 0.00006


@pytest.mark.parametrize("line", ["", "a line", '{"_aws": ', '["_aws"]', '{"message": "call"}', '"gen_ai."'])
async def test_a_line_without_metrics_counts_nothing(line: str) -> None:
    metrics = LogMetrics()
    metrics.read(line)
    assert await scraped(metrics) == {}


async def test_lines_are_counted_whole_however_they_are_written() -> None:
    written, metrics = io.StringIO(), LogMetrics()
    output = CountedOutput(written, metrics)
    text = json.dumps(REQUEST) + "\n"
    output.write(text[:30])
    output.write(text[30:] + text)
    assert written.getvalue() == 2 * text
    assert (await scraped(metrics))['atom_llm_requests_total{group="chat"}'] == 2


async def test_metrics_that_the_service_emits_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    metrics = counted_stdout()
    emit({"CircuitsOpened": ("Count", 1)}, {"group": "chat"})
    assert (await scraped(metrics))['atom_llm_circuits_opened_total{group="chat"}'] == 1
