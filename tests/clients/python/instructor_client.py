"""instructor, unmodified, over OpenAI's client (DOOR=chat) or Anthropic's: answers by a schema."""

from typing import Any

import instructor
from anthropic import Anthropic
from openai import OpenAI
from pydantic import BaseModel
from report import BASE_URL, DOOR, MODEL, ORIGIN, PERSON, SERVICE_KEY, report

MODES = {
    "chat": ("TOOLS", "TOOLS_STRICT", "JSON_SCHEMA"),
    "responses": ("RESPONSES_TOOLS",),
    "messages": ("ANTHROPIC_TOOLS",),
}


class Person(BaseModel):
    """Somebody."""

    name: str
    age: int


def client(mode: str | None = None) -> Any:
    chosen = {} if mode is None else {"mode": instructor.Mode[mode]}
    if DOOR == "messages":
        return instructor.from_anthropic(Anthropic(base_url=ORIGIN, api_key=SERVICE_KEY), **chosen)
    return instructor.from_openai(OpenAI(base_url=BASE_URL, api_key=SERVICE_KEY), **chosen)


def asking(**more: Any) -> dict[str, Any]:
    limit = {"max_tokens": 500} if DOOR == "messages" else {}
    return {"model": MODEL, "messages": [{"role": "user", "content": PERSON}], **limit, **more}


def structured() -> dict[str, Any]:
    """By default, and in every mode by its name; the first answer that differs is the one that is told of."""
    answers = [client(mode).create(response_model=Person, **asking()).model_dump() for mode in (None, *MODES[DOOR])]
    return {"parsed": next((each for each in answers if each != answers[0]), answers[0])}


def stream() -> dict[str, Any]:
    pieces = list(client().create_partial(response_model=Person, **asking()))
    return {"parsed": pieces[-1].model_dump(), "pieces": len(pieces)}


report(structured=structured, stream=stream)
