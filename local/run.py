"""`make run`: the whole service on this machine, until Ctrl-C."""

import fcntl
import os
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from local import stand_in
from local.deployment import Deployment, deploy, source_addresses
from local.emulator import Emulator, client_environment
from local.prices import in_force, refresh
from local.processes import HOST, Server, require_free
from local.service_key import service_key
from local.steps import CannotGoOn
from local.workspace import PYTHON, ROOT

FOLDER = ROOT / ".local"
PORTS = {"FRONT_DOOR_PORT": 8080, "EMULATOR_PORT": 4566, "STAND_IN_PORT": 8090}
WATCH_S = 0.5  # how soon it is noticed that a server ended by itself
LAST_ANSWERS_S = 5  # what calls that are still open at Ctrl-C get to end in

MESSAGE = """
  The service             {door}
  A service key           {key}
  The emulated gateway    {gateway}
  Prices in force         {prices}

  To try:

    curl -s -H 'Authorization: Bearer {key}' {door}/api/ai/pricing/model/gpt-4o

    curl -s -H 'Authorization: Bearer {key}' -H 'Content-Type: application/json' \\
      -d '{{"model": "gpt-4o", "input_tokens": 1200, "output_tokens": 300}}' {door}/api/ai/pricing/estimate

    curl -s -H 'Authorization: Bearer {key}' {gateway}/api/ai/pricing/model/gpt-4o

    curl -s -H 'Authorization: Bearer {key}' -H 'Content-Type: application/json' -X PUT \\
      -d '{{"window": "month", "limit_usd": "25"}}' {door}/api/byok/budgets

    curl -s -H 'Authorization: Bearer {key}' {door}/api/byok/budgets

  Logs are in {logs}, the data in {data}. Ctrl-C stops everything and keeps the data.
"""


class Stopped(BaseException):
    """The person at the terminal, or the system, asked us to stop."""


def main() -> int:
    """Start everything in order, wait, and stop it in the reverse order, whatever happened."""
    try:
        front_door_port, emulator_port, stand_in_port = (_port(name) for name in PORTS)
        with _only_one(), ExitStack() as servers, _stopped_by_signals():
            _serve(servers, front_door_port, emulator_port, stand_in_port if stand_in.is_wanted() else None)
    except CannotGoOn as obstacle:
        print(obstacle, file=sys.stderr)
        return 1
    except Stopped:
        print("\nStopped; the data is kept.")
    return 0


def _serve(servers: ExitStack, front_door_port: int, emulator_port: int, stand_in_port: int | None) -> None:
    require_free(front_door_port, "FRONT_DOOR_PORT")
    require_free(emulator_port, "EMULATOR_PORT")
    emulator = servers.enter_context(Emulator(emulator_port, FOLDER))
    running: list[Emulator | Server] = [emulator]
    addresses = source_addresses()
    if stand_in_port is not None:
        require_free(stand_in_port, "STAND_IN_PORT")
        running.append(servers.enter_context(stand_in.server(stand_in_port, FOLDER)))
        addresses |= stand_in.addresses(stand_in_port)
    deployment = deploy(emulator, FOLDER, addresses)
    environment = client_environment(emulator.url) | deployment.function_environment(addresses)
    key = service_key(environment, FOLDER / "service-key")
    print(f"• {refresh(deployment)}")
    front_door = servers.enter_context(_front_door(front_door_port, environment))
    running.append(front_door)
    stand_in.keep_keys(front_door.url, key, wanted=stand_in_port is not None)
    print(_message(deployment, front_door.url, key, in_force(front_door.url, key)), flush=True)
    if stand_in_port is not None:
        print(stand_in.MESSAGE.format(door=front_door.url, key=key), flush=True)
    while True:
        time.sleep(WATCH_S)
        for server in running:
            if server.has_ended():
                raise CannotGoOn(f"{server.name} ended by itself; its last words are in {server.log}")


def _front_door(port: int, environment: Mapping[str, str]) -> Server:
    serve: list[str | Path] = [PYTHON, "-m", "uvicorn", "--factory", "local.front_door:create", "--lifespan", "off"]
    serve += ["--host", HOST, "--port", str(port), "--no-access-log"]  # each app writes its own line for a request
    serve += ["--timeout-graceful-shutdown", str(LAST_ANSWERS_S)]
    log = FOLDER / "logs" / "front-door.log"
    return Server("The front door", serve, environment, port=port, health="/api/ai/pricing/health", log=log)


def _message(deployment: Deployment, door: str, key: str, prices: str) -> str:
    folder = FOLDER.relative_to(ROOT)
    return MESSAGE.format(
        door=door, key=key, gateway=deployment.api_url, prices=prices, logs=folder / "logs", data=folder / "state"
    )


def _port(name: str) -> int:
    given = os.environ.get(name) or str(PORTS[name])
    if not given.isdigit() or not 0 < int(given) < 65536:
        raise CannotGoOn(f"{name} must be a port number from 1 to 65535; it is {given!r}.")
    return int(given)


@contextmanager
def _only_one() -> Iterator[None]:
    """Refuse a second `make run` of this clone: two emulators would overwrite each other's state."""
    FOLDER.mkdir(exist_ok=True)
    with (FOLDER / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CannotGoOn("`make run` is already running in this clone.") from error
        yield


@contextmanager
def _stopped_by_signals() -> Iterator[None]:
    """Turn the first signal into Stopped and ignore every later one: what is being saved must not be cut short."""
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def stop(*_: object) -> None:
        for each in signals:
            signal.signal(each, signal.SIG_IGN)
        raise Stopped

    for each in signals:
        signal.signal(each, stop)
    try:
        yield
    finally:
        for each in signals:
            signal.signal(each, signal.SIG_IGN)


if __name__ == "__main__":
    sys.exit(main())
