"""The tools that Groq's servers run for an answer: billed by the use, and told where no price covers them."""

import json
from typing import Any

import pytest

from atom_llm.adapters.providers.openai.dialect import OPENAI_LIKE
from atom_llm.adapters.providers.openai.executed_tools import ExecutedTools
from atom_llm.domain.core.providers import PROVIDER_BY_ID
from atom_llm.domain.providers.exchange import ServerSentEvent, Target
from atom_llm.domain.providers.unknown_counters import unknown_counters

TARGET = Target(PROVIDER_BY_ID["groq"], "openai/gpt-oss-20b")
USAGE = {"prompt_tokens": 25, "completion_tokens": 20, "total_tokens": 45}
SEARCH, OPEN = ({"index": place, "type": kind} for place, kind in enumerate(("browser.search", "browser.open")))
USED = [SEARCH, OPEN, {"index": 2, "type": "browser.open", "output": "…"}]
COUNTED = {"executed_tools.browser.search": 1, "executed_tools.browser.open": 2}


def test_the_uses_of_an_answer_are_counted_beside_its_usage() -> None:
    message = {"role": "assistant", "content": "Hello", "executed_tools": USED}
    content = {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}], "usage": USAGE}
    reported = OPENAI_LIKE["groq"].answer(TARGET, content).reported
    assert reported is not None
    assert unknown_counters(reported.raw) == COUNTED


def test_a_use_that_a_stream_tells_of_twice_is_one() -> None:
    reader = OPENAI_LIKE["groq"].reader(TARGET, {})
    for uses in ([SEARCH, OPEN], [SEARCH | {"output": "…"}], USED[2:]):
        chunk: dict[str, Any] = {"choices": [{"index": 0, "delta": {"executed_tools": uses}}]}
        reader.read(ServerSentEvent(None, json.dumps(chunk)))
    reader.read(ServerSentEvent(None, json.dumps({"choices": [], "usage": USAGE})))
    assert reader.reported is not None
    assert unknown_counters(reader.reported.raw) == COUNTED


@pytest.mark.parametrize("told", [None, [], {}, "x", [None], [{"index": 0}], [{"type": 7}]])
def test_what_tells_of_no_use_counts_none(told: object) -> None:
    executed = ExecutedTools()
    executed.note(0, {"executed_tools": told})
    executed.note(0, None)
    content = {
        "choices": [{"index": 0, "message": {"content": "Hi", "executed_tools": told}, "finish_reason": "stop"}],
        "usage": USAGE,
    }
    reported = OPENAI_LIKE["groq"].answer(TARGET, content).reported
    assert (reported is not None, executed.beside(reported)) == (True, reported)
    assert unknown_counters(reported.raw if reported is not None else {}) == {}
