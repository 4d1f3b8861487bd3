"""Usage by end user and by session: what each developer's agent spent."""

from decimal import Decimal
from typing import Any

import pytest

from atom_llm.domain.core.ids import ServiceKeyId
from atom_llm.domain.ledger.end_users import EndUser
from tests.functions.byok.byok_world import OURS, ByokWorld

pytestmark = pytest.mark.anyio

ANN, BOB = EndUser("ann", "s-1"), EndUser("bob", "s-2")


def worked(byok: ByokWorld) -> None:
    byok.called(end_user=ANN)
    byok.called("openai/gpt-4o-mini", end_user=EndUser("ann", "s-3"), key=ServiceKeyId("anotherKey12"))
    byok.called(end_user=BOB)
    byok.called()


async def series(byok: ByokWorld, *group_by: str, **more: Any) -> dict[tuple[str, ...], int]:
    found = await byok.read("/usage", group_by=list(group_by), **more)
    assert sum(Decimal(each["cost_usd"]) for each in found["series"]) == Decimal(found["total"]["cost_usd"])
    return {tuple(each["group"][name] for name in group_by): each["calls"] for each in found["series"]}


async def test_a_period_is_grouped_by_end_user_and_session_with_what_names_nobody_beside_them(byok: ByokWorld) -> None:
    worked(byok)
    assert await series(byok, "user") == {("",): 1, ("ann",): 2, ("bob",): 1}
    assert await series(byok, "session") == {("",): 1, ("s-1",): 1, ("s-2",): 1, ("s-3",): 1}
    assert await series(byok, "user", "session") == {
        ("", ""): 1,
        ("ann", "s-1"): 1,
        ("ann", "s-3"): 1,
        ("bob", "s-2"): 1,
    }
    assert await series(byok, "model", "user") == {
        ("openai/gpt-4o", ""): 1,
        ("openai/gpt-4o", "ann"): 1,
        ("openai/gpt-4o", "bob"): 1,
        ("openai/gpt-4o-mini", "ann"): 1,
    }
    assert await series(byok, "user", "key") == {
        ("", "keyOfTenantA"): 1,
        ("ann", "anotherKey12"): 1,
        ("ann", "keyOfTenantA"): 1,
        ("bob", "keyOfTenantA"): 1,
    }


async def test_a_period_of_one_end_user_or_session_has_nothing_of_others(byok: ByokWorld) -> None:
    worked(byok)
    assert (await byok.read("/usage", user="ann"))["total"]["calls"] == 2
    assert await series(byok, "session", user="ann") == {("s-1",): 1, ("s-3",): 1}
    assert (await byok.read("/usage", user="ann", session="s-2"))["total"]["calls"] == 0
    rows = (await byok.read("/usage/calls", session="s-3"))["items"]
    assert [(each["user"], each["session"], each["model"]) for each in rows] == [("ann", "s-3", "openai/gpt-4o-mini")]
    assert len((await byok.read("/usage/calls", user="ann"))["items"]) == 2


@pytest.mark.parametrize("other", ["tag", "provider_key"])
async def test_end_users_by_what_their_sums_do_not_have_are_refused_by_name(byok: ByokWorld, other: str) -> None:
    refused = await byok.ask("GET", "/usage", params={"group_by": ["user", other]})
    assert refused.status_code == 422
    assert refused.json()["error"]["details"]["fields"] == [{"field": "group_by"}]


async def test_a_tenant_that_hashes_its_end_users_says_so_and_still_finds_them(byok: ByokWorld) -> None:
    changed = await byok.ask("PATCH", f"/tenants/{OURS}", json={"hash_end_users": True})
    assert changed.json()["data"]["hash_end_users"] is True
    assert (await byok.read("/audit"))["items"][0]["action"] == "tenant.changed"
    byok.called(end_user=byok.container.tenancy.end_user_names.in_books(OURS, ANN))
    [row] = (await byok.read("/usage/calls", user="ann"))["items"]
    assert row["user"].startswith("sha256-")
    assert (await byok.read("/usage", user="ann"))["total"]["calls"] == 1


A_DAY = {"window": "day", "limit_usd": "1"}


@pytest.mark.parametrize(
    ("path", "named", "cleared", "told"),
    [
        ("/budgets", {"scope": "person:ann", **A_DAY}, {"limit_usd": None}, "person:ann"),
        ("/budgets", {"scope": "session:s-1", **A_DAY}, {"limit_usd": None}, "session:s-1"),
        ("/allow-lists", {"scope": "person:ann", "models": ["openai/*"]}, {"models": None}, "person:ann"),
        ("/teams/research", {"name": "Research", "people": ["ann"]}, {"people": []}, "team:research"),
    ],
    ids=["a budget", "a run's budget", "an allow-list", "a team"],
)
async def test_what_names_an_end_user_is_cleared_before_the_books_spell_it_otherwise(
    byok: ByokWorld, path: str, named: dict[str, Any], cleared: dict[str, Any], told: str
) -> None:
    """A hard budget of a person, set before, bound nobody once names were hashed, and neither did lists and teams."""
    assert (await byok.ask("PUT", path, json=named)).status_code == 200
    assert (await byok.ask("PUT", "/budgets", json={"scope": "person:*", **A_DAY})).status_code == 200
    refused = await byok.ask("PATCH", f"/tenants/{OURS}", json={"hash_end_users": True})
    assert (refused.status_code, refused.json()["error"]["details"]["named"]) == (409, [told])
    assert (await byok.ask("PATCH", f"/tenants/{OURS}", json={"hash_end_users": False})).status_code == 200
    byok.clock.pass_s(1)
    assert (await byok.ask("PUT", path, json={**named, **cleared})).status_code == 200
    assert (await byok.ask("PATCH", f"/tenants/{OURS}", json={"hash_end_users": True})).status_code == 200
    assert (await byok.ask("PUT", path, json=named)).status_code == 200
    assert (await byok.ask("PATCH", f"/tenants/{OURS}", json={"hash_end_users": False})).status_code == 409


async def test_a_budget_is_set_by_the_hash_that_reports_show_and_by_the_name_alike(byok: ByokWorld) -> None:
    await byok.ask("PATCH", f"/tenants/{OURS}", json={"hash_end_users": True})
    byok.called(end_user=byok.container.tenancy.end_user_names.in_books(OURS, ANN))
    [row] = (await byok.read("/usage/calls"))["items"]
    scopes = []
    for name in ("ann", row["user"]):
        byok.clock.pass_s(1)
        answer = await byok.ask("PUT", "/budgets", json={"scope": f"person:{name}", "window": "day", "limit_usd": "1"})
        assert answer.status_code == 200, answer.text
        scopes.append(answer.json()["data"]["budget"]["scope"])
    assert scopes == [f"person:{row['user']}"] * 2
    assert len((await byok.read("/budgets"))["items"]) == 1
