"""AWS's binary frames: read as botocore reads them, in whatever pieces they come, and damage is no event."""

from itertools import pairwise

import pytest
from botocore.eventstream import EventStreamBuffer
from hypothesis import given
from hypothesis import strategies as st

from atom_llm.adapters.providers.bedrock.event_stream import EventStreamParser
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure
from testing.bedrock.wire import framed

MESSAGES = (
    framed("messageStart", {"role": "assistant"}),
    framed("contentBlockDelta", {"delta": {"text": "Grüße, 世界 🌍"}, "contentBlockIndex": 0}),
    framed("throttlingException", {"message": "slow"}, kind="exception"),
)
WHOLE = b"".join(MESSAGES)


@given(st.sets(st.integers(1, len(WHOLE) - 1)))
def test_frames_in_any_pieces_are_what_botocore_reads(cuts: set[int]) -> None:
    places = [0, *sorted(cuts), len(WHOLE)]
    parser, theirs = EventStreamParser(), EventStreamBuffer()
    theirs.add_data(WHOLE)
    events = [event for first, last in pairwise(places) for event in parser.feed(WHOLE[first:last])]
    assert [event.data.encode() for event in events] == [message.payload for message in theirs]
    assert [event.name for event in events] == ["messageStart", "contentBlockDelta", "throttlingException"]
    assert parser.end() == []


@pytest.mark.parametrize("place", range(len(MESSAGES[0])))
def test_a_byte_that_changed_on_the_way_ends_the_stream(place: int) -> None:
    damaged = bytearray(MESSAGES[0])
    damaged[place] ^= 0x40
    with pytest.raises(ProviderFailure) as failure:
        EventStreamParser().feed(bytes(damaged) + bytes(64))
    assert failure.value.kind is FailureKind.CUT


def test_what_is_cut_is_no_event() -> None:
    assert EventStreamParser().feed(MESSAGES[0][:-1]) == []


def test_headers_of_every_type_are_passed_over() -> None:
    from struct import pack
    from zlib import crc32

    others = b"".join(
        pack(">B", 1) + b"x" + bytes([kind]) + value
        for kind, value in [
            *((kind, bytes(size)) for kind, size in {0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16}.items()),
            (6, pack(">H", 2) + b"ab"),
        ]
    )
    name = pack(">B", 11) + b":event-type" + pack(">BH", 7, 8) + b"metadata"
    block = others + name
    prelude = pack(">II", 16 + len(block) + 2, len(block))
    message = prelude + pack(">I", crc32(prelude)) + block + b"{}"
    [event] = EventStreamParser().feed(message + pack(">I", crc32(message)))
    assert event == ("metadata", "{}")
