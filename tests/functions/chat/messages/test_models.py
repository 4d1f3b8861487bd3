"""The models that can be called, as Anthropic's SDK lists and retrieves them."""

import anthropic
import httpx
import pytest

from testing.chat_world import ANTHROPIC, OPENAI, THEIRS, ChatWorld
from tests.functions.chat.messages.conftest import sdk


def test_the_sdk_walks_through_all_pages_and_finds_auto_the_tiers_and_every_model(
    client: anthropic.Anthropic, caller: httpx.Client
) -> None:
    found = list(client.models.list(limit=50))
    del caller.headers["anthropic-version"]
    assert [each.id for each in found] == [each["id"] for each in caller.get("/models").json()["data"]]
    assert {"auto", "tier/heavy", ANTHROPIC, OPENAI} <= {each.id for each in found}
    assert {(each.type, each.lifecycle) for each in found} == {("model", "active")}


def test_one_is_retrieved_by_id_another_spelling_or_as_auto(client: anthropic.Anthropic) -> None:
    assert [client.models.retrieve(name).id for name in (ANTHROPIC, "claude-haiku-4-5", "auto", "tier/heavy")] == [
        *(ANTHROPIC, ANTHROPIC, "auto", "tier/heavy"),
    ]
    assert client.models.retrieve(ANTHROPIC).max_tokens == 64_000
    with pytest.raises(anthropic.NotFoundError):
        client.models.retrieve("claude-nothing-9")


def test_pages_go_both_ways_and_end(caller: httpx.Client) -> None:
    first = caller.get("/models", params={"limit": 3}).json()
    assert [each["id"] for each in first["data"]] == ["auto", "tier/micro", "tier/standard"]
    assert (first["has_more"], first["first_id"], first["last_id"]) == (True, "auto", "tier/standard")
    second = caller.get("/models", params={"limit": 2, "after_id": "tier/standard"}).json()
    assert [each["id"] for each in second["data"]] == ["tier/versatile", "tier/heavy"]
    back = caller.get("/models", params={"limit": 2, "before_id": "tier/standard"}).json()
    assert ([each["id"] for each in back["data"]], back["has_more"]) == (["auto", "tier/micro"], False)
    assert caller.get("/models", params={"limit": 1000}).json()["has_more"] is False


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"limit": "0"}, "limit"),
        ({"after_id": "nothing"}, "after_id"),
        ({"after_id": "auto", "before_id": "auto"}, "before_id"),
    ],
)
def test_a_wrong_parameter_is_named(caller: httpx.Client, query: dict[str, str], field: str) -> None:
    answer = caller.get("/models", params=query)
    assert (answer.status_code, answer.json()["error"]["type"]) == (400, "invalid_request_error")
    assert field in answer.json()["error"]["message"]


def test_a_tenant_without_keys_has_no_models_and_no_auto(world: ChatWorld) -> None:
    with sdk(world, world.service_key(THEIRS)) as stranger:
        page = stranger.models.list()
        assert (page.data, page.has_more) == ([], False)
        with pytest.raises(anthropic.NotFoundError):
            stranger.models.retrieve("auto")
