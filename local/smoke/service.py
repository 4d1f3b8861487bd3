"""The service as the smoke calls it: over HTTP, by the key of somebody, with answers that have to be what they are."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from local.smoke.report import NotSeen

PATIENCE_S: Final = 60.0
QUIET_S: Final = 290.0  # the gateway ends a stream that says nothing for five minutes
COMPLETIONS: Final = "/v1/chat/completions"
DATA: Final = "data: "
DONE: Final = "data: [DONE]"


@dataclass(frozen=True, slots=True)
class Streamed:
    """A stream as it came: seconds from the request to the first piece and to the end, and the longest silence."""

    call_id: str
    pieces: int
    first_s: float
    longest_silence_s: float
    took_s: float
    is_whole: bool


@dataclass(frozen=True, slots=True)
class TriedService:
    """A caller with one service key, or with none."""

    url: str
    key: str = field(repr=False)

    def ask(self, method: str, path: str, body: object = None, *, status: int = 200) -> Any:
        """Return an answer's `data`; raises `NotSeen` for another status than the expected one."""
        answer = httpx.request(method, self.url + path, json=body, timeout=PATIENCE_S, **self._reaching())
        if answer.status_code != status:
            raise NotSeen(f"{method} {path} was answered {answer.status_code}, not {status}: {answer.text[:500]}")
        return answer.json().get("data")

    def call(self, model: str, prompt: str, max_tokens: int) -> httpx.Response:
        """Call a model and return the answer, whatever its status."""
        body = _asking(model, prompt, max_tokens)
        return httpx.post(self.url + COMPLETIONS, json=body, timeout=PATIENCE_S, **self._reaching())

    def stream(self, model: str, prompt: str, max_tokens: int) -> Streamed:
        """Call a model and read its answer as it comes; raises `NotSeen` where it does not begin well."""
        body = {**_asking(model, prompt, max_tokens), "stream": True}
        began = last = time.monotonic()
        first, silence, pieces, end = 0.0, 0.0, 0, ""
        with httpx.stream("POST", self.url + COMPLETIONS, json=body, timeout=QUIET_S, **self._reaching()) as answer:
            if answer.status_code != 200:
                raise NotSeen(f"The stream was answered {answer.status_code}: {answer.read().decode()[:500]}")
            for line in answer.iter_lines():
                if not line.startswith(DATA):
                    continue
                now = time.monotonic()
                first, silence, last = first or now - began, max(silence, now - last), now
                pieces, end = pieces + 1, line
        call_id = answer.headers.get("x-llm-call-id", "")
        return Streamed(call_id, pieces, first, silence, time.monotonic() - began, end == DONE)

    def _reaching(self) -> Mapping[str, Any]:
        """Return how a request is sent: by no proxy to an address of this machine."""
        is_here = httpx.URL(self.url).host in ("127.0.0.1", "localhost")
        headers = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        return {"headers": headers, "trust_env": not is_here}


def _asking(model: str, prompt: str, max_tokens: int) -> Mapping[str, object]:
    return {"model": model, "max_tokens": max_tokens, "messages": [{"role": "user", "content": prompt}]}
