"""The headers of a request, read once for all who look some of them up."""

from collections.abc import Iterator
from typing import Final

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import Receive, Scope

IDENTITY: Final = "identity"  # the only coding in which bodies are taken


class IndexedHeaders(Headers):
    """Headers found by their names: a call's are looked up two dozen times, and Starlette's are searched each time.

    Of a name that comes several times the first value is found, as with Starlette's.
    """

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
