"""What happens before a budget is full: slower, then cheaper, then refused; and loops within a run are noticed."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import httpx
import pytest

from atom_llm.domain.core.ids import ServiceKeyId
from atom_llm.domain.ledger.end_users import NOBODY, EndUser
from atom_llm.domain.ledger.near_limit import NearStep
from atom_llm.domain.ledger.windows import WindowKind
from atom_llm.domain.routing.chat_request import chat_request
from atom_llm.domain.tenancy.rate_limit import RateLimit
from atom_llm.domain.tenancy.service_keys import ALL_SCOPES, Caller
from atom_llm.services.calls.llm_service import CallOptions
from atom_llm.services.calls.run_repeats import RunRepeats
from testing.audit import SOMEBODY
from testing.chat_world import OPENAI, OURS, ChatWorld, asking, served
from testing.fakes.service_keys import SetClock
from testing.money_world import usd
from testing.stand_in.server import StandIn

STEPPED, TIER, LIMIT = "x-llm-stepped-down", "x-llm-tier", "x-ratelimit-limit-requests"
CHEAPER, SLOWER = NearStep(80, "prefer_cheaper"), NearStep(50, "slow_down", 20)


@pytest.fixture
def world(stand_in: StandIn) -> Iterator[ChatWorld]:
    stand_in.behave()
    limited = ChatWorld(stand_in, key_limit=RateLimit(requests=100, tokens=None), clock=SetClock())
    with served(limited) as served_world:
        for provider in ("openai", "anthropic"):
            served_world.provider_key(provider)
        yield served_world


def near(world: ChatWorld, *steps: NearStep, scope: str = "tenant", limit: str = "10") -> None:
    setter = world.container.ledger.budget_setter
    setter.put(OURS, scope, WindowKind.DAY, Decimal(limit), "hard", (), SOMEBODY, near=steps)


def spent(world: ChatWorld, amount: str, end_user: EndUser = NOBODY) -> None:
    money = world.money
    held = world.container.ledger.spending.hold(money.attempt(usd(amount), tenant=OURS, end_user=end_user))
    world.container.ledger.spending.settle(held, money.settlement(usd(amount)))
    world.clock.pass_s(6)


def asked(caller: httpx.Client, model: str, **more: Any) -> httpx.Response:
    answer = caller.post("/chat/completions", json=asking(model, max_tokens=50, **more))
    assert answer.status_code == 200, answer.text
    return answer


def test_a_tier_steps_down_when_a_budget_is_nearly_spent_and_the_answer_says_why(
    world: ChatWorld, caller: httpx.Client
) -> None:
    near(world, CHEAPER)
    spent(world, "7.9")
    before = asked(caller, "tier/heavy")
    assert (before.headers[TIER], STEPPED in before.headers) == ("heavy", False)
    spent(world, "0.1")
    after = asked(caller, "tier/heavy")
    assert after.headers[TIER] == "versatile"
    assert after.headers[STEPPED] == "stepped down from heavy to versatile: the day budget of tenant is 80 % spent"
    route = caller.post("/route", json=asking("tier/heavy")).json()
    assert (route["tier"]["tier"], route["tier"]["prefer"]) == ("versatile", "cost")
    assert "the day budget of tenant is 80 % spent" in route["tier"]["why"]


def test_auto_steps_down_as_well_and_a_model_that_is_named_is_its_caller_s_own_word(
    world: ChatWorld, caller: httpx.Client
) -> None:
    near(world, CHEAPER)
    spent(world, "9")
    assert "the day budget of tenant is 90 % spent" in asked(caller, "auto").headers[STEPPED]
    named = asked(caller, OPENAI)
    assert (named.json()["model"], STEPPED in named.headers) == (OPENAI, False)
    least = asked(caller, "tier/micro").headers
    assert (least[TIER], least[STEPPED][:21]) == ("micro", "the cheapest of micro")


def test_a_key_has_a_share_of_its_rate_limit_from_the_threshold_on(world: ChatWorld, caller: httpx.Client) -> None:
    near(world, SLOWER, CHEAPER)
    before = asked(caller, OPENAI).headers
    assert (before[LIMIT], "x-llm-slowed-down" in before) == ("100", False)
    spent(world, "5")
    slowed = asked(caller, OPENAI).headers
    assert slowed[LIMIT] == "20"
    assert slowed["x-llm-slowed-down"] == "to 20 % of the rate limit: the day budget of tenant is 50 % spent"


def test_a_call_that_the_lowered_limit_refuses_says_which_budget_lowered_it(
    world: ChatWorld, caller: httpx.Client
) -> None:
    near(world, NearStep(50, "slow_down", 1))
    spent(world, "5")
    body = asking(OPENAI, max_tokens=50)
    first, second = (caller.post("/chat/completions", json=body) for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 429)
    assert second.headers["x-llm-slowed-down"] == "to 1 % of the rate limit: the day budget of tenant is 50 % spent"


def test_another_person_s_budget_slows_nobody_else(world: ChatWorld, caller: httpx.Client) -> None:
    near(world, SLOWER, scope="person:*", limit="1")
    spent(world, "0.9", EndUser("ann"))
    assert asked(caller, OPENAI, user="ann").headers[LIMIT] == "20"
    assert asked(caller, OPENAI, user="bob").headers[LIMIT] == "100"


def test_the_limit_itself_stays_hard_whatever_steps_there_are(world: ChatWorld, caller: httpx.Client) -> None:
    near(world, CHEAPER)
    spent(world, "10")
    assert caller.post("/chat/completions", json=asking("tier/heavy")).status_code == 402


def test_identical_calls_of_a_run_are_counted_from_the_second_on(
    world: ChatWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    repeats, llm = RunRepeats(world.clock), world.container.calls.llm
    caller = Caller(OURS, ServiceKeyId("ourServiceKe"), ALL_SCOPES)

    def noted(run: str | None, **more: Any) -> int:
        return repeats.note(llm.chat_call(caller, chat_request(asking(OPENAI, **more)), CallOptions({}, session=run)))

    assert [noted("run-1") for _ in range(3)] == [0, 1, 2]
    assert capsys.readouterr().out.count('"RepeatedCallsInRun":[1.0]') == 2
    assert [noted("run-1", max_tokens=11), noted("run-2"), noted(None), noted(None)] == [0, 0, 0, 0]
    world.clock.pass_s(601)
    assert noted("run-1") == 0
    assert "RepeatedCallsInRun" not in capsys.readouterr().out
