"""Embeddings of OpenAI's shape over Bedrock's InvokeModel, whose bodies are their makers' own.

Of Amazon Titan's text models and of Cohere's (Bedrock's user guide, "Inference request parameters and response fields
for foundation models"). Titan counts its tokens in the answer, Cohere's are told in a header.
"""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from atom_llm.adapters.providers.embeddings import embeddings_answer, requested_texts
from atom_llm.domain.core.providers import PROFILES
from atom_llm.domain.providers.exchange import Json, ProviderAnswer, Target, WireRequest
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure

TOKENS_HEADER: Final = "x-amzn-bedrock-input-token-count"
COHERE_TEXTS: Final = 96  # of one call
USUAL_INPUT_TYPE: Final = "search_document"  # Cohere wants one; queries have to say that they are one

_TITAN_2: Final = "amazon.titan-embed-text-v2"
_COHERE_4: Final = "cohere.embed-v4"
_SIZES: Final[Mapping[str, tuple[int, ...]]] = {_TITAN_2: (256, 512, 1024), _COHERE_4: (256, 512, 1024, 1536)}
_OF_OPENAI: Final = frozenset({"input", "dimensions", "encoding_format", "user"})
_TITANS_OWN: Final = ("normalize",)
_COHERES_OWN: Final = ("input_type", "truncate", "max_tokens")


def invoke_request(target: Target, body: Mapping[str, Any]) -> WireRequest:
    """Translate a request; raises `ProviderFailure(UNSUPPORTED)` naming the field that the model's body cannot carry.

    Vectors are asked for as numbers: base64 is made of them.
    """
    model = _without_profile(target.model)
    for_maker = _titan if model.startswith("amazon.") else _cohere
    wire, own = for_maker(model, body)
    known = _OF_OPENAI.union(own) - {"user"}
    dropped = tuple(name for name, value in body.items() if name not in known and value is not None)
    return WireRequest(f"model/{quote(target.model, safe='')}/invoke", wire, dropped=dropped)


def invoked(target: Target, body: Mapping[str, Any], content: Json, headers: Mapping[str, str]) -> ProviderAnswer:
    """Return the vectors as OpenAI's list, in the encoding asked for; raises `ProviderFailure` for less than all."""
    if _without_profile(target.model).startswith("amazon."):
        vectors: object = [content["embedding"]] if "embedding" in content else None
        counted: object = content.get("inputTextTokenCount")
    else:
        given = content.get("embeddings")
        vectors = given.get("float") if isinstance(given, dict) else given
        told = headers.get(TOKENS_HEADER, "")
        counted = int(told) if told.isascii() and told.isdigit() else None
    if counted is not None:
        content = {**content, "usage": {"prompt_tokens": counted}}
        content.pop("meta", None)  # Cohere's own count of the same
    return embeddings_answer(target, body, content, vectors)


def _titan(model: str, body: Mapping[str, Any]) -> tuple[Json, tuple[str, ...]]:
    [text] = requested_texts(body, "Amazon Titan", 1)
    wire: Json = {"inputText": text}
    if not model.startswith(_TITAN_2):
        _size(model, body)
        return wire, ()
    if (size := _size(model, body)) is not None:
        wire["dimensions"] = size
    return wire | _own(body, _TITANS_OWN), _TITANS_OWN


def _cohere(model: str, body: Mapping[str, Any]) -> tuple[Json, tuple[str, ...]]:
    texts = list(requested_texts(body, "Cohere", COHERE_TEXTS))
    wire: Json = {"texts": texts, "input_type": USUAL_INPUT_TYPE, "embedding_types": ["float"]}
    if (size := _size(model, body)) is not None:
        wire["output_dimension"] = size
    own = _COHERES_OWN if model.startswith(_COHERE_4) else _COHERES_OWN[:2]
    return wire | _own(body, own), own


def _size(model: str, body: Mapping[str, Any]) -> int | None:
    """Return the size of vectors that is asked for; raises `ProviderFailure` for one that the model does not have."""
    asked: int | None = body.get("dimensions")
    if asked is None:
        return None
    sizes: tuple[int, ...] = next((sizes for name, sizes in _SIZES.items() if model.startswith(name)), ())
    if asked in sizes:
        return asked
    what = f"has vectors of {', '.join(map(str, sizes))} numbers" if sizes else "has vectors of one size"
    raise ProviderFailure(FailureKind.UNSUPPORTED, f"{model} {what}", param="dimensions")


def _own(body: Mapping[str, Any], names: tuple[str, ...]) -> Json:
    return {name: body[name] for name in names if body.get(name) is not None}


def _without_profile(model: str) -> str:
    first, _, rest = model.partition(".")
    return rest if first in PROFILES else model
