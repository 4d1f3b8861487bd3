"""Forty calls at once with a search, a file or a tool, through the front door, each billed the most that it can be."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any, Final

import httpx
import pytest

from testing.chat_world import HELLO, OURS, ChatWorld, served
from testing.stand_in.server import StandIn
from testing.stand_in.worst_bill import anthropic_bill, gemini_bill, openai_bill
from tests.drills.options_race import FILE, FLASH, HAIKU

CALLS: Final = 40
ROOM: Final = Decimal("3.5")  # holds that fit at once
SAID: Final = {"type": "text", "text": "Hello"}
Body = dict[str, Any]

OPTIONS: Final[dict[str, tuple[str, Body]]] = {
    "a search of Gemini": (FLASH, {"web_search_options": {}}),
    "places of Gemini": (FLASH, {"tools": [{"googleMaps": {}}]}),
    "code of Gemini": (FLASH, {"tools": [{"codeExecution": {}}]}),
    "a file of text": (FLASH, {"messages": [{"role": "user", "content": [{"type": "text", "text": "q"}, FILE]}]}),
    "searches of Claude": (HAIKU, {"web_search_options": {}}),
    "Claude's own search tool": (HAIKU, {"tools": [{"type": "web_search_20250305", "name": "web_search"}]}),
    "code of Claude": (HAIKU, {"tools": [{"type": "code_execution_20250825", "name": "code_execution"}]}),
    "a searching model of OpenAI": ("openai/gpt-4o-mini-search-preview", {"web_search_options": {}}),
}


@pytest.fixture
def world(stand_in: StandIn) -> Iterator[ChatWorld]:
    stand_in.behave()
    with served(ChatWorld(stand_in)) as served_world:
        for provider in ("openai", "anthropic", "google"):
            served_world.provider_key(provider)
        yield served_world


def dearest_answer(provider: str, model: str, sent: Body) -> Body:
    """An answer to a request as it reached its provider, billed at its worst."""
    if provider == "anthropic":
        usage = anthropic_bill(sent, {sent["model"]: 200_000}, {sent["model"]: 64_000})
        head = {"id": "msg_1", "type": "message", "role": "assistant", "model": sent["model"], "content": [SAID]}
        return {**head, "stop_reason": "end_turn", "usage": usage}
    if provider == "google":
        bill = gemini_bill(sent, model, 1_048_576)
        content = {"content": {"role": "model", "parts": [{"text": "Hello"}]}, "finishReason": "STOP"}
        candidates = bill["candidates"] or [{}]
        return {**bill, "candidates": [{**content, **each} for each in candidates]}
    choice = {"index": 0, "message": {"role": "assistant", "content": "Hello"}, "finish_reason": "stop"}
    bill = openai_bill(sent, hears=False, speaks=False, searches=True)
    return {"id": "1", "object": "chat.completion", "created": 1, "choices": [choice], **bill}


@pytest.mark.parametrize("option", OPTIONS)
def test_forty_calls_at_once_spend_no_more_than_a_hard_budget(
    world: ChatWorld, caller: httpx.Client, option: str
) -> None:
    model, options = OPTIONS[option]
    body = {"model": model, "messages": HELLO, "max_tokens": 100, **options}
    assert caller.post("/chat/completions", json=body).status_code == 200  # before there is a budget
    provider, _, name = model.partition("/")
    dearest = dearest_answer(provider, name, world.stand_in.calls[-1].body)
    [before] = world.rows()
    limit = before.attempt.hold * ROOM
    world.stand_in.fault("body", provider=provider, body=json.dumps(dearest))
    world.budget(str(limit))
    with ThreadPoolExecutor(CALLS) as pool:
        statuses = list(pool.map(lambda _: caller.post("/chat/completions", json=body).status_code, range(CALLS)))
    answered = [row for row in world.rows()[1:] if row.settlement.status == "succeeded"]
    assert (set(statuses), len(answered)) == ({200, 402}, statuses.count(200))
    assert all(row.settlement.cost <= row.attempt.hold for row in answered)
    assert before.attempt.hold < sum(row.settlement.cost for row in answered) <= limit
    state = world.money.state(tenant=OURS)
    assert state is not None
    assert (state.spent <= limit, bool(state.held), world.open_attempts()) == (True, False, 0)
