"""Preferences over HTTP: whole, bounded, a tenant's own, and its month's budget with them."""

from decimal import Decimal
from typing import Any

import pytest

from atom_llm.domain.core.providers import MOST_DECLARED, PROVIDERS
from atom_llm.domain.ledger.budgets import Budget
from atom_llm.domain.ledger.windows import WindowKind
from atom_llm.domain.tenancy.service_keys import ALL_SCOPES, Scope
from testing.audit import SOMEBODY
from tests.functions.byok.byok_world import OURS, THEIRS
from tests.functions.http.sample_app import error_of
from tests.functions.pricing.pricing_world import data_of
from tests.functions.tiers.tiers_world import TiersWorld

pytestmark = pytest.mark.anyio

DEFAULTS = {
    "is_default": True,
    "enabled": True,
    "default_tier": "standard",
    "min_tier": "micro",
    "max_tier": "complex",
    "preferred_providers": [],
    "blocked_providers": [],
    "max_cost_per_request_usd": None,
    "monthly_budget_usd": None,
    "cache_aware": True,
    "auto_escalation": True,
    "prefer": "balanced",
}


@pytest.fixture
def tiers() -> TiersWorld:
    return TiersWorld()


async def preferences(tiers: TiersWorld, **more: Any) -> dict[str, Any]:
    return data_of(await tiers.ask("GET", "/preferences", **more))


def month(tiers: TiersWorld) -> Budget | None:
    budgets = tiers.money.settings.of(OURS)
    return next((each for each in budgets if (each.scope, each.window) == ("tenant", WindowKind.MONTH)), None)


async def test_a_tenant_that_has_said_nothing_is_shown_the_defaults(tiers: TiersWorld) -> None:
    assert await preferences(tiers) == DEFAULTS


async def test_what_is_created_is_what_holds_and_the_rest_is_at_its_default(tiers: TiersWorld) -> None:
    given = {
        "min_tier": "standard",
        "max_tier": "heavy",
        "preferred_providers": ["mistral", "openai", "mistral"],
        "blocked_providers": ["groq"],
        "max_cost_per_request_usd": "0.25",
        "prefer": "quality",
    }
    created = await tiers.ask("POST", "/preferences", json=given)
    expected = DEFAULTS | given | {"is_default": False, "preferred_providers": ["mistral", "openai"]}
    assert (created.status_code, created.json()["data"]) == (201, expected)
    assert await preferences(tiers) == expected


async def test_to_create_them_twice_is_a_conflict_and_the_first_ones_stay(tiers: TiersWorld) -> None:
    await tiers.ask("POST", "/preferences", json={"prefer": "cost"})
    again = await tiers.ask("POST", "/preferences", json={"prefer": "quality", "monthly_budget_usd": "5"})
    assert (again.status_code, error_of(again)["code"]) == (409, "conflict")
    assert ((await preferences(tiers))["prefer"], month(tiers)) == ("cost", None)


async def test_put_replaces_the_whole_and_delete_goes_back_to_the_defaults(tiers: TiersWorld) -> None:
    await tiers.prefers(enabled=False, default_tier="heavy")
    assert await tiers.prefers(prefer="cost") == DEFAULTS | {"is_default": False, "prefer": "cost"}
    for _ in range(2):
        assert data_of(await tiers.ask("DELETE", "/preferences")) == DEFAULTS


@pytest.mark.parametrize("field", ["max_cost_per_request_usd", "monthly_budget_usd"])
@pytest.mark.parametrize(("given", "shown"), [("0", "0"), (0, "0"), (0.25, "0.25"), ("0.000000000001",) * 2])
async def test_a_limit_of_zero_means_zero_and_null_clears_it(
    tiers: TiersWorld, field: str, given: object, shown: str
) -> None:
    assert (await tiers.prefers(**{field: given}))[field] == shown
    assert (await tiers.prefers(**{field: None}))[field] is None


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"min_tier": "heavy", "max_tier": "standard"}, "min_tier"),
        ({"min_tier": "huge"}, "min_tier"),
        ({"default_tier": 3}, "default_tier"),
        ({"preferred_providers": ["openai", "acme"]}, "preferred_providers.1"),
        ({"blocked_providers": ["OpenAI"]}, "blocked_providers.0"),
        ({"blocked_providers": ["openai"], "preferred_providers": ["openai"]}, "blocked_providers"),
        ({"blocked_providers": ["openai"] * (len(PROVIDERS) + MOST_DECLARED + 1)}, "blocked_providers"),
        ({"max_cost_per_request_usd": "-0.01"}, "max_cost_per_request_usd"),
        ({"max_cost_per_request_usd": "NaN"}, "max_cost_per_request_usd"),
        ({"monthly_budget_usd": "1e9999"}, "monthly_budget_usd"),
        ({"monthly_budget_usd": "much"}, "monthly_budget_usd"),
        ({"prefer": "speed"}, "prefer"),
        ({"enabled": None}, "enabled"),
        ({"tier": "micro"}, "tier"),
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT"])
async def test_what_cannot_be_is_refused_and_the_field_is_named(
    tiers: TiersWorld, method: str, body: dict[str, Any], field: str
) -> None:
    answer = await tiers.ask(method, "/preferences", json=body)
    assert answer.status_code == 422
    assert error_of(answer)["details"]["fields"][0]["field"] == field
    assert await preferences(tiers) == DEFAULTS


async def test_the_smallest_range_is_one_tier(tiers: TiersWorld) -> None:
    same = await tiers.prefers(min_tier="heavy", max_tier="heavy")
    assert (same["min_tier"], same["max_tier"]) == ("heavy", "heavy")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
async def test_to_change_them_takes_a_scope_and_to_read_them_any_key_will_do(tiers: TiersWorld, method: str) -> None:
    others = tuple(ALL_SCOPES - {Scope.PREFS_WRITE})
    body: dict[str, Any] | None = None if method == "DELETE" else {}
    refused = await tiers.ask(method, "/preferences", scopes=others, json=body)
    assert (refused.status_code, error_of(refused)["details"]) == (403, {"scope": "prefs:write"})
    allowed = await tiers.ask(method, "/preferences", scopes=(Scope.PREFS_WRITE,), json=body)
    assert allowed.status_code in (200, 201)
    assert (await tiers.ask("GET", "/preferences", scopes=(Scope.CHAT,))).status_code == 200


async def test_another_tenant_sees_and_changes_nothing(tiers: TiersWorld) -> None:
    ours = await tiers.prefers(prefer="cost", monthly_budget_usd="5")
    assert await preferences(tiers, tenant=THEIRS) == DEFAULTS
    await tiers.ask("PUT", "/preferences", tenant=THEIRS, json={"prefer": "quality"})
    await tiers.ask("DELETE", "/preferences", tenant=THEIRS)
    assert await preferences(tiers) == ours


async def test_a_change_stands_in_the_audit_log_and_a_reset_of_nothing_does_not(tiers: TiersWorld) -> None:
    await tiers.ask("DELETE", "/preferences")
    await tiers.prefers()
    await tiers.ask("DELETE", "/preferences")
    assert [entry.action for entry in tiers.audit.all] == ["preferences.set", "preferences.reset"]


async def test_a_months_budget_is_a_hard_budget_of_the_tenant_and_goes_with_them(tiers: TiersWorld) -> None:
    await tiers.prefers(monthly_budget_usd="50")
    budget = month(tiers)
    assert budget is not None
    assert (budget.limit, budget.mode) == (Decimal(50), "hard")
    tiers.clock.pass_s(1)
    await tiers.prefers(monthly_budget_usd="60.5")
    changed = month(tiers)
    assert changed is not None
    assert changed.limit == Decimal("60.5")
    await tiers.prefers(prefer="cost")
    assert month(tiers) is None


async def test_deleting_preferences_clears_the_budget_that_they_had_set(tiers: TiersWorld) -> None:
    await tiers.prefers(monthly_budget_usd="50")
    await tiers.ask("DELETE", "/preferences")
    assert month(tiers) is None


@pytest.mark.parametrize("method", ["POST", "PUT"])
async def test_a_budget_that_was_set_elsewhere_is_neither_loosened_nor_cleared(tiers: TiersWorld, method: str) -> None:
    tiers.container.ledger.budget_setter.put(OURS, "tenant", WindowKind.MONTH, Decimal(10), "hard", (80,), SOMEBODY)
    answer = await tiers.ask(method, "/preferences", json={"monthly_budget_usd": "1000"})
    assert (answer.status_code, error_of(answer)["details"]) == (409, {"fields": [{"field": "monthly_budget_usd"}]})
    await tiers.ask("PUT", "/preferences", json={})
    await tiers.ask("DELETE", "/preferences")
    kept = month(tiers)
    assert kept is not None
    assert (kept.limit, kept.alert_at) == (Decimal(10), (80,))


async def test_a_budget_that_was_changed_elsewhere_meanwhile_is_kept(tiers: TiersWorld) -> None:
    await tiers.prefers(monthly_budget_usd="50")
    tiers.clock.pass_s(1)
    tiers.container.ledger.budget_setter.put(OURS, "tenant", WindowKind.MONTH, Decimal(7), "hard", (80,), SOMEBODY)
    await tiers.ask("DELETE", "/preferences")
    kept = month(tiers)
    assert kept is not None
    assert kept.limit == Decimal(7)
