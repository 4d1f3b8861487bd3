"""Codex and Claude Code, unmodified and without a screen: their loops of tools against the front door, to the end.

The stand-in's models play the other side by a script: three calls of tools that write, change and show a file.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from testing.stand_in.server import StandIn
from tests.clients.coding_agents import AGENTS, CLOSING, WRITTEN, Agent, Done, Job
from tests.e2e.conftest import InstalledAgents, RunningService

BYOK = "/api/byok"
every_agent = pytest.mark.parametrize("agent", AGENTS, ids=lambda each: each.name)


@pytest.fixture
def service_key(deployment: RunningService) -> tuple[str, str]:
    """A service key of this test's own: its id, for a budget, and its plaintext."""
    with deployment.http() as operator:
        issued = operator.post(f"{BYOK}/service-keys", json={"scopes": ["chat"]}).raise_for_status().json()["data"]
    return issued["id"], issued["service_key"]


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
    service_key: tuple[str, str],
    installed: InstalledAgents,
    front_door: str,
    stand_in: StandIn,
    tmp_path: Path,
) -> None:
    ended = done(agent, "auto", service_key[1], installed, front_door, stand_in, tmp_path)
    assert ended == Done(True, CLOSING, WRITTEN)
    assert [call.answered for call in stand_in.seen()] == [200] * 4
