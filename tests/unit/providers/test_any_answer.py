"""Whatever a provider answers, whole or in events: it is told in each of the callers' dialects, or is a failure that
another provider's answer may take the place of; it never breaks what reads or writes it.
"""

import copy
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from types import SimpleNamespace
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atom_llm.adapters.providers.http_stream import PieceReader, TranslatedPieces
from atom_llm.adapters.providers.native import NativePieces
from atom_llm.adapters.providers.table import DIALECTS, NATIVE_DIALECTS
from atom_llm.adapters.providers.well_formed import well_formed_answer
from atom_llm.domain.core.providers import PROVIDER_BY_ID, RESPONSES
from atom_llm.domain.providers.chunks import carries_content, texts_of
from atom_llm.domain.providers.exchange import Json, ProviderAnswer, ServerSentEvent, Target
from atom_llm.domain.providers.failures import ProviderFailure
from functions.chat.messages.answer import message
from functions.chat.messages.stream import EventWriter
from functions.chat.openai_responses.answer import response
from functions.chat.openai_responses.kept import KeptIds
from functions.chat.openai_responses.request import responses_request
from functions.chat.openai_responses.stream import ResponseEventWriter
from testing.stand_in.anthropic_wire import AnthropicWire
from testing.stand_in.cohere_wire import CohereWire
from testing.stand_in.gemini_wire import GeminiWire
from testing.stand_in.openai_wire import OpenAIWire
from testing.stand_in.responses import ResponsesWire
from testing.stand_in.said import Said, ToolCall
from testing.stand_in.wire import Wire

NOW: Final = datetime(2026, 11, 24, 12, tzinfo=UTC)
ASKED: Final = responses_request({"model": "auto", "input": "?", "tools": [{"type": "custom", "name": "patch"}]}, 80)
TOLD: Final = Said(
    ("Grüße, ", "世界 🌍!"), (ToolCall("call_0", "patch", {"input": "a"}), ToolCall("call_1", "f", {})), "tool_calls"
)
BODY: Final[Json] = {
    "model": "m",
    "max_tokens": 100,
    "messages": [{"role": "user", "content": "?"}],
    "contents": [{"role": "user", "parts": [{"text": "?"}]}],  # Google's word for them
    "stream_options": {"include_usage": True},
}
CALLED: Final[Any] = SimpleNamespace(
    call_id="01X", opened_at=NOW, wanted=SimpleNamespace(requirements=SimpleNamespace(about_tokens=3))
)
RESPONSES_ALONE: Final = Target(PROVIDER_BY_ID["openai"], "gpt-5-pro", mode="responses")
# By name: who is asked, and how it answers.
TARGETS: Final[Mapping[str, tuple[Target, Wire]]] = {
    **{name: (Target(PROVIDER_BY_ID[name], "m"), OpenAIWire(name)) for name in ("openai", "mistral", "minimax")},
    "anthropic": (Target(PROVIDER_BY_ID["anthropic"], "m"), AnthropicWire()),
    "google": (Target(PROVIDER_BY_ID["google"], "m"), GeminiWire()),
    "cohere": (Target(PROVIDER_BY_ID["cohere"], "m"), CohereWire()),
    "responses": (RESPONSES_ALONE, ResponsesWire()),
}
# By the same names: the dialect in which it may pass as it came.
SPOKEN: Final = {"anthropic": NATIVE_DIALECTS["anthropic"], "responses": NATIVE_DIALECTS[RESPONSES]}
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-10, 10**12) | st.floats(-1e6, 1e6) | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=6) | st.sampled_from(["type", "text"]), inner, max_size=3)
    ),
    max_leaves=6,
)
CHANGES = st.lists(st.tuples(st.integers(0, 10_000), VALUES), min_size=1, max_size=3)


def places(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every node of a JSON value but the root."""
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in inner:
        yield (*path, key)
        yield from places(value, (*path, key))


def changed(content: Json, changes: Sequence[tuple[int, Any]]) -> Json:
    """The content with the values of some of its nodes changed."""
    content = copy.deepcopy(content)
    for number, value in changes:
        found = list(places(content))
        path = found[number % len(found)]
        node: Any = content
        for key in path[:-1]:
            node = node[key]
        node[path[-1]] = value
    return content


def whole_of(name: str) -> Json:
    target, wire = TARGETS[name]
    return dict(json.loads(json.dumps(wire.whole(target.model, asked_of(name), TOLD))))


def asked_of(name: str) -> Json:
    return {"model": "m", "input": "?"} if name == "responses" else BODY


def events_of(name: str) -> list[ServerSentEvent]:
    wire = TARGETS[name][1]
    return [ServerSentEvent(each.name or "message", each.data) for each in wire.pieces("m", asked_of(name), TOLD)]


@pytest.mark.parametrize("name", TARGETS)
@given(changes=CHANGES)
@settings(max_examples=100)
def test_any_whole_answer_is_told_in_every_dialect_or_is_a_failure(name: str, changes: list[tuple[int, Any]]) -> None:
    target, _ = TARGETS[name]
    content = changed(whole_of(name), changes)
    answers: list[ProviderAnswer] = []
    translations = [DIALECTS[target.provider.id].answer]
    translations += [spoken.answer for native, spoken in SPOKEN.items() if native == name]
    for translate in translations:
        try:
            answers.append(well_formed_answer(partial(translate, target, copy.deepcopy(content))))
        except ProviderFailure:
            continue
    for answer in answers:
        assert json.loads(json.dumps(answer.body)) is not None
        assert list(texts_of(answer.body)) is not None
        completed: Any = SimpleNamespace(
            call=CALLED,
            candidate=SimpleNamespace(id="a/b"),
            body=answer.body,
            usage=None if answer.reported is None else answer.reported.usage,
        )
        for told in (message(completed), response(ASKED, completed)):
            assert json.loads(json.dumps(told))["type" if "type" in told else "object"] in ("message", "response")


@pytest.mark.parametrize("name", TARGETS)
@given(place=st.integers(0, 100), changes=CHANGES)
@settings(max_examples=100)
def test_any_event_is_told_in_every_dialect_or_is_a_failure(
    name: str, place: int, changes: list[tuple[int, Any]]
) -> None:
    target, _ = TARGETS[name]
    events = [event for event in events_of(name) if event.data != "[DONE]"]
    place %= len(events)
    events[place] = ServerSentEvent(events[place].name, json.dumps(changed(json.loads(events[place].data), changes)))
    spelt = [f"event: {event.name}\ndata: {event.data}\n\n".encode() for event in events]
    readers: list[PieceReader] = [TranslatedPieces(DIALECTS[target.provider.id].reader(target, BODY))]
    readers += [NativePieces(spoken.reader(target)) for native, spoken in SPOKEN.items() if native == name]
    for reader in readers:
        chunks: list[Json] = []
        try:
            for piece in [*spelt, None]:
                reader.read(piece, chunks)
        except ProviderFailure:
            pass
        stream: Any = SimpleNamespace(
            call=CALLED,
            candidate=SimpleNamespace(id="a/b"),
            usage=None if reader.reported is None else reader.reported.usage,
        )
        for chunk in chunks:
            assert carries_content(chunk) in (True, False)
            assert list(texts_of(chunk)) is not None
        for writer in (
            EventWriter("r", lambda: NOW),
            ResponseEventWriter(ASKED, "r", lambda: NOW, KeptIds(None)),
        ):
            written = writer.begin(stream) + b"".join(writer.chunks([chunk]) for chunk in chunks) + writer.end(stream)
            if not any("native" in chunk for chunk in chunks):
                told = [json.loads(line[6:]) for line in written.decode().split("\n") if line.startswith("data: ")]
                assert told[-1]["type"] in ("message_stop", "response.completed", "response.incomplete")
