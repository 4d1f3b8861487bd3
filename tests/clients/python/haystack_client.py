"""Haystack, unmodified: OpenAIChatGenerator (DOOR=chat) or OpenAIResponsesChatGenerator, and its agent."""

import json
from typing import Any

from haystack.components.agents import Agent
from haystack.components.generators.chat import OpenAIChatGenerator, OpenAIResponsesChatGenerator
from haystack.dataclasses import ChatMessage
from haystack.tools import tool
from haystack.utils import Secret
from pydantic import BaseModel
from report import ASKED, BASE_URL, DOOR, HELLO, MODEL, PERSON, SERVICE_KEY, report, weather


class Person(BaseModel):
    """Somebody."""

    name: str
    age: int


@tool
def get_weather(city: str) -> str:
    """The weather in a city."""
    return weather(city)


def generator(**more: Any) -> Any:
    made = OpenAIResponsesChatGenerator if DOOR == "responses" else OpenAIChatGenerator
    return made(api_key=Secret.from_token(SERVICE_KEY), model=MODEL, api_base_url=BASE_URL, **more)


def replied(text: str, **more: Any) -> str:
    return str(generator(**more).run([ChatMessage.from_user(text)])["replies"][0].text)


def chat() -> dict[str, Any]:
    return {"text": replied(HELLO)}


def stream() -> dict[str, Any]:
    pieces: list[str] = []
    text = replied(HELLO, streaming_callback=lambda piece: pieces.append(piece.content))
    return {"text": text, "pieces": len([piece for piece in pieces if piece])}


def tools() -> dict[str, Any]:
    agent = Agent(chat_generator=generator(), tools=[get_weather])
    return {"text": agent.run(messages=[ChatMessage.from_user(ASKED)])["last_message"].text}


def structured() -> dict[str, Any]:
    name = "text_format" if DOOR == "responses" else "response_format"
    return {"parsed": json.loads(replied(PERSON, generation_kwargs={name: Person}))}


report(chat=chat, stream=stream, tools=tools, structured=structured)
