"""Prices in the deployed stack: real files served on loopback, the deployed refresh, answers through the gateway."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

from testing.fakes.price_origin import Origin, price_origin
from testing.real_data import GENAI_PRICES, MODELS_DEV, NOVEMBER, OPENROUTER_OVERRIDES, SEPTEMBER, body_of
from tests.e2e.conftest import RunningService


@pytest.fixture(scope="module")
def sources(price_source_addresses: dict[str, str]) -> Iterator[tuple[Origin, Origin]]:
    """Both price sources, at the addresses that the deployed functions know."""
    primary, fallback, *_ = (urlsplit(address).port for address in price_source_addresses.values())
    with price_origin(primary or 0) as litellm, price_origin(fallback or 0) as openrouter:
        yield litellm, openrouter


def test_before_any_refresh_the_seed_answers_and_says_so(deployment: RunningService) -> None:
    with deployment.http() as caller:
        answer = caller.get("/api/ai/pricing/model/gpt-4o").json()
    assert answer["data"]["origin"] == "seed"
    assert answer["message"].startswith("seed, of ")
    assert answer["data"]["input_usd_per_token"] == "0.0000025"


def test_with_both_sources_down_a_refresh_is_a_502_and_the_prices_stay(
    deployment: RunningService, sources: tuple[Origin, Origin]
) -> None:
    for source in sources:
        source.fail(503)
    with deployment.http() as caller:
        refused = caller.post("/api/ai/pricing/refresh?force=true")
        kept = caller.get("/api/ai/pricing/model/gpt-4o")
    assert refused.status_code == 502, refused.text
    assert refused.json()["error"]["code"] == "sources_unavailable"
    assert kept.json()["data"]["input_usd_per_token"] == "0.0000025"


def test_the_deployed_schedule_s_handler_refreshes_from_the_sources(
    deployment: RunningService, sources: tuple[Origin, Origin]
) -> None:
    litellm, openrouter = sources
    litellm.serve_compressed(body_of(SEPTEMBER))
    openrouter.serve(body_of(OPENROUTER_OVERRIDES))
    report, failure = deployment.invoke("pricing-refresh", {"trigger": "schedule"})
    assert failure is None, report
    assert report["outcome"] == "refreshed"
    silent = {"genai-prices": "unavailable", "models.dev": "unavailable"}  # nobody serves them yet: that stops nothing
    assert report["sources"] == {"litellm": "fresh", "openrouter": "fresh"} | silent


def test_a_refresh_on_demand_answers_with_what_changed(
    deployment: RunningService, sources: tuple[Origin, Origin]
) -> None:
    litellm, _ = sources
    litellm.serve(body_of(NOVEMBER))
    with deployment.http() as caller:
        report = caller.post("/api/ai/pricing/refresh?force=true").json()["data"]
        overview = caller.get("/api/ai/pricing").json()["data"]
        held = caller.get("/api/ai/pricing/quarantine?limit=200").json()["data"]["items"]
        removed = caller.get("/api/ai/pricing/model/openrouter/google/gemini-2.5-pro")
    assert report["outcome"] == "refreshed"
    assert report["added"] > 1_000
    assert report["quarantined"] > 0
    assert overview["cache_valid"] is True
    assert overview["snapshot_version"] == report["snapshot_version"]
    assert any("most rows of openrouter" in each["reason"] for each in held)
    assert removed.status_code == 200, "a row whose disappearance is held keeps its price"


def test_an_admin_s_word_lets_the_reseller_s_rows_go(deployment: RunningService) -> None:
    with deployment.http() as caller:
        report = caller.post("/api/ai/pricing/refresh?force=true&accept=*").json()["data"]
        events = caller.get("/api/ai/pricing/changes?provider=openrouter&kind=removed&limit=200").json()["data"][
            "items"
        ]
    assert report["held_in_quarantine"] == 0
    assert report["removed"] >= 100
    assert len(events) >= 100


def test_a_refresh_within_a_day_fetches_nothing(deployment: RunningService, sources: tuple[Origin, Origin]) -> None:
    hits = sources[0].hits
    with deployment.http() as caller:
        answer = caller.post("/api/ai/pricing/refresh").json()
    assert answer["data"]["outcome"] == "fresh"
    assert "nothing was fetched" in answer["message"]
    assert sources[0].hits == hits


def test_refreshes_at_the_same_time_do_one_job(deployment: RunningService, sources: tuple[Origin, Origin]) -> None:
    litellm, _ = sources
    litellm.stall(1.0)
    hits = litellm.hits

    def refresh(_: int) -> int:
        with deployment.http() as caller:
            return caller.post("/api/ai/pricing/refresh?force=true").status_code

    with ThreadPoolExecutor(4) as pool:
        statuses = sorted(pool.map(refresh, range(4)))
    litellm.serve(body_of(NOVEMBER))
    assert set(statuses) <= {200, 409}
    assert statuses.count(200) == litellm.hits - hits


def test_history_and_an_earlier_instant_answer_with_the_price_of_then(deployment: RunningService) -> None:
    with deployment.http() as caller:
        changed = caller.get("/api/ai/pricing/changes?kind=price&limit=1").json()["data"]["items"][0]
        history = caller.get(f"/api/ai/pricing/history/{changed['model']}").json()["data"]["items"]
        then = caller.get(f"/api/ai/pricing/model/{changed['model']}", params={"at": history[1]["since"]}).json()[
            "data"
        ]
    key = next(iter(changed["before"] or changed["after"]))
    assert history[0]["until"] is None
    assert then["rates"].get(key) == history[1]["rates"].get(key) == changed["before"].get(key)


def test_an_estimate_is_costed_line_by_line_through_the_gateway(deployment: RunningService) -> None:
    call = {"model": "claude-sonnet-4.5", "input_tokens": 1000, "cached_tokens": 400, "output_tokens": 100}
    with deployment.http() as caller:
        answer = caller.post("/api/ai/pricing/estimate", json=call).json()["data"]
    assert answer["model"] == "anthropic/claude-sonnet-4-5"
    assert answer["total_usd"] == "0.00342"  # 600 x 3e-6 + 400 x 3e-7 + 100 x 1.5e-5
    assert [line["unit"] for line in answer["lines"]] == ["input", "cache_read", "output"]


@pytest.fixture(scope="module")
def lists(price_source_addresses: dict[str, str]) -> Iterator[tuple[Origin, Origin]]:
    """Both independent lists, at the addresses that the deployed functions know."""
    *_, first, second = (urlsplit(address).port for address in price_source_addresses.values())
    with price_origin(first or 0) as genai, price_origin(second or 0) as models_dev:
        genai.serve(body_of(GENAI_PRICES))
        models_dev.serve_compressed(body_of(MODELS_DEV))
        yield genai, models_dev


def test_four_servers_are_heard_and_agree_rate_by_rate(
    deployment: RunningService, sources: tuple[Origin, Origin], lists: tuple[Origin, Origin]
) -> None:
    sources[0].serve(body_of(NOVEMBER))
    with deployment.http() as caller:
        report = caller.post("/api/ai/pricing/refresh?force=true").json()["data"]
        price = caller.get("/api/ai/pricing/model/gpt-4.1").json()["data"]
        doubted = caller.get("/api/ai/pricing/consensus?verdict=disputed&limit=200").json()["data"]
        used = caller.get("/api/byok/usage?group_by=model").json()["data"]
    assert {each["name"]: each["state"] for each in report["sources"]} == {
        "litellm": "unchanged",
        "openrouter": "unchanged",
        "genai-prices": "fresh",
        "models.dev": "fresh",
    }
    assert price["agreement"]["verdict"] in ("agreed", "majority")
    assert doubted["total"] == len(doubted["items"]) > 20
    called = {each["group"]["model"] for each in used["series"]}
    unused = [each for each in doubted["items"] if each["model"] not in called]
    assert len(unused) > 20
    assert all(each["at_stake_usd"] == "0" for each in unused)


def test_lies_of_one_of_four_servers_are_found_and_explained(
    deployment: RunningService, sources: tuple[Origin, Origin], lists: tuple[Origin, Origin]
) -> None:
    file = json.loads(body_of(NOVEMBER))
    for key in ("input_cost_per_token", "output_cost_per_token"):
        file["gpt-4.1"][key] /= 2
        file["gpt-4.1-mini"][key] = 0
        file["gpt-4.1-nano"][key] *= 1000
    file |= {"gpt-round": {"alias_of": "gpt-about"}, "gpt-about": {"alias_of": "gpt-round"}}
    sources[0].serve(json.dumps(file).encode())
    slipped = json.loads(
        body_of(MODELS_DEV), parse_float=lambda text: float(text) * 20, parse_int=lambda text: int(text) * 20
    )
    lists[1].serve(json.dumps(slipped).encode())
    with deployment.http() as caller:
        report = caller.post("/api/ai/pricing/refresh?force=true").json()["data"]
        items = caller.get("/api/ai/pricing/quarantine?limit=200").json()["data"]["items"]
        kept = caller.get("/api/ai/pricing/model/gpt-4.1").json()["data"]["input_usd_per_token"]
    held = {each["subject"]: each for each in items}
    assert "unconfirmed: " in held["openai/gpt-4.1"]["reason"]
    assert {said["usd"] for said in held["openai/gpt-4.1"]["evidence"]["input_cost_per_token"]} == {"0.000002"}
    assert "to nothing" in held["openai/gpt-4.1-mini"]["reason"]
    assert "more than 10 times" in held["openai/gpt-4.1-nano"]["reason"]
    assert "is an alias of itself" in held["gpt-round"]["reason"]
    (list_state,) = (each for each in report["sources"] if each["name"] == "models.dev")
    assert list_state["state"] == "rejected"
    assert "its units have slipped" in list_state["detail"]
    assert kept == "0.000002"
