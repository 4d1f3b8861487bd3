"""Calls in the streams of OpenAI-like servers, put together by their index as clients do it."""

import json
from typing import Any

import pytest

from atom_llm.adapters.providers.openai.dialect import OPENAI_LIKE
from atom_llm.domain.core.providers import PROVIDER_BY_ID
from atom_llm.domain.providers.exchange import ServerSentEvent, Target

LIKE = sorted(OPENAI_LIKE)


def piece(name: str | None = None, arguments: str | None = None, **more: Any) -> dict[str, Any]:
    return {"function": {"name": name, "arguments": arguments}, **more}


def put_together(provider: str, *pieces: dict[str, Any], answer_id: str = "x") -> list[tuple[Any, ...]]:
    """Return the id, type, name and arguments of each call, joined as OpenAI's SDK joins them."""
    reader = OPENAI_LIKE[provider].reader(Target(PROVIDER_BY_ID[provider], "m"), {})
    calls: dict[int, dict[str, Any]] = {}
    for each in pieces:
        choice = {"index": 0, "delta": {"tool_calls": [each]}, "finish_reason": None}
        for chunk in reader.read(ServerSentEvent(None, json.dumps({"id": answer_id, "choices": [choice]}))):
            for call in chunk["choices"][0]["delta"].get("tool_calls", ()):
                assert call["index"] in calls or call["function"]["name"], "a call begins with its name"
                whole = calls.setdefault(call["index"], {"id": "", "type": None, "name": "", "arguments": ""})
                whole["id"] += call.get("id") or ""
                whole["type"] = call.get("type", whole["type"])
                for field in ("name", "arguments"):
                    whole[field] += call["function"].get(field) or ""
    return [tuple(calls[place].values()) for place in sorted(calls)]


@pytest.mark.parametrize("provider", LIKE)
@pytest.mark.parametrize("place", [{"index": 0}, {"index": None}, {}, {"index": "0"}])
def test_calls_that_a_server_does_not_count_stay_apart(provider: str, place: dict[str, Any]) -> None:
    first, second = piece("f", '{"a":1}', id="c1", **place), piece("g", '{"b":2}', id="c2", **place)
    assert put_together(provider, first, second) == [
        ("c1", "function", "f", '{"a":1}'),
        ("c2", "function", "g", '{"b":2}'),
    ]


@pytest.mark.parametrize("names", [("f", "g"), ("f", "f")])
@pytest.mark.parametrize("identity", [{}, {"id": ""}, {"id": None}])
def test_calls_without_index_and_id_are_told_apart_by_their_names_and_ends(
    names: tuple[str, str], identity: dict[str, Any]
) -> None:
    found = put_together("qwen", *(piece(name, '{"a":1}', index=0, **identity) for name in names))
    assert [(name, arguments) for _, _, name, arguments in found] == [(name, '{"a":1}') for name in names]
    assert len({call_id for call_id, *_ in found}) == 2
    assert all(call_id for call_id, *_ in found)


@pytest.mark.parametrize("provider", LIKE)
def test_an_id_and_a_name_that_come_with_every_piece_are_told_once(provider: str) -> None:
    pieces = [piece("f", text, id="c1", type="function", index=0) for text in ('{"a', '":1}', "")]
    assert put_together(provider, *pieces) == [("c1", "function", "f", '{"a":1}')]


def test_another_id_without_a_name_is_the_same_call() -> None:
    pieces = [piece("f", '{"a', id="c1", index=0), piece(None, '":1}', id="c2", index=0)]
    assert put_together("groq", *pieces) == [("c1", "function", "f", '{"a":1}')]


def test_what_says_nothing_in_a_later_piece_takes_nothing_away() -> None:
    pieces = [piece("f", "{", id="c1", type="function", index=0), piece("", "}", id="", type=None, index=0)]
    assert put_together("zhipu", *pieces) == [("c1", "function", "f", "{}")]


@pytest.mark.parametrize("place", [{"index": 0}, {}])
def test_a_name_may_come_behind_its_id_and_its_arguments(place: dict[str, Any]) -> None:
    pieces = [piece(None, None, id="c1", **place), piece(None, '{"a"', **place), piece("f", ":1}", **place)]
    assert put_together("mistral", *pieces) == [("c1", "function", "f", '{"a":1}')]


def test_an_id_may_come_with_the_name() -> None:
    pieces = [piece(None, "", index=0), piece("f", "{}", id="c1", index=0)]
    assert put_together("mistral", *pieces) == [("c1", "function", "f", "{}")]


def test_a_call_that_nobody_names_is_none() -> None:
    ghost = {"type": "function", "index": -1, "function": {"arguments": ""}}
    reader = OPENAI_LIKE["qwen"].reader(Target(PROVIDER_BY_ID["qwen"], "m"), {})
    choice = {"index": 0, "delta": {"content": "a", "tool_calls": [ghost]}, "finish_reason": "tool_calls"}
    (chunk,) = reader.read(ServerSentEvent(None, json.dumps({"choices": [choice]})))
    assert (chunk["choices"][0]["delta"], chunk["choices"][0]["finish_reason"]) == ({"content": "a"}, "stop")


def test_calls_that_a_server_counts_keep_their_index_and_may_grow_side_by_side() -> None:
    pieces = [
        *(piece("f", "", id="c1", index=0), piece("g", "", id="c2", index=1)),
        *(piece(None, '{"a":1}', index=0), piece(None, '{"b":2}', index=1)),
    ]
    assert put_together("openai", *pieces) == [
        ("c1", "function", "f", '{"a":1}'),
        ("c2", "function", "g", '{"b":2}'),
    ]


@pytest.mark.parametrize("identity", [{}, {"id": "f"}])
def test_calls_of_one_answer_have_different_ids_and_so_have_those_of_two(identity: dict[str, Any]) -> None:
    def ids(answer_id: str) -> list[str]:
        pieces = (piece("f", "{}", index=place, **identity) for place in (0, 1))
        return [call_id for call_id, *_ in put_together("qwen", *pieces, answer_id=answer_id)]

    def ids_of_a_whole_one(answer_id: str) -> list[str]:
        calls = [piece("f", "{}", **identity) for _ in (0, 1)]
        choice = {"index": 0, "message": {"tool_calls": calls}, "finish_reason": "tool_calls"}
        content = {"id": answer_id, "choices": [choice]}
        body = OPENAI_LIKE["qwen"].answer(Target(PROVIDER_BY_ID["qwen"], "m"), content).body
        return [call["id"] for call in body["choices"][0]["message"]["tool_calls"]]

    assert ids("x") == ids_of_a_whole_one("x")
    assert len(set(ids("x"))) == 2
    assert ids("x")[1] != ids("y")[1]
