"""Health as real calls leave it behind: through all states under the stand-ins' faults, alike in two processes."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby

import httpx
import pytest

from atom_llm.services.registry.provider_health import KNOWN_FOR, Health, ProviderHealthService
from atom_llm.services.routing.call_history import UNKNOWN_LATENCY_MS
from testing.chat_world import OURS, THEIRS, ChatWorld, asking, served, stream
from testing.stand_in.server import StandIn

MISTRAL = "mistral/mistral-small-latest"
MANY = 200  # calls that bring back any state which a test has led to


@pytest.fixture
def world(stand_in: StandIn) -> Iterator[ChatWorld]:
    stand_in.behave()
    with served(ChatWorld(stand_in)) as served_world:
        for provider in ("openai", "mistral"):
            served_world.provider_key(provider)
        yield served_world


class Onlookers:
    """Two processes that watch the same table, and agree."""

    def __init__(self, world: ChatWorld, provider: str) -> None:
        self._readers = [ProviderHealthService(world.health, world.clock) for _ in range(2)]
        self._provider = provider
        self._seen: list[str] = []

    def look(self) -> Health:
        """Return the health that both see."""
        one, other = (reader.of([self._provider])[self._provider].whole for reader in self._readers)
        assert (one.state, one.seen) == (other.state, other.seen)
        self._seen.append(str(one.state))
        return one

    @property
    def states(self) -> list[str]:
        """Those that came one after the other."""
        return [state for state, _ in groupby(self._seen)]


def ask(caller: httpx.Client, model: str, onlookers: Onlookers, times: int = 1) -> set[int]:
    statuses = set()
    for _ in range(times):
        statuses.add(caller.post("/chat/completions", json=asking(model)).status_code)
        onlookers.look()
    return statuses


def ask_until(caller: httpx.Client, model: str, onlookers: Onlookers, state: str) -> None:
    for _ in range(MANY):
        assert ask(caller, model, onlookers) == {200}
        if onlookers.states[-1] == state:
            return
    pytest.fail(f"after {MANY} answers it is still {onlookers.states[-1]}")


def test_a_provider_goes_through_all_states_as_its_calls_do_and_back(world: ChatWorld, caller: httpx.Client) -> None:
    onlookers = Onlookers(world, "openai")
    onlookers.look()
    ask(caller, "openai/gpt-4o-mini", onlookers, 4)
    assert onlookers.states == ["unknown"]
    ask(caller, "openai/gpt-4o-mini", onlookers)
    assert onlookers.states[-1] == "healthy"
    # One retry each: two failures of each of three models, so that no circuit opens.
    for model, fault in (("gpt-4o-mini", "reset"), ("gpt-4o", "empty"), ("gpt-4.1", "html")):
        world.stand_in.fault(fault, provider="openai", model=model, times=2)
        assert ask(caller, f"openai/{model}", onlookers) == {502}
    ask_until(caller, "openai/gpt-4.1-mini", onlookers, "healthy")
    assert onlookers.states == ["unknown", "healthy", "degraded", "unhealthy", "degraded", "healthy"]


def test_rate_limits_are_a_state_of_their_own(world: ChatWorld, caller: httpx.Client) -> None:
    world.stand_in.fault("status", provider="mistral", status=429, headers={"retry-after": "30"}, times=5)
    onlookers = Onlookers(world, "mistral")
    assert ask(caller, MISTRAL, onlookers, 5) == {429}
    found = onlookers.look()
    assert (str(found.state), found.seen.limited, found.seen.success_rate) == ("rate_limited", 5, None)
    ask_until(caller, MISTRAL, onlookers, "healthy")
    assert onlookers.states == ["unknown", "rate_limited", "healthy"]


@pytest.mark.parametrize("fault", ["invalid_key", "out_of_credit"])
def test_one_tenants_key_is_not_another_tenants_outage(world: ChatWorld, caller: httpx.Client, fault: str) -> None:
    onlookers = Onlookers(world, "openai")
    ask(caller, "openai/gpt-4o-mini", onlookers, 5)
    for number in range(8):
        world.provider_key("openai", f"sk-of-nobody-{number}", tenant=THEIRS)
        world.stand_in.fault(fault, key=f"sk-of-nobody-{number}")
    world.container.tenancy.provider_key_ring.forget(THEIRS)
    with world.client(world.service_key(THEIRS)) as other:
        assert ask(other, "openai/gpt-4o-mini", onlookers, 2) == {402}
    assert len([row for row in world.rows(THEIRS) if row.settlement.status == "failed"]) >= 6
    found = onlookers.look()
    assert (str(found.state), found.seen.calls) == ("healthy", 5)


@pytest.mark.parametrize("fault", ["context_length", "content_filter"])
def test_a_callers_mistake_says_nothing_about_a_provider(world: ChatWorld, caller: httpx.Client, fault: str) -> None:
    onlookers = Onlookers(world, "openai")
    world.stand_in.fault(fault, provider="openai")
    assert ask(caller, "openai/gpt-4o-mini", onlookers, 6) == {400}
    assert (onlookers.states, onlookers.look().seen.calls) == (["unknown"], 0)


def test_a_stream_that_was_cut_counts_against_its_provider_and_a_whole_one_has_its_first_token(
    world: ChatWorld, caller: httpx.Client
) -> None:
    assert stream(caller, "openai/gpt-4o-mini").is_done
    world.stand_in.fault("cut", provider="openai", after=3)
    assert stream(caller, "openai/gpt-4o-mini").error is not None
    seen = Onlookers(world, "openai").look().seen
    assert (seen.answered, seen.failed) == (1, 1)
    assert (sum(seen.latency.values()), sum(seen.first_token.values())) == (1, 1)


def test_a_stream_of_nothing_but_signs_of_life_counts_as_the_silence_that_it_is(
    world: ChatWorld, caller: httpx.Client
) -> None:
    world.stand_in.fault("comments", provider="openai", after=0, ms=20)
    assert stream(caller, "openai/gpt-4o-mini").status == 504
    seen = Onlookers(world, "openai").look().seen
    assert (seen.answered, seen.failed) == (0, 1)


def test_calls_go_on_while_health_cannot_be_told_or_read(world: ChatWorld, caller: httpx.Client) -> None:
    world.health.is_down = True
    onlookers = Onlookers(world, "openai")
    assert ask(caller, "openai/gpt-4o-mini", onlookers, 6) == {200}
    assert onlookers.states == ["unknown"]
    assert len(world.rows(OURS)) == 6


def test_what_one_tenant_meets_at_a_provider_moves_its_own_ranking_and_nobody_elses(
    world: ChatWorld, caller: httpx.Client
) -> None:
    def planned(client: httpx.Client) -> list[str]:
        plan = client.post("/route", json=asking("tier/heavy")).json()
        return [candidate["model"] for candidate in plan["candidates"]]

    for tenant in (OURS, THEIRS):
        world.provider_key("google", f"sk-of-{tenant}", tenant=tenant)
    world.provider_key("openai", tenant=THEIRS)
    with world.client(world.service_key(THEIRS)) as other:
        before = planned(caller)
        assert planned(other) == before
        assert before[0].startswith("google/")
        world.stand_in.fault("status", key=f"sk-of-{THEIRS}", status=500)
        for model in ("gemini-2.5-flash", "gemini-2.5-flash-lite", "gemini-2.5-pro"):
            assert other.post("/chat/completions", json=asking(f"google/{model}")).status_code == 502
        world.clock.pass_s(KNOWN_FOR.total_seconds())
        assert planned(caller) == before
        assert planned(other)[0].startswith("openai/")


def test_how_long_a_tenants_answers_take_breaks_no_tie_of_another(world: ChatWorld, caller: httpx.Client) -> None:
    caller.post("/chat/completions", json=asking("openai/gpt-4o-mini"))
    history = world.container.routing.call_history
    seen = [history.latency_ms(tenant, "openai/gpt-4o-mini") for tenant in (OURS, THEIRS)]
    assert (seen[0] < UNKNOWN_LATENCY_MS, seen[1]) == (True, UNKNOWN_LATENCY_MS)


def test_calls_at_once_share_a_write_of_health_and_the_last_of_them_leaves_none_untold(
    world: ChatWorld, caller: httpx.Client
) -> None:
    world.stand_in.fault("slow", provider="openai", times=12, ms=300)
    with ThreadPoolExecutor(12) as threads:
        asked = [threads.submit(caller.post, "/chat/completions", json=asking("openai/gpt-4o-mini")) for _ in range(12)]
    assert {each.result().status_code for each in asked} == {200}
    assert Onlookers(world, "openai").look().seen.answered == 12
    assert world.health.writes < 12
