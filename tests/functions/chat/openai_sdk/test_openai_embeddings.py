"""Embeddings through an unmodified OpenAI SDK, in every form that it knows."""

import json
from collections.abc import Iterator
from typing import Literal

import openai
import pytest

from testing.chat_world import ChatWorld, served
from testing.stand_in.server import StandIn

OPENAI, COHERE, GOOGLE = "openai/text-embedding-3-small", "cohere/embed-v4.0", "google/gemini-embedding-001"


@pytest.fixture
def world(stand_in: StandIn) -> Iterator[ChatWorld]:
    stand_in.behave()
    with served(ChatWorld(stand_in)) as served_world:
        for provider in ("openai", "cohere", "google"):
            served_world.provider_key(provider)
        yield served_world


@pytest.fixture
def sdk(world: ChatWorld) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=world.url, api_key=world.service_key(), max_retries=0) as client:
        yield client


@pytest.mark.parametrize("model", [OPENAI, COHERE, GOOGLE])
def test_the_sdk_s_default_is_base64_and_what_it_hands_out_are_the_same_numbers_as_floats(
    sdk: openai.OpenAI, model: str
) -> None:
    packed = sdk.embeddings.create(model=model, input=["Hello", "there"])
    plain = sdk.embeddings.create(model=model, input=["Hello", "there"], encoding_format="float")
    assert [each.index for each in packed.data] == [0, 1]
    for one, other in zip(packed.data, plain.data, strict=True):
        assert one.embedding == pytest.approx(other.embedding)
    assert packed.model == model
    assert packed.usage.prompt_tokens > 0


def test_base64_that_is_asked_for_is_base64(sdk: openai.OpenAI, world: ChatWorld) -> None:
    answer = sdk.embeddings.with_raw_response.create(model=OPENAI, input="Hello", encoding_format="base64")
    assert type(json.loads(answer.text)["data"][0]["embedding"]) is str
    assert world.stand_in.seen("openai")[0].body["encoding_format"] == "base64"


@pytest.mark.parametrize("model", [OPENAI, COHERE, GOOGLE])
@pytest.mark.parametrize("encoding", ["float", "base64"])
def test_as_many_dimensions_come_as_are_asked_for(
    sdk: openai.OpenAI, model: str, encoding: Literal["float", "base64"]
) -> None:
    [found] = sdk.embeddings.create(model=model, input="Hello", dimensions=256, encoding_format=encoding).data
    assert len(found.embedding) == (256 if encoding == "float" else (256 * 4 + 2) // 3 * 4)


def test_token_ids_are_one_input_and_lists_of_them_several(sdk: openai.OpenAI, world: ChatWorld) -> None:
    assert len(sdk.embeddings.create(model=OPENAI, input=[9906, 1070, 0]).data) == 1
    assert len(sdk.embeddings.create(model=OPENAI, input=[[9906], [1070, 0]]).data) == 2
    assert [call.body["input"] for call in world.stand_in.seen("openai")] == [[9906, 1070, 0], [[9906], [1070, 0]]]
    assert [row.settlement.cost > 0 for row in world.rows()] == [True, True]


@pytest.mark.parametrize("model", [COHERE, GOOGLE])
def test_token_ids_at_a_provider_that_takes_texts_alone_are_refused_by_name(
    sdk: openai.OpenAI, world: ChatWorld, model: str
) -> None:
    with pytest.raises(openai.APIStatusError) as refused:
        sdk.embeddings.create(model=model, input=[9906, 1070])
    assert (refused.value.status_code, refused.value.param) == (400, "input")
    assert [row.settlement.cost for row in world.rows()] in ([], [0])
