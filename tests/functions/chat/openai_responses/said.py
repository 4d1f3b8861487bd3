"""Requests and answers that several tests of responses begin with."""

import json
from typing import Any

from openai.types.responses import FunctionToolParam

from testing.chat_world import ChatWorld

WEATHER: FunctionToolParam = {
    "type": "function",
    "name": "get_weather",
    "description": "The weather of a city",
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
        "additionalProperties": False,
    },
    "strict": True,
}


def asked(world: ChatWorld) -> dict[str, Any]:
    """The body that the provider got last."""
    return dict(world.stand_in.calls[-1].body)


def says(world: ChatWorld, message: dict[str, Any], finish: str = "stop", **usage: Any) -> None:
    """OpenAI's next answer is exactly this."""
    choice = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": finish}
    counted = {"prompt_tokens": 5, "completion_tokens": 7, "total_tokens": 12, **usage}
    body = {"id": "x", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice], "usage": counted}
    world.stand_in.fault("body", provider="openai", times=1, status=200, body=json.dumps(body))
