"""The gateways: the requirements of each, the command that starts it, and the request that asks it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks import earlier_build
from benchmarks.engines import OVERRIDES, UV, WORK
from benchmarks.gateways.load import Aim
from benchmarks.real_files import ROOT
from infra.package_index import uv_environment

SERVERS: Final = ROOT / "benchmarks" / "gateways" / "servers"
CHAT: Final = "/v1/chat/completions"
MASTER_KEY: Final = "sk-bench-" + "0123456789abcdef" * 2  # LiteLLM does not start without one of some length
KEY_FILE: Final = WORK / "service-key"
EARLIER_KEY_FILE: Final = WORK / "service-key-of-the-earlier-build"
ON_TABLES: Final = "on the emulator's tables"


@dataclass(frozen=True, slots=True)
class Contender:
    """One gateway. `requirements` None: it runs in our own environment.

    `listens_everywhere`: it cannot be told to listen on loopback alone, so that it runs where there is nothing else.
    `on_tables`: its environment says where the emulator is, which is no part of its process tree.
    """

    name: str
    folder: Path
    requirements: tuple[str, ...] | None
    command: Callable[[Path, int, str], Sequence[str | Path]]
    aim: Callable[[int, str], Aim]
    health: str = "/health"
    environment: Mapping[str, str] = field(default_factory=dict)
    listens_everywhere: bool = False
    on_tables: bool = False

    def install(self) -> None:
        """Make its environment; one that holds these versions already is left alone."""
        if self.folder == earlier_build.FOLDER:
            earlier_build.prepare()
        if self.requirements is None:
            return
        stamp, holds = self.folder / ".holds", "\n".join(self.requirements)
        if stamp.exists() and stamp.read_text() == holds:
            return
        print(f"installing {', '.join(self.requirements)}", file=sys.stderr, flush=True)
        self.folder.mkdir(parents=True, exist_ok=True)
        if self.requirements[0].startswith("@"):
            subprocess.run(
                ["npm", "install", "--prefix", self.folder, *self.requirements], check=True, capture_output=True
            )
        else:
            overrides = WORK / "overrides.txt"
            overrides.write_text(OVERRIDES)
            environment = uv_environment()
            python = self.folder / "bin" / "python"
            subprocess.run(
                [UV, "venv", "-q", "--clear", "--python", sys.executable, self.folder], check=True, env=environment
            )
            fill: list[str | Path] = [UV, "pip", "install", "-q", "--compile-bytecode", "--python", python]
            subprocess.run([*fill, "--override", overrides, *self.requirements], check=True, env=environment)
        stamp.write_text(holds)


def _python(folder: Path) -> Path:
    return folder / "bin" / "python"


def _litellm(folder: Path, port: int, upstream: str) -> Sequence[str | Path]:
    config = folder / "config.yaml"
    config.write_text(
        json.dumps(
            {
                "model_list": [
                    {
                        "model_name": "gpt-4o-mini",
                        "litellm_params": {
                            "model": "openai/gpt-4o-mini",
                            "api_base": f"{upstream}/v1",
                            "api_key": "sk-x",
                        },
                    }
                ]
            }
        )
    )
    return [
        folder / "bin" / "litellm",
        "--config",
        config,
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--num_workers",
        "1",
    ]


def _tensorzero(folder: Path, port: int, upstream: str) -> Sequence[str | Path]:
    config = folder / "tensorzero.toml"
    config.write_text(
        "[gateway]\nobservability.enabled = false\n"
        '[models.chat]\nrouting = ["upstream"]\n'
        f'[models.chat.providers.upstream]\ntype = "openai"\nmodel_name = "gpt-4o-mini"\napi_base = "{upstream}/v1/"\n'
    )
    return [_python(folder), SERVERS / "tensorzero_shim.py", str(port), config]


def _ferro(folder: Path, port: int, upstream: str) -> Sequence[str | Path]:
    (folder / "config.yaml").write_text("strategy:\n  mode: single\ntargets:\n  - virtual_key: openai\n")
    # It takes its port and its provider from the environment alone.
    given = (f"PORT={port}", f"OPENAI_BASE_URL={upstream}", f"GATEWAY_CONFIG={folder / 'config.yaml'}")
    return ["env", *given, folder / "bin" / "ferrogw", "serve"]


def _portkey(folder: Path, port: int, upstream: str) -> Sequence[str | Path]:
    server = folder / "node_modules" / "@portkey-ai" / "gateway" / "build" / "start-server.js"
    return ["node", server, f"--port={port}", "--headless"]


def _plain(port: int, upstream: str) -> Aim:
    return Aim(port, CHAT, "gpt-4o-mini", "sk-x")


def _ours(port: int, upstream: str) -> Aim:
    return Aim(port, CHAT, "openai/gpt-4o-mini", KEY_FILE.read_text())


def _earlier(folder: Path, port: int, upstream: str) -> Sequence[str | Path]:
    server = folder / "benchmarks" / "gateways" / "servers" / "ours.py"
    return [sys.executable, server, str(port), upstream, EARLIER_KEY_FILE]


def _own(_: Path, port: int, upstream: str) -> Sequence[str | Path]:
    return [sys.executable, "-m", "benchmarks.gateways.servers.ours", str(port), upstream, KEY_FILE]


def _deployed(name: str, build: Path, path: Mapping[str, str]) -> Contender:
    """Return a build as its deployment runs it, with a key of its own."""
    key_file = WORK / f"service-key-on-tables-of-{build.name}"

    def command(_: Path, port: int, upstream: str) -> Sequence[str | Path]:
        return [sys.executable, SERVERS / "deployed.py", str(port), upstream, key_file, f"bench-{build.name}"]

    return Contender(
        f"{name}, {ON_TABLES}",
        build,
        None,
        command,
        lambda port, _: Aim(port, CHAT, "openai/gpt-4o-mini", key_file.read_text().strip()),
        "/v1/health",
        {**path, "BUILD": str(build)},
        on_tables=True,
    )


OWN_PATH: Final = {"PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "shared")))}
EARLIER_PATH: Final = {"PYTHONPATH": earlier_build.PATH}
UNLIMITED: Final = {"RATE_LIMIT_RPS": "1000000", "RATE_LIMIT_BURST": "1000000"}  # a few requests a second by default
BARE: Final = ("fastapi", "uvicorn", "uvloop", "httptools", "httpx", "aiohttp==3.14.5", "pyreqwest==0.15.1")
CLIENTS: Final = ("ours", "httpx", "aiohttp", "pyreqwest")

CONTENDERS: Final = (
    Contender("ours", WORK, None, _own, _ours, "/v1/health", OWN_PATH),
    _deployed("ours", ROOT, OWN_PATH),
    Contender(
        earlier_build.TITLE,
        earlier_build.FOLDER,
        None,
        _earlier,
        lambda port, _: Aim(port, CHAT, "openai/gpt-4o-mini", EARLIER_KEY_FILE.read_text()),
        "/v1/health",
        EARLIER_PATH,
    ),
    _deployed(earlier_build.TITLE, earlier_build.FOLDER, EARLIER_PATH),
    Contender(
        "Ferro 1.5.10",
        WORK / "gateway-ferro",
        ("ferrogw==1.5.10",),
        _ferro,
        lambda port, _: Aim(port, CHAT, "gpt-4o-mini", MASTER_KEY),
        "/readyz",
        {"OPENAI_API_KEY": "sk-x", "MASTER_KEY": MASTER_KEY, "LOG_LEVEL": "error", **UNLIMITED},
        listens_everywhere=True,
    ),
    Contender(
        "LiteLLM proxy 1.108.2",
        WORK / "gateway-litellm",
        ("litellm[proxy]==1.108.2",),
        _litellm,
        lambda port, upstream: Aim(port, CHAT, "gpt-4o-mini", MASTER_KEY),
        "/health/liveliness",
        {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_LOG": "ERROR", "LITELLM_MASTER_KEY": MASTER_KEY},
    ),
    Contender(
        "Portkey gateway 1.15.2",
        WORK / "gateway-portkey",
        ("@portkey-ai/gateway@1.15.2",),
        _portkey,
        lambda port, upstream: Aim(
            port,
            CHAT,
            "gpt-4o-mini",
            "sk-x",
            (("x-portkey-provider", "openai"), ("x-portkey-custom-host", f"{upstream}/v1")),
        ),
        "/",
        {"NODE_ENV": "production", "TRUSTED_CUSTOM_HOSTS": "127.0.0.1,localhost"},
    ),
    Contender(
        "TensorZero 2026.6.0, embedded behind a thin shim",
        WORK / "gateway-tensorzero",
        ("tensorzero==2026.6.0", "fastapi", "uvicorn", "uvloop", "httptools"),
        _tensorzero,
        _plain,
        environment={"OPENAI_API_KEY": "sk-x"},
    ),
    Contender(
        "a bare FastAPI proxy over httpx",
        WORK / "gateway-bare",
        BARE,
        lambda folder, port, upstream: [_python(folder), SERVERS / "bare.py", str(port), upstream, "httpx"],
        _plain,
    ),
    Contender(
        "the same over aiohttp",
        WORK / "gateway-bare",
        BARE,
        lambda folder, port, upstream: [_python(folder), SERVERS / "bare.py", str(port), upstream, "aiohttp"],
        _plain,
    ),
)


def client_alone(name: str, upstream: str) -> dict[str, float]:
    """Measure an HTTP client by itself (`servers/clients.py`), in the bare proxies' environment."""
    command: list[str | Path] = [_python(WORK / "gateway-bare"), SERVERS / "clients.py", f"{upstream}{CHAT}", name]
    environment = dict(os.environ) | OWN_PATH
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    measured: dict[str, float] = json.loads(done.stdout)
    return measured
