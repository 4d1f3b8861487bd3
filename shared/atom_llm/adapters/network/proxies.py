"""The environment's proxies, read as httpx reads them: HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final
from urllib.parse import unquote, urlsplit

from atom_llm.adapters.network.origin import DEFAULT_PORTS, Origin

_NAMES: Final = ("http", "https", "all")


class UnknownProxy(Exception):
    """The environment names a proxy that cannot be spoken to; the message names the variable, not its value."""


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy that is spoken to in plain HTTP, and the word by which it lets us in; None where it wants none."""

    origin: Origin
    authorization: str | None = None


@dataclass(frozen=True, slots=True)
class Proxies:
    """The proxy of each scheme, and the hosts that are reached without one."""

    by_scheme: Mapping[str, Proxy]
    direct: tuple[str, ...] = ()

    def of(self, origin: Origin) -> Proxy | None:
        """Return the proxy through which an origin is reached; None where it is reached directly."""
        proxy = self.by_scheme.get(origin.scheme) or self.by_scheme.get("all")
        return None if proxy is None or any(_covers(each, origin) for each in self.direct) else proxy


NONE: Final = Proxies({})


def proxies_of(environ: Mapping[str, str]) -> Proxies:
    """Return what an environment says of proxies; a name in small letters counts more than the same in capitals.

    Raises `UnknownProxy` for one that is not spoken to in plain HTTP.
    """
    found = {}
    for name in _NAMES:
        given = environ.get(f"{name}_proxy") or environ.get(f"{name}_proxy".upper())
        if name == "http" and "REQUEST_METHOD" in environ:  # CGI: a caller's header `Proxy` would be that variable
            given = environ.get("http_proxy")
        if given:
            found[name] = _proxy(f"{name}_proxy".upper(), given)
    direct = environ.get("no_proxy") or environ.get("NO_PROXY") or ""
    hosts = tuple(host for each in direct.split(",") if (host := each.strip().lower()))
    return Proxies(found, hosts)


def _proxy(variable: str, given: str) -> Proxy:
    parts = urlsplit(given if "://" in given else f"http://{given}")
    try:
        port = parts.port
    except ValueError:
        raise UnknownProxy(f"{variable} is not a URL") from None
    if parts.scheme != "http" or not parts.hostname:
        raise UnknownProxy(f"{variable} must be a proxy over http://")
    origin = Origin("http", parts.hostname, port or DEFAULT_PORTS["http"])
    if parts.username is None:
        return Proxy(origin)
    word = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
    return Proxy(origin, f"Basic {b64encode(word).decode()}")


def _covers(entry: str, origin: Origin) -> bool:
    """Return whether an entry of NO_PROXY names an origin: `*`, a host with all below it, or an address."""
    if entry == "*":
        return True
    scheme, has_scheme, rest = entry.rpartition("://")
    if has_scheme and scheme not in (origin.scheme, "all"):
        return False
    named, port = _with_port(rest)
    if port is not None and port != origin.port:
        return False
    if named == "localhost" or _is_address(named) or (has_scheme and not named.startswith("*")):
        return origin.host == named
    below = named.removeprefix("*") if has_scheme else named
    return origin.host.endswith(f".{below.removeprefix('.')}") or origin.host == below


def _with_port(entry: str) -> tuple[str, int | None]:
    if _is_address(entry):
        return entry, None
    host, _, port = entry.rpartition(":")
    return (host.removeprefix("[").removesuffix("]"), int(port)) if host and port.isdigit() else (entry, None)


def _is_address(text: str) -> bool:
    try:
        ip_address(text.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return True
