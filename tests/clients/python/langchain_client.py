"""LangChain's chat models, unmodified: ChatOpenAI (DOOR=chat or responses) or ChatAnthropic (DOOR=messages)."""

from typing import Any

from langchain.agents import create_agent
from pydantic import BaseModel
from report import ASKED, BASE_URL, DOOR, HELLO, MODEL, ORIGIN, PERSON, SERVICE_KEY, report, weather

if DOOR == "messages":
    from langchain_anthropic import ChatAnthropic

    model = ChatAnthropic(model=MODEL, base_url=ORIGIN, api_key=SERVICE_KEY)
else:
    from langchain_openai import ChatOpenAI

    chosen = {"use_responses_api": True} if DOOR == "responses" else {}
    model = ChatOpenAI(model=MODEL, base_url=BASE_URL, api_key=SERVICE_KEY, **chosen)


class Person(BaseModel):
    """Somebody."""

    name: str
    age: int


def get_weather(city: str) -> str:
    """The weather in a city."""
    return weather(city)


def chat() -> dict[str, Any]:
    return {"text": model.invoke(HELLO).text}


def stream() -> dict[str, Any]:
    pieces = [piece.text for piece in model.stream(HELLO) if piece.text]
    return {"text": "".join(pieces), "pieces": len(pieces)}


def tools() -> dict[str, Any]:
    done = create_agent(model, [get_weather]).invoke({"messages": [{"role": "user", "content": ASKED}]})
    return {"text": done["messages"][-1].text}


def structured() -> dict[str, Any]:
    return {"parsed": model.with_structured_output(Person).invoke(PERSON).model_dump()}


report(chat=chat, stream=stream, tools=tools, structured=structured)
