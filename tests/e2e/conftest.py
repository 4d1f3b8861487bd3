"""One deployment for all end-to-end tests: the real stacks on an emulator of this run's own."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from local.deployment import Deployment, deploy
from local.emulator import Emulator, client_environment
from local.processes import HOST, Server, free_port
from local.service_key import service_key
from local.workspace import PYTHON
from testing.fakes.board_origin import BoardOrigin, board_origin
from testing.fakes.provider_origin import ProviderOrigin, provider_origin
from testing.stand_in.server import StandIn
from tests.clients.coding_agents import AGENTS, Agent

CALL_TIMEOUT_S = 60.0  # a first call unpacks 40 MB of layer and starts a worker, on a machine that may be busy


@dataclass(frozen=True, slots=True)
class RunningService(Deployment):
    """A deployment with the emulator that it runs on, and a service key of every scope."""

    emulator: Emulator
    service_key: str = field(repr=False)  # a failed assertion prints its fixtures
    folder: Path

    def http(self) -> httpx.Client:
        """A caller with the service key; paths are those of the API (`/api/ai/pricing`)."""
        authorization = {"Authorization": f"Bearer {self.service_key}"}
        return httpx.Client(base_url=self.api_url, headers=authorization, timeout=CALL_TIMEOUT_S, trust_env=False)

    def called_by(self, service_key: str) -> httpx.Client:
        """A caller with another service key."""
        client = self.http()
        client.headers["Authorization"] = f"Bearer {service_key}"
        return client

    def restart(self) -> None:
        """Stop the emulator cleanly and start it again, as a developer does overnight."""
        self.emulator.stop()
        self.emulator.start()


class InstalledAgents:
    """The coding agents of npm, whose installation, most of it waiting, goes on while everything else is started."""

    def __init__(self, executor: ThreadPoolExecutor) -> None:
        self._installing = {agent.name: executor.submit(agent.installed) for agent in AGENTS}

    def command(self, agent: Agent) -> Path:
        """Return an agent's command, once it is there; raises what kept it from being installed."""
        return self._installing[agent.name].result()


@pytest.fixture(scope="session", autouse=True)
def installing(request: pytest.FixtureRequest) -> Iterator[InstalledAgents | None]:
    """The agents, from the beginning of a run on in which a test asks for them."""
    wanted = any("installed" in getattr(item, "fixturenames", ()) for item in request.session.items)
    if not wanted:
        yield None
        return
    with ThreadPoolExecutor(len(AGENTS)) as executor:
        yield InstalledAgents(executor)


@pytest.fixture(scope="session")
def installed(installing: InstalledAgents | None) -> InstalledAgents:
    """The agents, or those who install them."""
    assert installing is not None
    return installing


@pytest.fixture(scope="session")
def price_source_addresses() -> dict[str, str]:
    """The addresses of the deployed functions' price sources: ports of this machine, silent until a test serves
    there.
    """
    return {
        "ATOM_LITELLM_PRICES_URL": f"http://{HOST}:{free_port()}/model_prices_and_context_window.json",
        "ATOM_OPENROUTER_MODELS_URL": f"http://{HOST}:{free_port()}/api/v1/models",
        "ATOM_GENAI_PRICES_URL": f"http://{HOST}:{free_port()}/data.json",
        "ATOM_MODELS_DEV_URL": f"http://{HOST}:{free_port()}/api.json",
    }


@pytest.fixture(scope="session")
def provider() -> Iterator[ProviderOrigin]:
    """The server that the deployed functions take for OpenAI."""
    with provider_origin() as origin:
        yield origin


@pytest.fixture(scope="session")
def stand_in() -> Iterator[StandIn]:
    """The server that the deployed functions take for the other providers, and the front door for all of them."""
    with StandIn() as standing_in:
        yield standing_in


@pytest.fixture(scope="session")
def board() -> Iterator[BoardOrigin]:
    """The server that the deployed functions take for the leaderboard's; without rows until a test serves some."""
    with board_origin() as origin:
        yield origin


@pytest.fixture(scope="session")
def deployment(
    tmp_path_factory: pytest.TempPathFactory,
    price_source_addresses: dict[str, str],
    provider: ProviderOrigin,
    stand_in: StandIn,
    board: BoardOrigin,
    worker_id: str,
) -> Iterator[RunningService]:
    """The deployed stacks of environment `local`; stopped when the run ends."""
    if worker_id != "master":
        pytest.fail("end-to-end tests run without xdist: each worker would deploy its own stacks")
    folder = tmp_path_factory.mktemp("service")
    with Emulator(free_port(), folder) as emulator:
        base_urls = stand_in.addresses() | {"openai": provider.url}
        addresses = price_source_addresses | {
            "ATOM_PROVIDER_BASE_URLS": json.dumps(base_urls),
            "ATOM_ARENA_ROWS_URL": board.url,
        }
        deployed = deploy(emulator, folder, addresses)
        environment = client_environment(emulator.url) | deployed.function_environment(addresses)
        key = service_key(environment, folder / "service-key")
        yield RunningService(deployed.endpoint_url, deployed.outputs, emulator, key, folder)


@pytest.fixture(scope="session")
def front_door(deployment: RunningService, stand_in: StandIn, price_source_addresses: dict[str, str]) -> Iterator[str]:
    """The front door of `make run` over the deployment, with the stand-ins for every provider and a key of each."""
    addresses = price_source_addresses | {"ATOM_PROVIDER_BASE_URLS": json.dumps(stand_in.addresses())}
    environment = client_environment(deployment.endpoint_url) | deployment.function_environment(addresses)
    serve: list[str | Path] = [PYTHON, "-m", "uvicorn", "--factory", "local.front_door:create", "--lifespan", "off"]
    port = free_port()
    serve += ["--host", HOST, "--port", str(port), "--no-access-log"]
    log = deployment.folder / "logs" / "front-door.log"
    with Server("The front door", serve, environment, port=port, health="/v1/health", log=log) as server:
        with deployment.http() as operator:
            for name in stand_in.addresses():
                body = {"provider": name, "api_key": f"stand-in-{name}-0000"}
                operator.post("/api/byok/keys", json=body).raise_for_status()
        yield server.url
