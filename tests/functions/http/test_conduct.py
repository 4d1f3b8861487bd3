"""One tenant's conduct × another's answers: whatever the one does, the other is answered as if it had not.

Every route of every document is an act of the one or a question of the other, or both; a route that is neither fails.
The answers are those of the process in which it was done, of a fresh one, and of the first a minute later.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import pytest

from atom_llm.domain.routing import circuit
from atom_llm.services.catalogue.own_prices import OwnPriceReader
from functions.byok.ledger import run as sweep
from testing.bills import openai_pages, openai_usage
from testing.fakes.runtime import RateLimitsInMemory
from testing.fakes.service_keys import NOON
from testing.stand_in.server import StandIn
from tests.functions.http.conduct_world import (
    ACTOR,
    CHAIN,
    HELLO,
    KEY_LIMIT,
    MINI,
    OTHER,
    TEAM,
    THIRD,
    Answers,
    ConductWorld,
    Question,
    provider_secret,
)
from tests.functions.http.test_permissions import EVERYBODYS, ITS_OWN, routes

pytestmark = pytest.mark.anyio

HAIKU, EMBEDDING = "anthropic/claude-haiku-4-5", "openai/text-embedding-3-small"
SAME_KEY: Final = {"idempotency-key": "the same for both"}
LATER_S: Final = 65  # longer than a process remembers anything of keys, prices, budgets, limits, health and circuits
CHAT, MESSAGES, RESPONSES = "POST /v1/chat/completions", "POST /v1/messages", "POST /v1/responses"
BILLED: Final = openai_pages({NOON.date(): [openai_usage("gpt-4o-mini", 9, (1000, 100))]})
# What the other asks that is no GET, each in one or more ways. Calls come last: they change the other's own answers.
POSTED: Final[Mapping[str, list[tuple[Mapping[str, Any], Mapping[str, str]]]]] = {
    "POST /api/ai/pricing/estimate": [({"model": MINI, "input_tokens": 1000, "output_tokens": 100}, {})],
    "POST /api/byok/usage/reprice": [({"from": "2026-11-01T00:00:00Z", "to": "2026-11-24T00:00:00Z"}, {})],
    "POST /api/byok/usage/reconcile": [({"provider": "openai", "usage": {"pages": BILLED}}, {})],
    "POST /api/byok/token": [({}, {})],  # as JSON, which it does not take: that is answered the same
    "POST /api/byok/iam/token": [({}, {})],  # no gateway stands in front
    "POST /api/cognitive-tiers/classify": [({"messages": HELLO}, {})],
    "POST /api/cognitive-tiers/estimate-cost": [({"messages": HELLO}, {})],
    "POST /v1/route": [({"model": model, "messages": HELLO}, {}) for model in (MINI, CHAIN, "auto")],
    "POST /v1/embeddings": [({"model": EMBEDDING, "input": "hello"}, {})],
    "POST /v1/messages/count_tokens": [({"model": HAIKU, "messages": HELLO}, {})],
    "POST /v1/responses/input_tokens": [({"model": HAIKU, "input": "hello"}, {})],
    "POST /v1/responses/{response_id}/cancel": [({}, {})],
    "DELETE /v1/responses/{response_id}": [({}, {})],
    MESSAGES: [({"model": CHAIN, "max_tokens": 100, "messages": HELLO}, {})],
    RESPONSES: [({"model": CHAIN, "input": "hello"}, {})],
    CHAT: [
        ({"model": CHAIN, "messages": HELLO}, {}),
        ({"model": HAIKU, "messages": HELLO, "stream": True}, {}),
        ({"model": "auto", "messages": HELLO}, {}),
        ({"model": MINI, "messages": HELLO}, SAME_KEY),
    ],
}
ACTS: Final[Mapping[str, Mapping[str, Any] | None]] = {**EVERYBODYS, **ITS_OWN}
MEDIA: Final[Mapping[str, Mapping[str, Any]]] = {
    "POST /v1/audio/speech": {"model": "openai/tts-1", "input": "hello", "voice": "alloy"},
    "POST /v1/images/generations": {"model": "openai/gpt-image-1", "prompt": "a cat"},
    "POST /v1/moderations": {"model": "openai/omni-moderation-latest", "input": "hello"},
    "POST /v1/audio/transcriptions": {},  # takes a form: what comes as JSON is refused
}
# Whoever asks: what is the operator's, responses that nobody keeps, and a token that came as JSON.
REFUSED: Final = {
    "GET /api/byok/holds/narrowed",
    "GET /api/byok/usage/tenants",
    "POST /api/byok/token",
    "POST /api/byok/iam/token",
    *(route for route in routes() if "{response_id}" in route),
}
CHOSEN_NAMES: Final = ("{tenant_id}", "{team_id}")  # two tenants may have teams of one name
CALLS: Final = (CHAT, MESSAGES, RESPONSES, "POST /v1/embeddings", *MEDIA)
NO_BODIES: Final[tuple[Mapping[str, Any], ...]] = ({}, {"no": "such"}, {"model": "nobody/nothing", "messages": HELLO})

Conduct = Callable[[ConductWorld], Awaitable[None]]


def test_every_route_is_an_act_or_a_question() -> None:
    acts, questions = {*ACTS, *CALLS}, {route for route in routes() if route.startswith("GET ")} | POSTED.keys()
    assert set(routes()) == acts | questions


async def prepared(stand_in: StandIn, *, with_third: bool = True) -> ConductWorld:
    """A world in which both tenants have things of their own, and a third failures of a model that serves it well."""
    world = ConductWorld(stand_in)
    for tenant in (ACTOR, OTHER):
        await world.ask(tenant, "PUT /api/byok/budgets", {"window": "day", "limit_usd": "7"})
        await world.ask(tenant, "POST /api/byok/prices", {"models": "openai/gpt-4.1", "discount_percent": "10"})
        await world.ask(tenant, "PUT /api/byok/price-alerts", {"threshold_usd": "3"})
        await world.ask(tenant, f"PUT /api/byok/teams/{TEAM}", {"name": "Platform"})
        await world.ask(tenant, "PUT /api/byok/allow-lists", {"scope": "person:ada", "models": ["openai/*"]})
        await world.ask(tenant, "POST /api/byok/usage/exports", {"kind": "calls"})
        await world.call(tenant, headers=SAME_KEY)
    if with_third:
        await world.call(THIRD, times=30)
        stand_in.fault("status", key=provider_secret("openai", THIRD), status=500)
        await world.call(THIRD)
        stand_in.behave()
    sweep({"trigger": "sweep"}, world.process, pause=lambda _: None)
    await world.note_ids()
    return world


def questions(world: ConductWorld) -> list[Question]:
    """All that the other tenant asks."""
    asked: list[Question] = [
        (route, world.filled(route, OTHER), None, {}) for route in routes() if route.startswith("GET ")
    ]
    for route, ways in POSTED.items():
        asked += [(f"{route} {number}", route, body, headers) for number, (body, headers) in enumerate(ways)]
    return asked


async def seen_after(stand_in: StandIn, conduct: Conduct) -> dict[str, Answers]:
    """Return what the other tenant is answered after a conduct, by whom and when."""
    world = await prepared(stand_in)
    asked = questions(world)
    await world.answers(asked)  # so that the process remembers what it can
    await conduct(world)
    stand_in.behave()
    world.money.roll_up.run()
    seen = {"at once": await world.answers(asked), "afresh": await world.answers(asked, world.new_process())}
    world.clock.pass_s(LATER_S)
    return seen | {"later": await world.answers(asked)}


def differences(one: Mapping[str, Answers], other: Mapping[str, Answers]) -> list[str]:
    """Name the questions that are answered differently."""
    return [f"{when}: {name}" for when in one for name in one[when] if one[when][name] != other[when][name]]


_WITHOUT: dict[str, Mapping[str, Answers]] = {}


async def unmoved(stand_in: StandIn) -> Mapping[str, Answers]:
    """Return what the other tenant is answered where nobody did anything."""
    if not _WITHOUT:
        _WITHOUT["it"] = await seen_after(stand_in, does_nothing)
    return _WITHOUT["it"]


async def acts_on_its_own(world: ConductWorld) -> None:
    """Every act that is no call, on what is its own."""
    order = sorted(ACTS, key=lambda route: (route.startswith("DELETE"), route))
    for number, route in enumerate(order):
        provider = ("openai", "anthropic", "google", "mistral")[number % 4]
        answer = await world.ask(ACTOR, world.filled(route, ACTOR, provider), ACTS[route])
        assert answer.status_code == 403 if route in EVERYBODYS else answer.is_success, answer.text


async def acts_on_the_others(world: ConductWorld) -> None:
    """Every act that is no call, on what is the other's, by path and by query."""
    for route, body in ACTS.items():
        filled = world.filled(route, OTHER)
        assert "{" not in filled
        await world.ask(ACTOR, filled, body, query={"tenant": str(OTHER)})
        if "_id}" in route and not any(name in route for name in CHOSEN_NAMES):
            assert (await world.ask(ACTOR, filled, body)).status_code in (403, 404)


async def is_refused(world: ConductWorld) -> None:
    """Every act and call with bodies that are none, with names of nothing, and without a key that opens."""
    for route in (*ACTS, *CALLS):
        for body in NO_BODIES:
            await world.ask(ACTOR, world.filled(route.replace("DELETE", "PATCH"), ACTOR), body)
        await world.ask(ACTOR, world.filled(route, ACTOR), ACTS.get(route), key=f"{world.keys[OTHER]}x")


async def calls(world: ConductWorld) -> None:
    """Calls that succeed, of every kind, and with the other's idempotency key."""
    for model in (MINI, HAIKU, CHAIN, "auto", "google/gemini-2.5-flash", "mistral/mistral-small-latest"):
        await world.call(ACTOR, model, times=4, user="somebody")
        await world.call(ACTOR, model, times=2, stream=True)
    await world.call(ACTOR, MINI, times=3, headers=SAME_KEY)
    for route, body in MEDIA.items():
        await world.ask(ACTOR, route, body)
    for _ in range(3):
        await world.ask(ACTOR, "POST /v1/embeddings", {"model": EMBEDDING, "input": "hello"})
        await world.ask(ACTOR, MESSAGES, {"model": HAIKU, "max_tokens": 100, "messages": HELLO})
        await world.ask(ACTOR, RESPONSES, {"model": HAIKU, "input": "hello"})


async def exhausts_its_limits(world: ConductWorld) -> None:
    """As many calls as its key and its account may make in a minute, and more."""
    assert KEY_LIMIT.requests is not None
    statuses = await world.call(ACTOR, times=KEY_LIMIT.requests + 5)
    assert 429 in statuses


async def spends_its_budgets(world: ConductWorld) -> None:
    """Calls under budgets that are too small, empty and soft."""
    for window, limit, mode in (("week", "0", "soft"), ("month", "0.001", "hard"), ("day", "0", "hard")):
        body = {"window": window, "limit_usd": limit, "mode": mode}
        assert (await world.ask(ACTOR, "PUT /api/byok/budgets", body)).status_code == 200
        statuses = await world.call(ACTOR, CHAIN, times=6)
        assert (402 in statuses) == (mode == "hard"), (window, statuses)


async def has_settings_of_its_own(world: ConductWorld) -> None:
    """Its own prices of everything, its preferences and its time zone, and calls under them."""
    for body in (
        {"models": "openai/*", "margin_percent": "900"},
        {"models": MINI, "rates": {"input_cost_per_token": "0.00001", "output_cost_per_token": "0.00001"}},
        {"models": "mistral/*", "discount_percent": "100"},
    ):
        answer = await world.ask(ACTOR, "POST /api/byok/prices", {**body, "confirm": True})
        assert answer.status_code == 201, answer.text
    preferences = {"prefer": "cost", "blocked_providers": ["mistral"], "min_tier": "versatile"}
    assert (await world.ask(ACTOR, "PUT /api/cognitive-tiers/preferences", preferences)).status_code == 200
    zone = {"time_zone": "Pacific/Kiritimati"}
    assert (await world.ask(ACTOR, f"PATCH /api/byok/tenants/{ACTOR}", zone)).status_code == 200
    await world.call(ACTOR, "auto", times=6)
    await world.call(ACTOR, CHAIN, times=6)


async def is_billed_above_its_holds(world: ConductWorld) -> None:
    """Calls whose providers count a thousand times what was asked for."""
    world.stand_in.output_tokens = 50_000
    for model in (MINI, HAIKU, "auto"):
        await world.call(ACTOR, model, times=4, max_tokens=10)
    world.stand_in.output_tokens = None
    rows = list(world.money.ledger.rows_of_day(ACTOR, NOON.date(), behind=None, page_size=100))
    assert any(row.settlement.cost > row.attempt.hold for row in rows)


def fails(*faults: Mapping[str, Any], timeout_ms: int | None = None) -> Conduct:
    """Return the conduct of calls that fail one after the other for the keys of the actor alone."""

    async def conduct(world: ConductWorld) -> None:
        headers = {"x-llm-timeout-ms": str(timeout_ms)} if timeout_ms is not None else None
        for fault in faults:
            world.stand_in.behave()
            for provider in ("openai", "anthropic", "google", "mistral"):
                world.stand_in.fault(key=provider_secret(provider, ACTOR), **fault)
            for model in (MINI, HAIKU, "auto"):
                statuses = await world.call(ACTOR, model, times=8, headers=headers)
                assert 200 not in statuses, (fault, statuses)

    return conduct


async def does_nothing(_: ConductWorld) -> None:
    """Nothing: two worlds alike are answered alike."""


CONDUCTS: Final[Mapping[str, Conduct]] = {
    "does nothing": does_nothing,
    "acts on its own": acts_on_its_own,
    "acts on the other's": acts_on_the_others,
    "is refused": is_refused,
    "calls": calls,
    "exhausts its limits": exhausts_its_limits,
    "spends its budgets": spends_its_budgets,
    "has settings of its own": has_settings_of_its_own,
    "is billed above its holds": is_billed_above_its_holds,
    "meets 500": fails({"name": "status", "status": 500}),
    "meets 529": fails({"name": "status", "status": 529}),
    "meets 429": fails({"name": "status", "status": 429, "headers": {"retry-after": "30"}}),
    "has bad keys": fails({"name": "invalid_key"}, {"name": "out_of_credit"}),
    "is cut off": fails({"name": "reset"}, {"name": "html"}),
    "asks for what may not be": fails({"name": "content_filter"}, {"name": "context_length"}),
    "has no patience": fails({"name": "slow", "ms": 400}, timeout_ms=100),
    "meets silence": fails({"name": "silence"}, timeout_ms=900),
}


async def test_the_other_is_answered(stand_in: StandIn) -> None:
    statuses = {name: answer[0] for seen in (await unmoved(stand_in)).values() for name, answer in seen.items()}
    assert {name.removesuffix(" 0") for name, status in statuses.items() if status != 200} == REFUSED


@pytest.mark.parametrize("name", CONDUCTS)
async def test_what_one_tenant_does_changes_no_answer_of_another(stand_in: StandIn, name: str) -> None:
    assert differences(await unmoved(stand_in), await seen_after(stand_in, CONDUCTS[name])) == []


QUICK: Final = ("/api/byok/", "/api/cognitive-tiers/preferences")
# Acts that change nothing of their author's, or nothing that a tenant may see or do.
CHANGE_NOTHING: Final[Mapping[str, str]] = {
    "POST /api/byok/usage/reprice": "a question",
    "POST /api/byok/declaration": "its document names the actor, which is none of the other's business",
    "DELETE /api/cognitive-tiers/preferences": "there are none",
}


async def seen_of_itself(stand_in: StandIn, route: str, body: Mapping[str, Any] | None) -> Answers:
    """Return what the other tenant is answered by its own lists after an act of its own."""
    world = await prepared(stand_in, with_third=False)
    await world.ask(OTHER, world.filled(route, OTHER), body)
    asked = [each for each in questions(world) if any(f"GET {path}" in each[0] for path in QUICK)]
    return await world.answers(asked, world.new_process())


async def test_the_comparison_sees_each_act_where_the_other_does_it_itself(stand_in: StandIn) -> None:
    lists = await seen_of_itself(stand_in, "GET /api/byok/tenants", None)
    assert lists == await seen_of_itself(stand_in, "GET /api/byok/tenants", None)
    unseen = [route for route, body in ITS_OWN.items() if await seen_of_itself(stand_in, route, body) == lists]
    assert sorted(unseen) == sorted(CHANGE_NOTHING)


def _circuits_of_all(patch: pytest.MonkeyPatch) -> None:
    """Count the failures of one tenant as everybody's."""
    patch.setattr(circuit, "_each_left_out", lambda each: iter([(each.row, 0)]))


def _prices_of_all(patch: pytest.MonkeyPatch) -> None:
    """Read the actor's own prices for everybody."""
    made = OwnPriceReader._made
    patch.setattr(OwnPriceReader, "_made", lambda self, _: made(self, ACTOR))


def _limits_of_all(patch: pytest.MonkeyPatch) -> None:
    """Let everybody take of one limit."""
    take = RateLimitsInMemory.take
    patch.setattr(RateLimitsInMemory, "take", lambda self, _, *more: take(self, "all", *more))


@pytest.mark.parametrize(
    ("without_guard", "name", "seen"),
    [
        (_circuits_of_all, "meets 500", "at once: POST /v1/route 0"),
        (_prices_of_all, "has settings of its own", "later: POST /v1/route 0"),
        (_limits_of_all, "exhausts its limits", "afresh: POST /v1/embeddings 0"),
    ],
)
async def test_the_comparison_sees_what_a_guard_keeps_away(
    stand_in: StandIn,
    monkeypatch: pytest.MonkeyPatch,
    without_guard: Callable[[pytest.MonkeyPatch], None],
    name: str,
    seen: str,
) -> None:
    expected = await unmoved(stand_in)
    without_guard(monkeypatch)
    assert seen in differences(expected, await seen_after(stand_in, CONDUCTS[name]))
