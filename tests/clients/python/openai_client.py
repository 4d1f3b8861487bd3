"""openai-python, unmodified: chat completions, or with DOOR=responses the Responses API."""

import json
from typing import Any

from openai import OpenAI
from pydantic import BaseModel
from report import ASKED, BASE_URL, DOOR, HELLO, MODEL, PERSON, SERVICE_KEY, report, weather

client = OpenAI(base_url=BASE_URL, api_key=SERVICE_KEY)
PARAMETERS = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
DESCRIBED = {"name": "get_weather", "description": "The weather in a city", "parameters": PARAMETERS}


class Person(BaseModel):
    """Somebody."""

    name: str
    age: int


def messages(text: str) -> list[Any]:
    return [{"role": "user", "content": text}]


def chat() -> dict[str, Any]:
    answer = client.chat.completions.create(model=MODEL, messages=messages(HELLO))
    return {"text": answer.choices[0].message.content}


def chat_stream() -> dict[str, Any]:
    with client.chat.completions.stream(model=MODEL, messages=messages(HELLO)) as stream:
        pieces = [event.delta for event in stream if event.type == "content.delta"]
    return {"text": "".join(pieces), "pieces": len(pieces)}


def chat_tools() -> dict[str, Any]:
    tools: list[Any] = [{"type": "function", "function": DESCRIBED}]
    said = messages(ASKED)
    while True:
        message = client.chat.completions.create(model=MODEL, messages=said, tools=tools).choices[0].message
        if not message.tool_calls:
            return {"text": message.content}
        said.append(message)
        for call in message.tool_calls:
            result = weather(**json.loads(call.function.arguments))
            said.append({"role": "tool", "tool_call_id": call.id, "content": result})


def chat_structured() -> dict[str, Any]:
    answer = client.chat.completions.parse(model=MODEL, messages=messages(PERSON), response_format=Person)
    return {"parsed": answer.choices[0].message.parsed.model_dump()}


def responses() -> dict[str, Any]:
    return {"text": client.responses.create(model=MODEL, input=HELLO).output_text}


def responses_stream() -> dict[str, Any]:
    with client.responses.stream(model=MODEL, input=HELLO) as stream:
        pieces = [event.delta for event in stream if event.type == "response.output_text.delta"]
    return {"text": "".join(pieces), "pieces": len(pieces)}


def responses_tools() -> dict[str, Any]:
    tools: list[Any] = [{"type": "function", **DESCRIBED}]
    said: list[Any] = messages(ASKED)
    while True:
        answer = client.responses.create(model=MODEL, input=said, tools=tools)
        calls = [item for item in answer.output if item.type == "function_call"]
        if not calls:
            return {"text": answer.output_text}
        said += answer.output
        for call in calls:
            result = weather(**json.loads(call.arguments))
            said.append({"type": "function_call_output", "call_id": call.call_id, "output": result})


def responses_structured() -> dict[str, Any]:
    answer = client.responses.parse(model=MODEL, input=PERSON, text_format=Person)
    return {"parsed": answer.output_parsed.model_dump()}


if DOOR == "responses":
    report(chat=responses, stream=responses_stream, tools=responses_tools, structured=responses_structured)
else:
    report(chat=chat, stream=chat_stream, tools=chat_tools, structured=chat_structured)
