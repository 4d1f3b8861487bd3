"""Coding agents without a screen, unmodified: a job in a folder, against the front door, with base URL and key."""

import json
import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from testing.stand_in.script import Script
from tests.clients.environments import installed_command

ASKED: Final = "Write the notes: first one line, then change it, then show it"
CLOSING: Final = "The notes are written."
NOTES: Final = "notes.txt"
WRITTEN: Final = "second\n"  # what the job leaves in it
TIMEOUT_S: Final = 120.0

_CODEX: Final = """\
model = "{model}"
model_provider = "atom"
[analytics]
enabled = false
[features]
plugins = false
[model_providers.atom]
name = "atom-llm"
base_url = "{url}/v1"
env_key = "SERVICE_KEY"
"""


@dataclass(frozen=True, slots=True)
class Job:
    """A job at a model: the front door's address, the service key, the folder to work in, and one for what is kept."""

    model: str
    url: str
    service_key: str
    folder: Path
    home: Path


@dataclass(frozen=True, slots=True)
class Done:
    """The end of a job: whether the agent calls it a success, what it says, and what stands in the file."""

    succeeded: bool
    said: str
    notes: str | None


@dataclass(frozen=True, slots=True)
class Agent:
    """A coding agent: its environment, what its model is to do, and how it is run."""

    name: str
    command: str
    script: Callable[[Path], Script]
    run: Callable[[Path, Job], Done]

    def installed(self) -> Path:
        """Install the agent in an environment of its own, where it is not; return its command."""
        return installed_command(self.name, self.command)

    def does(self, command: Path, job: Job) -> Done:
        """Run the agent until it ends by itself; raises `TimeoutExpired` where it does not."""
        return self.run(command, job)


def _codex_script(folder: Path) -> Script:
    steps = (f"printf 'first\\n' > {NOTES}", f"sed -i s/first/second/ {NOTES}", f"cat {NOTES}")
    return Script([("exec_command", {"cmd": step}) for step in steps], CLOSING)


def _claude_script(folder: Path) -> Script:
    notes = str(folder / NOTES)
    return Script(
        [
            ("Write", {"file_path": notes, "content": "first\n"}),
            ("Edit", {"file_path": notes, "old_string": "first", "new_string": "second"}),
            ("Bash", {"command": f"cat {NOTES}", "description": "Show the notes"}),
        ],
        CLOSING,
    )


def _codex(command: Path, job: Job) -> Done:
    (job.home / "config.toml").write_text(_CODEX.format(model=job.model, url=job.url))
    flags = ("--json", "--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox")
    ended = _run(
        [command, "exec", *flags, "-C", job.folder, ASKED], job, CODEX_HOME=str(job.home), SERVICE_KEY=job.service_key
    )
    events = [json.loads(line) for line in ended.stdout.splitlines() if line.startswith("{")]
    said = [str(each) for event in events if (each := _told_by_codex(event))]
    return Done(ended.returncode == 0, "\n".join(said), _notes(job))


def _told_by_codex(event: Mapping[str, Any]) -> str | None:
    match event["type"]:
        case "item.completed" if event["item"]["type"] == "agent_message":
            return str(event["item"]["text"])
        case "turn.failed":
            return str(event["error"]["message"])
        case _:
            return None


def _claude(command: Path, job: Job) -> Done:
    flags = ("--output-format", "json", "--permission-mode", "acceptEdits", "--allowedTools", "Bash,Write,Edit")
    quiet = {"CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1", "DISABLE_AUTOUPDATER": "1"}
    ended = _run(
        [command, "-p", ASKED, "--model", job.model, *flags],
        job,
        ANTHROPIC_BASE_URL=job.url,
        ANTHROPIC_API_KEY=job.service_key,
        **quiet,
    )
    told = json.loads(ended.stdout)
    return Done(ended.returncode == 0 and not told["is_error"], str(told["result"]), _notes(job))


def _run(command: Sequence[str | Path], job: Job, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command,
        env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "HOME": str(job.home), **environment},
        cwd=job.folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )


def _notes(job: Job) -> str | None:
    file = job.folder / NOTES
    return file.read_text() if file.exists() else None


CODEX: Final = Agent("codex", "codex", _codex_script, _codex)
CLAUDE_CODE: Final = Agent("claude-code", "claude", _claude_script, _claude)
AGENTS: Final = (CODEX, CLAUDE_CODE)
