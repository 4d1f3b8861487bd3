"""The same on this machine: an emulator of its own, stand-ins of the providers, and a price list that is served here.

The emulated gateway does not stream; what would be behind the real one does: the script that the Lambda Web Adapter
starts, as it was built, with the deployment's variables.
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import httpx

from infra.build_assets import BUILD
from local import stand_in
from local.deployment import ENVIRONMENT, Deployment, deploy
from local.emulator import Emulator, client_environment
from local.processes import HOST, Server, free_port
from local.smoke.place import Place, outputs_of
from local.smoke.price_list import FILE, write_price_list
from local.workspace import PYTHON

MODEL: Final = "openai/gpt-4o-mini"
KEYS: Final = ("stand-in-openai-0001", "stand-in-openai-0002")
STREAM_PIECES: Final = 20  # of a stand-in's text
NO_SOURCE: Final = f"http://{HOST}:9/nobody"  # the port of a service that discards what it gets: nothing answers there
SCRIPT: Final = BUILD / "functions" / "chat" / "functions" / "chat" / "run.sh"


@contextmanager
def place() -> Iterator[Place]:
    """Start everything, deploy, and stop it in the end; this process's AWS clients reach the emulator from here on."""
    with TemporaryDirectory(prefix="atom-llm-smoke-") as name, ExitStack() as servers:
        folder = Path(name)
        emulator = servers.enter_context(Emulator(free_port(), folder))
        providers = servers.enter_context(stand_in.server(stand_in_port := free_port(), folder))
        prices = servers.enter_context(_price_source(folder))
        addresses = stand_in.addresses(stand_in_port) | {
            "ATOM_LITELLM_PRICES_URL": f"{prices.url}/{FILE}",
            "ATOM_OPENROUTER_MODELS_URL": NO_SOURCE,
            "ATOM_GENAI_PRICES_URL": NO_SOURCE,
            "ATOM_MODELS_DEV_URL": NO_SOURCE,
        }
        deployment = deploy(emulator, folder, addresses)
        reaching = client_environment(emulator.url)
        streaming = servers.enter_context(_streaming(deployment, reaching, addresses, folder))
        os.environ.clear()  # never to the account of its caller
        os.environ.update(reaching)

        def control(method: str, what: str, body: object = None) -> None:
            url = f"{providers.url}/_control/{what}"
            httpx.request(method, url, json=body, trust_env=False).raise_for_status()

        yield Place(
            environment=ENVIRONMENT,
            outputs=outputs_of(ENVIRONMENT),
            api_url=deployment.api_url,
            stream_url=streaming.url,
            model=MODEL,
            prompt="Speak for a while.",
            provider_keys=KEYS,
            stretch=lambda seconds: control(
                "POST", "faults", {"fault": "slow_chunks", "ms": int(seconds * 1000 / STREAM_PIECES)}
            ),
            at_ease=lambda: control("DELETE", "faults"),
            end_of_key=lambda key: control("POST", "keys", {"key": key, "dead": True}),
        )


def _price_source(folder: Path) -> Server:
    """Return a server of files whose one file is a price list."""
    served = folder / "prices"
    served.mkdir()
    write_price_list(served / FILE)
    port = free_port()
    serve: list[str | Path] = [PYTHON, "-m", "http.server", str(port), "--bind", HOST, "--directory", served]
    log = folder / "logs" / "prices.log"
    return Server("The price source", serve, dict(os.environ), port=port, health=f"/{FILE}", log=log)


def _streaming(deployment: Deployment, reaching: dict[str, str], addresses: dict[str, str], folder: Path) -> Server:
    """Return what the adapter starts, to be started."""
    port = free_port()
    environment = reaching | deployment.function_environment(addresses)
    environment |= {"AWS_LWA_PORT": str(port), "PATH": f"{PYTHON.parent}:{os.environ['PATH']}"}
    log = folder / "logs" / "run-sh.log"
    return Server("chat's server", [SCRIPT], environment, port=port, health="/v1/health", log=log)
