"""smolagents, unmodified: OpenAIModel, and the agent that calls tools."""

import json
from typing import Any

from pydantic import BaseModel
from report import ASKED, BASE_URL, HELLO, MODEL, PERSON, SERVICE_KEY, report, weather
from smolagents import ChatMessage, OpenAIModel, ToolCallingAgent, tool

model = OpenAIModel(model_id=MODEL, api_base=BASE_URL, api_key=SERVICE_KEY)


class Person(BaseModel):
    """Somebody."""

    name: str
    age: int


@tool
def get_weather(city: str) -> str:
    """The weather in a city.

    Args:
        city: its name
    """
    return weather(city)


def messages(text: str) -> list[Any]:
    return [ChatMessage(role="user", content=[{"type": "text", "text": text}])]


def chat() -> dict[str, Any]:
    return {"text": model.generate(messages(HELLO)).content}


def stream() -> dict[str, Any]:
    pieces = [delta.content for delta in model.generate_stream(messages(HELLO)) if delta.content]
    return {"text": "".join(pieces), "pieces": len(pieces)}


def tools() -> dict[str, Any]:
    """A step that calls the tool, and the answer that the agent asks for when its steps are used up."""
    return {"text": ToolCallingAgent(tools=[get_weather], model=model, max_steps=1).run(ASKED)}


def structured() -> dict[str, Any]:
    schema = {"name": "person", "schema": Person.model_json_schema()}
    form = {"type": "json_schema", "json_schema": schema}
    return {"parsed": json.loads(model.generate(messages(PERSON), response_format=form).content)}


report(chat=chat, stream=stream, tools=tools, structured=structured)
