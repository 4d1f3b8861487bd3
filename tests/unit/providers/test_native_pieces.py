"""Native streams in pieces: whatever the cuts, whole events pass on, and together they are the bytes that came."""

import pytest

from atom_llm.adapters.providers.anthropic.native import AnthropicNative
from atom_llm.adapters.providers.native import NativePieces
from atom_llm.domain.core.providers import PROVIDER_BY_ID
from atom_llm.domain.providers.chunks import CARRIES, LAST, NATIVE, carries_content, texts_of
from atom_llm.domain.providers.exchange import Json, Target
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure

TARGET = Target(PROVIDER_BY_ID["anthropic"], "claude-haiku-4-5")
START = (
    b'event: message_start\ndata: {"type":"message_start","message":{"usage":{"input_tokens":3,"output_tokens":1}}}\n\n'
)
DELTA = (
    'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,'
    '"delta":{"type":"text_delta","text":"Grüße"}}\n\n'
).encode()
END = (
    b'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn"},'
    b'"usage":{"output_tokens":2}}\n\n'
)
STOP = b'event: message_stop\ndata: {"type":"message_stop"}\n\n'
STREAM = START + b"event: ping\ndata: {}\n\n" + DELTA + END + STOP


def read(*pieces: bytes) -> tuple[NativePieces, list[Json]]:
    reader, chunks = NativePieces(AnthropicNative().reader(TARGET)), list[Json]()
    for piece in (*pieces, None):
        reader.read(piece, chunks)
    return reader, chunks


def passed(chunks: list[Json]) -> bytes:
    return b"".join(chunk[NATIVE] for chunk in chunks)


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
def test_any_cut_leaves_the_bytes_and_the_usage_as_they_are(line_end: bytes) -> None:
    stream = STREAM.replace(b"\n", line_end)
    for cut in range(len(stream)):
        reader, chunks = read(stream[:cut], stream[cut:])
        assert passed(chunks) == stream
        assert (reader.is_finished, reader.is_over) == (True, True)
        assert reader.reported is not None
        assert reader.reported.raw == {"input_tokens": 3, "output_tokens": 2}


def test_byte_by_byte_every_chunk_is_a_whole_event_and_one_has_content() -> None:
    _, chunks = read(*(STREAM[place : place + 1] for place in range(len(STREAM))))
    assert [chunk[NATIVE] for chunk in chunks if carries_content(chunk)] == [DELTA]
    assert [chunk[NATIVE] for chunk in chunks if chunk[LAST]] == [STOP]


def test_the_last_event_stands_by_itself_and_no_later_piece_follows_it() -> None:
    _, chunks = read(STREAM, STREAM)
    assert [(chunk[CARRIES], chunk[LAST]) for chunk in chunks] == [(True, False), (False, True)]
    assert passed(chunks) == STREAM


def test_what_stands_right_behind_the_last_event_goes_out_with_it() -> None:
    _, chunks = read(STREAM + b": bye\n\n")
    assert (chunks[-1][LAST], chunks[-1][NATIVE]) == (True, STOP + b": bye\n\n")


def test_the_texts_of_a_piece_are_read_for_an_estimate_alone() -> None:
    _, chunks = read(START + DELTA + DELTA)
    assert "".join(text for chunk in chunks for text in texts_of(chunk)) == "Grüße" * 2


def test_what_came_before_an_error_is_given_out_before_it_is_raised() -> None:
    reader, chunks = NativePieces(AnthropicNative().reader(TARGET)), list[Json]()
    error = b'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n\n'
    with pytest.raises(ProviderFailure) as failure:
        reader.read(START + DELTA + error, chunks)
    assert (failure.value.kind, passed(chunks)) == (FailureKind.TRANSIENT, START + DELTA)


def test_up_to_three_events_that_cannot_be_read_are_left_out() -> None:
    garbled = b"event: message_delta\ndata: {garbled\n\n"
    _, chunks = read(START + garbled * 3 + DELTA + END + STOP)
    assert passed(chunks) == START + DELTA + END + STOP
    with pytest.raises(ProviderFailure):
        read(START + garbled * 4)
