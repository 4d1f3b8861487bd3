"""CrewAI, unmodified: its language model, and an agent with a tool."""

from typing import Any

from crewai import LLM, Agent
from crewai.tools import tool
from pydantic import BaseModel
from report import ASKED, BASE_URL, DOOR, HELLO, MODEL, ORIGIN, PERSON, SERVICE_KEY, report, weather

PROVIDER, ADDRESS = ("anthropic", ORIGIN) if DOOR == "messages" else ("openai", BASE_URL)


class Person(BaseModel):
    """Somebody."""

    name: str
    age: int


@tool
def get_weather(city: str) -> str:
    """The weather in a city."""
    return weather(city)


def llm(**more: Any) -> Any:
    return LLM(model=f"{PROVIDER}/{MODEL}", base_url=ADDRESS, api_key=SERVICE_KEY, **more)


def chat() -> dict[str, Any]:
    return {"text": llm().call(HELLO)}


def stream() -> dict[str, Any]:
    return {"text": llm(stream=True).call(HELLO)}


def tools() -> dict[str, Any]:
    agent = Agent(role="Forecaster", goal="Tell the weather", backstory="-", llm=llm(), tools=[get_weather])
    return {"text": agent.kickoff(ASKED).raw}


def structured() -> dict[str, Any]:
    answer = llm().call(PERSON, response_model=Person)
    return {
        "parsed": answer.model_dump() if isinstance(answer, Person) else Person.model_validate_json(answer).model_dump()
    }


report(chat=chat, stream=stream, tools=tools, structured=structured)
