"""Every option of a call at every route that makes one: what was built for chats holds for recordings too."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

import httpx
import pytest

from atom_llm.domain.ledger.rows import AttemptStatus
from atom_llm.domain.ledger.windows import WindowKind
from atom_llm.services.catalogue.own_prices import WantedPrice
from testing.audit import SOMEBODY
from testing.chat_world import ANTHROPIC, HELLO, OPENAI, OURS, ChatWorld, served
from testing.stand_in.server import StandIn

BODIES: Final[Mapping[str, Mapping[str, Any]]] = {
    "/chat/completions": {"model": OPENAI, "messages": HELLO},
    "/messages": {"model": ANTHROPIC, "max_tokens": 100, "messages": HELLO},
    "/responses": {"model": OPENAI, "input": "hello"},
    "/embeddings": {"model": "text-embedding-3-small", "input": "hello"},
    "/moderations": {"model": "omni-moderation-latest", "input": "hello"},
    "/images/generations": {"model": "gpt-image-1", "prompt": "a cat"},
    "/audio/speech": {"model": "tts-1", "input": "hello", "voice": "alloy"},
    "/audio/transcriptions": {"model": "whisper-1"},
}
RECORDING: Final = {"file": ("talk.mp3", b"\xff\xfb\x00\xed" * 5_000, "audio/mpeg")}  # bytes that are no text
OPTIONS: Final[Mapping[str, Mapping[str, str]]] = {
    "tags": {"x-llm-tags": "feature=search,stage=test"},
    "the most that it may cost": {"x-llm-max-cost-usd": "1000"},
    "a deadline": {"x-llm-timeout-ms": "5000"},
    "a run": {"x-llm-run-id": "run-1"},
    "an agent's session": {"session-id": "s-1"},
    "a client's retry": {"x-stainless-retry-count": "1"},
    "a client's first try": {"x-stainless-retry-count": "0"},
    "an idempotency key": {"idempotency-key": "once"},
}


@pytest.fixture
def world(stand_in: StandIn) -> Iterator[ChatWorld]:
    stand_in.behave()
    with served(ChatWorld(stand_in)) as served_world:
        for provider in ("openai", "anthropic"):
            served_world.provider_key(provider)
        for scope in ("tenant", "session:*", "tag:feature=*", "model:*"):
            served_world.budget("1000", scope)
        yield served_world


def called(caller: httpx.Client, path: str, headers: Mapping[str, str]) -> httpx.Response:
    body = dict(BODIES[path])
    if path == "/audio/transcriptions":
        return caller.post(path, data=body, files=RECORDING, headers=dict(headers))
    return caller.post(path, json=body, headers=dict(headers))


@pytest.mark.parametrize("path", BODIES)
def test_every_option_is_taken_at_every_route_that_makes_a_call(
    world: ChatWorld, caller: httpx.Client, path: str
) -> None:
    answered = {option: called(caller, path, headers).status_code for option, headers in OPTIONS.items()}
    assert answered == dict.fromkeys(OPTIONS, 200)
    assert {row.settlement.status for row in world.rows()} == {AttemptStatus.SUCCEEDED}


@pytest.mark.parametrize("path", BODIES)
def test_what_an_option_says_of_a_call_is_in_its_row(world: ChatWorld, caller: httpx.Client, path: str) -> None:
    answer = called(caller, path, {**OPTIONS["tags"], **OPTIONS["a run"]})
    [row] = world.rows()
    assert row.attempt.tags == {"feature": "search", "stage": "test"}
    assert row.attempt.end_user.session == "run-1"
    assert Decimal(answer.headers["x-llm-run-cost-usd"]) == row.settlement.cost


@pytest.mark.parametrize("path", BODIES)
def test_what_is_held_covers_what_is_billed_in_every_unit_also_at_an_own_price(
    world: ChatWorld, caller: httpx.Client, path: str
) -> None:
    setter = world.container.catalogue.own_price_setter
    setter.set(WantedPrice("openai/gpt-image-1", factor=Decimal(9)), SOMEBODY, confirmed=False)
    world.container.ledger.budget_setter.put(
        OURS, "tenant", WindowKind.DAY, Decimal(1_000_000), "hard", (), SOMEBODY, "tokens"
    )
    assert called(caller, path, {}).status_code == 200
    [row] = world.rows()
    assert row.attempt.hold >= row.settlement.cost
    assert row.attempt.hold_tokens >= row.spent("tokens")


@pytest.mark.parametrize("option", ["an idempotency key", "an agent's session", "a client's retry"])
@pytest.mark.parametrize("path", BODIES)
def test_a_repeat_is_answered_again_and_billed_once_at_every_route(
    world: ChatWorld, caller: httpx.Client, path: str, option: str
) -> None:
    first, again = (called(caller, path, OPTIONS[option]) for _ in range(2))
    assert (again.status_code, again.content) == (200, first.content), again.text
    assert again.headers["x-llm-idempotent-replay"] == "true"
    assert len(world.rows()) == 1


@pytest.mark.parametrize("spelt", ["utf-8", "latin-1"])
@pytest.mark.parametrize(
    ("header", "text"), [("x-llm-tags", "team=Süd"), ("x-llm-run-id", "Süd"), ("session-id", "Süd")]
)
def test_a_name_in_a_header_is_the_one_that_budgets_and_reports_have_however_its_client_spells_it(
    world: ChatWorld, caller: httpx.Client, spelt: str, header: str, text: str
) -> None:
    scope = f"tag:{text}" if header == "x-llm-tags" else f"session:{text}"
    world.budget("0.0000001", scope)
    asked, headers = {"model": OPENAI, "messages": HELLO}, {header.encode(): text.encode(spelt)}
    refused = caller.post("/chat/completions", json=asked, headers=headers)
    assert (refused.status_code, refused.json()["error"]["details"]["scope"]) == (402, scope)
    world.budget("100", scope)
    assert caller.post("/chat/completions", json=asked, headers=headers).status_code == 200
    row = world.rows()[-1]
    assert "Süd" in (row.attempt.tags.get("team"), row.attempt.end_user.session)


def test_tags_in_two_headers_are_all_of_the_calls(world: ChatWorld, caller: httpx.Client) -> None:
    headers = [("x-llm-tags", "feature=search"), ("x-llm-tags", "team=a,stage=test")]
    answer = caller.post("/chat/completions", json=BODIES["/chat/completions"], headers=headers)
    assert answer.status_code == 200
    [row] = world.rows()
    assert row.attempt.tags == {"feature": "search", "team": "a", "stage": "test"}


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("x-llm-max-cost-usd", ("1000", "0.0000001")),
        ("x-llm-timeout-ms", ("60000", "1000")),
        ("x-llm-stream-guard", ("buffer", "buffer")),
        ("x-llm-tags", ("feature=search", "feature=chat")),
    ],
)
@pytest.mark.parametrize("path", ["/chat/completions", "/messages", "/responses", "/route"])
def test_an_option_that_is_told_twice_is_refused_by_its_name(
    world: ChatWorld, caller: httpx.Client, path: str, name: str, values: tuple[str, str]
) -> None:
    body = BODIES["/chat/completions" if path == "/route" else path]
    answer = caller.post(path, json=body, headers=[(name, value) for value in values])
    assert answer.status_code in {400, 422}
    assert name in answer.json()["error"]["message"]
    assert world.rows() == []
