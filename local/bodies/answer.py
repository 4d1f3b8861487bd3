"""An entry of the file as a provider's answer, whole or put together from a stream, with its usage."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from atom_llm.adapters.providers.sse import EventParser
from atom_llm.domain.core.providers import BEDROCK, PROVIDER_BY_ID, provider_id
from atom_llm.domain.pricing.reported import ReportedUsage
from atom_llm.domain.providers.converse_usage import converse_usage
from atom_llm.domain.providers.reported_usage import (
    chat_usage,
    cohere_usage,
    embeddings_usage,
    generate_content_usage,
    messages_usage,
    responses_usage,
)

Json = Mapping[str, Any]

APIS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("chat", "chat_completions", "chat.completions", "completions"), "chat"),
    "messages": "messages",
    **dict.fromkeys(("generate_content", "generatecontent", "stream_generate_content"), "generate_content"),
    "responses": "responses",
    **dict.fromkeys(("converse", "converse_stream", "conversestream"), "converse"),
    **dict.fromkeys(("embeddings", "embedding", "embed", "embed_content", "batch_embed_contents"), "embeddings"),
}


_BEDROCK: Final = frozenset({BEDROCK.id, *BEDROCK.catalogue_names, "aws", "amazon-bedrock", "aws-bedrock"})


class Unreadable(Exception):
    """An entry without anything that can be costed; the message has the reason."""


def reported_usage(entry: Json) -> ReportedUsage | None:
    """Return the usage that an entry's answer tells, None where it tells none; raises `Unreadable`."""
    provider, api = provider_of(entry), APIS.get(str(entry.get("api")).lower().replace("-", "_"))
    if api is None:
        raise Unreadable(
            f"api is none of chat, messages, generate_content, responses, converse, embeddings: {entry.get('api')!r}"
        )
    body = _body(entry)
    if provider == BEDROCK.id and "inputTokens" in (body.get("usage") or ()):
        return converse_usage(body)
    if api == "chat":
        if provider == "cohere" and "choices" not in body:
            return _of_usage(cohere_usage, body.get("usage") or body.get("meta"))
        return chat_usage(provider, body)
    if api == "messages":
        return _of_usage(messages_usage, body.get("usage"))
    if api == "generate_content":
        return generate_content_usage(body)
    if api == "converse":
        return converse_usage(body)
    return responses_usage(provider, body) if api == "responses" else embeddings_usage(provider, body)


def _of_usage(read: Callable[[Json], ReportedUsage | None], usage: object) -> ReportedUsage | None:
    return read(usage) if isinstance(usage, dict) else None


def provider_of(entry: Json) -> str:
    """Return our id for an entry's provider, or its name where we call none so; raises `Unreadable`."""
    name = entry.get("provider")
    if not isinstance(name, str) or not name:
        raise Unreadable("the entry names no provider")
    word = name.strip().lower()
    if word in _BEDROCK:
        return BEDROCK.id
    return word if word in PROVIDER_BY_ID else provider_id(word)


def _body(entry: Json) -> Json:
    """Return the whole answer, or the one that a stream's events add up to."""
    body = entry.get("body")
    if isinstance(body, str):
        try:
            body = json.loads(body, parse_float=Decimal)
        except ValueError:
            body = list(_events(str(body)))
    if isinstance(body, list):
        events = [event for each in body for event in _of_event(each)]
        if not events:
            raise Unreadable("the stream has no event that can be read")
        return _merged(events)
    if not isinstance(body, dict):
        raise Unreadable("the body is no object, no stream and no text of one")
    return body


def _events(text: str) -> Iterator[object]:
    parser = EventParser()
    for event in [*parser.feed(text.encode()), *parser.end()]:
        yield event.data


def _of_event(each: object) -> Iterator[Json]:
    """Yield an event as an object, from a text of one, or inside of `data`; nothing for sentinel and malformed ones."""
    if isinstance(each, str):
        text = each.strip()
        try:
            each = json.loads(text.removeprefix("data:"), parse_float=Decimal)
        except ValueError:
            if text.startswith(("event:", "data:")) and "\n" in text:
                yield from (event for data in _events(text) for event in _of_event(data))
            return
    if isinstance(each, dict):
        data = each.get("data")
        if isinstance(data, str | dict) and "choices" not in each:
            yield from _of_event(data)
        else:
            yield each


def _merged(events: Sequence[Json]) -> Json:
    """Merge events to one answer: the last word on every field, on each count of the usage too, and all candidates."""
    whole: dict[str, Any] = {}
    usage: dict[str, Any] = {}
    candidates: list[Any] = []
    for event in events:
        parts = (event.get("message"), event.get("delta"), event.get("response"), event.get("metadata"), event)
        for part in parts:
            if isinstance(part, dict):
                whole |= {name: value for name, value in part.items() if value is not None}
                said = part.get("usage")
                usage |= {name: n for name, n in said.items() if n is not None} if isinstance(said, dict) else {}
        if isinstance(event.get("candidates"), list):
            candidates += event["candidates"]
    if usage:
        whole["usage"] = usage
    if candidates:
        whole["candidates"] = candidates
    return whole


def model_of(entry: Json) -> str:
    """Return the model that an entry or its answer names; raises `Unreadable`."""
    body = _body(entry)
    names = (entry.get("model"), body.get("model"), body.get("modelVersion"))
    model = next((name for name in names if isinstance(name, str) and name), None)
    if model is None:
        raise Unreadable("neither the entry nor the body names a model")
    return model.removeprefix("models/")
