"""Embeddings: OpenAI's requests in Cohere's words, and Cohere's vectors in OpenAI's."""

import struct
from base64 import b64decode
from typing import Any

import pytest

from atom_llm.domain.pricing.units import Unit
from atom_llm.domain.providers.exchange import Target
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure
from tests.unit.providers.cohere.cohere_wire import COHERE, dialect

EMBED = Target(COHERE, "embed-v4.0")


VECTORS = {
    "id": "f5aa3e7b-f011-4c5c-a825-f94669f760e5",
    "texts": ["sunny day at the beach", "rainy day in the city"],
    "embeddings": {"float": [[0.03302002, 0.020904541, 1], [-0.04660034, 0.00037765503, -0.061157227]]},
    "meta": {"api_version": {"version": "2"}, "billed_units": {"input_tokens": 10}},
    "response_type": "embeddings_by_type",
}
TWO: dict[str, Any] = {"input": VECTORS["texts"]}


def test_a_request_for_embeddings_is_coheres() -> None:
    wire = dialect.embeddings(EMBED, {"input": "hello", "dimensions": 256, "encoding_format": "base64", "user": "u"})
    assert wire.path == "embed"
    assert wire.body == {
        "model": "embed-v4.0",
        "input_type": "search_document",
        "texts": ["hello"],
        "embedding_types": ["float"],
        "output_dimension": 256,
    }
    assert wire.dropped == ("user",)


def test_the_callers_own_kind_of_input_passes() -> None:
    wire = dialect.embeddings(EMBED, TWO | {"input_type": "search_query", "truncate": "END"})
    assert (wire.body["input_type"], wire.body["truncate"]) == ("search_query", "END")
    assert wire.body["texts"] == TWO["input"]


@pytest.mark.parametrize(
    "body",
    [{"input": [1, 2]}, {"input": [[1], [2]]}, {"input": ["x"] * 97}, {"input": "x", "embedding_types": ["int8"]}],
)
def test_what_cohere_does_not_embed_is_unsupported(body: dict[str, Any]) -> None:
    with pytest.raises(ProviderFailure) as failed:
        dialect.embeddings(EMBED, body)
    assert failed.value.kind is FailureKind.UNSUPPORTED


def test_as_many_texts_as_a_call_takes_are_embedded() -> None:
    assert len(dialect.embeddings(EMBED, {"input": ["x"] * 96}).body["texts"]) == 96


def test_embeddings_are_openais_list() -> None:
    answer = dialect.embedded(EMBED, TWO, VECTORS, {})
    assert answer.body == {
        "object": "list",
        "data": [
            {"object": "embedding", "index": 0, "embedding": [0.03302002, 0.020904541, 1]},
            {"object": "embedding", "index": 1, "embedding": [-0.04660034, 0.00037765503, -0.061157227]},
        ],
        "model": "embed-v4.0",
        "usage": {"prompt_tokens": 10, "total_tokens": 10},
    }
    assert answer.reported is not None
    assert answer.reported.usage.counts == {Unit.INPUT: 10}


def test_base64_is_little_endian_floats_of_32_bits() -> None:
    answer = dialect.embedded(EMBED, TWO | {"encoding_format": "base64"}, VECTORS, {})
    packed = b64decode(answer.body["data"][0]["embedding"])
    assert packed[8:] == bytes.fromhex("0000803f")  # 1.0
    assert struct.unpack("<3f", packed) == pytest.approx([0.03302002, 0.020904541, 1])


@pytest.mark.parametrize(
    "embeddings",
    [
        None,
        {},
        {"float": None},
        {"float": []},
        {"float": [[0.1]]},
        {"float": [[0.1], []]},
        {"float": [[0.1], ["x"]]},
        {"float": [[0.1], None]},
    ],
)
def test_less_than_all_embeddings_may_be_asked_again(embeddings: Any) -> None:
    with pytest.raises(ProviderFailure) as failed:
        dialect.embedded(EMBED, TWO, {**VECTORS, "embeddings": embeddings}, {})
    assert failed.value.kind is FailureKind.TRANSIENT


def test_a_number_beyond_a_float_is_no_embedding() -> None:
    with pytest.raises(ProviderFailure):
        dialect.embedded(EMBED, {"input": "x", "encoding_format": "base64"}, {"embeddings": {"float": [[1e300]]}}, {})
