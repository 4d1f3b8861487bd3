"""The published keys of issuers over HTTP: bounded in size and time, never redirected, from public hosts alone."""

import json
import socket
from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from atom_llm import __version__
from atom_llm.domain.core.errors import IssuerUnavailable
from atom_llm.domain.core.public_hosts import LOOPBACK, address_fault, all_public
from atom_llm.domain.tenancy.identity.key_sets import Jwk, published_keys
from atom_llm.domain.tenancy.identity.trusted_issuers import TrustedIssuer

if TYPE_CHECKING:
    import httpx

CONNECT_S: Final = 2.0
READ_S: Final = 3.0  # silence between two pieces; a caller waits for the answer
TOTAL_S: Final = 5.0  # of one document
MAX_DOCUMENT: Final = 256 * 1024  # bytes; the largest directories' key sets have a tenth
DISCOVERY: Final = "/.well-known/openid-configuration"
USER_AGENT: Final = f"atom-llm/{__version__} (+issuer keys)"


class HttpKeySets:
    """Implements `KeySetSource`."""

    def __init__(
        self,
        *,
        on_this_machine: bool,
        transport: "httpx.BaseTransport | None" = None,
        resolve: Callable[[str], list[str]] | None = None,
        now: Callable[[], float] = monotonic,
    ) -> None:
        """Take whether a loopback address may be read; `resolve` returns a name's addresses, `now` counts seconds."""
        self._on_this_machine = on_this_machine
        self._transport = transport
        self._resolve = resolve or _resolved
        self._now = now

    def read(self, issuer: TrustedIssuer) -> tuple[Jwk, ...]:
        """Read the key set, whose address the discovery document names where the operator does not."""
        address = issuer.jwks_uri or self._discovered(issuer)
        document = self._document(address, "the key set")
        try:
            return published_keys(document)
        except ValueError as error:
            raise IssuerUnavailable(f"the issuer's keys cannot be read: {error}") from None

    def _discovered(self, issuer: TrustedIssuer) -> str:
        """Return the address of the keys by OpenID Connect Discovery 1.0, 4: the document has to name the issuer."""
        document = self._document(issuer.url.rstrip("/") + DISCOVERY, "the discovery document")
        named, address = (document.get(name) for name in ("issuer", "jwks_uri"))
        if named != issuer.url:
            raise IssuerUnavailable("the issuer's keys cannot be read: its discovery document is of another issuer")
        if not isinstance(address, str):
            raise IssuerUnavailable("the issuer's keys cannot be read: its discovery document names no jwks_uri")
        return address

    def _document(self, address: str, what: str) -> dict[str, Any]:
        import httpx  # 100 ms of import that only tokens need

        self._judge(address, what)
        timeout = httpx.Timeout(READ_S, connect=CONNECT_S)
        headers = {"accept": "application/json", "accept-encoding": "identity", "user-agent": USER_AGENT}
        try:
            with (
                httpx.Client(timeout=timeout, follow_redirects=False, transport=self._transport) as client,
                client.stream("GET", address, headers=headers) as answer,
            ):
                if answer.status_code != 200:
                    raise _unreadable(what, f"is answered with status {answer.status_code}")
                found = json.loads(self._body(answer, what))
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise _unreadable(what, f"could not be asked for ({type(error).__name__})") from None
        except (ValueError, RecursionError):
            raise _unreadable(what, "is not JSON") from None
        if not isinstance(found, dict):
            raise _unreadable(what, "is no JSON object")
        return found

    def _judge(self, address: str, what: str) -> None:
        """Raise `IssuerUnavailable` for an address that is not ours to ask, by its spelling or by what it resolves to.

        Between this and the client's own look-up the name may move; what is reached then has to show a certificate for
        the name.
        """
        fault = address_fault(address, on_this_machine=self._on_this_machine)
        if fault is not None:
            raise _unreadable(what, f"has an address that {fault}")
        host = urlsplit(address).hostname or ""
        if host not in LOOPBACK and f"[{host}]" not in LOOPBACK and not all_public(self._resolve(host)):
            raise _unreadable(what, "has an address that is not on the public internet")

    def _body(self, answer: "httpx.Response", what: str) -> bytes:
        until, content = self._now() + TOTAL_S, b""
        if answer.headers.get("content-encoding", "identity") != "identity":
            raise _unreadable(what, "comes compressed, which was not asked for")
        for piece in answer.iter_bytes(16 * 1024):
            content += piece
            if len(content) > MAX_DOCUMENT:
                raise _unreadable(what, f"has more than {MAX_DOCUMENT:,} bytes")
            if self._now() > until:
                raise _unreadable(what, "did not come in time")
        return content


def _unreadable(what: str, fault: str) -> IssuerUnavailable:
    return IssuerUnavailable(f"the issuer's keys cannot be read: {what} {fault}")


def _resolved(host: str) -> list[str]:
    """Return the addresses of a host; none where it has none, which the client will say in its own words."""
    try:
        return [str(found[4][0]) for found in socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)]
    except OSError:
        return []
