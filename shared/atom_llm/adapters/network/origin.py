"""The ends of a URL: the origin that connections are kept for, and the request's target there."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import quote, urlsplit

DEFAULT_PORTS: Final = {"http": 80, "https": 443}
MOST_REMEMBERED: Final = 1_024  # URLs; a process calls a few dozen

_OF_A_TARGET: Final = "/?:@!$&'()*+,;=-._~%[]"  # what a target may hold as it stands (RFC 3986, 3.3 and 3.4)


@dataclass(frozen=True, slots=True)
class Origin:
    """A scheme, a host without brackets, and a port."""

    scheme: str
    host: str
    port: int

    @property
    def is_secure(self) -> bool:
        """Return whether it is spoken to over TLS."""
        return self.scheme == "https"

    @property
    def authority(self) -> str:
        """The host and port as a proxy is told them."""
        return f"{_bracketed(self.host)}:{self.port}"

    @property
    def host_header(self) -> str:
        """The host, with its port where that is not the scheme's own."""
        return _bracketed(self.host) if self.port == DEFAULT_PORTS[self.scheme] else self.authority


@lru_cache(maxsize=MOST_REMEMBERED)
def located(url: str) -> tuple[Origin, str]:
    """Return a URL's origin and its target, in the characters that HTTP allows; raises `ValueError` for no such URL."""
    parts = urlsplit(url)
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname:
        raise ValueError("no URL of HTTP")
    port = parts.port or DEFAULT_PORTS[parts.scheme]
    target = quote(parts.path or "/", safe=_OF_A_TARGET)
    if parts.query:
        target += f"?{quote(parts.query, safe=_OF_A_TARGET)}"
    return Origin(parts.scheme, parts.hostname, port), target


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
