"""Two tenants: wherever an id can be said, a foreign one is as unknown as one that never was, and no list tells of it.

The matrix is read from the documents of all functions: a new place that takes an id fails here until it is said what a
foreign one is.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import httpx
import pytest

from atom_llm.domain.tenancy.service_keys import ALL_SCOPES, Scope
from testing.group_app import GroupApp
from tests.functions.byok.byok_world import OPERATOR, OURS, THEIRS, ByokWorld
from tests.functions.http.test_health import PREFIXES
from tests.functions.pricing.pricing_world import data_of

pytestmark = pytest.mark.anyio

# What a name stands for, by its place if that matters: whose it is, if it is anybody's.
KINDS = {
    "key_id": "provider key",
    "/service-keys/{key_id} key_id": "service key",
    "/usage/calls key": "service key",
    "call_id": "call",
    "export_id": "export",
    "price_id": "own price",
    "tenant_id": "tenant",
    "tenant": "tenant",
    "/budgets scope": "scope",
    "/allow-lists scope": "scope",
    "team_id": "team",
}
NOBODYS = {
    "provider key": "01M844DZG0AD5WNQ0VF9ZREJAS",
    "service key": "nobodysKey12",
    "call": "01M844DZG0AD5WNQ0VF9ZREJAS",
    "own price": "01M844DZG0AD5WNQ0VF9ZREJAS",
    "export": "01M844DZG0AD5WNQ0VF9ZREJAS",
    "tenant": "nobody-at-all",
    "scope": "service-key:nobodysKey12",
    "team": "nobodys-team",
}
NO_TENANTS = {
    "model": "prices are the same for every tenant",
    "provider": "the same",
    "response_id": "sealed for its tenant: tests/functions/chat/openai_responses/test_kept.py asks with another's",
    "after_id": "a model's id, by which its list is walked",
    "before_id": "the same",
    "api_key": "a secret, which names nothing",
    "issuer_id": "an issuer's, which is the operator's alone",
    "end_keys": "a flag",
    "correction_id": "the caller's own word, within its own call",
    "/usage/reconcile keys": "a provider's names of keys, which are looked for in the caller's own sums",
    "PUT /teams/{team_id} team_id": "the caller's own choice, within its own tenant",
    "/teams/{team_id} service_keys": "a list; tests/functions/byok/budgets has foreign ones",
    "/declaration tenants": "a document; tests/functions/byok/budgets/test_byok_declaration.py names foreign ones",
    "/tenants id": "what a new tenant is to be called, which only the operator may say",
}
ASKED = {"byok": "functions.byok.main", "tiers": "functions.tiers.main"}
OPERATORS_ALONE = {
    ("POST", "/usage/calls/{call_id}/corrections"),
    ("DELETE", "/tenants/{tenant_id}"),
    ("GET", "/holds/narrowed"),
    ("GET", "/usage/tenants"),
}
FILTERS = {"/usage/calls key"}  # which name nothing that the caller has: 422
LIKE_AN_ID = re.compile(r"(^|_)(ids?|keys?|tenants?|scope|calls?)$")

# What else a route needs to be asked well.
BODIES: dict[str, dict[str, Any]] = {
    "/keys/{key_id}": {"label": "mine now"},
    "/keys/{key_id}/rotate": {"api_key": "sk-proj-of-an-intruder-1"},
    "/usage/calls/{call_id}/corrections": {"amount_usd": "-1", "reason": "because", "correction_id": "x"},
    "/tenants/{tenant_id}": {"name": "Mine now"},
    "/service-keys": {"scopes": ["admin"]},
    "/service-keys/{key_id}": {"own_names": {}},
    "/budgets": {"window": "day", "limit_usd": "1"},
    "/allow-lists": {"models": ["openai/*"]},
}


@dataclass(frozen=True)
class Place:
    """A place of a request that can hold a name: in its path, its query or its body."""

    group: str
    method: str
    path: str
    where: str
    name: str

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.where}:{self.name}"

    @property
    def kind(self) -> str | None:
        """The kind of thing that the name stands for; None when the tables above do not have it."""
        return KINDS.get(f"{self.path} {self.name}") or KINDS.get(self.name)

    @property
    def is_no_tenants(self) -> bool:
        """Return whether the tables above say that it names nothing of any tenant."""
        place = f"{self.path} {self.name}"
        return not NO_TENANTS.keys().isdisjoint((self.name, place, f"{self.method} {place}"))


def places() -> Iterator[Place]:
    """Every place that takes an id: all path parameters, and what is called like one in queries and bodies."""
    for group, prefix in PREFIXES.items():
        document = import_module(f"functions.{group}.main").app.openapi()
        for path, verbs in document["paths"].items():
            for verb, operation in verbs.items():
                for where, name in names(document, operation):
                    if where == "path" or LIKE_AN_ID.search(name):
                        yield Place(group, verb.upper(), path.removeprefix(prefix), where, name)


def names(document: dict[str, Any], operation: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for parameter in operation.get("parameters", []):
        yield parameter["in"], parameter["name"]
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    named = document["components"]["schemas"][body["$ref"].rpartition("/")[2]] if "$ref" in body else body
    for name in named.get("properties", {}):
        yield "body", name


def routes() -> Iterator[tuple[str, str]]:
    """Every route of byok: method, and path without the prefix."""
    for path, verbs in import_module("functions.byok.main").app.openapi()["paths"].items():
        for verb in verbs:
            if not path.endswith("/health"):
                yield verb.upper(), path.removeprefix(PREFIXES["byok"])


def filled(path: str, identity: str) -> str:
    """A path with an id in the place of its name."""
    return re.sub(r"\{\w+\}", identity, path)


PLACES = [place for place in places() if not place.is_no_tenants]
LISTS = [path for method, path in routes() if method == "GET" and "{" not in path]
PAGED = ["/keys", "/usage/calls", "/usage/tenants", "/service-keys", "/audit", "/tenants"]


@dataclass
class Foreign:
    """Their things, by what they are."""

    world: ByokWorld
    ids: dict[str, str]

    def everything(self) -> str:
        """All that is stored of theirs, to see whether it was changed."""
        world = self.world
        keys = [key for key in world.keys.stored.values() if key.tenant == THEIRS]
        return repr(
            (
                world.tenants.find(THEIRS),
                [(key.key_id, key.revoked_at, key.label) for key in keys],
                world.provider_keys.of(THEIRS),
                world.own_prices.of(THEIRS),
                world.secrets.everything(),
                world.money.rows(THEIRS),
                world.money.settings.of(THEIRS),
                world.money.teams.of(THEIRS),
                world.money.state(tenant=THEIRS),
                [entry for entry in world.audit.all if entry.tenant == THEIRS],
            )
        )

    def client(self, place: Place, *scopes: Scope) -> httpx.AsyncClient:
        """A caller of ours of the function that has a place."""
        self.world.app = GroupApp(lambda: self.world.container, import_module(ASKED[place.group]).GROUP)
        return self.world.client(OURS, *scopes)

    async def ask(self, client: httpx.AsyncClient, place: Place, said: str) -> httpx.Response:
        """Say a name in its place; a path's other names are theirs."""
        path = place.path
        for name in re.findall(r"\{(\w+)\}", place.path):
            other = Place(place.group, place.method, place.path, "path", name)
            assert other.kind, f"say in KINDS what {other} is, or in NO_TENANTS that it is nobody's"
            is_this = place.where == "path" and name == place.name
            path = path.replace(f"{{{name}}}", said if is_this else self.ids[other.kind])
        params = {place.name: said} if place.where == "query" else {}
        body = BODIES.get(place.path, {}) | ({place.name: said} if place.where == "body" else {})
        return await client.request(place.method, PREFIXES[place.group] + path, params=params, json=body or None)


@pytest.fixture
async def foreign(byok: ByokWorld) -> Foreign:
    for name in ("THEIRS", "THEIRS-too"):
        body = {"provider": "openai", "api_key": f"sk-proj-{name}-0123456789", "label": name}
        key = data_of(await byok.ask("POST", "/keys", tenant=THEIRS, json=body))
        row = byok.called(tenant=THEIRS, tags={"THEIRS": "yes"})
        byok.clock.pass_s(1)
    byok.money.budget("7", tenant=THEIRS)
    agreed = {"models": "openai/gpt-4o", "discount_percent": "10", "note": "THEIRS"}
    price = data_of(await byok.ask("POST", "/prices", tenant=THEIRS, json=agreed))
    asked = await byok.ask("POST", "/usage/exports", tenant=THEIRS, json={"kind": "calls"})
    export = asked.json()["data"]
    await byok.ask("PUT", "/teams/their-team", tenant=THEIRS, json={"name": "THEIRS"})
    spending = byok.money.spending
    above = spending.hold(byok.money.attempt(tenant=THEIRS))
    spending.settle(above, byok.money.settlement(2 * above.hold))
    service_key, _ = await byok.issued(THEIRS)
    ids = {
        "provider key": key["id"],
        "service key": service_key,
        "call": row.attempt.call_id,
        "own price": price["id"],
        "export": export["id"],
        "tenant": THEIRS,
        "scope": f"service-key:{service_key}",
        "team": "their-team",
    }
    return Foreign(byok, ids)


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_it_is_said_what_every_name_stands_for(place: Place) -> None:
    assert place.kind in NOBODYS, f"say in KINDS what {place} is, or in NO_TENANTS that it is nobody's"
    assert place.group in ASKED, "give the matrix below this function too"


@pytest.mark.parametrize("place", PLACES, ids=str)
@pytest.mark.parametrize("scope", [*sorted(ALL_SCOPES), None])
async def test_a_foreign_id_is_as_unknown_as_one_that_never_was(
    foreign: Foreign, place: Place, scope: Scope | None
) -> None:
    assert place.kind is not None
    before = foreign.everything()
    client = foreign.client(place, *([scope] if scope else ALL_SCOPES))
    answers = []
    for said in (foreign.ids[place.kind], NOBODYS[place.kind]):
        answer = await foreign.ask(client, place, said)
        answers.append((answer.status_code, str(answer.json()["error"]).replace(said, "ID")))
    assert answers[0] == answers[1]
    unknown = 422 if f"{place.path} {place.name}" in FILTERS else 404
    refusals = (403,) if (place.method, place.path) in OPERATORS_ALONE else (unknown, 403) if scope else (unknown,)
    assert answers[0][0] in refusals
    assert foreign.everything() == before


@pytest.mark.parametrize("path", LISTS)
async def test_no_list_tells_of_another_tenant(foreign: Foreign, path: str) -> None:
    answer = await foreign.world.ask("GET", path)
    assert answer.status_code == (403 if ("GET", path) in OPERATORS_ALONE else 200)
    for their in (*foreign.ids.values(), "THEIRS", str(THEIRS)):
        assert their not in answer.text


@pytest.mark.parametrize("path", PAGED)
async def test_a_cursor_of_another_tenant_leads_to_ones_own(foreign: Foreign, path: str) -> None:
    byok = foreign.world
    byok.called()
    owner = OPERATOR if path in ("/tenants", "/usage/tenants") else THEIRS
    given = (await byok.read(path, tenant=owner, limit=1))["next_cursor"]
    assert given, "there have to be two of them for a cursor"
    answer = await byok.ask("GET", path, params={"cursor": given})
    assert answer.status_code == (403 if ("GET", path) in OPERATORS_ALONE else 200)
    for their in (*foreign.ids.values(), "THEIRS", str(THEIRS)):
        assert their not in answer.text


def test_the_cursors_of_all_lists_are_tried() -> None:
    document = import_module("functions.byok.main").app.openapi()
    paged = [
        path.removeprefix(PREFIXES["byok"])
        for path, verbs in document["paths"].items()
        if any(parameter["name"] == "cursor" for parameter in verbs.get("get", {}).get("parameters", []))
    ]
    assert sorted(paged) == sorted(PAGED)


async def test_the_same_provider_key_says_nothing_of_another_tenants(foreign: Foreign) -> None:
    body = {"provider": "openai", "api_key": "sk-proj-THEIRS-0123456789"}
    assert (await foreign.world.ask("POST", "/keys", json=body)).status_code == 201


async def test_one_tenants_spending_moves_no_budget_of_another(foreign: Foreign) -> None:
    byok = foreign.world
    byok.money.budget("1")
    byok.called(tenant=THEIRS)
    (ours,) = (await byok.read("/budgets"))["items"]
    assert ours["spent_usd"] == "0"


def test_the_matrix_holds_every_kind_of_id() -> None:
    assert {place.kind for place in PLACES} == NOBODYS.keys()
    assert len(PLACES) >= 16
