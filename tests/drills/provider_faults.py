"""`make faults`: sixteen faults of a provider against the front door's app, streamed, by default and held back.

The faults are those of a published suite for gateways, written anew from its description. Each is shown by the first of
two candidates, whose second is well. With `--write` the table goes into docs/reliability.md.
"""

import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from testing.chat_world import ANTHROPIC, OPENAI, ChatWorld, Streamed, asking, served
from testing.stand_in.said import PIECES, WORD
from testing.stand_in.server import StandIn

PAGE: Final = Path("docs/reliability.md")
BEGIN: Final = "<!-- begin: make faults -->"
END: Final = "<!-- end: make faults -->"
WRITE: Final = "--write"
CHAIN: Final = f"{OPENAI},{ANTHROPIC}"
WHOLE: Final = WORD * PIECES
DEADLINE_S: Final = 6.0  # of the world's calls
VERDICTS: Final = ("pass", "partial", "safe", "fail")
BUFFER: Final = {"x-llm-stream-guard": "buffer"}


def _events(*deltas: str, end: str = "data: [DONE]\n\n") -> str:
    """Return a stream of OpenAI's with these texts, then the finish reason, the usage and `end`."""
    chunks: list[Mapping[str, Any]] = [{"choices": [{"index": 0, "delta": {"content": text}}]} for text in deltas]
    chunks.append({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    chunks.append({"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 20, "total_tokens": 29}})
    return "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks) + end


def _with_a_broken_event() -> str:
    events = _events(*[WORD] * PIECES).split("\n\n")
    return "\n\n".join([*events[:3], 'data: {"choices": [{"ind', *events[3:]])


@dataclass(frozen=True, slots=True)
class ProviderFault:
    """One fault, and how the stand-in shows it; `text` is the whole answer, where it is another than usual."""

    name: str
    shown: str
    more: Mapping[str, Any]
    text: str = WHOLE


def _sent(name: str, body: str, text: str = WHOLE, content_type: str = "text/event-stream") -> ProviderFault:
    return ProviderFault(name, "body", {"body": body, "content_type": content_type}, text)


FAULTS: Final[Sequence[ProviderFault]] = (
    ProviderFault("status 500", "status", {"status": 500}),
    ProviderFault("status 503 with Retry-After", "status", {"status": 503, "headers": {"retry-after": "1"}}),
    ProviderFault("status 429 without Retry-After", "status", {"status": 429}),
    ProviderFault("connection reset before the headers", "reset", {}),
    ProviderFault("hang", "silence", {}),
    ProviderFault("slow first token", "slow_first_token", {"ms": 3_000}),
    ProviderFault("cut in the middle", "cut", {"after": 3}),
    _sent("malformed event among whole ones", _with_a_broken_event()),
    _sent("empty stream", ""),
    ProviderFault("error event in the middle", "error_event", {"after": 3}),
    _sent("no [DONE]", _events(*[WORD] * PIECES, end="")),
    _sent("wrong content type", "<html>Sign in</html>", content_type="text/html"),
    ProviderFault("keep-alive only", "comments", {"after": 0, "ms": 50}),
    _sent("JSON truncated in the middle", _events(*[WORD] * PIECES)[:400]),
    ProviderFault("a byte at a time", "drip", {"ms": 20}),
    _sent("a surrogate pair over two deltas", _events("a ", "\ud83d", "\ude00", " b"), "a \U0001f600 b"),
)


@dataclass(frozen=True, slots=True)
class Shown:
    """The outcome of one fault in one mode."""

    fault: str
    verdict: str
    seconds: float
    told: str


def judged(answer: Streamed, seconds: float, text: str) -> tuple[str, str]:
    """Return the verdict on an answer, and what the caller was told.

    pass: the whole answer, said to be whole. partial: the whole text, with no word that it is. safe: a part or nothing,
    and an error. fail: a part that looks whole, or no end in time.
    """
    is_text = answer.text in (text, WHOLE)
    told = "[DONE]" if answer.is_done else f"error {answer.error['code']}" if answer.error else f"{answer.status}"
    if seconds > DEADLINE_S + 1:
        return "fail", f"{told}, too late"
    if answer.status != 200 or answer.error is not None:
        return ("fail" if answer.is_done else "safe"), told
    if answer.is_done:
        return ("pass" if is_text else "fail"), told
    return ("partial" if is_text else "fail"), told


def show(fault: ProviderFault, headers: Mapping[str, str]) -> Shown:
    """Return what a caller gets while the first candidate shows a fault."""
    with StandIn() as stand_in:
        stand_in.fault(fault.shown, provider="openai", **fault.more)
        with served(ChatWorld(stand_in)) as world, world.client() as caller:
            for provider in ("openai", "anthropic"):
                world.provider_key(provider)
            began = time.monotonic()
            body = asking(CHAIN, stream=True)
            with caller.stream("POST", "/chat/completions", json=body, headers=dict(headers)) as response:
                answer = Streamed(response)
            seconds = time.monotonic() - began
            verdict, told = judged(answer, seconds, fault.text)
            served_by = answer.chunks[0]["model"] if answer.chunks else "nobody"
            return Shown(fault.name, verdict, seconds, f"{told}; {served_by}")


def table(by_default: Sequence[Shown], held_back: Sequence[Shown]) -> Iterator[str]:
    """Yield the table's lines; the last counts the verdicts."""
    yield "| fault of the first candidate | by default | | `x-llm-stream-guard: buffer` | |"
    yield "|---|---|---|---|---|"
    for one, other in zip(by_default, held_back, strict=True):
        yield f"| {one.fault} | {one.verdict} | {one.told} | {other.verdict} | {other.told} |"
    counts = [
        "/".join(str(sum(each.verdict == verdict for each in shown)) for verdict in VERDICTS)
        for shown in (by_default, held_back)
    ]
    yield f"| {' / '.join(VERDICTS)} | **{counts[0]}** | | **{counts[1]}** | |"


def main(arguments: Sequence[str]) -> int:
    """Show every fault both ways; fails where one fails or an answer is only partial."""
    modes: list[list[Shown]] = []
    for headers in ({}, BUFFER):
        shown = [show(fault, headers) for fault in FAULTS]
        modes.append(shown)
    lines = list(table(*modes))
    sys.stdout.write("\n".join(lines) + "\n")
    if WRITE in arguments:
        page = PAGE.read_text()
        before, _, rest = page.partition(BEGIN)
        PAGE.write_text(f"{before}{BEGIN}\n{'\n'.join(lines)}\n{END}{rest.partition(END)[2]}")
    slowest = max(each.seconds for shown in modes for each in shown)
    sys.stdout.write(f"the longest took {slowest:.1f} s, of a deadline of {DEADLINE_S:.0f}\n")
    return 1 if any(each.verdict in ("partial", "fail") for shown in modes for each in shown) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
