"""`make run`: the whole service on this machine, until Ctrl-C."""

import fcntl
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from local import stand_in
from local.deployment import deploy, source_addresses
from local.emulator import Emulator, client_environment
from local.ports import LocalPorts, emulator_listens, ports_asked_for
from local.prices import in_force, refresh
from local.processes import HOST, Server, require_free
from local.service_key import service_key
from local.steps import CannotGoOn, step
from local.workspace import PYTHON, ROOT

FOLDER = ROOT / ".local"
WATCH_S = 0.5  # how soon it is noticed that a server ended by itself
LAST_ANSWERS_S = 5  # what calls that are still open at Ctrl-C get to end in

NEXT_STEPS = """
  The service             {door}
  The console             {door}/console/   (the key below signs in)
  The emulated gateway    {gateway}
  Prices in force         {prices}

  What to do next. In another terminal:

    export KEY={key}
    export OPENAI_API_KEY=$KEY OPENAI_BASE_URL={door}/v1

{provider_key}
    curl -sN -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' {door}/v1/chat/completions \\
      -d '{{"model": "gpt-4o-mini", "stream": true, "messages": [{{"role": "user", "content": "Hello"}}]}}'

  The same through OpenAI's SDK ({python} has it):

    from openai import OpenAI
    answer = OpenAI().chat.completions.create(model="gpt-4o-mini", messages=[{{"role": "user", "content": "Hello"}}])
    print(answer.choices[0].message.content)

  What was called, and a call's cost proved (by its call_id); a budget; a price; an estimate:

    curl -s -H "Authorization: Bearer $KEY" {door}/api/byok/usage/calls
    curl -s -H "Authorization: Bearer $KEY" {door}/api/byok/usage/calls/CALL_ID > call.json; make proof FILE=call.json
    curl -s -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' -X PUT \\
      -d '{{"window": "month", "limit_usd": "25"}}' {door}/api/byok/budgets
    curl -s -H "Authorization: Bearer $KEY" {door}/api/ai/pricing/model/gpt-4o
    curl -s -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' \\
      -d '{{"model": "gpt-4o", "input_tokens": 1200, "output_tokens": 300}}' {door}/api/ai/pricing/estimate

  Logs are in {logs}, the data in {data}. Ctrl-C stops everything and keeps the data.
"""
STORE_A_KEY = """\
    curl -s -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' {door}/api/byok/keys \\
      -d '{{"provider": "openai", "api_key": "sk-…"}}'     # your own key of a provider, once
"""


class Stopped(BaseException):
    """The person at the terminal, or the system, asked us to stop."""


def main() -> int:
    """Start everything in order, wait, and stop it in the reverse order, whatever happened."""
    try:
        ports, with_stand_ins = ports_asked_for(), stand_in.is_wanted()
        with _only_one(), ExitStack() as servers, _stopped_by_signals():
            _serve(servers, ports, with_stand_ins=with_stand_ins)
    except CannotGoOn as obstacle:
        print(obstacle, file=sys.stderr)
        return 1
    except Stopped:
        print("\nStopped; the data is kept.")
    return 0


def _serve(servers: ExitStack, ports: LocalPorts, *, with_stand_ins: bool) -> None:
    require_free(ports.front_door, "FRONT_DOOR_PORT")
    require_free(ports.emulator, "EMULATOR_PORT")
    if with_stand_ins:
        require_free(ports.stand_in, "STAND_IN_PORT")
    emulator = Emulator(ports.emulator, FOLDER)
    running: list[Emulator | Server] = [emulator]
    servers.enter_context(_running(emulator))
    servers.enter_context(emulator_listens(ports.emulator))
    addresses = source_addresses()
    if with_stand_ins:
        running.append(servers.enter_context(_running(stand_in.server(ports.stand_in, FOLDER))))
        addresses |= stand_in.addresses(ports.stand_in)
    deployment = deploy(emulator, FOLDER, addresses)
    environment = client_environment(emulator.url) | deployment.function_environment(addresses)
    key = service_key(environment, FOLDER / "service-key")
    print(f"• {refresh(deployment)}")
    front_door = servers.enter_context(_running(_front_door(ports.front_door, environment)))
    running.append(front_door)
    with step("Looking through the providers' keys and the prices"):
        stand_in.keep_keys(front_door.url, key, wanted=with_stand_ins)
        prices = in_force(front_door.url, key)
    print(next_steps(front_door.url, key, deployment.api_url, prices, with_stand_ins=with_stand_ins), flush=True)
    while True:
        time.sleep(WATCH_S)
        for server in running:
            if server.has_ended():
                raise CannotGoOn(f"{server.name} ended by itself; its last words are in {server.log}")


@contextmanager
def _running(server: Server) -> Iterator[Server]:
    """Start a server and stop it in the end, and say so: the emulator's state takes a while to be read and saved."""
    name = server.name[0].lower() + server.name[1:]
    with step(f"Starting {name}"):
        server.start()
    try:
        yield server
    finally:
        with step(f"Stopping {name}"):
            server.stop()


def _front_door(port: int, environment: Mapping[str, str]) -> Server:
    serve: list[str | Path] = [
        PYTHON,
        "-m",
        "uvicorn",
        "--factory",
        "local.front_door:create",
        "--lifespan",
        "off",
        "--ws",
        "none",
    ]
    serve += ["--host", HOST, "--port", str(port), "--no-access-log"]  # each app writes its own line for a request
    serve += ["--timeout-graceful-shutdown", str(LAST_ANSWERS_S)]
    log = FOLDER / "logs" / "front-door.log"
    return Server("The front door", serve, environment, port=port, health="/api/ai/pricing/health", log=log)


def next_steps(door: str, key: str, gateway: str, prices: str, *, with_stand_ins: bool) -> str:
    """Return what a newcomer does next, in its order: from the key to the first streamed answer and its proof."""
    folder = FOLDER.relative_to(ROOT)
    return NEXT_STEPS.format(
        door=door,
        key=key,
        gateway=gateway,
        prices=prices,
        python=PYTHON.relative_to(ROOT),
        provider_key=stand_in.MESSAGE if with_stand_ins else STORE_A_KEY.format(door=door),
        logs=folder / "logs",
        data=folder / "state",
    )


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
