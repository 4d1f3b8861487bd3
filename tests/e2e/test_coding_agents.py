"""Codex and Claude Code, unmodified and without a screen: their loops of tools against the front door, to the end.

The stand-in's models play the other side by a script: three calls of tools that write, change and show a file.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from time import monotonic, sleep
from typing import Final

import httpx
import pytest

from atom_llm.services.ledger.budgets.budget_book import KNOWN_FOR
from testing.stand_in.server import StandIn
from tests.clients.coding_agents import AGENTS, CLOSING, WRITTEN, Agent, Done, Job
from tests.e2e.conftest import InstalledAgents, RunningService

BYOK = "/api/byok"
MARGIN_S: Final = 2.0  # a process that has just looked looks again after the whole time
# A model of each agent's maker, the tokens of an answer and a budget by which the first call fits and the fourth does
# not, and the chain whose first provider dies amid.
MODELS = {"codex": "gpt-4o-mini", "claude-code": "claude-haiku-4-5"}
OUTPUTS = {"codex": 10_000, "claude-code": 100_000}
LIMITS = {"codex": "0.04", "claude-code": "2"}
CHAINS = {"codex": "gpt-4o-mini,claude-haiku-4-5", "claude-code": "claude-haiku-4-5,gpt-4o-mini"}
every_agent = pytest.mark.parametrize("agent", AGENTS, ids=lambda each: each.name)


@pytest.fixture
def service_key(deployment: RunningService) -> str:
    """A service key of this test's own."""
    with deployment.http() as operator:
        return issued(operator)[1]


@dataclass(frozen=True, slots=True)
class LimitedKeys:
    """The ids and plaintexts of keys with a budget, by agent, and from when on the budgets bind every process."""

    keys: dict[str, tuple[str, str]]
    bind_at: float

    def of(self, agent: Agent) -> tuple[str, str]:
        """Return an agent's key, once its budget binds."""
        sleep(max(0.0, self.bind_at - monotonic()))
        return self.keys[agent.name]


@pytest.fixture(scope="module", autouse=True)
def limited_keys(deployment: RunningService) -> LimitedKeys:
    """For each agent a key with a budget: made before all jobs, for it takes a while until it binds every process."""
    with deployment.http() as operator:
        keys = {agent.name: issued(operator) for agent in AGENTS}
        for name, (key_id, _) in keys.items():
            budget = {"scope": f"service-key:{key_id}", "window": "day", "limit_usd": LIMITS[name]}
            operator.put(f"{BYOK}/budgets", json=budget).raise_for_status()
    return LimitedKeys(keys, monotonic() + KNOWN_FOR.total_seconds() + MARGIN_S)


def issued(operator: httpx.Client) -> tuple[str, str]:
    """Issue a key and return its id and its plaintext."""
    made = operator.post(f"{BYOK}/service-keys", json={"scopes": ["chat"]}).raise_for_status().json()["data"]
    return made["id"], made["service_key"]


@pytest.fixture(autouse=True)
def well_behaved(stand_in: StandIn) -> Iterator[None]:
    stand_in.behave()
    yield
    stand_in.output_tokens = None
    stand_in.behave()


def done(
    agent: Agent, model: str, key: str, installed: InstalledAgents, front_door: str, stand_in: StandIn, folder: Path
) -> Done:
    """Run an agent's job at a model."""
    work, home = folder / "work", folder / "home"
    work.mkdir()
    home.mkdir()
    stand_in.script = agent.script(work)
    return agent.does(installed.command(agent), Job(model, front_door, key, work, home))


@every_agent
def test_a_job_of_three_tool_calls_is_done_under_auto(
    agent: Agent,
    service_key: str,
    installed: InstalledAgents,
    front_door: str,
    stand_in: StandIn,
    tmp_path: Path,
) -> None:
    ended = done(agent, "auto", service_key, installed, front_door, stand_in, tmp_path)
    assert ended == Done(True, CLOSING, WRITTEN)
    assert [call.answered for call in stand_in.seen()] == [200] * 4


@every_agent
def test_a_job_goes_on_when_the_provider_dies_amid(
    agent: Agent,
    service_key: str,
    installed: InstalledAgents,
    front_door: str,
    stand_in: StandIn,
    tmp_path: Path,
) -> None:
    chain = CHAINS[agent.name]
    first, second = ("openai", "anthropic") if chain.startswith("gpt") else ("anthropic", "openai")
    stand_in.fault("cut", provider=first, skip=1, after=0)
    ended = done(agent, chain, service_key, installed, front_door, stand_in, tmp_path)
    assert ended == Done(True, CLOSING, WRITTEN)
    assert stand_in.seen()[0].provider == first
    assert [call.provider for call in stand_in.seen() if call.fault is None] == [first, second, second, second]


@every_agent
def test_a_budget_that_runs_out_amid_stops_the_job_in_our_words_and_nothing_overshoots(
    agent: Agent,
    limited_keys: LimitedKeys,
    installed: InstalledAgents,
    front_door: str,
    stand_in: StandIn,
    deployment: RunningService,
    tmp_path: Path,
) -> None:
    key_id, key = limited_keys.of(agent)
    stand_in.output_tokens = OUTPUTS[agent.name]
    ended = done(agent, MODELS[agent.name], key, installed, front_door, stand_in, tmp_path)
    with deployment.http() as operator:
        rows = calls_of(operator, key_id)
    assert not ended.succeeded
    assert f"the day budget of service-key:{key_id} has no room for this call" in ended.said
    answered = [row for row in rows if row["status"] == "succeeded"]
    assert 0 < len(answered) == len(stand_in.seen()) < 4
    assert [row["status"] for row in rows if row not in answered] == ["refused"]
    assert Decimal(0) < sum(Decimal(row["cost_usd"]) for row in answered) <= Decimal(LIMITS[agent.name])


def calls_of(operator: httpx.Client, key_id: str) -> list[dict[str, str]]:
    found = operator.get(f"{BYOK}/usage/calls", params={"key": key_id, "limit": 100}).raise_for_status()
    rows: list[dict[str, str]] = found.json()["data"]["items"]
    return rows
