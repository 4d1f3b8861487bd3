"""Ask a provider whether a key works, at the cheapest endpoint that wants one."""

import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urljoin

import httpx

from atom_llm.domain.provider_keys import ProbeResult
from atom_llm.domain.providers import PROVIDER_BY_ID, Provider

TIMEOUTS: Final = httpx.Timeout(connect=3.0, read=8.0, write=3.0, pool=3.0)  # seconds; a person waits for the answer
MAX_ANSWER: Final = 256 * 1024  # bytes that are read of it; the status says nearly all
ANTHROPIC_VERSION: Final = "2023-06-01"

# Words in the body of a 429 that mean an empty account rather than too many requests.
_QUOTA: Final = ("insufficient_quota", "insufficient balance", "exceeded_current_quota", "billing", "credit")
_GOOGLES_BAD_KEY: Final = "API_KEY_INVALID"  # Google says it with a 400


class HttpKeyProber:
    """Implements `KeyProber`. What a provider answers is judged and dropped: it is in no error, log or result."""

    def __init__(self, base_urls: Mapping[str, str], transport: httpx.BaseTransport | None = None) -> None:
        """`base_urls` are the environment's overrides by provider."""
        self._base_urls = base_urls
        self._transport = transport

    def probe(self, provider: str, plaintext: str) -> tuple[ProbeResult, str]:
        """One GET; redirects are not followed, for the key would go along."""
        asked = PROVIDER_BY_ID[provider]
        url = urljoin(self._base_urls.get(provider, asked.base_url).rstrip("/") + "/", asked.probe)
        try:
            with (
                httpx.Client(timeout=TIMEOUTS, follow_redirects=False, transport=self._transport) as client,
                client.stream("GET", url, headers=_headers(asked, plaintext)) as answer,
            ):
                return _judged(answer.status_code, _start_of(answer))
        except httpx.TimeoutException:
            return "unreachable", "the provider did not answer in time"
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return "unreachable", f"the provider could not be asked: {type(error).__name__}"


def _headers(provider: Provider, plaintext: str) -> dict[str, str]:
    match provider.key_header:
        case "bearer":
            return {"authorization": f"Bearer {plaintext}"}
        case "x-api-key":
            return {"x-api-key": plaintext, "anthropic-version": ANTHROPIC_VERSION}
        case "x-goog-api-key":
            return {"x-goog-api-key": plaintext}


def _start_of(answer: httpx.Response) -> str:
    content = b""
    for piece in answer.iter_bytes(16 * 1024):
        content += piece
        if len(content) >= MAX_ANSWER:
            break
    return content[:MAX_ANSWER].decode("utf-8", "replace")


def _judged(status: int, text: str) -> tuple[ProbeResult, str]:
    said = f"the provider answered {status}"
    is_about_money = any(word in text.lower() for word in _QUOTA)
    match status:
        case 200:
            return ("valid", said) if _is_object(text) else ("unreachable", f"{said}, but with no JSON object")
        case 401 | 403:
            return "invalid", said
        case 400 if _GOOGLES_BAD_KEY in text:
            return "invalid", said
        case 402:
            return "out_of_credit", said
        case 429 if is_about_money:
            return "out_of_credit", said
        case 429:
            return "valid", f"{said}: too many requests, but the key is known"
        case _:
            return "unreachable", said


def _is_object(text: str) -> bool:
    """Whether an answer is what an API gives, and no portal's or proxy's page; a long list may be cut."""
    if len(text.encode()) >= MAX_ANSWER:
        return text.lstrip().startswith("{")
    try:
        found: Any = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(found, dict)
