"""Responses that OpenAI keeps: by an id that leads back to the key that made them, for its own tenant alone."""

import json
from typing import Any

import httpx
import openai
import pytest

from testing.chat_world import ANTHROPIC, OPENAI, THEIRS, ChatWorld
from tests.functions.chat.openai_responses.conftest import sdk
from tests.functions.chat.openai_responses.test_streamed import events


def paths(world: ChatWorld) -> list[str]:
    return [call.path for call in world.stand_in.calls]


def theirs(world: ChatWorld) -> str:
    """The provider's own id of the last response that it keeps."""
    return list(world.stand_in.responses.kept)[-1]


def test_a_kept_response_is_read_listed_and_deleted_by_our_id(world: ChatWorld, client: openai.OpenAI) -> None:
    made = client.responses.create(model=OPENAI, input="Say hello")
    original = theirs(world)
    assert made.id != original
    assert client.responses.retrieve(made.id) == made
    listed = client.responses.input_items.with_raw_response.list(made.id, limit=5, order="asc")
    assert [item["content"] for item in listed.http_response.json()["data"]] == ["Say hello"]
    client.responses.delete(made.id)
    assert world.stand_in.responses.kept == {}
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(made.id)
    assert paths(world)[1:3] == [f"responses/{original}", f"responses/{original}/input_items?limit=5&order=asc"]
    assert len(world.rows()) == 1


@pytest.mark.parametrize("stream", [False, True])
def test_nothing_but_the_id_differs_from_what_the_provider_said(
    world: ChatWorld, caller: httpx.Client, stream: bool
) -> None:
    for _ in range(2):
        answer = caller.post("/responses", json={"model": OPENAI, "input": "Say hello", "stream": stream})
        told = events(answer.text)[-1]["response"] if stream else answer.json()
        kept = world.stand_in.responses.kept[theirs(world)].response
        assert told["id"].startswith("resp_")
        assert {**told, "id": kept["id"]} == kept
        assert answer.text.count(kept["id"]) == 0


def test_one_that_nobody_is_to_keep_has_the_providers_own_id(world: ChatWorld, client: openai.OpenAI) -> None:
    made = client.responses.create(model=OPENAI, input="?", store=False)
    assert world.stand_in.responses.kept == {}
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(made.id)


def test_a_conversation_goes_on_at_the_provider_with_the_key_that_began_it(
    world: ChatWorld, client: openai.OpenAI
) -> None:
    first = client.responses.create(model=OPENAI, input="Say hello")
    began = world.stand_in.calls[-1].key
    for number in range(3):
        world.provider_key("openai", f"sk-stand-in-another-{number}")
    original = theirs(world)
    raw = client.responses.with_raw_response.create(
        model=f"{ANTHROPIC},{OPENAI}", input="And again", previous_response_id=first.id
    )
    call = world.stand_in.calls[-1]
    assert (call.key, call.body["previous_response_id"]) == (began, original)
    assert raw.parse().previous_response_id == first.id
    assert raw.headers["x-llm-model"] == OPENAI
    again = client.responses.retrieve(raw.parse().id)
    assert again.previous_response_id is not None
    assert client.responses.retrieve(again.previous_response_id).output == first.output
    assert original not in raw.http_response.text


def test_what_the_provider_keeps_is_held_for_as_a_whole_window(world: ChatWorld, client: openai.OpenAI) -> None:
    first = client.responses.create(model=OPENAI, input="Say hello")
    client.responses.create(model=OPENAI, input="?", previous_response_id=first.id)
    plain, going_on = (row.attempt.hold for row in world.rows())
    assert going_on > plain * 3


def test_other_providers_are_excluded_by_name(world: ChatWorld, caller: httpx.Client) -> None:
    first = caller.post("/responses", json={"model": OPENAI, "input": "Say hello"}).json()["id"]
    asked = {"model": f"{ANTHROPIC},{OPENAI}", "input": "?", "previous_response_id": first}
    plan = caller.post("/route", json=asked).json()
    (excluded,) = plan["excluded"]
    assert (excluded["reason"], excluded["field"]) == ("not_expressible", "previous_response_id")
    assert plan["chosen"] == OPENAI


def test_a_key_that_is_gone_takes_its_conversations_along(world: ChatWorld, client: openai.OpenAI) -> None:
    first = client.responses.create(model=OPENAI, input="Say hello")
    world.stand_in.dead_keys.add("sk-stand-in-openai")
    world.provider_key("openai", "sk-stand-in-another")
    with pytest.raises(openai.APIStatusError):
        client.responses.create(model=OPENAI, input="?", previous_response_id=first.id)
    assert {call.key for call in world.stand_in.calls} == {"sk-stand-in-openai"}
    with pytest.raises(openai.APIStatusError) as refused:
        client.responses.retrieve(first.id)
    assert refused.value.status_code == 402


def test_another_tenant_finds_nothing_behind_the_id(world: ChatWorld, client: openai.OpenAI) -> None:
    first = client.responses.create(model=OPENAI, input="Say hello")
    world.provider_key("openai", tenant=THEIRS)
    asked = len(world.stand_in.calls)
    with sdk(world, world.service_key(THEIRS)) as other:
        for ask in (other.responses.retrieve, other.responses.delete, other.responses.cancel):
            with pytest.raises(openai.NotFoundError):
                ask(first.id)
        with pytest.raises(openai.BadRequestError) as refused:
            other.responses.create(model=OPENAI, input="?", previous_response_id=first.id)
    assert refused.value.param == "previous_response_id"
    assert len(world.stand_in.calls) == asked


@pytest.mark.parametrize(
    "change", [lambda each: each[:-2] + "AA", lambda each: each[:40], lambda _: "resp_" + "A" * 80]
)
def test_an_id_that_was_changed_or_made_up_opens_nothing(world: ChatWorld, client: openai.OpenAI, change: Any) -> None:
    first = client.responses.create(model=OPENAI, input="Say hello")
    asked = len(world.stand_in.calls)
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(change(first.id))
    with pytest.raises(openai.BadRequestError):
        client.responses.create(model=OPENAI, input="?", previous_response_id=change(first.id))
    assert len(world.stand_in.calls) == asked


def test_a_cancellation_is_refused_in_openais_words(world: ChatWorld, client: openai.OpenAI) -> None:
    first = client.responses.create(model=OPENAI, input="Say hello")
    with pytest.raises(openai.APIStatusError) as refused:
        client.responses.cancel(first.id)
    assert "background" in refused.value.message


def test_an_answer_that_is_repeated_has_the_same_id(world: ChatWorld, caller: httpx.Client) -> None:
    body = {"model": OPENAI, "input": "Say hello"}
    first, second = (caller.post("/responses", json=body, headers={"idempotency-key": "a"}) for _ in range(2))
    assert json.loads(first.text)["id"] == json.loads(second.text)["id"]
    assert caller.get(f"/responses/{first.json()['id']}").status_code == 200
