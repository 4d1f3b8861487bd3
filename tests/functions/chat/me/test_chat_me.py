"""Where a caller stands, and the person whom an issuer vouches for in the books of its calls."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import httpx
import pytest

from atom_llm.domain.core.audit import Actor
from atom_llm.domain.core.ids import ServiceKeyId
from atom_llm.domain.ledger.windows import WindowKind
from atom_llm.domain.tenancy.identity.trusted_issuers import ClaimRule, TrustedIssuer
from atom_llm.domain.tenancy.rate_limit import RateLimit
from atom_llm.domain.tenancy.service_keys import Scope
from testing.audit import SOMEBODY
from testing.chat_world import OPENAI, OURS, THEIRS, ChatWorld, asking, served
from testing.fakes.issuers import IssuersInMemory, KeySetsInMemory
from testing.issuer_keys import AUDIENCE, ISSUER, claims, public, signing_key, token
from testing.stand_in.server import StandIn

KEY = signing_key("RS256", "RS256-1")
SESSION = {"x-session-id": "s-1"}


@pytest.fixture
def world(stand_in: StandIn) -> Iterator[ChatWorld]:
    stand_in.behave()
    with served(ChatWorld(stand_in, key_limit=RateLimit(requests=100, tokens=None))) as served_world:
        served_world.provider_key("openai")
        now = served_world.clock()
        rule = ClaimRule(frozenset({Scope.CHAT}), tenant=OURS, team="research")
        trusted = TrustedIssuer(ISSUER, (AUDIENCE,), (rule,), now, now, "")
        served_world.ports.issuers = IssuersInMemory()
        served_world.ports.key_sets = KeySetsInMemory([public(KEY)])
        by = Actor(OURS, ServiceKeyId("operatorsKey"))
        served_world.container.identity.trusted_issuers.trust(trusted, by)
        yield served_world


def anns(world: ChatWorld) -> httpx.Client:
    return world.client(token(KEY, claims(world.clock())))


def budget(world: ChatWorld, scope: str, limit: str) -> None:
    setter = world.container.ledger.budget_setter
    setter.put(OURS, scope, WindowKind.DAY, Decimal(limit), "hard", (), SOMEBODY)


def team(world: ChatWorld) -> None:
    world.container.ledger.team_setter.put("research", "Research", (), (), SOMEBODY)


def said(number: int) -> dict[str, Any]:
    return asking(OPENAI, messages=[{"role": "user", "content": f"Say {number}"}], max_tokens=5)


def test_a_caller_sees_its_key_its_limits_and_its_scopes(world: ChatWorld) -> None:
    key = world.service_key(OURS, Scope.CHAT)
    with world.client(key) as caller:
        me = caller.get("/me").json()
    assert (me["tenant"], me["service_key"], me["scopes"]) == (OURS, key.split("_")[2], ["chat"])
    assert me["limits"] == {"requests_per_minute": 100, "tokens_per_minute": None}
    assert (me["person"], me["budgets"], me["budget_remaining_usd"], me["session"]) == (None, [], None, None)


def test_a_person_sees_what_is_left_of_each_budget_that_its_calls_count_in(world: ChatWorld) -> None:
    for scope, limit in (("tenant", "5"), ("person:*", "2"), ("model:*", "1"), ("session:s-1", "3")):
        budget(world, scope, limit)
    with anns(world) as ann:
        answer = ann.post("/chat/completions", json=asking(OPENAI, user="somebody else"), headers=SESSION)
        assert answer.status_code == 200, answer.text
        me = ann.get("/me", headers=SESSION).json()
    cost = Decimal(answer.headers["x-llm-cost-usd"])
    shown = [(each["scope"], each["set_for"], each["limit"]) for each in me["budgets"]]
    assert shown == [("session:s-1", "session:s-1", "3"), ("person:ann", "person:*", "2"), ("tenant", "tenant", "5")]
    for each in me["budgets"]:
        assert Decimal(each["spent"]) == cost
        assert Decimal(each["remaining"]) == Decimal(each["limit"]) - cost
        assert each["resets_at"] is not None
    assert Decimal(me["budget_remaining_usd"]) == 2 - cost
    assert (me["person"], me["team"], me["issuer"]) == ("ann", "research", ISSUER)


def test_a_sessions_sum_is_right_to_the_digit(world: ChatWorld) -> None:
    with anns(world) as ann:
        costs = []
        for number in range(3):  # in other words each time: an agent's same words in a moment are a repeat, and no call
            said = asking(OPENAI, messages=[{"role": "user", "content": f"Say {number}"}])
            answer = ann.post("/chat/completions", json=said, headers=SESSION)
            costs.append(Decimal(answer.headers["x-llm-cost-usd"]))
        ann.post("/chat/completions", json=asking(OPENAI), headers={"x-session-id": "s-2"})
        world.money.roll_up.run()
        session = ann.get("/me", headers=SESSION).json()["session"]
    assert (session["id"], session["calls"], Decimal(session["cost_usd"])) == ("s-1", 3, sum(costs))


def test_the_person_is_the_end_user_in_the_ledger_whatever_the_request_says(world: ChatWorld) -> None:
    with anns(world) as ann:
        for said in ({}, {"user": "bob"}, {"safety_identifier": "eve"}):
            assert ann.post("/chat/completions", json=asking(OPENAI, **said), headers=SESSION).status_code == 200
    assert {(row.attempt.end_user.user, row.attempt.end_user.session) for row in world.rows()} == {("ann", "s-1")}
    assert len({row.attempt.service_key for row in world.rows()}) == 1


def test_another_tenants_budgets_are_not_among_them(world: ChatWorld) -> None:
    budget(world, "tenant", "5")
    with world.client(world.service_key(THEIRS)) as other:
        assert other.get("/me").json()["budgets"] == []


def test_a_token_s_calls_count_in_its_team_s_budget_and_are_refused_by_it(world: ChatWorld) -> None:
    team(world)
    budget(world, "team:research", "2")
    with anns(world) as ann:
        answer = ann.post("/chat/completions", json=asking(OPENAI))
        assert answer.status_code == 200, answer.text
        me = ann.get("/me").json()
        assert [(each["scope"], Decimal(each["spent"])) for each in me["budgets"]] == [
            ("team:research", Decimal(answer.headers["x-llm-cost-usd"]))
        ]
        budget(world, "team:research", "0")
        refused = ann.post("/chat/completions", json=asking(OPENAI, max_tokens=5))
    assert refused.status_code == 402
    assert "the day budget of team:research has no room" in refused.json()["error"]["message"]


def test_a_key_that_a_token_was_exchanged_for_counts_in_the_same_team(world: ChatWorld) -> None:
    team(world)
    budget(world, "team:research", "2")
    asked = token(KEY, claims(world.clock()))
    lent = world.container.identity.token_exchange.of_token(asked, frozenset({Scope.CHAT}), None)
    with world.client(lent.plaintext) as ann:
        answer = ann.post("/chat/completions", json=asking(OPENAI))
        assert answer.status_code == 200, answer.text
    (row,) = world.rows()
    assert (row.attempt.team, [ref.scope for ref in row.attempt.windows]) == ("research", ["team:research"])


def test_many_calls_of_a_team_s_tokens_at_once_never_exceed_its_budget(world: ChatWorld) -> None:
    team(world)
    with anns(world) as ann:
        (one,) = [ann.post("/route", json=asking(OPENAI, max_tokens=5)).json()["candidates"][0]["most_cost_usd"]]
        limit = Decimal(one) * 4
        budget(world, "team:research", str(limit))
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda number: ann.post("/chat/completions", json=said(number)), range(16)))
    assert {answer.status_code for answer in answers} <= {200, 402}
    costs = [Decimal(answer.headers["x-llm-cost-usd"]) for answer in answers if answer.status_code == 200]
    assert len(costs) >= 4
    assert sum(costs) <= limit


def test_budgets_of_models_providers_and_tag_values_stand_by_themselves(world: ChatWorld) -> None:
    for scope, limit in ((f"model:{OPENAI}", "1"), ("provider:openai", "2"), ("tag:feature=a", "3"), ("tag:x=*", "4")):
        budget(world, scope, limit)
    with anns(world) as ann:
        cost = Decimal(ann.post("/chat/completions", json=asking(OPENAI)).headers["x-llm-cost-usd"])
        me = ann.get("/me").json()
    shown = [(each["scope"], Decimal(each["remaining"])) for each in me["budgets_of_calls"]]
    assert shown == [(f"model:{OPENAI}", 1 - cost), ("provider:openai", 2 - cost), ("tag:feature=a", Decimal(3))]
    assert (me["budgets"], me["budget_remaining_usd"]) == ([], None)
