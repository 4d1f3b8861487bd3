"""Server-sent events, whatever way they are cut into pieces and lines."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atom_llm.adapters.providers.sse import MAX_EVENT, EventParser, EventTooLarge
from atom_llm.domain.providers.exchange import ServerSentEvent

EVENTS = [
    ServerSentEvent(None, '{"delta": "Grüße, 世界 🌍"}'),
    ServerSentEvent("message_delta", '{"type": "message_delta"}'),
    ServerSentEvent(None, "first line\nsecond line"),
    ServerSentEvent(None, ""),
    ServerSentEvent(None, "[DONE]"),
]
TEXT = (
    ": a comment\n"
    'data: {"delta": "Grüße, 世界 🌍"}\n\n'
    'event: message_delta\nid: 7\nretry: 3000\ndata:{"type": "message_delta"}\n\n'
    "data: first line\ndata: second line\n\n"
    "data\n\n"
    "event: nothing came of it\n\n"
    "data: [DONE]\n\n"
)


def parsed(pieces: list[bytes]) -> list[ServerSentEvent]:
    parser = EventParser()
    found = [event for piece in pieces for event in parser.feed(piece)]
    return found + parser.end()


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_every_line_ending_is_one(ending: str) -> None:
    assert parsed([TEXT.replace("\n", ending).encode()]) == EVENTS


@given(cuts=st.lists(st.integers(0, len(TEXT.encode()) * 2), max_size=30), ending=st.sampled_from(["\n", "\r\n", "\r"]))
def test_it_does_not_matter_where_the_bytes_are_cut(cuts: list[int], ending: str) -> None:
    content = TEXT.replace("\n", ending).encode()
    places = sorted({0, len(content), *(cut for cut in cuts if cut < len(content))})
    assert parsed([content[start:end] for start, end in itertools.pairwise(places)]) == EVENTS


def test_bytes_may_come_one_by_one() -> None:
    content = TEXT.replace("\n", "\r\n").encode()
    assert parsed([content[place : place + 1] for place in range(len(content))]) == EVENTS


def test_an_event_is_given_out_as_soon_as_it_is_whole() -> None:
    parser = EventParser()
    assert parser.feed(b"data: 1\n\ndata: 2\n") == [ServerSentEvent(None, "1")]
    assert parser.feed(b"\n") == [ServerSentEvent(None, "2")]


def test_a_byte_order_mark_is_no_part_of_the_first_line() -> None:
    assert parsed([b"\xef\xbb", b"\xbfdata: 1\n\n"]) == [ServerSentEvent(None, "1")]


def test_an_event_without_its_blank_line_is_taken_at_the_end() -> None:
    assert parsed([b"data: 1\n\ndata: [DONE]"]) == [ServerSentEvent(None, "1"), ServerSentEvent(None, "[DONE]")]


def test_the_end_of_nothing_is_nothing() -> None:
    assert parsed([]) == []


def test_an_event_without_end_is_refused() -> None:
    parser = EventParser()
    piece = b"x" * (MAX_EVENT // 4)
    parser.feed(b"data: ")
    for _ in range(3):
        parser.feed(piece)
    with pytest.raises(EventTooLarge):
        parser.feed(piece)


def test_many_events_may_be_larger_together_than_one() -> None:
    parser = EventParser()
    event = b"data: " + b"x" * (MAX_EVENT // 2) + b"\n\n"
    assert sum(len(parser.feed(event)) for _ in range(4)) == 4


def test_data_lines_of_one_event_are_too_large_together() -> None:
    parser = EventParser()
    line = b"data: " + b"x" * (MAX_EVENT // 2) + b"\n"
    parser.feed(line)
    parser.feed(line)
    with pytest.raises(EventTooLarge):
        parser.feed(line + b"data: more")
