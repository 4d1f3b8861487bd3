"""The headers of a request, read once for all who look some of them up."""

from collections.abc import Iterator
from typing import Final

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import Receive, Scope

IDENTITY: Final = "identity"  # the only coding in which bodies are taken


class IndexedHeaders(Headers):
    """Headers found by their names: a call's are looked up two dozen times, and Starlette's are searched each time."""

    def __init__(self, scope: Scope) -> None:
        super().__init__(scope=scope)
        self._first: dict[str, str] = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in reversed(scope["headers"])
        }

    def __getitem__(self, key: str) -> str:
        """Return the value of a header, in whatever case it is named; raises `KeyError` where it did not come."""
        return self._first[key.lower()]

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names, in lower case, each of them once."""
        return iter(self._first)

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and key.lower() in self._first

    def get[Default](self, key: str, default: Default | None = None) -> str | Default | None:  # type: ignore[override]
        """Return the value of a header, or the default where it did not come."""
        return self._first.get(key.lower(), default)


def with_each_header_once(scope: Scope) -> Scope:
    """Return the scope with one header of each name: the values of several are joined by commas (RFC 9110, 5.3).

    Tags in two of them are all of the call's, and a bound that is told twice is none that could be kept unawares.
    """
    headers: list[tuple[bytes, bytes]] = scope["headers"]
    values: dict[bytes, bytes] = {}
    for name, value in headers:
        values[name] = values[name] + b", " + value if name in values else value
    return scope if len(values) == len(headers) else {**scope, "headers": list(values.items())}


def headers_of(scope: Scope) -> IndexedHeaders:
    """Return the headers of a request, read when they are first asked for."""
    state = scope.setdefault("state", {})
    found: IndexedHeaders | None = state.get("headers")
    if found is None:
        found = state["headers"] = IndexedHeaders(scope)
    return found


class ReadRequest(Request):
    """A request whose headers and body are those that the middleware has read."""

    def __init__(self, scope: Scope, receive: Receive) -> None:
        super().__init__(scope, receive)
        self._headers = headers_of(scope)

    async def body(self) -> bytes:
        """Return the body, which comes as one message."""
        if not hasattr(self, "_body"):
            self._body: bytes = (await self.receive())["body"]
        return self._body
