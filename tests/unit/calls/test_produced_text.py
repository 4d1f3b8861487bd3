"""What a stream has produced is kept as its text, and says the same as its chunks would."""

import tracemalloc
from typing import Any
from weakref import ref

from hypothesis import given
from hypothesis import strategies as st

from atom_llm.domain.calls.produced_text import READ_AT, ProducedText
from atom_llm.domain.providers.chunks import native_chunk, parts_of, texts_of
from atom_llm.domain.providers.exchange import Json

TEXT = st.text(max_size=6)


def in_openai_words(content: str, thought: str, argument: str) -> Json:
    delta = {
        "content": content,
        "reasoning_content": thought,
        "tool_calls": [{"index": 0, "function": {"arguments": argument}}],
    }
    return {"choices": [{"index": 0, "delta": delta}]}


CHUNKS = st.lists(st.lists(st.builds(in_openai_words, TEXT, TEXT, TEXT), max_size=3), max_size=20)


@given(CHUNKS)
def test_texts_and_thoughts_are_those_of_the_chunks_in_their_order(came: list[list[Json]]) -> None:
    produced = ProducedText()
    for chunks in came:
        produced.add(chunks)
    every = [chunk for chunks in came for chunk in chunks]
    assert produced.texts == "".join(text for chunk in every for text in texts_of(chunk))
    assert produced.thoughts == "".join(text for chunk in every for text, is_thought in parts_of(chunk) if is_thought)
    assert produced.is_begun == bool(every)


THOUGHT = b'event: x\ndata: {"type": "content_block_delta", "delta": {"thinking": "hm "}}\n\n'
SAID = b'data: {"type": "content_block_delta", "delta": {"text": "Gr\xc3\xbc\xc3\x9fe "}}\n\n'
FEW = 8
MANY = 4 * READ_AT // len(THOUGHT + SAID)


def test_native_events_are_read_whether_they_are_few_or_many() -> None:
    for times in (FEW, MANY):
        produced = ProducedText()
        for _ in range(times):
            produced.add([native_chunk(THOUGHT, carries=True), native_chunk(SAID, carries=True)])
        assert produced.texts == "hm Grüße " * times
        assert produced.thoughts == "hm " * times


def test_native_events_are_read_once_however_often_they_are_asked_for() -> None:
    produced = ProducedText()
    produced.add([native_chunk(SAID, carries=True)])
    assert produced.texts == produced.texts == "Grüße "


class Chunk(dict[str, Any]):
    """A chunk of which is seen when it is gone."""


def test_a_stream_keeps_none_of_its_chunks() -> None:
    produced = ProducedText()
    chunk = Chunk(in_openai_words("word ", "", ""))
    kept = ref(chunk)
    produced.add([chunk])
    del chunk
    assert kept() is None
    assert produced.texts == "word "


def test_of_a_long_native_stream_the_newest_events_alone_are_kept_as_they_came() -> None:
    produced = ProducedText()
    tracemalloc.start()
    try:
        for _ in range(10 * MANY):
            produced.add([native_chunk(bytes(bytearray(SAID)), carries=True)])
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 3 * READ_AT + 2 * 10 * MANY * len("Grüße ")
    assert produced.texts == "Grüße " * 10 * MANY
