"""Questions about responses that OpenAI keeps: rare, small and free, each by a connection of its own."""

from typing import Final
from urllib.parse import urljoin

import httpx

from atom_llm import __version__
from atom_llm.adapters.providers.other_addresses import OtherAddresses
from atom_llm.domain.core.errors import (
    NotFound,
    NoUsableKey,
    ProviderRefused,
    RateLimited,
    UpstreamFailed,
    UpstreamTimeout,
)
from atom_llm.domain.core.providers import PROVIDER_BY_ID
from atom_llm.domain.providers.error_body import parsed, told
from atom_llm.domain.providers.exchange import KeptResponseVerb
from atom_llm.domain.providers.failures import ProviderFailure
from atom_llm.observability import hide, redacted, redacted_json

TIMEOUTS: Final = httpx.Timeout(connect=3.0, read=10.0, write=3.0, pool=3.0)  # seconds
MAX_ANSWER: Final = 20 * 1024 * 1024  # bytes, as of an answer that is not kept
RETRY_S: Final = 5.0
USER_AGENT: Final = f"atom-llm/{__version__}"


class HttpKeptResponses:
    """Implements `KeptResponseReader`."""

    def __init__(self, addresses: OtherAddresses, transport: httpx.BaseTransport | None = None) -> None:
        """Take `addresses`, the environment's in place of published ones."""
        self._addresses = addresses
        self._transport = transport

    def ask(self, provider: str, key: str, verb: KeptResponseVerb, path: str) -> bytes:
        """Send one request; redirects are not followed, for the key would go along."""
        asked = PROVIDER_BY_ID[provider]
        hide(key)
        headers = {"accept": "application/json", "accept-encoding": "identity", "user-agent": USER_AGENT}
        headers[asked.key_header.name] = f"{asked.key_header.prefix}{key}"
        url = urljoin(self._addresses.base_url(provider, asked.base_url).rstrip("/") + "/", path)
        try:
            self._addresses.judge_now(provider)
            with (
                httpx.Client(timeout=TIMEOUTS, follow_redirects=False, transport=self._transport) as client,
                client.stream(verb, url, headers=headers) as answer,
            ):
                return _judged(answer.status_code, _body(answer))
        except ProviderFailure as failure:
            raise UpstreamFailed(failure.message) from failure
        except httpx.TimeoutException:
            raise UpstreamTimeout("the provider did not answer in time") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise UpstreamFailed(f"the provider could not be asked: {type(error).__name__}") from None


def _body(answer: httpx.Response) -> bytes:
    if answer.headers.get("content-encoding", "identity") != "identity":
        raise UpstreamFailed("the provider packed its answer unasked")
    content = b""
    for piece in answer.iter_bytes(64 * 1024):
        content += piece
        if len(content) > MAX_ANSWER:
            raise UpstreamFailed(f"the answer is larger than {MAX_ANSWER:,} bytes")
    return content


def _judged(status: int, body: bytes) -> bytes:
    """Return the body of an answer, without the request's own secrets; raises what its status stands for."""
    if status == 200:
        return redacted_json(body.decode(errors="replace").encode())
    sentence = redacted(told(parsed(body)).sentence or f"the provider answered {status}")
    if status == 404:
        raise NotFound("the provider keeps no such response")
    if status in (400, 409, 422):
        raise ProviderRefused(sentence)
    if status in (401, 403):
        raise NoUsableKey("the provider refuses the key that the response was made with")
    if status == 429:
        raise RateLimited(sentence, RETRY_S)
    raise UpstreamFailed(sentence)
