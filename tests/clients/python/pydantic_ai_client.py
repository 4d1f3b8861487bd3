"""pydantic-ai, unmodified: `openai-chat:` (DOOR=chat), `openai-responses:`, which `openai:` means, or `anthropic:`."""

import asyncio
from typing import Any

from pydantic import BaseModel
from pydantic_ai import Agent
from report import ASKED, BASE_URL, DOOR, HELLO, MODEL, ORIGIN, PERSON, SERVICE_KEY, report, weather

if DOOR == "messages":
    from pydantic_ai.models.anthropic import AnthropicModel
    from pydantic_ai.providers.anthropic import AnthropicProvider

    model: Any = AnthropicModel(MODEL, provider=AnthropicProvider(base_url=ORIGIN, api_key=SERVICE_KEY))
else:
    from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
    from pydantic_ai.providers.openai import OpenAIProvider

    made = OpenAIResponsesModel if DOOR == "responses" else OpenAIChatModel
    model = made(MODEL, provider=OpenAIProvider(base_url=BASE_URL, api_key=SERVICE_KEY))


class Person(BaseModel):
    """Somebody."""

    name: str
    age: int


def get_weather(city: str) -> str:
    """The weather in a city."""
    return weather(city)


def chat() -> dict[str, Any]:
    return {"text": Agent(model).run_sync(HELLO).output}


async def streamed() -> list[str]:
    async with Agent(model).run_stream(HELLO) as run:
        return [piece async for piece in run.stream_text(delta=True, debounce_by=None)]


def stream() -> dict[str, Any]:
    pieces = asyncio.run(streamed())
    return {"text": "".join(pieces), "pieces": len(pieces)}


def tools() -> dict[str, Any]:
    return {"text": Agent(model, tools=[get_weather]).run_sync(ASKED).output}


def structured() -> dict[str, Any]:
    return {"parsed": Agent(model, output_type=Person).run_sync(PERSON).output.model_dump()}


report(chat=chat, stream=stream, tools=tools, structured=structured)
