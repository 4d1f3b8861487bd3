"""The registry and the tiers in the deployed stack: every row of their tables, through the emulated gateway."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from atom_llm.adapters.seed import load_quality_seed
from atom_llm.domain.registry.board import Board
from atom_llm.domain.registry.quality import decode_set
from testing.chat_world import asking
from testing.fakes.board_origin import BoardOrigin, dataset_rows
from testing.stand_in.server import StandIn
from tests.e2e.conftest import RunningService
from tests.functions.pricing.pricing_world import data_of

REGISTRY, TIERS = "/api/llm-registry", "/api/cognitive-tiers"
PROOF = "Prove that a bounded linear operator on a Hilbert space is compact iff it maps weakly convergent sequences "
PROOF += "to convergent ones, and derive the spectral theorem for compact normal operators from it, step by step."


@pytest.fixture(scope="module")
def gateway(deployment: RunningService, front_door: str) -> Iterator[httpx.Client]:
    """A caller through the emulated gateway, whose tenant has keys (the front door's fixture stored them)."""
    with deployment.http() as client:
        yield client


def read(gateway: httpx.Client, path: str, **params: Any) -> dict[str, Any]:
    return data_of(gateway.get(path, params=params))


def test_models_are_found_and_shown(gateway: httpx.Client) -> None:
    found = read(gateway, f"{REGISTRY}/models/search", query="claude sonet 4.5", limit=3, include_deprecated=True)
    assert found["items"][0]["id"] == "anthropic/claude-sonnet-4-5"
    assert read(gateway, f"{REGISTRY}/models/by-quality", min_quality=94, limit=5)["total"] > 5
    model = read(gateway, f"{REGISTRY}/models/anthropic/claude-sonnet-4-5")
    assert (model["quality"]["source"], model["is_served"]) == ("lmarena", True)


def test_a_provider_that_fails_is_unhealthy_for_whoever_asks_and_well_again(
    gateway: httpx.Client, front_door: str, deployment: RunningService, stand_in: StandIn
) -> None:
    model = "minimax/MiniMax-M2"  # no other test calls that provider
    stand_in.behave()
    stand_in.fault("status", provider="minimax", status=500)
    for _ in range(4):
        assert gateway.post("/v1/chat/completions", json=asking(model)).status_code in (502, 503)
    here = read(gateway, f"{REGISTRY}/provider-health", providers="minimax")["items"][0]
    assert (here["state"], here["breaker"], here["success_rate"]) == ("unhealthy", "open", 0.0)
    headers = {"authorization": f"Bearer {deployment.service_key}"}
    with httpx.Client(base_url=front_door, headers=headers, trust_env=False, timeout=30) as door:  # another process
        there = read(door, f"{REGISTRY}/provider-health", providers="minimax")["items"][0]
        assert (there["state"], there["calls"]) == (here["state"], here["calls"])
        assert read(door, f"{REGISTRY}/providers/list")["items"]
    stand_in.behave()
    byok = {each["id"]: each for each in read(gateway, "/api/byok/providers")["items"]}
    assert byok["minimax"]["health"] == "unhealthy"


def test_a_sync_brings_a_boards_scores_and_a_truncated_one_does_not(
    gateway: httpx.Client, deployment: RunningService, board: BoardOrigin
) -> None:
    rows = tuple(each.row for each in decode_set(load_quality_seed()).rated)
    board.serve(dataset_rows(Board(rows)))
    synced = data_of(gateway.post(f"{REGISTRY}/sync-quality"))
    assert (synced["rows"], synced["published"]) == (len(rows), "2026-08-03")
    assert synced["matched"] + synced["unmatched_count"] == synced["rows"]
    board.serve(dataset_rows(Board(rows[:20])))
    refused = gateway.post(f"{REGISTRY}/sync-quality")
    assert (refused.status_code, refused.json()["error"]["code"]) == (502, "board_refused")
    report, failure = deployment.invoke("registry-sync", {"trigger": "schedule"})
    assert failure is not None, report
    board.serve(dataset_rows(Board(rows)))
    report, failure = deployment.invoke("registry-sync", {"trigger": "schedule"})
    assert (failure, report["outcome"], report["version"]) == (None, "unchanged", synced["version"])


def test_auto_picks_a_cheaper_model_for_small_talk_than_for_a_proof_and_preferences_clamp_it(
    gateway: httpx.Client, stand_in: StandIn
) -> None:
    stand_in.behave()
    talk = gateway.post("/v1/chat/completions", json={"model": "auto", "messages": _says("Thank you, good night!")})
    proof = gateway.post("/v1/chat/completions", json={"model": "auto", "messages": _says(PROOF)})
    assert (talk.status_code, talk.headers["x-llm-tier"]) == (200, "micro")
    assert (proof.status_code, proof.headers["x-llm-tier"]) == (200, "complex")
    assert float(talk.headers["x-llm-cost-usd"]) < float(proof.headers["x-llm-cost-usd"])
    route = gateway.post("/v1/route", json={"model": "auto", "messages": _says(PROOF)}).json()
    assert route["tier"]["why"].startswith("classified as complex")
    assert data_of(gateway.post(f"{TIERS}/preferences", json={"max_tier": "versatile"}))["is_default"] is False
    assert gateway.post(f"{TIERS}/preferences", json={}).status_code == 409
    clamped = data_of(gateway.post(f"{TIERS}/estimate-cost", json={"prompt": PROOF}))
    assert (clamped["classified_tier"], clamped["recommended_tier"]) == ("complex", "versatile")
    assert data_of(gateway.put(f"{TIERS}/preferences", json={"prefer": "cost"}))["prefer"] == "cost"
    assert data_of(gateway.delete(f"{TIERS}/preferences"))["is_default"] is True
    assert read(gateway, f"{TIERS}/preferences")["max_tier"] == "complex"


def test_prompts_are_classified_and_tiers_compared(gateway: httpx.Client) -> None:
    found = data_of(gateway.post(f"{TIERS}/classify", json={"prompt": PROOF}))
    assert (found["tier"], bool(found["signals"])) == ("complex", True)
    compared = read(gateway, f"{TIERS}/compare")
    assert [each["tier"] for each in compared["tiers"]] == ["micro", "standard", "versatile", "heavy", "complex"]
    assert compared["frontier"]
    picture = gateway.get(f"{TIERS}/compare", params={"format": "svg"})
    assert (picture.headers["content-type"], picture.text[:4]) == ("image/svg+xml", "<svg")


def _says(text: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": text}]
