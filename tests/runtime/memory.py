"""`make memory`: what `chat` needs of memory, and how long it takes, with the share of a core that its memory has.

Each kind of call is made of a server of its own, as the Lambda Web Adapter starts it, warmed by two small calls and
then kept to the memory that is tried, with the credentials of a function that was restored from a snapshot, which it
has to ask for. What is told is the time of a call beside a provider that answers at once.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from http.client import HTTPException
from os import environ
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from local.emulator import Emulator, client_environment
from local.processes import free_port
from testing.lambda_runtime.account import Account, deployed_account
from testing.lambda_runtime.allotment import Allotment, can_allot
from testing.lambda_runtime.credentials import ServedCredentials
from testing.lambda_runtime.events import Event
from tests.runtime.chat_answers import CHAT, OPENAI, SAYING

TRIED_MB: Final = (192, 208, 224)
ADAPTER_MB: Final = 20  # a guess: it is not here, and holds an event of 6 MB and what it makes of it beside itself
SMALL_CALLS: Final = 50
FEW: Final = 5
PICTURE: Final = "data:image/png;base64," + "QUJD" * 1_430_000  # 5.7 MB of a request's 6: a text so long fits no window
ANSWER_CHARACTERS: Final = 20_000_000


@dataclass(frozen=True, slots=True)
class TriedCall:
    """A kind of call, how often it is made, and what the provider answers where that is its own."""

    name: str
    times: int
    body: Callable[[], Any]
    answer: str | None = None


def kinds() -> Iterator[TriedCall]:
    """Return what is tried."""
    yield TriedCall("a small call", SMALL_CALLS, lambda: {"model": OPENAI, **SAYING, "max_tokens": 20})
    yield TriedCall("a stream", SMALL_CALLS, lambda: {"model": OPENAI, **SAYING, "max_tokens": 20, "stream": True})
    shown = [{"type": "image_url", "image_url": {"url": PICTURE}}]
    sent = {"model": OPENAI, "max_tokens": 20, "messages": [{"role": "user", "content": shown}]}
    yield TriedCall("a picture of 5.7 MB", FEW, lambda: sent)
    yield TriedCall("an answer of 20 MB", FEW, lambda: {"model": OPENAI, **SAYING}, "a" * ANSWER_CHARACTERS)
    yield TriedCall("20 MB with one emoji", FEW, lambda: {"model": OPENAI, **SAYING}, "🌍" + "a" * ANSWER_CHARACTERS)


def main(arguments: Sequence[str]) -> int:
    """Print a line a kind and memory; returns the exit code."""
    if not can_allot():
        print("Control groups (version 1) and root are needed.", file=sys.stderr)
        return 1
    print("| MB | call | times | p50 | p99 | CPU a call | peak |\n|---|---|---|---|---|---|---|")
    with TemporaryDirectory() as folder, ExitStack() as stack:
        emulator = stack.enter_context(Emulator(free_port(), Path(folder)))
        environ.update(client_environment(emulator.url))
        account = stack.enter_context(deployed_account(emulator.url, Path(folder), slow_s=0))
        for memory in [int(each) for each in arguments] or TRIED_MB:
            for kind in kinds():
                print(_tried(account, kind, memory), flush=True)
    return 0


def _tried(account: Account, kind: TriedCall, memory: int) -> str:
    account.stand_in.behave()
    tenant = account.tenant("openai")
    small = tenant.asks("POST", CHAT, {"model": OPENAI, **SAYING, "max_tokens": 20})
    with (
        ServedCredentials() as credentials,
        Allotment(f"{memory}") as allotment,
        account.streaming_chat(credentials=credentials, before=allotment.join) as server,
    ):
        credentials.restored = True
        for _ in range(2):
            server.invoke(small)
        if kind.answer is not None:
            account.stand_in.fault("body", provider="openai", status=200, body=_completion(kind.answer))
        event = tenant.asks("POST", CHAT, kind.body())
        allotment.limit(memory, besides_mb=ADAPTER_MB)
        before = server.used()
        try:
            took = sorted(_seconds(server.invoke, event) for _ in range(kind.times))
        except (OSError, ValueError, HTTPException) as gone:
            return f"| {memory} | {kind.name} | {kind.times} | {str(gone) or type(gone).__name__} | | | |"
        after = server.used()
    p50, p99 = took[len(took) // 2], took[min(len(took) - 1, len(took) * 99 // 100)]
    cpu = (after.cpu_s - before.cpu_s) / kind.times
    return (
        f"| {memory} | {kind.name} | {kind.times} | {p50 * 1000:,.0f} ms | {p99 * 1000:,.0f} ms | "
        f"{cpu * 1000:,.1f} ms | {after.peak_mb:.0f} MB |"
    )


def _seconds(invoke: Callable[[Event], Any], event: Event) -> float:
    began = time.monotonic()
    answered = invoke(event).json()
    if answered["statusCode"] != 200:
        raise ValueError(f"answered {answered['statusCode']}: {answered['body'][:300]}")
    return time.monotonic() - began


def _completion(text: str) -> str:
    """Return a provider's whole answer that says a text."""
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
    usage = {"prompt_tokens": 25, "completion_tokens": 20, "total_tokens": 45}
    made = {"id": "c", "object": "chat.completion", "created": 1, "model": "gpt-4o-mini"}
    return json.dumps({**made, "choices": [choice], "usage": usage}, ensure_ascii=False)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
