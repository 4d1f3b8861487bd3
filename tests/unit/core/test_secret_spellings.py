"""Secrets in large texts: found wherever the windows of the search end, and without another copy of the text."""

import tracemalloc
from collections.abc import Callable
from typing import Final

import pytest

from atom_llm.quick_json import parsed_mended
from atom_llm.secret_spellings import WINDOW, holds, letters

SECRET: Final = "Zx9opaque-Tenant_Secret"
ALMOST: Final = WINDOW - 40
SPELLINGS: Final[dict[str, Callable[[str], str]]] = {
    "as it is": str,
    "split up": "\u200b".join,
    "percent": lambda secret: "".join(f"%25{ord(each):02X}" for each in secret),
    "JSON": lambda secret: "".join(f"\\\\u{ord(each):04x}" for each in secret),
    "HTML": lambda secret: "".join(f"&#x{ord(each):x};" for each in secret),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("filling", ["-", "a", "é"])
def test_a_secret_is_found_where_a_window_ends(spelling: str, filling: str) -> None:
    before = (filling * ALMOST).encode()[:ALMOST].decode(errors="ignore")
    spelt = SPELLINGS[spelling](SECRET)
    for more in range(0, 42, 3):
        text = f"{before}{'-' * more}{spelt} and so on".encode()
        assert holds(text, [letters(SECRET)]), more
        assert holds(text, [letters(f"{SECRET}x"), letters(SECRET)]), more
        assert not holds(text, [letters(f"{SECRET}x")]), more


@pytest.mark.parametrize("beginning", [b"", b"\\n"])
def test_a_large_text_is_looked_through_without_a_copy_of_it(beginning: bytes) -> None:
    text = beginning + b"ghij" * (2 * WINDOW)
    tracemalloc.start()
    try:
        assert not holds(text, [letters(SECRET)])
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < len(text)


def test_an_integer_is_exact_where_a_window_ends() -> None:
    number = 12345678901234567890123
    for place in range(WINDOW - 25, WINDOW + 3):
        assert parsed_mended(b"[" + b" " * place + str(number).encode() + b"]") == [number]


def test_a_text_with_a_mark_before_it_or_broken_bytes_in_it_is_read() -> None:
    assert parsed_mended(b'\xef\xbb\xbf{"a":"b\xff"}') == {"a": "b\ufffd"}
