"""What a stream has produced is kept as its text, and says the same as its chunks would."""

from hypothesis import given
from hypothesis import strategies as st

from atom_llm.domain.calls.produced_text import FOLDED_AT, ProducedText
from atom_llm.domain.providers.chunks import native_chunk, texts_of, thoughts_of
from atom_llm.domain.providers.exchange import Json

TEXT = st.text(max_size=6)


def in_openai_words(content: str, thought: str, argument: str) -> Json:
    delta = {
        "content": content,
        "reasoning_content": thought,
        "tool_calls": [{"index": 0, "function": {"arguments": argument}}],
    }
    return {"choices": [{"index": 0, "delta": delta}]}


CHUNKS = st.lists(st.lists(st.builds(in_openai_words, TEXT, TEXT, TEXT), max_size=3), max_size=3 * FOLDED_AT)


@given(CHUNKS)
def test_texts_and_thoughts_are_those_of_the_chunks_in_their_order(came: list[list[Json]]) -> None:
    produced = ProducedText()
    for chunks in came:
        produced.add(chunks)
    every = [chunk for chunks in came for chunk in chunks]
    assert produced.texts == "".join(text for chunk in every for text in texts_of(chunk))
    assert produced.thoughts == "".join(text for chunk in every for text in thoughts_of(chunk))
    assert produced.is_begun == bool(every)


def test_native_events_are_read_when_they_are_asked_for_however_many_came() -> None:
    produced = ProducedText()
    thought = b'event: x\ndata: {"type": "content_block_delta", "delta": {"thinking": "hm "}}\n\n'
    text = b'data: {"type": "content_block_delta", "delta": {"text": "Gr\xc3\xbc\xc3\x9fe "}}\n\n'
    for _ in range(FOLDED_AT):
        produced.add([native_chunk(thought, carries=True), native_chunk(text, carries=True)])
    assert produced.texts == "hm Grüße " * FOLDED_AT
    assert produced.thoughts == "hm " * FOLDED_AT


def test_a_long_stream_keeps_no_more_chunks_than_are_read_at_once() -> None:
    produced = ProducedText()
    for _ in range(10 * FOLDED_AT):
        produced.add([in_openai_words("word ", "", "")])
    assert len(produced._chunks) < FOLDED_AT
    assert produced.texts == "word " * 10 * FOLDED_AT
