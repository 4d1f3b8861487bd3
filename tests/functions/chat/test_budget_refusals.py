"""A full budget that is asked again and again: the same answer each time, and no write of its own."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import httpx
import openai
import pytest

from atom_llm.domain.ledger.budgets import BudgetUnit
from atom_llm.domain.ledger.rows import AttemptStatus
from atom_llm.domain.ledger.windows import WindowKind
from atom_llm.services.ledger.budgets.spending import REFUSALS_REMEMBERED
from testing.audit import SOMEBODY
from testing.chat_world import ANTHROPIC, OPENAI, OURS, ChatWorld, asking, served, stream
from testing.stand_in.server import StandIn

ASKED = 6  # as often as Codex sends what was refused


@pytest.fixture
def world(stand_in: StandIn) -> Iterator[ChatWorld]:
    stand_in.behave()
    with served(ChatWorld(stand_in)) as served_world:
        for provider in ("openai", "anthropic"):
            served_world.provider_key(provider)
        served_world.budget("0.000001")
        yield served_world


def asks(caller: httpx.Client, model: str = OPENAI) -> httpx.Response:
    return caller.post("/chat/completions", json=asking(model))


def test_a_full_budget_answers_the_same_each_time_and_writes_one_row(world: ChatWorld, caller: httpx.Client) -> None:
    answers = [asks(caller) for _ in range(ASKED)]
    assert {each.status_code for each in answers} == {402}
    assert {each.headers["x-should-retry"] for each in answers} == {"false"}
    assert not any("retry-after" in each.headers for each in answers)
    assert len({each.text for each in answers}) == 1
    assert "budget of tenant has no room" in answers[0].json()["error"]["message"]
    assert [row.settlement.status for row in world.rows()] == [AttemptStatus.REFUSED]
    world.clock.now += REFUSALS_REMEMBERED  # this process has forgotten, as another one never knew
    assert asks(caller).text == answers[0].text
    assert (len(world.rows()), world.open_attempts(), len(world.stand_in.seen())) == (1, 0, 0)


def test_which_budget_refused_what_it_holds_when_it_resets_and_what_fits_stand_in_the_answer(
    world: ChatWorld, caller: httpx.Client
) -> None:
    for _ in range(2):
        error = asks(caller).json()["error"]
        told = error["details"]
        assert error["code"] == "budget_exceeded"
        assert (told["scope"], told["window"], told["unit"]) == ("tenant", "day", "usd")
        assert (told["limit_usd"], told["spent_usd"], told["held_usd"]) == ("0.000001", "0", "0")
        assert (told["available_usd"], told["max_tokens_that_fit"]) == ("0.000001", 0)
        assert told["needed_usd"] in error["message"]
        assert told["resets_at"] in error["message"]
    assert "details" not in caller.post("/chat/completions", json=asking("openai/none-such")).json()["error"]


@pytest.mark.parametrize(
    ("limit", "unit", "said"),
    [
        ("1", "calls", "it is one more, and of 1 call 0 are left;"),
        ("2", "calls", "it is one more, and of 2 calls 0 are left;"),
        ("30", "tokens", "tokens, and of 30 tokens 30 are left;"),
    ],
)
def test_a_refusal_speaks_of_what_its_budget_counts(
    world: ChatWorld, caller: httpx.Client, limit: str, unit: BudgetUnit, said: str
) -> None:
    world.budget("10")
    setter = world.container.ledger.budget_setter
    setter.put(OURS, "tenant", WindowKind.DAY, Decimal(limit), "hard", (), SOMEBODY, unit)
    while (refused := asks(caller)).status_code == 200:
        pass
    message = refused.json()["error"]["message"]
    assert said in message
    assert "it may cost" not in message


def test_a_stream_and_a_chain_are_refused_as_cheaply(world: ChatWorld, caller: httpx.Client) -> None:
    for _ in range(ASKED):
        assert stream(caller, f"{ANTHROPIC},{OPENAI}").status == 402
    assert len(world.rows()) == 1


@pytest.mark.parametrize("scope", ["tenant", "model:*", "provider:*", "session:*"])
def test_a_limit_of_0_stops_also_what_costs_nothing(world: ChatWorld, caller: httpx.Client, scope: str) -> None:
    world.budget("10")
    world.budget("0", scope)
    free = {"model": "omni-moderation-latest", "input": "Hello"}
    asked = [caller.post("/moderations", json=free, headers={"x-llm-run-id": "r1"}) for _ in range(2)]
    assert [each.status_code for each in asked] == [402, 402]
    assert (world.stand_in.seen(), world.open_attempts()) == ([], 0)
    world.budget("0.01", scope)
    assert caller.post("/moderations", json=free, headers={"x-llm-run-id": "r1"}).status_code == 200
    budgets = caller.get("/me", headers={"x-llm-run-id": "r1"}).json()["budgets"]
    assert {Decimal(each[part]) for each in budgets for part in ("spent", "held")} == {Decimal(0)}


def test_a_raised_limit_lets_pass_at_once(world: ChatWorld, caller: httpx.Client) -> None:
    assert [asks(caller).status_code for _ in range(2)] == [402, 402]
    world.budget("10")
    assert asks(caller).status_code == 200


def test_a_window_tells_of_its_first_refusal_alone_whichever_service_key_it_meets(
    world: ChatWorld, caller: httpx.Client
) -> None:
    asks(caller)
    with world.client() as other:
        assert asks(other).status_code == 402
    assert len(world.rows()) == 1


def test_the_next_window_has_a_row_of_its_own_also_while_the_refusal_is_remembered(
    world: ChatWorld, caller: httpx.Client
) -> None:
    asks(caller)
    world.clock.now += timedelta(days=1)
    assert [asks(caller).status_code for _ in range(3)] == [402, 402, 402]
    assert len(world.rows()) == 1  # of the new day


def test_an_unmodified_sdk_asks_a_full_budget_once(world: ChatWorld) -> None:
    seen = len(world.rows())
    sdk = openai.OpenAI(base_url=world.url, api_key=world.service_key(), max_retries=5)
    with sdk, pytest.raises(openai.APIStatusError) as refused:
        sdk.chat.completions.create(model=OPENAI, messages=[{"role": "user", "content": "Hello"}])
    assert refused.value.status_code == 402
    assert "no room" in refused.value.message
    assert len(world.rows()) - seen == 1


def test_a_wait_that_no_client_should_sleep_for_is_told_in_words(world: ChatWorld, caller: httpx.Client) -> None:
    world.budget("10")
    for seconds, header, retries in (("3600", None, "false"), ("7", "7", None)):
        world.stand_in.behave()
        headers = {"retry-after": seconds}
        world.stand_in.fault("status", provider="openai", status=429, headers=headers)
        answer = asks(caller)
        assert answer.status_code == 429
        assert (answer.headers.get("retry-after"), answer.headers.get("x-should-retry")) == (header, retries)
