"""LiteLLM's SDK, unmodified: `openai/` (DOOR=chat) with its Responses call, or `anthropic/`."""

import json
from typing import Any

import litellm
from pydantic import BaseModel
from report import ASKED, BASE_URL, DOOR, HELLO, MODEL, ORIGIN, PERSON, SERVICE_KEY, report, weather

SETTINGS: dict[str, Any] = {"model": f"openai/{MODEL}", "api_base": BASE_URL, "api_key": SERVICE_KEY}
if DOOR == "messages":
    SETTINGS = {"model": f"anthropic/{MODEL}", "api_base": ORIGIN, "api_key": SERVICE_KEY}
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "get_weather",
            "description": "The weather in a city",
            "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
        },
    }
]


class Person(BaseModel):
    """Somebody."""

    name: str
    age: int


def messages(text: str) -> list[Any]:
    return [{"role": "user", "content": text}]


def chat() -> dict[str, Any]:
    return {"text": litellm.completion(**SETTINGS, messages=messages(HELLO)).choices[0].message.content}


def stream() -> dict[str, Any]:
    chunks = litellm.completion(**SETTINGS, messages=messages(HELLO), stream=True)
    pieces = [text for chunk in chunks for choice in chunk.choices if (text := choice.delta.content)]
    return {"text": "".join(pieces), "pieces": len(pieces)}


def tools() -> dict[str, Any]:
    said = messages(ASKED)
    while True:
        message = litellm.completion(**SETTINGS, messages=said, tools=TOOLS).choices[0].message
        if not message.tool_calls:
            return {"text": message.content}
        said.append(message)
        for call in message.tool_calls:
            result = weather(**json.loads(call.function.arguments))
            said.append({"role": "tool", "tool_call_id": call.id, "content": result})


def structured() -> dict[str, Any]:
    answer = litellm.completion(**SETTINGS, messages=messages(PERSON), response_format=Person)
    return {"parsed": json.loads(answer.choices[0].message.content)}


report(chat=chat, stream=stream, tools=tools, structured=structured)
