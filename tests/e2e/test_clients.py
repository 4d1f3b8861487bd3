"""The clients that applications have, unmodified, against the front door: OpenAI's for Python and Node, LangChain, and
Vercel's AI SDK."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openai
import pytest
from langchain_core.messages import HumanMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from pydantic import BaseModel, SecretStr

from local.workspace import ROOT
from testing.stand_in.said import WORD
from testing.stand_in.server import StandIn
from tests.e2e.conftest import RunningService

TEXT = WORD * 20
EMBEDDING = "openai/text-embedding-3-small"
MODELS = [
    "openai/gpt-4o-mini",
    "anthropic/claude-haiku-4-5",
    "google/gemini-2.5-flash",
    "cohere/command-a-03-2025",
    "mistral/mistral-medium-latest",
]
SEEING = MODELS[:3] + MODELS[4:]  # Cohere's takes no pictures
every_dialect = pytest.mark.parametrize("model", MODELS)
PICTURE = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAf"
    "FcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
CLIENTS = Path("tests") / "clients"
WEATHER: Any = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather in a city",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
            "additionalProperties": False,
        },
    },
}


class Person(BaseModel):
    """Somebody."""

    name: str
    age: int


@pytest.fixture(scope="module")
def client(front_door: str, deployment: RunningService) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{front_door}/v1", api_key=deployment.service_key) as made:
        yield made


@pytest.fixture(autouse=True)
def well_behaved(stand_in: StandIn) -> None:
    stand_in.behave()


def hello() -> Any:
    return [{"role": "user", "content": "Say hello"}]


# The OpenAI SDK of Python


@every_dialect
def test_python_chat(client: openai.OpenAI, model: str) -> None:
    answer = client.chat.completions.create(model=model, messages=hello())
    assert (answer.choices[0].message.content, answer.choices[0].finish_reason) == (TEXT, "stop")
    assert answer.model == model
    assert answer.usage is not None
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (25, 20)


@every_dialect
def test_python_stream(client: openai.OpenAI, model: str) -> None:
    text, usage, finish = "", None, None
    options: Any = {"include_usage": True}
    for chunk in client.chat.completions.create(model=model, messages=hello(), stream=True, stream_options=options):
        usage = chunk.usage or usage
        for choice in chunk.choices:
            text += choice.delta.content or ""
            finish = choice.finish_reason or finish
    assert (text, finish) == (TEXT, "stop")
    assert usage is not None
    assert usage.total_tokens == 45


@every_dialect
def test_python_usage_is_only_streamed_when_it_is_asked_for(client: openai.OpenAI, model: str) -> None:
    chunks = list(client.chat.completions.create(model=model, messages=hello(), stream=True))
    assert all(chunk.usage is None and chunk.choices for chunk in chunks)


@every_dialect
def test_python_tools_round_trip(client: openai.OpenAI, model: str) -> None:
    first = client.chat.completions.create(model=model, messages=hello(), tools=[WEATHER])
    message = first.choices[0].message
    assert first.choices[0].finish_reason == "tool_calls"
    assert message.tool_calls
    results = [{"role": "tool", "tool_call_id": call.id, "content": '{"celsius": 21}'} for call in message.tool_calls]
    messages: Any = [*hello(), message.model_dump(exclude_none=True), *results]
    second = client.chat.completions.create(model=model, messages=messages, tools=[WEATHER])
    assert second.choices[0].message.content == TEXT


@every_dialect
def test_python_parallel_tools_streamed(client: openai.OpenAI, model: str) -> None:
    messages: Any = [{"role": "user", "content": "The weather in parallel for Paris and Rome"}]
    with client.chat.completions.stream(model=model, messages=messages, tools=[WEATHER]) as stream:
        message = stream.get_final_completion().choices[0].message
    calls = message.tool_calls or []
    assert len({call.id for call in calls}) == 2
    assert all(json.loads(call.function.arguments) == {"city": "text"} for call in calls)


@pytest.mark.parametrize("model", SEEING)
def test_python_vision(client: openai.OpenAI, model: str) -> None:
    content = [{"type": "text", "text": "What is this?"}, {"type": "image_url", "image_url": {"url": PICTURE}}]
    messages: Any = [{"role": "user", "content": content}]
    answer = client.chat.completions.create(model=model, messages=messages)
    assert "1 picture(s): image/png" in (answer.choices[0].message.content or "")


@every_dialect
def test_python_parse(client: openai.OpenAI, model: str) -> None:
    answer = client.chat.completions.parse(model=model, messages=hello(), response_format=Person)
    assert answer.choices[0].message.parsed == Person(name="text", age=7)


@pytest.mark.parametrize(
    "model", [EMBEDDING, "google/gemini-embedding-001", "cohere/embed-v4.0", "mistral/mistral-embed"]
)
def test_python_embeddings(client: openai.OpenAI, model: str) -> None:
    answer = client.embeddings.create(model=model, input=["one", "two"])
    assert [len(each.embedding) for each in answer.data] == [8, 8]
    assert isinstance(answer.data[0].embedding[0], float)


def test_python_models(client: openai.OpenAI) -> None:
    ids = {each.id for each in client.models.list()}
    assert set(MODELS) < ids
    assert client.models.retrieve(MODELS[0]).owned_by == "openai"


def test_python_errors(client: openai.OpenAI, front_door: str) -> None:
    with pytest.raises(openai.NotFoundError) as unknown:
        client.chat.completions.create(model="no-such-model", messages=hello())
    assert unknown.value.code == "model_not_found"
    with pytest.raises(openai.UnprocessableEntityError) as wrong:
        client.chat.completions.create(model=MODELS[0], messages=[])
    assert wrong.value.param == "messages"
    with (
        openai.OpenAI(base_url=f"{front_door}/v1", api_key="nobody's") as stranger,
        pytest.raises(openai.AuthenticationError),
    ):
        stranger.models.list()


def test_python_retries_what_we_could_not_serve(client: openai.OpenAI, stand_in: StandIn) -> None:
    stand_in.fault("status", provider="openai", status=503, times=2)  # our first call's two attempts
    answer = client.chat.completions.create(model=MODELS[0], messages=hello())
    assert answer.choices[0].message.content == TEXT
    assert len(stand_in.seen("openai")) == 3


def test_python_sees_a_stream_that_broke(client: openai.OpenAI, stand_in: StandIn) -> None:
    stand_in.fault("cut", provider="openai", after=3, times=1)
    text = ""
    with pytest.raises(openai.APIError):  # noqa: PT012 - what came before belongs to the claim
        for chunk in client.chat.completions.create(model=MODELS[0], messages=hello(), stream=True):
            text += chunk.choices[0].delta.content or ""
    assert text == WORD * 3


# LangChain


@pytest.fixture(scope="module")
def langchain(front_door: str, deployment: RunningService) -> ChatOpenAI:
    return ChatOpenAI(
        model=MODELS[0], base_url=f"{front_door}/v1", api_key=SecretStr(deployment.service_key), stream_usage=True
    )


@tool
def get_weather(city: str) -> str:
    """The weather in a city."""
    return f"21 degrees in {city}"


def test_langchain_chat_and_stream(langchain: ChatOpenAI) -> None:
    assert langchain.invoke("Say hello").content == TEXT
    assert "".join(str(chunk.content) for chunk in langchain.stream("Say hello")) == TEXT


def test_langchain_tools(langchain: ChatOpenAI) -> None:
    answer = langchain.bind_tools([get_weather]).invoke("The weather in parallel for Paris and Rome")
    calls = getattr(answer, "tool_calls", [])
    assert [call["name"] for call in calls] == ["get_weather", "get_weather"]


def test_langchain_structured_output(langchain: ChatOpenAI) -> None:
    assert langchain.with_structured_output(Person).invoke("A person") == Person(name="text", age=7)


def test_langchain_vision(langchain: ChatOpenAI) -> None:
    content: Any = [{"type": "text", "text": "?"}, {"type": "image_url", "image_url": {"url": PICTURE}}]
    assert "1 picture(s)" in str(langchain.invoke([HumanMessage(content=content)]).content)


def test_langchain_embeddings(front_door: str, deployment: RunningService) -> None:
    embeddings = OpenAIEmbeddings(
        model=EMBEDDING,
        base_url=f"{front_door}/v1",
        api_key=SecretStr(deployment.service_key),
        check_embedding_ctx_length=False,
    )
    assert [len(each) for each in embeddings.embed_documents(["one", "two"])] == [8, 8]


# Node


def of_node(script: str, front_door: str, deployment: RunningService, model: str) -> dict[str, dict[str, Any]]:
    """Run a script of Node and return its report on each thing that it tried."""
    environment = {
        "PATH": os.environ["PATH"],
        "BASE_URL": f"{front_door}/v1",
        "SERVICE_KEY": deployment.service_key,
        "MODEL": model,
        "DOOR": "chat",
        "EMBEDDING_MODEL": EMBEDDING,
    }
    done = subprocess.run(
        ["node", CLIENTS / script], env=environment, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return {told.pop("name"): told for told in map(json.loads, done.stdout.splitlines())}


@pytest.mark.parametrize("model", MODELS[:2])
def test_openai_node(front_door: str, deployment: RunningService, model: str) -> None:
    told = of_node("openai_node.mjs", front_door, deployment, model)
    usage = told["chat"].pop("usage")
    assert (usage["prompt_tokens"], usage["completion_tokens"]) == (25, 20)
    assert told["chat"] == {"model": model, "text": TEXT, "finish": "stop"}
    assert told["stream"].pop("usage")["total_tokens"] == 45
    assert told["stream"] == {"text": TEXT, "finish": "stop"}
    assert told["streamHelper"] == {"text": TEXT}
    assert told["tools"] == {"finish": "tool_calls", "names": ["get_weather"], "parsed": True, "text": TEXT}
    assert told["parallelTools"] == {"calls": 2, "ids": 2}
    assert "1 picture(s)" in told["vision"]["text"]
    assert told["structured"] == {"parsed": True}
    assert told["embeddings"] == {"count": 2, "numbers": True}
    assert told["models"]["has"]
    assert (told["badKey"]["kind"], told["badKey"]["status"]) == ("AuthenticationError", 401)
    assert (told["unknownModel"]["kind"], told["unknownModel"]["code"]) == ("NotFoundError", "model_not_found")
    assert (told["badRequest"]["status"], told["badRequest"]["param"]) == (422, "messages")


@pytest.mark.parametrize("model", MODELS[:2])
def test_vercel_ai_sdk(front_door: str, deployment: RunningService, model: str) -> None:
    told = of_node("vercel_ai.mjs", front_door, deployment, model)
    assert (told["chat"]["text"], told["chat"]["finish"]) == (TEXT, "stop")
    assert (told["stream"]["text"], told["stream"]["finish"]) == (TEXT, "stop")
    assert told["stream"]["usage"]["totalTokens"] == 45
    assert told["tools"] == {"steps": 2, "calls": 2, "text": TEXT}
    assert told["structured"] == {"parsed": True}
    assert told["embeddings"] == {"count": 2, "numbers": True}
    assert told["unknownModel"] == {"refused": True, "status": 404}
