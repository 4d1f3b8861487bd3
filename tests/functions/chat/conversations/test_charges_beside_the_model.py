"""What other models and tools did for an answer is in its cost."""

import base64
from decimal import Decimal
from typing import Any, Final

import httpx
import pytest

from testing.chat_world import ChatWorld
from tests.functions.chat.conversations.odd_answers import answers, asks

MISTRAL, GROQ, HAIKU = "mistral/mistral-medium-3-5", "groq/openai/gpt-oss-120b", "anthropic/claude-haiku-4-5"


def messages_answer(**usage: Any) -> dict[str, Any]:
    content = [{"type": "text", "text": "ok"}]
    return {"id": "m", "type": "message", "content": content, "stop_reason": "end_turn", "usage": usage}


def run(kind: str, prompt: int, output: int, model: str | None = None) -> dict[str, Any]:
    of_model = {} if model is None else {"model": model}
    return {"type": kind, "input_tokens": prompt, "output_tokens": output, **of_model}


COSTS: Final[dict[str, tuple[str, dict[str, Any], dict[str, Any], str]]] = {
    "an_advisor": (
        "anthropic/claude-sonnet-5",
        {
            "tools": [{"type": "advisor_20260301", "name": "advisor", "model": "claude-opus-5"}],
            "betas": ["advisor-tool-2026-03-01"],
        },
        {
            "input_tokens": 1610,
            "output_tokens": 350,
            "iterations": [
                run("message", 10, 50),
                run("advisor_message", 20_000, 1500, "claude-opus-5"),
                run("message", 1600, 300),
            ],
        },
        "0.14422",
    ),
    "a_dearer_model_serves": (
        HAIKU,
        {"fallbacks": [{"model": "claude-opus-5"}], "betas": ["server-side-fallback-2026-06-01"]},
        {
            "input_tokens": 412,
            "output_tokens": 264,
            "iterations": [
                run("message", 412, 0, "claude-haiku-4-5"),
                run("fallback_message", 412, 264, "claude-opus-5"),
            ],
        },
        "0.00866",
    ),
    "a_cheaper_model_serves": (
        "anthropic/claude-opus-5-5",
        {"fallbacks": [{"model": "claude-sonnet-5"}], "betas": ["server-side-fallback-2026-06-01"]},
        {
            "input_tokens": 1300,
            "output_tokens": 200,
            "iterations": [
                run("message", 1000, 299, "claude-opus-5-5"),
                run("fallback_message", 1300, 200, "claude-sonnet-5"),
            ],
        },
        "0.01458",
    ),
    "searches": (
        "anthropic/claude-haiku-4-5-20251001",
        {"web_search_options": {}},
        {"input_tokens": 1000, "output_tokens": 100, "server_tool_use": {"web_search_requests": 3}},
        "0.0315",
    ),
}


@pytest.mark.parametrize("case", COSTS)
def test_what_other_models_and_tools_did_for_an_answer_is_in_its_cost(
    world: ChatWorld, caller: httpx.Client, case: str
) -> None:
    model, options, usage, cost = COSTS[case]
    answers(world, "anthropic", messages_answer(**usage))
    answer = asks(caller, model, **options)
    assert answer.status_code == 200
    assert Decimal(answer.headers["x-llm-cost-usd"]) == Decimal(cost)
    assert world.rows()[-1].settlement.cost == Decimal(cost)


@pytest.mark.parametrize(
    ("kind", "media_type"), [("image", "image/png"), ("document", "application/pdf")], ids=["image", "document"]
)
def test_a_picture_in_anthropic_s_words_takes_no_more_of_the_window_than_one_in_openai_s(
    world: ChatWorld, caller: httpx.Client, kind: str, media_type: str
) -> None:
    data = base64.b64encode(bytes(1_900_000)).decode()
    native = {"type": kind, "source": {"type": "base64", "media_type": media_type, "data": data}}
    answer = asks(caller, HAIKU, {"role": "user", "content": [{"type": "text", "text": "hi"}, native]}, max_tokens=100)
    assert answer.status_code == 200
    assert world.rows()[-1].attempt.estimate < Decimal("0.01")
