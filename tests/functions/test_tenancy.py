"""Two tenants: for every route, a foreign id is as unknown as one that never was, and no list or answer tells of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from fastapi.routing import iter_route_contexts

from atom_llm.domain.service_keys import ALL_SCOPES, Scope
from tests.functions.byok_world import OURS, PREFIX, THEIRS, ByokWorld
from tests.functions.pricing_world import data_of

pytestmark = pytest.mark.anyio

NOBODYS = {
    "key_id": "01M844DZG0AD5WNQ0VF9ZREJAS",
    "call_id": "01M844DZG0AD5WNQ0VF9ZREJAS",
    "tenant_id": "nobody-at-all",
    "service_key_id": "nobodysKey12",
}
BODIES: dict[str, dict[str, Any]] = {
    "/keys/{key_id}": {"label": "mine now"},
    "/keys/{key_id}/rotate": {"api_key": "sk-proj-of-an-intruder-1"},
    "/usage/calls/{call_id}/corrections": {"amount_usd": "-1", "reason": "because", "correction_id": "x"},
    "/tenants/{tenant_id}": {"name": "Mine now"},
}


@dataclass
class Foreign:
    """Their things, by the parameter that names them."""

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
                world.money.rows(THEIRS),
                world.money.settings.of(THEIRS),
                [entry for entry in world.audit.all if entry.tenant == THEIRS],
            )
        )


@pytest.fixture
async def foreign(byok: ByokWorld) -> Foreign:
    body = {"provider": "openai", "api_key": "sk-proj-THEIRS-0123456789", "label": "THEIRS"}
    key = data_of(await byok.ask("POST", "/keys", tenant=THEIRS, json=body))
    row = byok.called(tenant=THEIRS, tags={"THEIRS": "yes"})
    byok.money.budget("7", tenant=THEIRS)
    service_key, _ = await byok.issued(THEIRS)
    ids = {"key_id": key["id"], "call_id": row.attempt.call_id, "tenant_id": THEIRS, "service_key_id": service_key}
    return Foreign(byok, ids)


def routes() -> Iterator[tuple[str, str]]:
    """Every route of byok: method, and path without the prefix."""
    for each in iter_route_contexts(ByokWorld().app.routes):
        path = str(each.path).removeprefix(PREFIX)
        for method in sorted((each.methods or set()) - {"HEAD"}):
            if path not in ("/health", "/openapi.json"):
                yield method, path


WITH_ID = [(method, path) for method, path in routes() if "{" in path]
LISTS = [path for method, path in routes() if method == "GET" and "{" not in path]


def parameter_of(path: str) -> str:
    """Which id a path takes; a service key's is told from a provider key's by where it stands."""
    name = path.partition("{")[2].partition("}")[0]
    return "service_key_id" if path.startswith("/service-keys/") else name


def filled(path: str, identity: str) -> str:
    return path[: path.index("{")] + identity + path[path.index("}") + 1 :]


@pytest.mark.parametrize(("method", "path"), WITH_ID, ids=[f"{method} {path}" for method, path in WITH_ID])
@pytest.mark.parametrize("scope", [*sorted(ALL_SCOPES), None])
async def test_a_foreign_id_is_as_unknown_as_one_that_never_was(
    foreign: Foreign, method: str, path: str, scope: Scope | None
) -> None:
    byok, name = foreign.world, parameter_of(path)
    assert name in foreign.ids, f"say what a foreign {name} is"
    before = foreign.everything()
    client = byok.client(OURS, *([scope] if scope else ALL_SCOPES))
    answers = []
    for identity in (foreign.ids[name], NOBODYS[name]):
        asked = await client.request(method, PREFIX + filled(path, identity), json=BODIES.get(path))
        told = asked.json()["error"] | {"details": None}
        answers.append((asked.status_code, str(told).replace(identity, "ID")))
    assert answers[0] == answers[1]
    assert answers[0][0] in ((404, 403) if scope else (404,))
    assert foreign.everything() == before


@pytest.mark.parametrize("path", LISTS)
async def test_no_list_tells_of_another_tenant(foreign: Foreign, path: str) -> None:
    answer = await foreign.world.ask("GET", path)
    assert answer.status_code == 200
    for their in (*foreign.ids.values(), "THEIRS", str(THEIRS)):
        assert their not in answer.text


@pytest.mark.parametrize("path", ["/service-keys", "/audit"])
async def test_another_tenant_cannot_be_named_where_an_operator_may(foreign: Foreign, path: str) -> None:
    answers = [
        await foreign.world.ask("GET", path, params={"tenant": tenant}) for tenant in (THEIRS, NOBODYS["tenant_id"])
    ]
    assert {answer.status_code for answer in answers} == {404}


async def test_a_key_cannot_be_issued_or_revoked_in_another_tenants_name(foreign: Foreign) -> None:
    before = foreign.everything()
    issue = await foreign.world.ask("POST", "/service-keys", json={"scopes": ["chat"], "tenant": THEIRS})
    path = f"/service-keys/{foreign.ids['service_key_id']}"
    revoke = await foreign.world.ask("DELETE", path, params={"tenant": THEIRS})
    assert (issue.status_code, revoke.status_code) == (404, 404)
    assert foreign.everything() == before


async def test_a_cursor_of_another_tenant_leads_to_ones_own(foreign: Foreign) -> None:
    byok = foreign.world
    for _ in range(2):
        byok.called(tenant=THEIRS)
    ours = byok.called().attempt.call_id
    theirs = await byok.read("/usage/calls", tenant=THEIRS, limit=1)
    seen = await byok.ask("GET", "/usage/calls", params={"cursor": theirs["next_cursor"]})
    assert {each["call_id"] for each in seen.json()["data"]["items"]} <= {ours}


async def test_the_same_provider_key_says_nothing_of_another_tenants(foreign: Foreign) -> None:
    body = {"provider": "openai", "api_key": "sk-proj-THEIRS-0123456789"}
    assert (await foreign.world.ask("POST", "/keys", json=body)).status_code == 201


async def test_one_tenants_spending_moves_no_budget_of_another(foreign: Foreign) -> None:
    byok = foreign.world
    byok.money.budget("1")
    byok.called(tenant=THEIRS)
    (ours,) = (await byok.read("/budgets"))["items"]
    assert ours["spent_usd"] == "0"


def test_the_matrix_holds_every_route_with_an_id() -> None:
    assert len(WITH_ID) >= 11
    assert {parameter_of(path) for _, path in WITH_ID} == NOBODYS.keys()
