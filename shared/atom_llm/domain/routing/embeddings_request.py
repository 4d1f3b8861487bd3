"""A request for embeddings in OpenAI's words, checked as far as routing depends on it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.providers.exchange import Json
from atom_llm.domain.routing.chat_request import model_names

MAX_INPUTS: Final = 2_048  # OpenAI's own limit; providers with a lower one say so themselves


@dataclass(frozen=True, slots=True)
class EmbeddingsRequest:
    """The fields of a request for embeddings that routing needs; `counted_tokens` are inputs that came as token ids."""

    models: tuple[str, ...]
    body: Json
    texts: tuple[str, ...]
    counted_tokens: int

    @property
    def size(self) -> int:
        """The bytes of the texts, plus the inputs that came as tokens."""
        return sum(len(text.encode()) for text in self.texts) + self.counted_tokens


def embeddings_request(content: object) -> EmbeddingsRequest:
    """Read a request; raises `InvalidRequest` naming the first field that is wrong."""
    if not isinstance(content, dict):
        raise InvalidRequest("body", "must be an object")
    inputs = content.get("input")
    texts: list[str] = []
    counted = 0
    if isinstance(inputs, str):
        texts = [inputs]
    elif isinstance(inputs, list) and inputs:
        if all(_is_token(each) for each in inputs):
            counted = len(inputs)
        elif len(inputs) > MAX_INPUTS:
            raise InvalidRequest("input", f"has more than {MAX_INPUTS:,} entries")
        else:
            for place, each in enumerate(inputs):
                counted += _read(each, f"input.{place}", texts)
    else:
        raise InvalidRequest("input", "must be a text, or a list of texts or of token ids")
    if any(not text for text in texts):
        raise InvalidRequest("input", "has an empty text")
    _check(content)
    body = {name: value for name, value in content.items() if name != "model"}
    return EmbeddingsRequest(model_names(content.get("model")), body, tuple(texts), counted)


def _read(entry: object, field: str, texts: list[str]) -> int:
    if isinstance(entry, str):
        texts.append(entry)
        return 0
    if isinstance(entry, list) and entry and all(_is_token(each) for each in entry):
        return len(entry)
    raise InvalidRequest(field, "must be a text or a list of token ids")


def _is_token(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _check(content: Mapping[str, Any]) -> None:
    dimensions = content.get("dimensions")
    if dimensions is not None and (isinstance(dimensions, bool) or not isinstance(dimensions, int) or dimensions < 1):
        raise InvalidRequest("dimensions", "must be a whole number from 1")
    if content.get("encoding_format") not in (None, "float", "base64"):
        raise InvalidRequest("encoding_format", "must be float or base64")
