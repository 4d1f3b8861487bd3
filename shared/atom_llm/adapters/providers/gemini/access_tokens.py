"""Access to Google Cloud by a service account: its key signs for a token that lives for an hour (RFC 7523).

developers.google.com/identity/protocols/oauth2/service-account
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final

import httpx

from atom_llm.domain.core.public_hosts import address_fault
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure
from atom_llm.observability import hide
from atom_llm.process_cache import TimedMap

SCOPE: Final = "https://www.googleapis.com/auth/cloud-platform"
GRANT: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LIVES_FOR: Final = timedelta(hours=1)  # the longest that Google gives
RENEWED_AFTER: Final = timedelta(minutes=50)
TIMEOUTS: Final = httpx.Timeout(connect=2.0, read=5.0, write=2.0, pool=2.0)  # seconds; a call waits for it
MOST_TOKENS: Final = 100
_REFUSED: Final = (400, 401, 403)


class ServiceAccounts:
    """Implements `RequestSigner`: `key` is a service account's key as Google's console gives it, in JSON."""

    def __init__(
        self,
        clock: Callable[[], datetime],
        transport: httpx.BaseTransport | None = None,
        *,
        on_this_machine: bool = False,
    ) -> None:
        """Take the clock; `on_this_machine` lets tokens be asked for there."""
        self._clock = clock
        self._transport = transport
        self._on_this_machine = on_this_machine
        self._tokens: TimedMap[str, str] = TimedMap(clock, RENEWED_AFTER, MOST_TOKENS)

    async def signed(self, url: str, headers: Mapping[str, str], body: bytes, key: str) -> Mapping[str, str]:
        """Return the headers with a token; raises `ProviderFailure` where there is none to be had."""
        name = sha256(key.encode()).hexdigest()
        token = self._tokens.fresh(name)
        if token is None:
            token = await asyncio.to_thread(self._asked_for, key)
            self._tokens.put(name, token)
        hide(token)
        return {**headers, "authorization": f"Bearer {token}"}

    def _asked_for(self, key: str) -> str:
        account = _account(key)
        if address_fault(account["token_uri"], on_this_machine=self._on_this_machine) is not None:
            raise _no_key("the service account's token_uri is no address of Google's")
        form = {"grant_type": GRANT, "assertion": self._assertion(account)}
        try:
            with httpx.Client(timeout=TIMEOUTS, follow_redirects=False, transport=self._transport) as client:
                answer = client.post(account["token_uri"], data=form)
            token = answer.json().get("access_token") if answer.status_code == httpx.codes.OK else None
        except (httpx.HTTPError, ValueError, AttributeError) as error:
            raise _unavailable(f"no token could be asked for: {type(error).__name__}") from None
        if answer.status_code in _REFUSED:
            raise _no_key(f"the service account was refused a token with {answer.status_code}")
        if not isinstance(token, str) or not token:
            raise _unavailable(f"no token was given: {answer.status_code}")
        return token

    def _assertion(self, account: Mapping[str, str]) -> str:
        from joserfc import jwt
        from joserfc.errors import JoseError
        from joserfc.jwk import RSAKey

        at = int(self._clock().timestamp())
        claims = {"iss": account["client_email"], "scope": SCOPE, "aud": account["token_uri"]}
        times = {"iat": at, "exp": at + int(LIVES_FOR.total_seconds())}
        header = {"alg": "RS256", "typ": "JWT", "kid": account.get("private_key_id", "")}
        try:
            return jwt.encode(header, {**claims, **times}, RSAKey.import_key(account["private_key"]))
        except (JoseError, ValueError):
            raise _no_key("the service account's private_key is no RSA key") from None


def _account(key: str) -> Mapping[str, str]:
    try:
        read: Any = json.loads(key)
    except ValueError:
        read = None
    needed = ("client_email", "private_key", "token_uri")
    if not isinstance(read, dict) or not all(isinstance(read.get(name), str) for name in needed):
        raise _no_key(f"the key is no service account in JSON with {', '.join(needed)}")
    return read


def _no_key(why: str) -> ProviderFailure:
    return ProviderFailure(FailureKind.KEY_INVALID, why, was_sent=False)


def _unavailable(why: str) -> ProviderFailure:
    return ProviderFailure(FailureKind.TRANSIENT, why, was_sent=False)
