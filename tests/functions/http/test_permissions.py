"""Who may do what: every route of every document × scopes × the operator and others.

A route that is not classified here fails: say whether what it changes is everybody's.
"""

import re
from collections.abc import Mapping
from importlib import import_module
from typing import Any, Final

import httpx
import pytest

from atom_llm.domain.tenancy.service_keys import ALL_SCOPES, Scope
from testing.group_app import GroupApp
from tests.functions.byok.byok_world import OPERATOR, OURS, ByokWorld
from tests.functions.http.test_health import PREFIXES

pytestmark = pytest.mark.anyio

AN_ISSUER: Final[dict[str, Any]] = {
    "issuer": "https://login.example.com",
    "audiences": ["api://atom"],
    "rules": [{"tenant": str(OURS), "scopes": ["chat"]}],
}
EVERYBODYS: Final[Mapping[str, dict[str, Any] | None]] = {
    "POST /api/ai/pricing/refresh": None,
    "POST /api/llm-registry/sync-quality": None,
    "POST /api/byok/tenants": {"name": "Another"},
    "DELETE /api/byok/tenants/{tenant_id}": None,
    "POST /api/byok/usage/calls/{call_id}/corrections": {
        "amount_usd": "-0.001",
        "reason": "because",
        "correction_id": "a",
    },
    "POST /api/byok/holds/narrowed/acknowledge": {"model": "openai/gpt-4o"},
    "PUT /api/byok/identity/issuers": AN_ISSUER,
    "DELETE /api/byok/identity/issuers/{issuer_id}": None,
}
# Acts of a tenant on what is its own, each with a body that it takes.
ITS_OWN: Final[Mapping[str, dict[str, Any] | None]] = {
    "POST /api/byok/keys": {"provider": "openai", "api_key": "sk-proj-0123456789-ours"},
    "PATCH /api/byok/keys/{key_id}": {"label": "new"},
    "DELETE /api/byok/keys/{key_id}": None,
    "POST /api/byok/keys/{key_id}/rotate": {"api_key": "sk-proj-9876543210-ours"},
    "POST /api/byok/keys/{key_id}/test": None,
    "PUT /api/byok/budgets": {"window": "day", "limit_usd": "0"},
    "PUT /api/byok/teams/{team_id}": {"name": "Platform"},
    "DELETE /api/byok/teams/{team_id}": None,
    "PUT /api/byok/allow-lists": {"scope": "tenant", "models": ["openai/*"]},
    "POST /api/byok/prices": {"models": "openai/gpt-4o", "discount_percent": "10"},
    "DELETE /api/byok/prices/{price_id}": None,
    "PUT /api/byok/price-alerts": {"threshold_usd": "5"},
    "DELETE /api/byok/price-alerts": None,
    "POST /api/byok/service-keys": {"scopes": ["chat"]},
    "PATCH /api/byok/service-keys/{key_id}": {"own_names": {"gpt": "auto"}},
    "DELETE /api/byok/service-keys/{key_id}": None,
    "PATCH /api/byok/tenants/{tenant_id}": {"time_zone": "Asia/Tokyo"},
    "POST /api/byok/declaration": {
        "tenants": {str(OURS): {"name": "Declared", "price_alerts": {"threshold_usd": "7"}}}
    },
    "POST /api/byok/usage/exports": {"kind": "calls"},
    "DELETE /api/byok/usage/exports/{export_id}": None,
    "POST /api/byok/usage/reprice": {"from": "2026-11-01T00:00:00Z", "to": "2026-11-24T00:00:00Z"},
    "POST /api/cognitive-tiers/preferences": {"prefer": "cost"},
    "PUT /api/cognitive-tiers/preferences": {"prefer": "quality"},
    "DELETE /api/cognitive-tiers/preferences": None,
}
NOTHING: Final = {
    "POST /api/byok/iam/token",  # what a signature stands for: tests/functions/byok/identity/test_byok_roles.py
    "POST /api/byok/token",  # what a token stands for: tests/functions/byok/test_byok_tokens.py
    # Questions that come as a POST, calls, and what a provider keeps, each with tests of its own.
    "POST /api/ai/pricing/estimate",
    "POST /api/byok/usage/reconcile",
    "POST /api/cognitive-tiers/classify",
    "POST /api/cognitive-tiers/estimate-cost",
    "POST /v1/chat/completions",
    "POST /v1/embeddings",
    "POST /v1/moderations",
    "POST /v1/images/generations",
    "POST /v1/audio/speech",
    "POST /v1/audio/transcriptions",
    "POST /v1/messages",
    "POST /v1/messages/count_tokens",
    "POST /v1/responses",
    "POST /v1/responses/input_tokens",
    "POST /v1/responses/{response_id}/cancel",
    "DELETE /v1/responses/{response_id}",
    "POST /v1/route",
}


def routes() -> list[str]:
    """Every route of every document: verb and whole path."""
    return [
        f"{verb.upper()} {path}"
        for group in PREFIXES
        for path, verbs in import_module(f"functions.{group}.main").app.openapi()["paths"].items()
        for verb in verbs
    ]


ACTS: Final = [route for route in routes() if not route.startswith("GET ")]


TOKENS: Final = ("POST /api/byok/token", "POST /api/byok/iam/token")


def status_of_a_fault(route: str) -> int:
    """The status of a wrong field: the dialects with paths of their own have one of their own."""
    is_of_a_dialect = "/v1/messages" in route or "/v1/responses" in route
    return 400 if is_of_a_dialect or route.endswith(TOKENS) else 422


class Everything:
    """All functions over one container."""

    def __init__(self, world: ByokWorld) -> None:
        self.world = world
        self.apps = {
            prefix: GroupApp(lambda: world.container, import_module(f"functions.{group}.main").GROUP)
            for group, prefix in PREFIXES.items()
        }

    async def ask(
        self, route: str, *, key: str, body: dict[str, Any] | None = None, query: dict[str, str] | None = None
    ) -> httpx.Response:
        verb, path = route.split(" ")
        app = next(app for prefix, app in self.apps.items() if path.startswith(prefix))
        headers = {"authorization": f"Bearer {key}"}
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://every", headers=headers
        ) as client:
            return await client.request(verb, path, json=body, params=query)


@pytest.fixture
def everything(byok: ByokWorld) -> Everything:
    return Everything(byok)


async def of_ours(everything: Everything, route: str, key: str) -> str:
    """A route with ids of ours in its path."""
    world = everything.world
    stored = {"provider": "anthropic", "api_key": "sk-ant-0123456789-abcd"}
    if "/keys/{key_id}" in route:
        answer = await everything.ask("POST /api/byok/keys", key=key, body=stored)
        route = route.replace("{key_id}", answer.json()["data"]["id"]) if "/service-keys/" not in route else route
    if "{price_id}" in route:
        body = ITS_OWN["POST /api/byok/prices"]
        answer = await everything.ask("POST /api/byok/prices", key=key, body=body)
        route = route.replace("{price_id}", answer.json()["data"]["id"])
    if "{export_id}" in route:
        answer = await everything.ask("POST /api/byok/usage/exports", key=key, body={"kind": "calls"})
        route = route.replace("{export_id}", answer.json()["data"]["id"])
    if "{issuer_id}" in route:
        key_of_operator = world.key(OPERATOR)
        answer = await everything.ask("PUT /api/byok/identity/issuers", key=key_of_operator, body=AN_ISSUER)
        route = route.replace("{issuer_id}", answer.json()["data"]["id"])
    service_key, _ = await world.issued(OURS)
    call_id = world.called().attempt.call_id
    return route.replace("{key_id}", service_key).replace("{call_id}", call_id).replace("{tenant_id}", OURS)


def test_every_route_that_changes_something_is_classified() -> None:
    assert sorted(ACTS) == sorted([*EVERYBODYS, *ITS_OWN, *NOTHING])


@pytest.mark.parametrize("route", EVERYBODYS)
async def test_what_everybody_shares_is_changed_by_the_operator_alone(everything: Everything, route: str) -> None:
    world = everything.world
    filled = await of_ours(everything, route, world.key(OURS))
    shared, told = world.book.head(), len(world.audit.all)
    for scopes in (*((scope,) for scope in Scope), tuple(ALL_SCOPES)):
        refused = await everything.ask(filled, key=world.key(OURS, *scopes), body=EVERYBODYS[route])
        assert refused.status_code == 403, scopes
    assert refused.json()["error"]["code"] == "operator_only"
    assert (world.book.head(), len(world.audit.all)) == (shared, told)
    without = await everything.ask(filled, key=world.key(OPERATOR, Scope.CHAT), body=EVERYBODYS[route])
    assert without.json()["error"]["code"] == "scope_missing"
    query = {"tenant": str(OURS)} if "{call_id}" in route else None
    passed = await everything.ask(filled, key=world.key(OPERATOR), body=EVERYBODYS[route], query=query)
    assert passed.status_code not in (401, 403, 404, 422) or "sync-quality" in route, passed.text


@pytest.mark.parametrize("route", routes())
async def test_an_unknown_query_parameter_is_refused_by_name(everything: Everything, route: str) -> None:
    filled = re.sub(r"\{\w+\}", "nothing", route)
    answer = await everything.ask(filled, key=everything.world.key(OPERATOR), query={"no_such_filter": "1"})
    assert (answer.status_code, "no_such_filter" in answer.text) == (status_of_a_fault(route), True), answer.text
    assert everything.world.audit.all == []


async def test_without_a_key_nobody_is_told_which_parameters_there_are(everything: Everything) -> None:
    answer = await everything.ask("GET /api/byok/budgets", key="none", query={"no_such_filter": "1"})
    assert answer.status_code == 401
