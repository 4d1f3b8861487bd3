"""InvokeModel of the stand-in: embeddings, as strict as the pages of their makers' bodies in Bedrock's user guide."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

Json = dict[str, Any]
VECTOR: Final = (0.25, -0.5, 1.0)
COHERE_CHARACTERS: Final = 2_048  # of a text, of the third version


class Body(NamedTuple):
    """The fields of a model's body with their types, those that it must have, and the values that some may have."""

    fields: Mapping[str, type]
    needed: frozenset[str]
    values: Mapping[str, tuple[Any, ...]]


_INPUT_TYPES: Final = ("search_document", "search_query", "classification", "clustering")
_COHERE: Final[Mapping[str, type]] = {"texts": list, "input_type": str, "truncate": str, "embedding_types": list}
BODIES: Final[Mapping[str, Body]] = {
    "amazon.titan-embed-text-v1": Body({"inputText": str}, frozenset({"inputText"}), {}),
    "amazon.titan-embed-text-v2": Body(
        {"inputText": str, "dimensions": int, "normalize": bool, "embeddingTypes": list},
        frozenset({"inputText"}),
        {"dimensions": (256, 512, 1024)},
    ),
    "cohere.embed-english-v3": Body(
        _COHERE,
        frozenset({"texts", "input_type"}),
        {"input_type": _INPUT_TYPES, "truncate": ("NONE", "START", "END")},
    ),
    "cohere.embed-v4": Body(
        {**_COHERE, "output_dimension": int, "max_tokens": int},
        frozenset({"texts", "input_type"}),
        {"input_type": _INPUT_TYPES, "truncate": ("NONE", "LEFT", "RIGHT"), "output_dimension": (256, 512, 1024, 1536)},
    ),
}


def fault_of(model: str, body: Json) -> str | None:
    """Return the first thing that a request is refused for; None where it is taken."""
    shape = next((shape for name, shape in BODIES.items() if name in model), None)
    if shape is None:
        return "The provided model identifier is invalid."
    return next(_faults(shape, model, body), None)


def _faults(shape: Body, model: str, body: Json) -> Iterator[str]:
    yield from (f"required key [{name}] not found" for name in sorted(shape.needed - body.keys()))
    for name, value in body.items():
        if name not in shape.fields:
            yield f"#: extraneous key [{name}] is not permitted"
        elif type(value) is not shape.fields[name]:
            yield f"#/{name}: expected type: {shape.fields[name].__name__}"
        elif name in shape.values and value not in shape.values[name]:
            yield f"#/{name}: {value} is not a valid enum value"
    texts = body.get("texts", [])
    if len(texts) > 96 or ("texts" in body and not texts):
        yield "#/texts: expected 1 to 96 items"
    if "v3" in model and any(len(text) > COHERE_CHARACTERS for text in texts):
        yield "#/texts: expected maxLength: 2048"


def tokens(body: Json) -> int:
    """Return how many tokens a request has here: its words."""
    return sum(len(text.split()) for text in body.get("texts", [body.get("inputText", "")]))


def answer_to(model: str, body: Json) -> tuple[Json, dict[str, str]]:
    """Return the answer and its headers."""
    counted = {"x-amzn-bedrock-input-token-count": str(tokens(body)), "x-amzn-bedrock-invocation-latency": "12"}
    size = body.get("dimensions") or body.get("output_dimension") or len(VECTOR)
    vector = [*VECTOR, *[0.0] * size][:size]
    if "titan" in model:
        told: Json = {"embedding": vector, "inputTextTokenCount": tokens(body)}
        return told | ({"embeddingsByType": {"float": vector}} if "v2" in model else {}), counted
    vectors = [vector for _ in body["texts"]]
    by_type = "embedding_types" in body
    kind = "embeddings_by_type" if by_type else "embeddings_floats"
    embeddings = {"float": vectors} if by_type else vectors
    return {"id": "e", "response_type": kind, "texts": body["texts"], "embeddings": embeddings}, counted
