"""Four sources on four HTTP servers, one of them lying: each lie is found, explained, and charged to nobody."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import ExitStack
from decimal import Decimal
from typing import Any

import pytest

from atom_llm.adapters.sources import genai_prices, litellm, models_dev, openrouter
from atom_llm.adapters.sources.fetch import FetchLimits, HttpPriceSource
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.tenancy.service_keys import Scope
from testing.fakes.price_origin import Origin, price_origin
from tests.functions.pricing.pricing_world import DAY, PREFIX, PricingWorld, chat, data_of

pytestmark = pytest.mark.anyio

LIMITS = FetchLimits(connect_s=5, read_s=5, total_s=20, attempts=1)
CACHED, WRITTEN = "cache_read_input_token_cost", "cache_creation_input_token_cost"
IN, OUT = "input_cost_per_token", "output_cost_per_token"
# What the makers really charge, USD per million: input, output, a cached token.
TRUTH: Mapping[str, tuple[str, str, str]] = {
    "openai/gpt-a": ("2.5", "10", "0.25"),
    "openai/gpt-b": ("0.5", "2", "0.05"),
    "anthropic/claude-a": ("3", "15", "0.3"),
    "anthropic/claude-b": ("1", "5", "0.1"),
    "google/gemini-a": ("0.3", "2.5", "0.03"),
    "google/gemini-b": ("1.25", "10", "0.125"),
}


def per_token(usd_per_million: str) -> float:
    return float(Decimal(usd_per_million) / 1_000_000)


def price_file(**changed: Any) -> dict[str, Any]:
    """LiteLLM's file, which has no rate for cached tokens; `changed` replaces or adds rows."""
    rows: dict[str, Any] = {}
    for name, (charge, given, _) in TRUTH.items():
        provider, _, model = name.partition("/")
        key, listed = (f"gemini/{model}", "gemini") if provider == "google" else (model, provider)
        rows[key] = chat(listed, per_token(charge), per_token(given))
    return rows | changed


def reseller_list() -> list[dict[str, Any]]:
    return [
        {"id": name, "pricing": {"prompt": f"{per_token(p[0]):.10f}", "completion": f"{per_token(p[1]):.10f}"}}
        for name, p in TRUTH.items()
    ]


def genai_list(factor: int = 1, **changed: Any) -> list[dict[str, Any]]:
    """genai-prices' data; `factor` slips its units."""
    providers: dict[str, list[dict[str, Any]]] = {}
    for name, (charge, given, cached) in TRUTH.items():
        provider, _, model = name.partition("/")
        prices = {"input_mtok": charge, "output_mtok": given, "cache_read_mtok": cached}
        rates = {field: float(Decimal(value) * factor) for field, value in prices.items()}
        providers.setdefault(provider, []).append({"id": model, "prices": rates | changed.get(model, {})})
    return [{"id": provider, "models": models} for provider, models in providers.items()]


def api_json(**changed: Any) -> dict[str, Any]:
    """models.dev's file."""
    providers: dict[str, Any] = {}
    for name, (charge, given, cached) in TRUTH.items():
        provider, _, model = name.partition("/")
        cost = {"input": float(charge), "output": float(given), "cache_read": float(cached)}
        providers.setdefault(provider, {"models": {}})["models"][model] = {"cost": cost | changed.get(model, {})}
    return providers


class FourServers:
    """A pricing function whose four sources are servers of this machine."""

    def __init__(self, stack: ExitStack) -> None:
        self.world = PricingWorld()
        self.origins: dict[str, Origin] = {
            reader.NAME: stack.enter_context(price_origin())
            for reader in (litellm, openrouter, genai_prices, models_dev)
        }
        clock = self.world.clock

        def source(name: str) -> HttpPriceSource:
            return HttpPriceSource(name, self.origins[name].url, clock, LIMITS)

        self.world.lists = (
            (source(genai_prices.NAME), genai_prices.read),
            (source(models_dev.NAME), models_dev.read),
        )
        self.world.uses((source(litellm.NAME), litellm.read), (source(openrouter.NAME), openrouter.read))
        for name, body in (
            ("litellm", price_file()),
            ("openrouter", reseller_list()),
            ("genai-prices", genai_list()),
            ("models.dev", api_json()),
        ):
            self.serve(name, body)
        self.world.puts_in_force(price_file())

    def serve(self, name: str, body: Any) -> None:
        self.origins[name].serve(json.dumps(body).encode())

    async def refreshed(self, **params: Any) -> dict[str, Any]:
        """A refresh, a day after the last."""
        self.world.clock.now += DAY
        return await self.world.refreshed(Scope.ADMIN, force=True, **params)

    async def price(self, model: str) -> dict[str, Any]:
        return await self.world.read(f"/model/{model}")

    async def states(self) -> dict[str, tuple[str, str | None]]:
        overview = await self.world.read("")
        return {each["name"]: (each["state"], each["detail"]) for each in overview["sources"]}

    async def held(self) -> dict[str, dict[str, Any]]:
        return {each["subject"]: each for each in await self.world.items("/quarantine")}


@pytest.fixture
async def servers() -> AsyncIterator[FourServers]:
    """Four servers that tell the truth, and a first refresh behind us."""
    with ExitStack() as stack:
        found = FourServers(stack)
        await found.refreshed()
        yield found


async def test_four_sources_that_tell_the_truth_agree_and_lend_what_the_file_lacks(servers: FourServers) -> None:
    price = await servers.price("claude-a")
    assert price["agreement"]["verdict"] == "agreed"
    words = {each["rate_key"]: [said["source"] for said in each["statements"]] for each in price["agreement"]["rates"]}
    assert sorted(words[IN]) == ["genai-prices", "litellm", "models.dev", "openrouter"]
    assert price["lent_rates"] == [{"rate_key": CACHED, "source": "models.dev", "own": None}]
    call = {"model": "claude-a", "input_tokens": 1000, "cached_tokens": 1000}
    (line,) = data_of(await servers.world.post("/estimate", call))["lines"]
    assert (line["rate_usd"], line["rate_key"]) == ("0.0000003", f"{CACHED} (models.dev)")
    assert line["rate_source"] == "models.dev"
    assert {state for state, _ in (await servers.states()).values()} == {"fresh"}


@pytest.mark.parametrize(
    ("factor", "fault"), [(20, "its units have slipped"), (1_000_000, "input_mtok is 2.5 a unit, beyond any price")]
)
async def test_a_list_whose_units_have_slipped_is_refused_and_what_it_said_is_kept(
    servers: FourServers, factor: int, fault: str
) -> None:
    servers.serve("genai-prices", genai_list(factor=factor))
    report = await servers.refreshed()
    state, detail = (await servers.states())["genai-prices"]
    assert state == "rejected"
    assert fault in (detail or "")
    assert report["outcome"] == "refreshed", "the refusal is told"
    events = await servers.world.items("/changes", kind="quarantined")
    assert any(each["source"] == "genai-prices" and fault in each["reason"] for each in events)
    assert (await servers.price("gpt-a"))["agreement"]["verdict"] == "agreed"


async def test_a_row_whose_units_slip_waits_with_the_evidence_beside_it(servers: FourServers) -> None:
    servers.serve("litellm", price_file(**{"gpt-a": chat("openai", 2.5e-03, 1e-02)}))
    await servers.refreshed()
    held = (await servers.held())["openai/gpt-a"]
    assert "$1,000 a million tokens or more" in held["reason"]
    assert {said["usd"] for said in held["evidence"][IN]} == {"0.0000025"}
    assert (await servers.price("gpt-a"))["input_usd_per_token"] == "0.0000025"


async def test_a_price_that_becomes_nothing_is_held_and_a_row_that_was_always_free_is_charged_as_others_say(
    servers: FourServers,
) -> None:
    servers.serve("litellm", price_file(**{"gpt-a": chat("openai", 0, 0), "gpt-c": chat("openai", 0, 0)}))
    servers.serve("models.dev", api_json() | {"openai": {"models": {"gpt-c": {"cost": {"input": 1, "output": 4}}}}})
    await servers.refreshed()
    assert "fell from 0.0000025 to nothing" in (await servers.held())["openai/gpt-a"]["reason"]
    free = await servers.price("gpt-c")
    assert free["input_usd_per_token"] == "0.000001"
    assert free["lent_rates"][0] == {"rate_key": IN, "source": "models.dev", "own": 0}
    assert free["agreement"]["verdict"] == "disputed"
    (event,) = await servers.world.items("/changes", model="openai/gpt-c")
    assert event["after"][IN] == "0.000001"
    assert "it prices what the row gives for 0" in event["reason"]


async def test_a_halved_price_waits_until_another_source_says_so(servers: FourServers) -> None:
    servers.serve("litellm", price_file(**{"claude-a": chat("anthropic", 1.5e-06, 7.5e-06)}))
    for _ in range(3):  # days do not confirm what three sources contradict
        await servers.refreshed()
        held = (await servers.held())["anthropic/claude-a"]
        assert f"{IN} went from 0.000003 to 0.0000015, unconfirmed: " in held["reason"]
        assert {said["source"] for said in held["evidence"][IN]} == {"genai-prices", "models.dev", "openrouter"}
        assert (await servers.price("claude-a"))["input_usd_per_token"] == "0.000003"
    servers.serve("models.dev", api_json(**{"claude-a": {"input": 1.5, "output": 7.5}}))
    await servers.refreshed()
    assert await servers.held() == {}
    price = await servers.price("claude-a")
    assert (price["input_usd_per_token"], price["agreement"]["verdict"]) == ("0.0000015", "disputed")


async def test_an_admin_s_word_lets_a_halved_price_pass(servers: FourServers) -> None:
    servers.serve("litellm", price_file(**{"claude-a": chat("anthropic", 1.5e-06, 7.5e-06)}))
    await servers.refreshed()
    await servers.refreshed(accept="anthropic/claude-a")
    assert (await servers.price("claude-a"))["input_usd_per_token"] == "0.0000015"


async def test_aliases_that_go_round_are_refused_by_name(servers: FourServers) -> None:
    loop = {"gpt-x": {"alias_of": "gpt-y"}, "gpt-y": {"alias_of": "gpt-x"}, "gpt-z": {"alias_of": "gpt-a"}}
    servers.serve("litellm", price_file(**loop))
    await servers.refreshed()
    held = await servers.held()
    assert {"gpt-x", "gpt-y"} <= held.keys()
    assert "is an alias of itself" in held["gpt-x"]["reason"]
    assert (await servers.price("gpt-z"))["id"] == "openai/gpt-a"
    assert (await servers.world.get("/model/gpt-x")).status_code == 404


@pytest.mark.parametrize("conduct", ["down", "cut", "page"])
async def test_a_list_that_gives_nothing_stops_nothing_and_its_age_is_shown(servers: FourServers, conduct: str) -> None:
    origin = servers.origins["models.dev"]
    match conduct:
        case "down":
            origin.fail(503)
        case "cut":
            origin.cut()
        case _:
            origin.serve(b"<html>")
    servers.serve("litellm", price_file(**{"gpt-new": chat("openai", 1e-06, 2e-06)}))
    report = await servers.refreshed()
    assert report["added"] == 1
    (shown,) = (each for each in report["sources"] if each["name"] == "models.dev")
    assert shown["state"] in ("unavailable", "rejected")
    assert shown["failing_since"] is not None
    assert (await servers.price("gpt-a"))["lent_rates"], "what it said before still stands"


async def test_the_consensus_is_sorted_by_what_the_doubt_costs_the_caller(servers: FourServers) -> None:
    world = servers.world
    disputing = {"gpt-a": {"output": 11}, "gpt-b": {"input": 0.6}, "claude-b": {"input": 2}}
    servers.serve("models.dev", api_json(**disputing))
    await servers.refreshed()
    tenant = TenantId("acme")
    world.used(tenant, "openai/gpt-b", input=10_000_000)
    world.used(tenant, "openai/gpt-a", input=50_000_000, output=100_000)
    client = world.client(Scope.USAGE_READ, tenant=tenant)

    async def listed(**params: Any) -> dict[str, Any]:
        return data_of(await client.get(f"{PREFIX}/consensus", params=params))

    doubted = await listed(verdict=["majority", "disputed"])
    assert [(each["model"], each["at_stake_usd"]) for each in doubted["items"]] == [
        ("openai/gpt-b", "1"),
        ("openai/gpt-a", "0.1"),
        ("anthropic/claude-b", "0"),
    ]
    assert (await listed(verdict="agreed"))["total"] == len(TRUTH) - 3
    assert {each["provider"] for each in (await listed(provider="gemini"))["items"]} == {"google"}
    first = await listed(limit=2)
    rest = await listed(limit=200, cursor=first["next_cursor"])
    assert len({each["model"] for each in first["items"] + rest["items"]}) == first["total"] == len(TRUTH)
    (rate,) = (each for each in doubted["items"][0]["rates"] if each["rate_key"] == IN)
    assert (rate["verdict"], rate["in_force_usd"]) == ("majority", "0.0000005")
    changed = {said["source"]: said["since"] for said in rate["statements"]}
    assert changed["models.dev"] == world.clock.now.date().isoformat()
    assert changed["models.dev"] > changed["genai-prices"] == changed["litellm"]


async def test_a_key_that_may_not_read_usage_learns_nothing_of_it(servers: FourServers) -> None:
    servers.world.used(TenantId("acme"), "openai/gpt-b", input=10_000_000)
    client = servers.world.client(Scope.CHAT, tenant=TenantId("acme"))
    data = data_of(await client.get(f"{PREFIX}/consensus"))
    assert {each["at_stake_usd"] for each in data["items"]} == {None}
    answer = await client.get(f"{PREFIX}/consensus", params={"provider": "nobody"})
    assert answer.status_code == 422
