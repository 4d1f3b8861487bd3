"""OpenAI's agents SDK, unmodified: its Responses model, which is its default, or with DOOR=chat its other one."""

import asyncio
from typing import Any

from agents import Agent, Runner, function_tool, set_default_openai_api, set_default_openai_client, set_tracing_disabled
from openai import AsyncOpenAI
from pydantic import BaseModel
from report import ASKED, BASE_URL, DOOR, HELLO, MODEL, PERSON, SERVICE_KEY, report, weather

set_tracing_disabled(True)  # traces go to OpenAI itself, with a key of theirs
if DOOR == "chat":
    set_default_openai_api("chat_completions")


class Person(BaseModel):
    """Somebody."""

    name: str
    age: int


@function_tool
def get_weather(city: str) -> str:
    """The weather in a city."""
    return weather(city)


def agent(**more: Any) -> Any:
    """An agent with a client of its own: each attempt has an event loop of its own, which a client stays with."""
    set_default_openai_client(AsyncOpenAI(base_url=BASE_URL, api_key=SERVICE_KEY))
    return Agent(name="Assistant", model=MODEL, **more)


def chat() -> dict[str, Any]:
    return {"text": Runner.run_sync(agent(), HELLO).final_output}


async def streamed() -> list[str]:
    events = Runner.run_streamed(agent(), HELLO).stream_events()
    raw = [event.data async for event in events if event.type == "raw_response_event"]
    return [data.delta for data in raw if data.type == "response.output_text.delta"]


def stream() -> dict[str, Any]:
    pieces = asyncio.run(streamed())
    return {"text": "".join(pieces), "pieces": len(pieces)}


def tools() -> dict[str, Any]:
    return {"text": Runner.run_sync(agent(tools=[get_weather]), ASKED).final_output}


def structured() -> dict[str, Any]:
    return {"parsed": Runner.run_sync(agent(output_type=Person), PERSON).final_output.model_dump()}


report(chat=chat, stream=stream, tools=tools, structured=structured)
