"""Streams of events as the playground reads them, wherever the network cuts them."""

import pytest

from tests.unit.console.conftest import Run

HEARD = "(() => { const reader = new e.EventReader(); return given.flatMap((piece) => reader.read(piece)); })()"
STREAM = ': x-llm-model: openai/gpt-4o\n\nevent: chunk\ndata: {"a":1}\n\ndata: one\ndata:two\n\ndata: [DONE]\n\n'
PARTS = [
    {"kind": "comment", "text": "x-llm-model: openai/gpt-4o"},
    {"kind": "data", "text": '{"a":1}'},
    {"kind": "data", "text": "one\ntwo"},
    {"kind": "data", "text": "[DONE]"},
]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
def test_a_stream_says_the_same_wherever_it_is_cut(run: Run, end: str) -> None:
    text = STREAM.replace("\n", end) + (":" if end == "\r" else "")  # a last CR waits for what follows
    cuts = [[text], list(text), *([text[:at], text[at:]] for at in range(1, len(text)))]
    heard = run(f"given.map((pieces) => ((given) => {HEARD})(pieces))", cuts)
    assert heard == [PARTS] * len(cuts)


def test_an_event_that_has_not_ended_is_not_told(run: Run) -> None:
    assert run(HEARD, ["data: half\n"]) == []
