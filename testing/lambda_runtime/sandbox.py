"""One execution environment of a function: a process that AWS's runtime client runs in, frozen and ended at will."""

import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import uuid4

from local.workspace import LAMBDA_PYTHON
from testing.lambda_runtime.runtime_api import MAX_PAYLOAD, Answered, Invocation, Polled, ReadyToBeCopied, RuntimeApi
from testing.lambda_runtime.stacks import DeployedFunction
from testing.lambda_runtime.started import SandboxFailed, StartedFunction
from testing.lambda_runtime.stoppable import StoppableProcess

START_S: Final = 60.0  # of a process, on a machine that may be busy; Lambda itself gives 10
POLL_S: Final = 10.0  # from an answer to the next poll
ANSWER_GRACE_S: Final = 1.0  # behind the function's timeout, after which Lambda ends its process
RUNTIME: Final = "AWS_Lambda_python3.13"
KEPT: Final = ("PATH", "SSL_CERT_FILE", "SSL_CERT_DIR")  # what this machine's own processes need as well
COPIES: Final = Path(__file__).with_name("snapshot_copies.py")


class EventTooLarge(Exception):
    """Lambda takes no event of this size."""


@dataclass(frozen=True, slots=True)
class Frozen:
    """An answer, and the moment at which its process was frozen behind it: the `monotonic` second of its next poll."""

    answer: Answered
    at: float


class Sandbox(StartedFunction):
    """A started process of a function. It may be asked, frozen at its next poll, thawed and killed."""

    def __init__(self, function: DeployedFunction, aws: Mapping[str, str], log: Path, *, copies: int = 0) -> None:
        """`aws` is what AWS clients need. With `copies` it is started for a snapshot, and that many are restored."""
        super().__init__(function)
        self._log = log
        self._freezes = False
        self._copies = copies
        self._api = RuntimeApi(self._at_poll)
        client: list[str | Path] = [COPIES, str(copies)] if copies else ["-m", "awslambdaric"]
        self._command = [LAMBDA_PYTHON, *client, function.handler]
        self._environment = environment(function, aws, self._api.address)
        self._environment["AWS_LAMBDA_INITIALIZATION_TYPE"] = "snap-start" if copies else "on-demand"

    def start(self) -> None:
        """Start it and wait for its first poll, or until it can be copied; raises `SandboxFailed` with its words."""
        self._process = StoppableProcess(self._command, self.function.code, self._environment, self._log)
        if not self._copies:
            self._expect(Polled, START_S)
        for _ in range(self._copies):
            self._expect(ReadyToBeCopied, START_S)

    def restore(self) -> None:
        """Let every copy go on from the snapshot, and wait for its first poll."""
        self._api.restore()
        for _ in range(self._copies):
            self._expect(Polled, START_S)

    def invoke(self, event: object) -> Answered:
        """Give it an event; what it answered, once it has asked for the next one."""
        return self._answered(event)[0]

    def invoke_and_freeze(self, event: object) -> Frozen:
        """Likewise, and freeze it the moment that it asks for the next one."""
        self._freezes = True
        try:
            answer, polled = self._answered(event)
        finally:
            self._freezes = False
        return Frozen(answer, polled.at)

    def freeze(self) -> None:
        """Stop it wherever it is."""
        self._started().freeze()

    def kill(self) -> None:
        """End it without a word."""
        super().kill()
        self._api.close()

    def _answered(self, event: object) -> tuple[Answered, Polled]:
        raw = event if isinstance(event, bytes) else json.dumps(event, ensure_ascii=False).encode()
        if len(raw) > MAX_PAYLOAD:
            raise EventTooLarge(f"{len(raw):,} bytes")
        deadline_ms = int((time.time() + self.function.timeout_s) * 1000)
        self._api.offer(Invocation(str(uuid4()), raw, deadline_ms, self.function.arn))
        answer = self._expect(Answered, self.function.timeout_s + ANSWER_GRACE_S)
        return answer, self._expect(Polled, POLL_S)

    def _expect[Kind: (Polled, Answered, ReadyToBeCopied)](self, kind: type[Kind], within_s: float) -> Kind:
        until = time.monotonic() + within_s
        while (left_s := until - time.monotonic()) > 0:
            told = self._api.next_told(min(left_s, 0.1))
            if isinstance(told, kind):
                return told
            process = self._started()
            if told is not None:
                raise SandboxFailed(f"{self.function.name} said {told}, not {kind.__name__}\n{process.last_words()}")
            if process.has_ended:
                raise SandboxFailed(f"{self.function.name} ended\n{process.last_words()}")
        raise SandboxFailed(f"{self.function.name}: no {kind.__name__} in {within_s:g} s\n{process.last_words()}")

    def _at_poll(self) -> None:
        if self._freezes:
            self._started().freeze()


def environment(function: DeployedFunction, aws: Mapping[str, str], api: str) -> dict[str, str]:
    """What Lambda sets in a function's environment, with the layers' folders in the place of `/opt`."""
    layers = [str(layer / "python") for layer in function.layers]
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return {
        **kept,
        **{name: value for name, value in aws.items() if name.startswith("AWS_")},
        **function.variables,
        "AWS_EXECUTION_ENV": RUNTIME,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mb),
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{function.name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": "2026/11/29/[$LATEST]0",
        "AWS_LAMBDA_RUNTIME_API": api,
        "LAMBDA_TASK_ROOT": str(function.code),
        "LANG": "en_US.UTF-8",
        "PYTHONPATH": os.pathsep.join([str(function.code), *layers]),
        "PYTHONUNBUFFERED": "1",
        "TZ": ":UTC",
        "_HANDLER": function.handler,
    }
