"""The test of a key by one request to its provider's cheapest endpoint that wants a key."""

from collections.abc import Callable
from time import monotonic
from typing import Final
from urllib.parse import urljoin

import httpx

from atom_llm import __version__
from atom_llm.adapters.providers.other_addresses import OtherAddresses
from atom_llm.domain.core.providers import PROVIDER_BY_ID, Provider
from atom_llm.domain.providers.failures import ProviderFailure
from atom_llm.domain.providers.key_verdict import ProbeResult, is_list_of_models, lacks_scope, verdict

TIMEOUTS: Final = httpx.Timeout(connect=3.0, read=8.0, write=3.0, pool=3.0)  # seconds; a person waits for the answer
TOTAL_S: Final = 15.0  # of a body that comes piece by piece; API Gateway gives the whole request 29
MAX_ANSWER: Final = 1024 * 1024  # bytes; the longest list of models is a tenth of it
ANTHROPIC_VERSION: Final = "2023-06-01"
USER_AGENT: Final = f"atom-llm/{__version__} (+key test)"


class _TooMuch(Exception):
    """The answer is larger, or takes longer, than a list of models can."""


class HttpKeyProber:
    """Implements `KeyProber`. A provider's answer is judged and dropped: it is in no error, log or result."""

    def __init__(
        self,
        addresses: OtherAddresses,
        transport: httpx.BaseTransport | None = None,
        timeouts: httpx.Timeout = TIMEOUTS,
        now: Callable[[], float] = monotonic,
    ) -> None:
        """Take `addresses`, the environment's in place of published ones; `now` counts seconds."""
        self._addresses = addresses
        self._transport = transport
        self._timeouts = timeouts
        self._now = now

    def probe(self, provider: str, plaintext: str) -> tuple[ProbeResult, str]:
        """Send one GET; redirects are not followed, for the key would go along."""
        asked = PROVIDER_BY_ID[provider]
        if asked.api_style == "bedrock":
            return "unreachable", "a role is tested by its first call"
        url = urljoin(self._addresses.base_url(provider, asked.base_url).rstrip("/") + "/", asked.probe)
        try:
            self._addresses.judge_now(provider)
            with (
                httpx.Client(timeout=self._timeouts, follow_redirects=False, transport=self._transport) as client,
                client.stream("GET", url, headers=_headers(asked, plaintext)) as answer,
            ):
                return _judged(provider, answer.status_code, self._body(answer))
        except ProviderFailure as failure:
            return "unreachable", failure.message
        except httpx.TimeoutException:
            return "unreachable", "the provider did not answer in time"
        except _TooMuch as error:
            return "unreachable", str(error)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return "unreachable", f"the provider could not be asked: {type(error).__name__}"

    def _body(self, answer: httpx.Response) -> bytes:
        """Return the body; nothing of one that comes compressed unasked: what is not unpacked cannot explode."""
        until, content = self._now() + TOTAL_S, b""
        if answer.headers.get("content-encoding", "identity") != "identity":
            return content
        for piece in answer.iter_bytes(16 * 1024):
            content += piece
            if len(content) > MAX_ANSWER:
                raise _TooMuch("the provider answered more than a list of models")
            if self._now() > until:
                raise _TooMuch("the provider did not answer in time")
        return content


def _headers(provider: Provider, plaintext: str) -> dict[str, str]:
    headers = {"accept": "application/json", "accept-encoding": "identity", "user-agent": USER_AGENT}
    headers[provider.key_header.name] = f"{provider.key_header.prefix}{plaintext}"
    return headers | ({"anthropic-version": ANTHROPIC_VERSION} if provider.api_style == "anthropic" else {})


def _judged(provider: str, status: int, body: bytes) -> tuple[ProbeResult, str]:
    if provider == "openai" and status in (401, 403) and lacks_scope(body):
        return "valid", f"the provider answered {status}: the key is known, but may not list models"
    found = verdict(provider, status, body)
    if status == 200 and found.result == "valid" and not is_list_of_models(body):
        return "unreachable", f"{found.reason}, but with no list of models"
    return found.result, found.reason
