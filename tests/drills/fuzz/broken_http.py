"""Bytes on a raw socket that are no HTTP/1.1, or that two servers read differently."""

from collections.abc import Callable, Mapping
from random import Random
from typing import Final

TLS_HELLO: Final = bytes.fromhex("16030100c8010000c40303") + bytes(range(190))
HTTP2_PREFACE: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00"


def broken_http(whole: bytes, chance: Random) -> tuple[str, bytes]:
    """Return the name of a way to break a request, and the request broken so."""
    how = chance.choice(list(WAYS))
    return how, WAYS[how](whole, chance)


def _with_headers(whole: bytes, *lines: bytes) -> bytes:
    head, _, rest = whole.partition(b"\r\n")
    return head + b"\r\n" + b"\r\n".join(lines) + b"\r\n" + rest


def _chunked(whole: bytes, *chunks: bytes) -> bytes:
    head = whole.partition(b"\r\n\r\n")[0]
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"content-length")]
    return b"\r\n".join([*lines, b"transfer-encoding: chunked"]) + b"\r\n\r\n" + b"".join(chunks)


def _first_line(whole: bytes, line: bytes) -> bytes:
    return line + b"\r\n" + whole.partition(b"\r\n")[2]


def _flipped(whole: bytes, chance: Random) -> bytes:
    broken = bytearray(whole)
    for _ in range(chance.randrange(1, 6)):
        broken[chance.randrange(min(len(broken), 600))] ^= 1 << chance.randrange(8)
    return bytes(broken)


WAYS: Final[Mapping[str, Callable[[bytes, Random], bytes]]] = {
    "nothing": lambda _, __: b"",
    "random bytes": lambda _, chance: chance.randbytes(chance.choice((1, 30, 5_000))),
    "a TLS hello": lambda _, __: TLS_HELLO,
    "HTTP/2": lambda _, __: HTTP2_PREFACE,
    "half a request": lambda whole, chance: whole[: chance.randrange(len(whole))],
    "flipped bits": _flipped,
    "no version": lambda whole, _: _first_line(whole, b"GET /v1/models"),
    "version 9.9": lambda whole, _: _first_line(whole, b"GET /v1/models HTTP/9.9"),
    "version 1.0": lambda whole, _: _first_line(whole, b"GET /v1/models HTTP/1.0"),
    "an absolute target": lambda whole, _: _first_line(whole, b"GET http://127.0.0.1:1/v1/models HTTP/1.1"),
    "a target of bytes": lambda whole, chance: _first_line(whole, b"GET /v1/" + chance.randbytes(30) + b" HTTP/1.1"),
    "a long target": lambda whole, chance: _first_line(
        whole, b"GET /" + b"a" * chance.choice((9_000, 70_000, 300_000)) + b" HTTP/1.1"
    ),
    "CONNECT": lambda whole, _: _first_line(whole, b"CONNECT 127.0.0.1:1 HTTP/1.1"),
    "a star": lambda whole, _: _first_line(whole, b"OPTIONS * HTTP/1.1"),
    "two lengths": lambda whole, _: _with_headers(whole, b"content-length: 3"),
    "a negative length": lambda whole, _: _with_headers(whole, b"content-length: -1"),
    "a length of letters": lambda whole, _: _with_headers(whole, b"content-length: 0x10"),
    "a huge length": lambda whole, _: whole.replace(b"content-length: ", b"content-length: 99999999999999999"),
    "length and chunks": lambda whole, _: _with_headers(whole, b"transfer-encoding: chunked"),
    "odd encodings": lambda whole, _: _with_headers(whole, b"transfer-encoding: gzip, chunked", b"te: trailers"),
    "chunks": lambda whole, _: _chunked(whole, b"2\r\n{}\r\n", b"0\r\n\r\n"),
    "a chunk of no size": lambda whole, _: _chunked(whole, b"zz\r\n{}\r\n"),
    "a negative chunk": lambda whole, _: _chunked(whole, b"-5\r\n{}\r\n0\r\n\r\n"),
    "a huge chunk": lambda whole, _: _chunked(whole, b"ffffffffffffffff\r\n{}"),
    "a chunk with an extension": lambda whole, chance: _chunked(
        whole, b"2;" + b"x" * chance.choice((5, 60_000)) + b"\r\n{}\r\n0\r\n\r\n"
    ),
    "a header without colon": lambda whole, _: _with_headers(whole, b"no colon here"),
    "a folded header": lambda whole, _: _with_headers(whole, b"x-folded: a\r\n b"),
    "an empty name": lambda whole, _: _with_headers(whole, b": value"),
    "a name with space": lambda whole, _: _with_headers(whole, b"x bad : value"),
    "NUL in a header": lambda whole, _: _with_headers(whole, b"x-nul: a\x00b"),
    "bare line feeds": lambda whole, _: whole.replace(b"\r\n", b"\n"),
    "bare returns": lambda whole, _: whole.replace(b"\r\n", b"\r"),
    "large headers": lambda whole, chance: _with_headers(
        whole, *(b"x-%d: " % number + b"a" * 4_000 for number in range(chance.choice((10, 60))))
    ),
    "a websocket": lambda whole, _: _with_headers(
        whole, b"upgrade: websocket", b"connection: upgrade", b"sec-websocket-key: AAAA", b"sec-websocket-version: 13"
    ),
    "an upgrade to HTTP/2": lambda whole, _: _with_headers(
        whole, b"connection: upgrade, http2-settings", b"upgrade: h2c", b"http2-settings: AAAA"
    ),
    "expect": lambda whole, _: _with_headers(whole, b"expect: 100-continue"),
    "an unknown expectation": lambda whole, _: _with_headers(whole, b"expect: a-miracle"),
    "two at once": lambda whole, _: whole + whole,
    "twenty at once": lambda _, __: b"GET /v1/models HTTP/1.1\r\nhost: a\r\n\r\n" * 20,
    "a request and rubbish": lambda whole, chance: whole + chance.randbytes(200),
}
