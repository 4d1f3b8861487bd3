"""LLMService as another function of the account uses it: without HTTP of ours in between."""

import json
from decimal import Decimal

import pytest
from pydantic import BaseModel

from atom_llm.domain.core.errors import InvalidRequest, UnusableAnswer
from atom_llm.domain.ledger.rows import AttemptStatus
from atom_llm.domain.tenancy.service_keys import Caller
from atom_llm.services.calls.llm_service import LLMService
from testing.chat_world import ANTHROPIC, OPENAI, ChatWorld, asking
from testing.stand_in.said import WORD
from testing.stand_in.server import StandIn

pytestmark = pytest.mark.anyio


class Person(BaseModel):
    """The schema that is asked for."""

    name: str
    age: int


@pytest.fixture
def world(stand_in: StandIn) -> ChatWorld:
    stand_in.behave()
    world = ChatWorld(stand_in)
    for provider in ("openai", "anthropic"):
        world.provider_key(provider)
    return world


@pytest.fixture
def llm(world: ChatWorld) -> LLMService:
    return world.container.calls.llm


@pytest.fixture
def caller(world: ChatWorld) -> Caller:
    return world.container.tenancy.authenticator.authenticate(world.service_key())


def says(world: ChatWorld, text: str, times: int = 1) -> None:
    """OpenAI's next answers are exactly this."""
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    usage = {"prompt_tokens": 25, "completion_tokens": 20, "total_tokens": 45}
    body = {"id": "x", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice], "usage": usage}
    world.stand_in.fault("body", provider="openai", times=times, status=200, body=json.dumps(body))


async def test_a_whole_answer_names_its_model_and_its_cost(world: ChatWorld, llm: LLMService, caller: Caller) -> None:
    completed = await llm.complete(caller, asking(OPENAI))
    await completed.settled
    assert (completed.candidate.id, completed.attempts) == (OPENAI, 1)
    assert completed.body["choices"][0]["message"]["content"] == WORD * 20
    assert [row.settlement.cost for row in world.rows()] == [Decimal("0.00001575")]  # 25 and 20 tokens


async def test_a_stream_is_taken_chunk_by_chunk(world: ChatWorld, llm: LLMService, caller: Caller) -> None:
    open_stream = await llm.stream(caller, asking(ANTHROPIC))
    chunks = [chunk async for chunk in open_stream.chunks()]
    text = "".join(choice["delta"].get("content") or "" for chunk in chunks for choice in chunk["choices"])
    assert text == WORD * 20
    assert [row.settlement.status for row in world.rows()] == [AttemptStatus.SUCCEEDED]


async def test_a_stream_whose_reader_stops_early_is_settled_once_with_what_it_cost(
    world: ChatWorld, llm: LLMService, caller: Caller
) -> None:
    chunks = (await llm.stream(caller, asking(ANTHROPIC))).chunks()
    await anext(chunks)
    await chunks.aclose()
    (row,) = world.rows()
    assert (row.settlement.cost, world.open_attempts()) == (Decimal("0.000125"), 0)  # 25 and 20 tokens


async def test_an_answer_by_a_schema_is_an_instance_of_its_model(
    world: ChatWorld, llm: LLMService, caller: Caller
) -> None:
    says(world, '{"name": "Ada", "age": 36}')
    found = await llm.structured(caller, asking(OPENAI), Person)
    assert (found.value, len(found.calls)) == (Person(name="Ada", age=36), 1)
    asked = world.stand_in.calls[0].body["response_format"]
    assert asked["json_schema"]["schema"]["required"] == ["name", "age"]


async def test_an_answer_that_does_not_fit_is_mended_once_and_both_are_billed(
    world: ChatWorld, llm: LLMService, caller: Caller
) -> None:
    says(world, '{"name": "Ada", "age": "old"}')
    says(world, '{"name": "Ada", "age": 36}')
    found = await llm.structured(caller, asking(OPENAI), Person)
    assert (found.value.age, len(found.calls), len(world.rows())) == (36, 2, 2)
    shown, told = world.stand_in.calls[1].body["messages"][-2:]
    assert shown == {"role": "assistant", "content": '{"name": "Ada", "age": "old"}'}
    assert "age: Input should be a valid integer" in told["content"]


async def test_two_answers_that_do_not_fit_are_a_typed_error_that_names_the_faults(
    world: ChatWorld, llm: LLMService, caller: Caller
) -> None:
    says(world, '{"name": "Ada"}', times=2)
    with pytest.raises(UnusableAnswer) as error:
        await llm.structured(caller, asking(OPENAI), Person)
    assert error.value.details["faults"] == ["age: Field required"]
    assert [row.settlement.status for row in world.rows()] == [AttemptStatus.SUCCEEDED] * 2


async def test_an_estimate_is_what_the_first_candidate_is_expected_to_cost(
    world: ChatWorld, llm: LLMService, caller: Caller
) -> None:
    plan = await llm.route(caller, asking(f"{OPENAI},{ANTHROPIC}"))
    assert await llm.estimate(caller, asking(f"{OPENAI},{ANTHROPIC}")) == plan.candidates[0].expected
    assert await llm.estimate(caller, asking("cohere/command-r7b-12-2024")) is None
    assert world.stand_in.calls == []


async def test_what_is_wrong_with_a_request_is_said_before_anything_is_spent(
    world: ChatWorld, llm: LLMService, caller: Caller
) -> None:
    with pytest.raises(InvalidRequest) as error:
        await llm.complete(caller, {"model": OPENAI, "messages": []})
    assert error.value.field == "messages"
    assert (world.stand_in.calls, world.rows()) == ([], [])
