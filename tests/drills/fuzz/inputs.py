"""The inputs of a run, each the bytes of one request, made of the seed and its number alone."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Final
from urllib.parse import quote, quote_from_bytes

from tests.drills.fuzz import hostile
from tests.drills.fuzz.broken_http import broken_http
from tests.drills.fuzz.sampled import conversation, conversation_of_items, conversation_with_messages, sampled, spoilt
from tests.drills.fuzz.surface import Operation

CONVERSATIONS: Final = frozenset({"/v1/chat/completions", "/v1/route"})
MESSAGES: Final = "/v1/messages"  # and what is below it
RESPONSES: Final = "/v1/responses"  # likewise
TALKING: Final = 0.45  # of the inputs: what callers send most, and what has the most dialects behind it
TOO_LARGE: Final = (1024 * 1024 + 1, 6 * 1024 * 1024 + 1)  # bytes; what control routes and chat take, and one more
HEADERS: Final = (
    "x-llm-max-cost-usd",
    "x-llm-timeout-ms",
    "x-llm-tags",
    "x-llm-tier",
    "x-llm-stream-guard",
    "idempotency-key",
    "accept",
    "accept-encoding",
    "accept-language",
    "content-encoding",
    "origin",
    "access-control-request-method",
    "x-forwarded-for",
    "x-request-id",
    "x-amzn-trace-id",
    "traceparent",
    "if-none-match",
    "range",
    "cookie",
    "user-agent",
    "x-api-key",
    "anthropic-version",
    "anthropic-beta",
    "host",
    "te",
)


@dataclass(frozen=True, slots=True)
class FuzzInput:
    """The bytes of one request. `is_whole` where a server that understands HTTP has to answer it."""

    number: int
    label: str
    kind: str
    sent: bytes
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class Source:
    """The making of inputs: the surface, the models of all dialects, and keys that open it."""

    operations: Sequence[Operation]
    models: Sequence[str]
    keys: Sequence[str]
    seed: int

    def input_of(self, number: int) -> FuzzInput:
        """Return the input of a number."""
        chance = Random(f"{self.seed}/{number}")  # repeatable
        kind = chance.choices(list(_KINDS), [weight for weight, _ in _KINDS.values()])[0]
        return _KINDS[kind][1](self, number, kind, chance)

    def operation(self, chance: Random) -> Operation:
        """Return an operation; those of calls come as often as all others together."""
        talks = [each for each in self.operations if each.path.startswith("/v1/") and each.verb == "post"]
        return chance.choice(talks if talks and chance.random() < TALKING else self.operations)


@dataclass(slots=True)
class _Request:
    verb: str
    target: bytes
    headers: list[tuple[bytes, bytes]]
    body: bytes

    def spelt(self) -> bytes:
        lines = [self.verb.upper().encode() + b" " + self.target + b" HTTP/1.1"]
        lines += [name + b": " + value for name, value in self.headers]
        return b"\r\n".join(lines) + b"\r\n\r\n" + self.body


def _request(source: Source, operation: Operation, chance: Random, body: bytes | None = None) -> _Request:
    """Return a request that a document allows, in JSON, with a key."""
    if body is None:
        body = _encoded(_content(source, operation, chance), chance) if operation.body is not None else b""
    headers = [
        (b"host", b"127.0.0.1"),
        (b"authorization", f"Bearer {chance.choice(source.keys)}".encode()),
        (b"content-length", str(len(body)).encode()),
    ]
    if operation.body is not None:
        headers.append((b"content-type", b"application/json"))
    return _Request(operation.verb, _target(operation, chance, is_bad=False), headers, body)


def _content(source: Source, operation: Operation, chance: Random) -> Any:
    if operation.path.startswith(MESSAGES) and chance.random() < 0.95:
        return conversation_with_messages(list(source.models), chance)
    if operation.path.startswith(RESPONSES) and chance.random() < 0.95:
        return conversation_of_items(list(source.models), chance)
    if operation.path in CONVERSATIONS or chance.random() < 0.05:
        return conversation(list(source.models), chance)
    return sampled(operation.body or {}, operation.document, chance)


def _encoded(content: Any, chance: Random) -> bytes:
    text = json.dumps(content, ensure_ascii=chance.random() < 0.7)
    return text.encode("utf-8", "surrogatepass")


def _target(operation: Operation, chance: Random, *, is_bad: bool) -> bytes:
    path = operation.path.encode()
    for parameter in operation.parameters("path"):
        value = hostile.text(chance)[:2_000] if is_bad else "openai/gpt-4o-mini"
        path = path.replace(b"{" + parameter["name"].encode() + b"}", _percent(value, safe="/"))
    asked = [
        (each["name"], str(sampled(each.get("schema", {}), operation.document, chance)))
        for each in operation.parameters("query")
        if each.get("required") or chance.random() < 0.3
    ]
    return path + (
        b"?" + "&".join(f"{name}={_percent(value).decode()}" for name, value in asked).encode() if asked else b""
    )


def _percent(value: str, safe: str = "") -> bytes:
    return quote_from_bytes(value.encode("utf-8", "surrogatepass"), safe=safe).encode()


def _of_body(source: Source, number: int, kind: str, chance: Random) -> FuzzInput:
    """Wrong values at one to three places of a body."""
    operation = _with_body(source, chance)
    content = _content(source, operation, chance)
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        content = spoilt(content, chance)
    body = _encoded(content, chance)
    return FuzzInput(number, operation.label, kind, _request(source, operation, chance, body).spelt())


def _of_bytes(source: Source, number: int, kind: str, chance: Random) -> FuzzInput:
    """A body that is no JSON, or just not any more."""
    operation = _with_body(source, chance)
    good = _encoded(_content(source, operation, chance), chance)
    place = chance.randrange(len(good) or 1)
    size = chance.choice(TOO_LARGE) if chance.random() < 0.02 else 200_000
    spoilt_bodies: Sequence[Callable[[], bytes]] = (
        lambda: good[:place],
        lambda: good[:place] + chance.randbytes(chance.choice((1, 4, 40))) + good[place:],
        lambda: good + good,
        lambda: b"\xef\xbb\xbf" + good,
        lambda: good.decode("utf-8", "replace").encode("utf-16"),
        lambda: (
            good[:place] + chance.choice((b"NaN", b"1e999", b"-", b"\\ud800", b"\xed\xa0\x80", b"\x00")) + good[place:]
        ),
        lambda: chance.choice((b'"', b"[", b"{", b'{"a":', b"\\", b"0", b"1,", b"[]]")) * (size // 4),
        lambda: b'{"model": "' + b"a" * size + b'"}',
        lambda: chance.randbytes(300),
        lambda: b"",
    )
    body = chance.choice(spoilt_bodies)()
    return FuzzInput(number, operation.label, kind, _request(source, operation, chance, body).spelt())


def _of_headers(source: Source, number: int, kind: str, chance: Random) -> FuzzInput:
    """Headers that say something wrong, twice, at length, or in no text."""
    operation = source.operation(chance)
    request = _request(source, operation, chance)
    for _ in range(chance.randrange(1, 4)):
        act = chance.randrange(6)
        if act == 0:
            name = chance.choice((b"authorization", b"content-type"))
            request.headers = [each for each in request.headers if each[0] != name]
            request.headers.append((name, hostile.header_bytes(chance)))
        elif act == 1:
            request.headers += [(f"x-many-{each}".encode(), b"1") for each in range(chance.choice((50, 400)))]
        elif act == 2:
            request.headers.append(chance.choice(request.headers))
        else:
            request.headers.append((chance.choice(HEADERS).encode(), hostile.header_bytes(chance)))
    return FuzzInput(number, operation.label, kind, request.spelt(), is_whole=False)


def _of_query(source: Source, number: int, kind: str, chance: Random) -> FuzzInput:
    """Queries with wrong, unknown, repeated and broken parameters."""
    operation = source.operation(chance)
    request = _request(source, operation, chance)
    names = [each["name"] for each in operation.parameters("query")] + ["tenant", "cursor", "limit", "unknown"]
    pairs = []
    for _ in range(chance.choice((1, 1, 2, 5, 200))):
        value = _percent(hostile.text(chance)[:3_000])
        if chance.random() < 0.1:
            value = chance.choice((b"%", b"%zz", b"%ff%fe", b"a%00b", b"+", b"&&==", b"%u0041"))
        pairs.append(quote(chance.choice(names)).encode() + b"=" + value)
    path = request.target.partition(b"?")[0]
    request.target = (path + b"?" + b"&".join(pairs))[:60_000]
    return FuzzInput(number, operation.label, kind, request.spelt())


def _of_path(source: Source, number: int, kind: str, chance: Random) -> FuzzInput:
    """Ids that are none, other verbs, and paths that lead elsewhere."""
    operation = source.operation(chance)
    request = _request(source, operation, chance)
    request.target = _target(operation, chance, is_bad=True)
    if chance.random() < 0.3:
        tail = chance.choice((b"/", b"//", b"/..", b"/%2e%2e/", b"/%00", b";x=1", b"/%ff", b"%", b"/\xc3\xa9", b"#x"))
        request.target = request.target.partition(b"?")[0] + tail
    if chance.random() < 0.3:
        request.verb = chance.choice(("get", "post", "put", "patch", "delete", "options", "head", "trace", "x"))
    return FuzzInput(number, operation.label, kind, request.spelt(), is_whole=False)


def _of_http(source: Source, number: int, kind: str, chance: Random) -> FuzzInput:
    """What is no HTTP, or HTTP that servers disagree about."""
    request = _request(source, source.operation(chance), chance)
    how, sent = broken_http(request.spelt(), chance)
    return FuzzInput(number, f"raw socket: {how}", kind, sent, is_whole=False)


def _with_body(source: Source, chance: Random) -> Operation:
    while (operation := source.operation(chance)).body is None:
        pass
    return operation


_Maker = Callable[[Source, int, str, Random], FuzzInput]
_KINDS: Final[Mapping[str, tuple[int, _Maker]]] = {
    "body": (45, _of_body),
    "bytes": (15, _of_bytes),
    "header": (15, _of_headers),
    "query": (10, _of_query),
    "path": (8, _of_path),
    "socket": (7, _of_http),
}
