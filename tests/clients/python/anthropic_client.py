"""anthropic-python, unmodified: messages, its stream helper, its tool runner, and its parser."""

from typing import Any

import anthropic
from anthropic import beta_tool
from pydantic import BaseModel
from report import ASKED, HELLO, MODEL, ORIGIN, PERSON, SERVICE_KEY, report, weather

client = anthropic.Anthropic(base_url=ORIGIN, api_key=SERVICE_KEY)


class Person(BaseModel):
    """Somebody."""

    name: str
    age: int


@beta_tool
def get_weather(city: str) -> str:
    """The weather in a city.

    Args:
        city: its name
    """
    return weather(city)


def asking(text: str) -> dict[str, Any]:
    return {"model": MODEL, "max_tokens": 500, "messages": [{"role": "user", "content": text}]}


def text_of(message: Any) -> str:
    return "".join(block.text for block in message.content if block.type == "text")


def chat() -> dict[str, Any]:
    return {"text": text_of(client.messages.create(**asking(HELLO)))}


def stream() -> dict[str, Any]:
    with client.messages.stream(**asking(HELLO)) as streamed:
        pieces = list(streamed.text_stream)
    return {"text": "".join(pieces), "pieces": len(pieces)}


def tools() -> dict[str, Any]:
    runner = client.beta.messages.tool_runner(**asking(ASKED), tools=[get_weather])
    return {"text": text_of(runner.until_done())}


def structured() -> dict[str, Any]:
    return {"parsed": client.messages.parse(**asking(PERSON), output_format=Person).parsed_output.model_dump()}


report(chat=chat, stream=stream, tools=tools, structured=structured)
