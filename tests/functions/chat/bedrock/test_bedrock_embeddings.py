"""Embeddings of Bedrock's: InvokeModel in the makers' own words, by the function's role, costed by what AWS counts."""

import struct
from base64 import b64decode
from decimal import Decimal
from typing import Any, Final

import httpx
import pytest

from testing.bedrock.invoke import VECTOR
from testing.chat_world import ChatWorld
from tests.functions.chat.bedrock.conftest import StandInOfBedrock

TITAN, TITAN_2 = "bedrock/amazon.titan-embed-text-v1", "bedrock/amazon.titan-embed-text-v2:0"
COHERE_3, COHERE_4 = "bedrock/cohere.embed-english-v3", "bedrock/global.cohere.embed-v4:0"
RATES: Final = {TITAN: "0.0000001", TITAN_2: "0.00000002", COHERE_3: "0.0000001", COHERE_4: "0.00000012"}
TEXT: Final = "five words make five tokens"


@pytest.mark.parametrize("model", RATES)
@pytest.mark.parametrize("encoding", [None, "float", "base64"])
def test_a_text_is_embedded_and_charged_by_the_tokens_that_aws_counts(
    world: ChatWorld, caller: httpx.Client, model: str, encoding: str | None
) -> None:
    asked = {"model": model, "input": TEXT} | ({"encoding_format": encoding} if encoding else {})
    answer = caller.post("/embeddings", json=asked)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    [data] = body["data"]
    vector = data["embedding"]
    told = struct.unpack("<3f", b64decode(vector)) if encoding == "base64" else tuple(vector)
    assert (told, data["index"], body["model"]) == (VECTOR, 0, model)
    assert body["usage"] == {"prompt_tokens": 5, "total_tokens": 5}
    [row] = world.rows()
    assert row.settlement.cost == 5 * Decimal(RATES[model]) <= row.attempt.estimate
    assert (row.settlement.reason, row.attempt.provider_key) == (None, "operator-bedrock")


@pytest.mark.parametrize(
    ("model", "options", "sent"),
    [
        (TITAN, {}, {"inputText": TEXT}),
        (TITAN_2, {}, {"inputText": TEXT}),
        (TITAN_2, {"dimensions": 256, "normalize": False}, {"inputText": TEXT, "dimensions": 256, "normalize": False}),
        (COHERE_3, {}, {"texts": [TEXT], "input_type": "search_document", "embedding_types": ["float"]}),
        (
            COHERE_4,
            {"dimensions": 512, "input_type": "search_query", "truncate": "LEFT", "max_tokens": 64},
            {
                "texts": [TEXT],
                "input_type": "search_query",
                "embedding_types": ["float"],
                "output_dimension": 512,
                "truncate": "LEFT",
                "max_tokens": 64,
            },
        ),
    ],
)
def test_each_maker_is_asked_in_its_own_words(
    world: ChatWorld,
    caller: httpx.Client,
    bedrock: StandInOfBedrock,
    model: str,
    options: dict[str, Any],
    sent: dict[str, Any],
) -> None:
    answer = caller.post("/embeddings", json={"model": model, "input": [TEXT], **options})
    assert answer.status_code == 200, answer.text
    assert len(answer.json()["data"][0]["embedding"]) == options.get("dimensions", len(VECTOR))
    [one] = bedrock.asked()
    assert (one["model"], one["body"]) == (model.removeprefix("bedrock/"), sent)


def test_several_texts_are_one_call_of_cohere_s(world: ChatWorld, caller: httpx.Client) -> None:
    answer = caller.post("/embeddings", json={"model": COHERE_3, "input": ["one", "two three"], "user": "u"})
    assert [data["index"] for data in answer.json()["data"]] == [0, 1]
    assert answer.json()["usage"]["total_tokens"] == 3
    assert answer.headers["x-llm-warnings"] == "left out: user"


@pytest.mark.parametrize(
    ("model", "options", "field"),
    [
        (TITAN, {"dimensions": 512}, "dimensions"),
        (TITAN_2, {"dimensions": 300}, "dimensions"),
        (COHERE_3, {"dimensions": 512}, "dimensions"),
        (COHERE_4, {"dimensions": 300}, "dimensions"),
        (TITAN_2, {"input": ["one", "two"]}, "input"),
        (COHERE_3, {"input": [str(number) for number in range(97)]}, "input"),
        (COHERE_3, {"input": [1, 2, 3]}, "input"),
        (TITAN, {"input": [[1, 2, 3]]}, "input"),
    ],
)
def test_what_a_maker_s_body_cannot_carry_is_refused_by_its_field(
    world: ChatWorld, caller: httpx.Client, bedrock: StandInOfBedrock, model: str, options: dict[str, Any], field: str
) -> None:
    answer = caller.post("/embeddings", json={"model": model, "input": TEXT, **options})
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["param"]) == (400, "provider_refused", field), answer.text
    assert bedrock.asked() == []
    assert world.open_attempts() == 0


def test_what_aws_refuses_is_told_in_its_words(
    world: ChatWorld, caller: httpx.Client, bedrock: StandInOfBedrock
) -> None:
    answer = caller.post("/embeddings", json={"model": COHERE_3, "input": "x" * 3_000})
    assert answer.status_code == 400
    assert "maxLength" in answer.json()["error"]["message"]
    [row] = world.rows()
    assert row.settlement.cost == 0


@pytest.mark.parametrize(("model", "told"), [(TITAN, {"embedding": None}), (COHERE_3, {"embeddings": {"int8": [[1]]}})])
def test_an_answer_without_vectors_is_none(
    world: ChatWorld, caller: httpx.Client, bedrock: StandInOfBedrock, model: str, told: dict[str, Any]
) -> None:
    bedrock.behave(told=told)
    assert caller.post("/embeddings", json={"model": model, "input": TEXT}).status_code == 502


def test_models_for_embeddings_are_listed_and_chats_of_them_refused(world: ChatWorld, caller: httpx.Client) -> None:
    listed = {each["id"]: each["mode"] for each in caller.get("/models").json()["data"]}
    assert listed[TITAN_2] == listed[COHERE_4] == "embedding"
    assert "bedrock/guardrails" not in listed
    refused = caller.post("/chat/completions", json={"model": TITAN_2, "messages": [{"role": "user", "content": "x"}]})
    assert refused.status_code == 422
