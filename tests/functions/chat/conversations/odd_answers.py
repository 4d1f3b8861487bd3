"""Answers and calls in providers' own shapes."""

import json
from typing import Any, Final

import httpx

from testing.chat_world import ChatWorld

QUESTION: Final = {"role": "user", "content": "q"}
FUNCTION: Final = {"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}


def asks(caller: httpx.Client, model: str, *messages: dict[str, Any], **more: Any) -> httpx.Response:
    """Ask for a whole answer."""
    body = {"model": model, "messages": list(messages) or [QUESTION], **more}
    return caller.post("/chat/completions", json=body)


def answers(world: ChatWorld, provider: str, body: object) -> None:
    """Let a provider answer with exactly this body."""
    world.stand_in.fault("body", provider=provider, body=body if isinstance(body, str) else json.dumps(body))
