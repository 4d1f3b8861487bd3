"""The deployment's other addresses of providers: their names are resolved and judged before a key goes there."""

import asyncio
import socket
from collections.abc import Callable, Collection, Mapping
from ipaddress import ip_address
from time import monotonic
from typing import Final
from urllib.parse import urlsplit

from atom_llm.domain.core.public_hosts import all_may_be_private, all_public, is_public_host
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure

JUDGED_EVERY_S: Final = 60.0  # a name's addresses change with its time to live, of a minute or so
RESOLVED_WITHIN_S: Final = 3.0

_PORT: Final = 443


class OtherAddresses:
    """The base addresses that stand in for published ones, by provider id.

    `settings` has refused hosts that are local by their spelling. A name can still resolve to a private address: that
    is judged here, again every minute. Between this and the client's own look-up the name may move; what is reached
    then has to show a certificate for the name before it is told anything.
    """

    def __init__(
        self,
        base_urls: Mapping[str, str],
        resolve: Callable[[str], list[str]] | None = None,
        now: Callable[[], float] = monotonic,
        private: Collection[str] = (),
    ) -> None:
        """Take the addresses by provider id; `resolve` returns those of a name, and `now` counts seconds.

        `private` are the providers that the operator says to be in its own network.
        """
        self._base_urls = base_urls
        self._resolve = resolve or _resolved
        self._now = now
        self._private = frozenset(private)
        self._public_until: dict[str, float] = {}

    def base_url(self, provider: str, published: str) -> str:
        """Return the address at which a provider is called."""
        return self._base_urls.get(provider, published)

    async def judge(self, provider: str) -> None:
        """Raise `ProviderFailure` where a provider's other address resolves to one that is not public."""
        if not self._is_due(provider):
            return
        try:
            async with asyncio.timeout(RESOLVED_WITHIN_S):
                found = await asyncio.to_thread(self._resolve, self._host(provider))
        except TimeoutError:
            raise ProviderFailure(
                FailureKind.SILENT, "the provider's name was not resolved in time", was_sent=False
            ) from None
        self._conclude(provider, found)

    def judge_now(self, provider: str) -> None:
        """Do the same in a thread that may wait."""
        if self._is_due(provider):
            self._conclude(provider, self._resolve(self._host(provider)))

    def _is_due(self, provider: str) -> bool:
        """Return whether a provider has another address whose name was not judged of late.

        Loopback, which settings take for a local run alone, has no name to judge; nor has a public address.
        """
        if provider not in self._base_urls or self._now() < self._public_until.get(provider, 0.0):
            return False
        host = self._host(provider)
        return _is_name(host) if provider in self._private else is_public_host(host)

    def _host(self, provider: str) -> str:
        return urlsplit(self._base_urls[provider]).hostname or ""

    def _conclude(self, provider: str, addresses: list[str]) -> None:
        if provider in self._private:
            fault = None if all_may_be_private(addresses) else "the provider's address is one of the machine's own"
        else:
            fault = None if all_public(addresses) else "the provider's address is not on the public internet"
        if fault is not None:
            raise ProviderFailure(FailureKind.TRANSIENT, fault, was_sent=False)
        self._public_until[provider] = self._now() + JUDGED_EVERY_S


def _is_name(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return True
    return False


def _resolved(host: str) -> list[str]:
    """Return the addresses of a host; none where it has none, which the client will say in its own words."""
    try:
        return [str(found[4][0]) for found in socket.getaddrinfo(host, _PORT, type=socket.SOCK_STREAM)]
    except OSError:
        return []
