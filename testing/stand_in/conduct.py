"""The misbehaviour of the stand-ins: faults by provider, model and key, each shown as often as it is wanted."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

FAULTS: Final[Mapping[str, str]] = {
    "status": "answer `status` with the provider's error body; `headers` go along (Retry-After in every form)",
    "body": "answer `status` with exactly this `body`, and `content_type` if given",
    "reset": "reset the connection before any header",
    "silence": "accept the request and never answer",
    "headers_only": "send the headers and nothing more",
    "slow_first_token": "wait `ms` before the first piece of content",
    "slow": "wait `ms` before the headers",
    "cut": "break the connection off after `after` pieces of content",
    "end": "end the stream properly after `after` pieces of content, without a finish reason",
    "stall": "fall silent after `after` pieces of content",
    "malformed": "garble the `after`-th piece; the rest is whole",
    "garbage": "garble every piece",
    "split": "cut the bytes into pieces of `size`, inside characters and line ends; `line_end` is lf, crlf or cr",
    "comments": "send comments and pings every `ms` instead of content, without end; `after` pieces of it come first",
    "drip": "send `size` bytes (1) every `ms` (1,000)",
    "no_done": "leave out the sentinel behind the finish reason, and keep the connection open",
    "no_usage": "say nothing of usage",
    "slow_chunks": "wait `ms` after every piece",
    "error_event": "send an error in the stream after `after` pieces of content",
    "error_200": "answer 200 with an error for a body",
    "html": "answer 200 with a web page",
    "empty": "answer 200 with nothing",
    "truncated": "answer 200 with half of the JSON",
    "gzip": "pack the answer though nobody asked for it",
    "wordy": "send every piece of content `repeat` times",
    "huge": "answer with more than any model says (`size` bytes)",
    "redirect": "send the caller elsewhere",
    "context_length": "say that the prompt is too long, in the provider's words",
    "content_filter": "say that the prompt may not be answered, in the provider's words",
    "out_of_credit": "say that the account has no credit, in the provider's words",
    "invalid_key": "say that the key is not known, in the provider's words",
    "only_streams": "refuse to answer whole, in Qwen's words; streams are well",
    "filtered_finish": "finish with the provider's word for a filtered answer",
}


@dataclass
class Fault:
    """One fault, and the calls that it is shown to. `times` None: always; empty `provider`, `model` or `key`: any.

    The first `skip` of them pass.
    """

    name: str
    provider: str = ""
    model: str = ""
    key: str = ""
    times: int | None = None
    more: Mapping[str, Any] = field(default_factory=dict)
    skip: int = 0

    def __post_init__(self) -> None:
        if self.name not in FAULTS:
            raise ValueError(f"no fault is called {self.name!r}")

    def takes(self, provider: str, model: str, key: str) -> bool:
        """Return whether it is this call's turn; counted down."""
        wanted = ((self.provider, provider), (self.model, model), (self.key, key))
        if self.times == 0 or any(name and name != given for name, given in wanted):
            return False
        if self.skip:
            self.skip -= 1
            return False
        if self.times is not None:
            self.times -= 1
        return True

    def number(self, name: str, default: int) -> int:
        """Return a whole number of its parameters."""
        return int(self.more.get(name, default))


@dataclass
class Received:
    """A call as a provider saw it. `left_after` is after how many pieces the caller went away, if it did; `sent`
    are the bytes of a stream that the caller has taken."""

    provider: str
    path: str
    model: str
    key: str
    headers: Mapping[str, str]
    body: Any
    stream: bool
    at: float
    answered: int | None = None
    left_after: int | None = None
    fault: str | None = None
    sent: int = 0
