"""The matrix: which clients there are, what each has to do, and whether it did."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from local.steps import CannotGoOn
from testing.stand_in.said import PIECES, WORD
from testing.stand_in.server import StandIn
from tests.clients.environments import ENVIRONMENTS, installed

SCRIPTS: Final = Path(__file__).parent
THINGS: Final = ("chat", "stream", "tools", "structured")
DOORS: Final[Mapping[str, str]] = {
    "chat": "/v1/chat/completions",
    "responses": "/v1/responses",
    "messages": "/v1/messages",
}
MODELS: Final = {"chat": "gpt-4o-mini", "responses": "gpt-4o-mini", "messages": "claude-haiku-4-5"}
# What stands for these names at the second service key: another maker's model, to which a call is translated.
OTHER_MAKERS: Final = {"gpt-4o-mini": "anthropic/claude-haiku-4-5", "claude-haiku-4-5": "openai/gpt-4o-mini"}
TEXT: Final = (WORD * PIECES).strip()  # some clients trim what they hand on
PERSON: Final = {"name": "text", "age": 7}  # what the stand-in makes of the schema of a person
RESULT: Final = "21 degrees in text"  # of the tool, with the argument that the stand-in calls it with
TIMEOUT_S: Final = 180.0
PASSED: Final = "pass"
ABSENT: Final = "–"
NEEDS: Final = "needs "


@dataclass(frozen=True, slots=True)
class Client:
    """A client at one door. `things` are those of THINGS that it has; `environment` is the name of its pinned file."""

    name: str
    door: str
    environment: str
    script: str
    things: Sequence[str] = THINGS
    settings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The verdict on each thing of a client: PASSED, or why not."""

    client: Client
    verdicts: Mapping[str, str]

    @property
    def passed(self) -> bool:
        """Return whether everything that the client has works."""
        return all(verdict == PASSED for verdict in self.verdicts.values())


@dataclass(frozen=True, slots=True)
class Served:
    """The front door under test: its address, the paths that it has, and the stand-in behind it.

    `service_keys`: by the first of them a model's name is its maker's, by the others another's.
    """

    url: str
    service_keys: Sequence[str]
    paths: frozenset[str]
    stand_in: StandIn


def tried(client: Client, served: Served) -> Outcome:
    """Run a client's script in its own environment, and judge what it reports and what reached the provider."""
    path = DOORS[client.door]
    if path not in served.paths:
        return Outcome(client, dict.fromkeys(client.things, f"{NEEDS}POST {path}"))
    verdicts: dict[str, str] = {}
    for place, key in enumerate(served.service_keys):
        for thing, verdict in _tried_by(client, served, key).items():
            told = verdict if verdict == PASSED or not place else f"answered by another maker's model: {verdict}"
            if verdicts.get(thing, PASSED) == PASSED:
                verdicts[thing] = told
    return Outcome(client, verdicts)


def _tried_by(client: Client, served: Served, service_key: str) -> Mapping[str, str]:
    served.stand_in.behave()
    try:
        told = _reported(client, served, service_key)
    except (CannotGoOn, subprocess.TimeoutExpired) as obstacle:
        return dict.fromkeys(client.things, str(obstacle))
    verdicts = {thing: judged(thing, told.get(thing, {})) for thing in client.things}
    if verdicts.get("tools") == PASSED and not _got_the_result(served.stand_in):
        verdicts["tools"] = "the tool's result never reached the provider"
    if verdicts.get("stream") == PASSED and not any(call.stream for call in served.stand_in.calls):
        verdicts["stream"] = "no call was streamed"
    return verdicts


def judged(thing: str, told: Mapping[str, Any]) -> str:
    """Return the verdict on one thing by a client's report of it."""
    if not told:
        return "nothing was reported"
    if "failed" in told:
        return str(told["failed"])
    if not (told["parsed"] in (True, PERSON) if "parsed" in told else str(told.get("text")).strip() == TEXT):
        return f"another answer: {json.dumps(told, ensure_ascii=False)}"
    if thing == "stream" and told.get("pieces", PIECES) < 2:
        return "the answer came in one piece"
    return PASSED


def _reported(client: Client, served: Served, service_key: str) -> dict[str, dict[str, Any]]:
    interpreter = installed(client.environment)
    folder = ENVIRONMENTS / client.environment
    script = SCRIPTS / client.script
    if script.suffix == ".mjs":  # Node looks for packages from the script's own folder upwards
        script = Path(shutil.copy(script, folder))
    home = folder / "home"
    home.mkdir(exist_ok=True)
    environment = {
        "PATH": f"{interpreter.parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "BASE_URL": f"{served.url}/v1",
        "SERVICE_KEY": service_key,
        "DOOR": client.door,
        "MODEL": MODELS[client.door],
        "EMBEDDING_MODEL": "text-embedding-3-small",
        **client.settings,
    }
    done = subprocess.run(
        [interpreter, script, *(client.things if script.suffix == ".mjs" else ())],
        env=environment,
        cwd=home,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    if done.returncode:
        raise CannotGoOn(done.stderr.strip().rpartition("\n")[2])
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"name"')]
    return {told.pop("name"): told for told in lines}


def _got_the_result(stand_in: StandIn) -> bool:
    return any(RESULT in json.dumps(call.body, ensure_ascii=False) for call in stand_in.calls)
