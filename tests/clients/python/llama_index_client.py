"""LlamaIndex, unmodified: OpenAI (DOOR=chat), OpenAIResponses, or Anthropic, and its function agent."""

import asyncio
from typing import Any

from llama_index.core.agent.workflow import FunctionAgent
from pydantic import BaseModel
from report import ASKED, BASE_URL, DOOR, HELLO, MODEL, ORIGIN, PERSON, SERVICE_KEY, report, weather

if DOOR == "messages":
    from llama_index.llms.anthropic import Anthropic

    llm: Any = Anthropic(model=MODEL, base_url=ORIGIN, api_key=SERVICE_KEY)
else:
    from llama_index.llms.openai import OpenAI, OpenAIResponses

    llm = (OpenAIResponses if DOOR == "responses" else OpenAI)(model=MODEL, api_base=BASE_URL, api_key=SERVICE_KEY)


class Person(BaseModel):
    """Somebody."""

    name: str
    age: int


def get_weather(city: str) -> str:
    """The weather in a city."""
    return weather(city)


def chat() -> dict[str, Any]:
    return {"text": llm.complete(HELLO).text}


def stream() -> dict[str, Any]:
    pieces = [piece.delta for piece in llm.stream_complete(HELLO) if piece.delta]
    return {"text": "".join(pieces), "pieces": len(pieces)}


async def worked() -> str:
    return str(await FunctionAgent(tools=[get_weather], llm=llm).run(ASKED))


def tools() -> dict[str, Any]:
    return {"text": asyncio.run(worked())}


def structured() -> dict[str, Any]:
    return {"parsed": llm.as_structured_llm(Person).complete(PERSON).raw.model_dump()}


report(chat=chat, stream=stream, tools=tools, structured=structured)
