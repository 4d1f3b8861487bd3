"""Values that nobody should send: of the wrong type, too large, half a character, or text that means something."""

from random import Random
from typing import Any, Final

# Texts that parsers, tables, logs or shells might take for something else.
TEXTS: Final = (
    "",
    " ",
    "\x00",
    "\r\nx-injected: 1",
    "a\tb\x1b[31m",
    "\u202e\u200b\ufeff",
    "\ud800",
    "\udfff\ud800",
    "\U0010ffff",
    "e\u0301" * 500,
    "../../../etc/passwd",
    "..%2f..%2f",
    "${jndi:ldap://127.0.0.1/x}",
    "{{7*7}}",
    "%s%n%x",
    "'; DROP TABLE keys; --",
    "attribute_exists(pk)",
    "<script>alert(1)</script>",
    "__proto__",
    "pk",
    "TENANT#x",
    "null",
    "true",
    "NaN",
    "-1",
    "1e309",
    "1e999999999",
    "0x10",
    "١٢٣",
    "1" * 400,
    "9999-12-31T23:59:59.999999+23:59",
    "0000-00-00",
    "2026-02-30",
    "2026-11-29T00:00:00+99:99",
    "data:image/png;base64,AAAA",
    "data:;base64," + "A" * 5_000,
    "http://127.0.0.1:9/x",
    "file:///etc/passwd",
    "auto",
    "openai/gpt-4o-mini," * 12,
    "(" * 5_000,
    '"' * 5_000,
    "\\" * 5_001,
    "a" * 70_000,
)

NUMBERS: Final = (
    0,
    -1,
    1,
    2**31,
    2**53 + 1,
    -(2**63),
    2**64,
    10**400,
    0.1,
    -0.0,
    1e-320,
    1.7976931348623157e308,
    float("inf"),
    float("nan"),
)

# Bytes in the middle of JSON.
PIECES: Final = (b"NaN", b"1e999", b"-", b"\\ud800", b"\\u", b"\xed\xa0\x80", b"\x00", b"\xff", b"/**/", b"'", b",,")


def text(chance: Random) -> str:
    """Return a hostile text, or a few at once."""
    chosen = chance.choice(TEXTS)
    return chosen + chance.choice(TEXTS) if chance.random() < 0.1 else chosen


def value(chance: Random, depth: int = 0) -> Any:
    """Return a hostile JSON value."""
    kind = chance.randrange(9 if depth < 3 else 6)
    if kind < 2:
        return text(chance)
    if kind < 4:
        return chance.choice(NUMBERS)
    if kind < 6:
        return chance.choice((None, True, False, [], {}))
    if kind == 6:
        return [value(chance, depth + 1) for _ in range(chance.randrange(4))]
    if kind == 7:
        return {text(chance)[:80]: value(chance, depth + 1) for _ in range(chance.randrange(4))}
    return nested(chance.choice((3, 60, 70, 2_000)), chance.choice(("list", "object")))


def nested(levels: int, kind: str) -> Any:
    """Return a value of so many levels."""
    found: Any = 1
    for _ in range(levels):
        found = [found] if kind == "list" else {"a": found}
    return found


def header_bytes(chance: Random) -> bytes:
    """Return a header's value, which need not be text; it holds no end of line, so that it stays one header."""
    if chance.random() < 0.3:
        return bytes(chance.choice(range(0x20, 0x100)) for _ in range(chance.choice((1, 20, 400))))
    encoded = text(chance).encode("utf-8", "surrogatepass")
    return encoded.translate(None, b"\r\n\x00")[: chance.choice((40, 400, 9_000))]
