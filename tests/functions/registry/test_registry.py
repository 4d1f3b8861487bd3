"""The registry's routes: models found and explained, providers' health, and the sync of scores."""

from dataclasses import replace
from typing import Any

import pytest

from atom_llm.domain.catalogue.errors import SourceUnavailable
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.providers.failures import FailureKind
from atom_llm.domain.registry.board import Board, BoardRow
from atom_llm.domain.tenancy.service_keys import Scope
from tests.functions.pricing.pricing_world import data_of
from tests.functions.registry.registry_world import RegistryWorld

pytestmark = pytest.mark.anyio


@pytest.fixture
def registry() -> RegistryWorld:
    return RegistryWorld()


def board(rows: int = 100, best: str = "claude-opus-4-6", lift: float = 0.0) -> Board:
    """A board of so many made-up names with a real one on top."""
    others = tuple(BoardRow(f"made-up-{number}", 1000.0 + 4 * number, votes=500) for number in range(rows - 1))
    return Board((BoardRow(best, 1500.0 + lift, 1490.0 + lift, 1510.0 + lift, 9_000), *others))


# Models


async def test_a_search_forgives_typos_and_says_why_each_model_stands_there(registry: RegistryWorld) -> None:
    found = await registry.read("/models/search", query="claude sonet 4.5", limit=5)
    assert found["items"][0]["id"] == "anthropic/claude-sonnet-4-5"
    assert found["items"][0]["quality"]["source"] == "lmarena"
    assert any("measured of claude-sonnet-4-5" in reason for reason in found["items"][0]["reasons"])


async def test_all_of_several_capabilities_have_to_be_there(registry: RegistryWorld) -> None:
    wanted = {"vision", "function_calling", "prompt_caching"}
    found = await registry.read("/models/search", capabilities=",".join(wanted), provider="openai", limit=200)
    assert found["total"] == len(found["items"]) > 0
    assert all(wanted <= set(item["capabilities"]) for item in found["items"])
    fewer = await registry.read("/models/search", capabilities=[*wanted, "reasoning"], provider="openai")
    assert 0 < fewer["total"] < found["total"]


async def test_filters_come_before_the_page_and_pages_hold_each_model_once(registry: RegistryWorld) -> None:
    params: dict[str, Any] = {"min_quality": 90, "min_context": 200_000, "max_price": "0.00001", "mode": "chat"}
    whole = await registry.read("/models/search", **params, limit=200)
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = await registry.read("/models/search", **params, limit=7, **cursor)
        assert page["total"] == whole["total"]
        seen += [item["id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert seen[:200] == [item["id"] for item in whole["items"]]
    assert len(set(seen)) == len(seen) == whole["total"] > 7
    assert all(item["quality"]["score"] >= 90 and item["context"] >= 200_000 for item in whole["items"])


async def test_by_quality_the_best_come_first_between_two_bounds(registry: RegistryWorld) -> None:
    found = await registry.read("/models/by-quality", min_quality=88, max_quality=92, limit=200)
    scores = [item["quality"]["score"] for item in found["items"]]
    assert scores == sorted(scores, reverse=True)
    assert 88 <= scores[-1] <= scores[0] <= 92


async def test_a_model_shows_what_is_known_of_it(registry: RegistryWorld) -> None:
    model = await registry.read("/models/claude-sonnet-4.5")
    assert (model["id"], model["match"], model["first_party"], model["is_served"]) == (
        "anthropic/claude-sonnet-4-5",
        "alias",
        True,
        True,
    )
    assert (model["price"]["input_usd_per_token"], model["max_output_tokens"]) == ("0.000003", 64_000)
    assert {"vision", "function_calling"} <= set(model["capabilities"])
    assert {host["provider"] for host in model["hosts"]} >= {"vertex_ai"}
    assert (model["quality"]["published"], model["quality"]["attribution"]) == (
        "2026-04-24",
        "Ratings: LMArena (lmarena.ai), CC BY 4.0",
    )


async def test_a_host_inherits_quality_and_never_a_price(registry: RegistryWorld) -> None:
    own = await registry.read("/models/anthropic/claude-sonnet-4-5")
    hosts = {each["id"] for each in own["hosts"] if each["provider"] == "vertex_ai"}
    hosted = await registry.read(f"/models/{min(hosts)}")
    assert (hosted["quality"]["score"], hosted["first_party"]) == (own["quality"]["score"], False)


async def test_an_estimate_is_marked_and_capped(registry: RegistryWorld) -> None:
    found = await registry.read("/models/by-quality", limit=200, max_quality=85, include_deprecated=True)
    estimated = [item["quality"] for item in found["items"] if item["quality"]["source"] == "heuristic"]
    assert estimated
    assert all(each["score"] <= 85 and each["rating"] is None for each in estimated)


async def test_an_unknown_model_is_a_404_with_near_names(registry: RegistryWorld) -> None:
    answer = await registry.get("/models/claude-sonet-4-5")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "model_not_found")
    assert any("claude-sonnet-4-5" in near for near in answer.json()["error"]["details"]["near"])


@pytest.mark.parametrize(
    ("path", "params", "field"),
    [
        ("/models/search", {"capabilities": "telepathy"}, "capabilities"),
        ("/models/search", {"provider": "nobody"}, "provider"),
        ("/models/search", {"min_quality": "-1"}, "min_quality"),
        ("/models/search", {"min_context": "-1"}, "min_context"),
        ("/models/search", {"max_price": "-1"}, "max_price"),
        ("/models/search", {"limit": "0"}, "limit"),
        ("/models/search", {"cursor": "bm90aGluZw"}, "cursor"),
        ("/models/by-quality", {"max_quality": "101"}, "max_quality"),
        ("/models/by-quality", {"min_quality": "90.1", "max_quality": "90"}, "min_quality"),
        ("/providers/list", {"cursor": "bm90aGluZw"}, "cursor"),
        ("/provider-health", {"providers": "openai,nobody"}, "providers"),
    ],
)
async def test_what_cannot_be_asked_is_named(
    registry: RegistryWorld, path: str, params: dict[str, str], field: str
) -> None:
    answer = await registry.get(path, **params)
    assert answer.status_code == 422
    assert answer.json()["error"]["details"]["fields"][0]["field"] == field


# Health


async def test_without_calls_every_provider_is_unknown(registry: RegistryWorld) -> None:
    items = (await registry.read("/provider-health"))["items"]
    assert len(items) == 11
    assert {item["state"] for item in items} == {"unknown"}
    assert {item["breaker"] for item in items} == {"unknown"}


async def test_health_is_told_from_calls_with_its_sample_and_the_circuit_beside_it(registry: RegistryWorld) -> None:
    registry.told("openai", "gpt-5", 20)
    registry.told("groq", "openai/gpt-oss-20b", 3)
    registry.told("openai", "gpt-5", 30, FailureKind.KEY_INVALID)
    registry.told("mistral", "mistral-small", 6, FailureKind.RATE_LIMITED)
    told = registry.container.routing.circuit_breaker.record
    for _ in range(5):
        registry.told("anthropic", "claude-haiku-4-5", 1, FailureKind.TRANSIENT)
        for tenant in (TenantId("one"), TenantId("another")):
            told(tenant, "anthropic", "claude-haiku-4-5", ok=False, was_probe=False)
    found = (await registry.read("/provider-health", providers="openai,groq,mistral,anthropic"))["items"]
    openai, groq, mistral, anthropic = found
    assert (openai["state"], openai["calls"], openai["success_rate"]) == ("healthy", 20, 1.0)
    assert openai["sample_size"] == 20
    assert 704 <= openai["latency_ms"]["p50"] <= openai["latency_ms"]["p95"] <= 896
    assert 176 <= openai["first_token_ms"]["p50"] <= openai["first_token_ms"]["p95"] <= 224
    assert (groq["state"], groq["calls"]) == ("unknown", 3)
    assert (mistral["state"], mistral["rate_limited"]) == ("rate_limited", 6)
    assert (anthropic["state"], anthropic["breaker"]) == ("unhealthy", "open")
    assert anthropic["models"] == [
        {
            "model": "anthropic/claude-haiku-4-5",
            "state": "unhealthy",
            "calls": 5,
            "success_rate": 0.0,
            "latency_ms": {"p50": None, "p95": None},
            "first_token_ms": {"p50": None, "p95": None},
            "breaker": "open",
        }
    ]


async def test_the_list_of_providers_has_counts_and_health(registry: RegistryWorld) -> None:
    registry.told("openai", "gpt-5", 5)
    items = (await registry.read("/providers/list", limit=200))["items"]
    by_id = {item["id"]: item for item in items}
    assert [item["is_served"] for item in items] == sorted((item["is_served"] for item in items), reverse=True)
    assert by_id["openai"]["health"] == "healthy"
    assert 0 < by_id["openai"]["rated_models"] <= by_id["openai"]["chat_models"] <= by_id["openai"]["models"]
    assert (by_id["vertex_ai"]["is_served"], by_id["vertex_ai"]["health"]) == (False, None)


async def test_the_list_of_providers_is_paged_and_holds_each_once(registry: RegistryWorld) -> None:
    whole = await registry.read("/providers/list", limit=200)
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = await registry.read("/providers/list", limit=9, **cursor)
        assert page["total"] == whole["total"]
        seen += [item["id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert seen == [item["id"] for item in whole["items"]]
    assert len(set(seen)) == len(seen) == whole["total"] > 11


async def test_providers_are_listed_and_their_health_unknown_while_its_table_does_not_answer(
    registry: RegistryWorld,
) -> None:
    registry.told("openai", "gpt-5", 9)
    registry.health.is_down = True
    assert {item["state"] for item in (await registry.read("/provider-health"))["items"]} == {"unknown"}
    listed = (await registry.read("/providers/list", limit=11))["items"]
    assert [item["health"] for item in listed] == ["unknown"] * 11


# Scores


async def test_a_sync_puts_a_boards_scores_in_force_and_counts_what_it_could_not_map(registry: RegistryWorld) -> None:
    before = await registry.read("/models/claude-opus-4-6")
    registry.board = board()
    report = data_of(await registry.sync())
    assert (report["rows"], report["matched"], report["unmatched_count"]) == (100, 1, 99)
    assert report["changed"]
    after = await registry.read("/models/claude-opus-4-6")
    assert after["quality"]["score"] != before["quality"]["score"]
    assert (after["quality"]["rating"], after["quality"]["votes"]) == (1500.0, 9_000)
    again = data_of(await registry.sync())
    assert (again["changed"], again["version"]) == (False, report["version"])


@pytest.mark.parametrize("rows", [20, 59])
async def test_a_board_that_collapsed_leaves_the_scores_in_force(registry: RegistryWorld, rows: int) -> None:
    registry.board = board()
    version = data_of(await registry.sync())["version"]
    registry.board = board(rows)
    answer = await registry.sync()
    assert (answer.status_code, answer.json()["error"]["code"]) == (502, "board_refused")
    assert registry.quality.in_force is not None
    assert registry.quality.in_force.version == version
    registry.board = board(60)
    assert (await registry.sync()).status_code == 200


async def test_a_board_that_names_no_model_of_the_catalogue_leaves_the_scores_in_force(registry: RegistryWorld) -> None:
    """Nothing would be rated, and `auto` would have no model to choose from."""
    registry.board = board(best="a-model-of-nobody")
    answer = await registry.sync()
    assert (answer.status_code, answer.json()["error"]["code"]) == (502, "board_refused")
    assert registry.quality.in_force is None


async def test_a_source_that_is_down_is_a_502_and_changes_nothing(registry: RegistryWorld) -> None:
    def down() -> Board:
        raise SourceUnavailable("lmarena", "timeout", "no whole board within 24 s")

    registry.source.says = down
    answer = await registry.sync()
    assert (answer.status_code, answer.json()["error"]["code"]) == (502, "source_unavailable")
    assert registry.quality.in_force is None


async def test_two_syncs_at_once_do_not_overwrite_each_other(registry: RegistryWorld) -> None:
    registry.board = board()
    store, activate = registry.quality, registry.quality.activate

    def beaten(head: Any, content: bytes, *, over: Any, entry: Any = None) -> None:
        activate(replace(head, version="f" * 32), content, over=over)
        activate(head, content, over=over, entry=entry)

    store.activate = beaten  # type: ignore[method-assign]  # another sync is faster
    answer = await registry.sync()
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "quality_conflict")


async def test_syncing_needs_the_scope_and_a_source_that_there_is(registry: RegistryWorld) -> None:
    assert (await registry.sync(Scope.CHAT)).status_code == 403
    answer = await registry.sync(source="somewhere")
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid_request")
