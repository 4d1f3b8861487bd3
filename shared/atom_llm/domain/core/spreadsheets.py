"""Texts in files that spreadsheets open: none of them is carried out as a formula."""

import re
from typing import Final

FORMULA_BEGINS: Final = ("=", "+", "-", "@", "\t", "\r")  # by which spreadsheets know a formula (OWASP, CSV injection)
_NUMBER: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def inert(text: str) -> str:
    """Return a text with an apostrophe before it where a spreadsheet would carry it out; numbers stay as they are."""
    return f"'{text}" if text.startswith(FORMULA_BEGINS) and not _NUMBER.fullmatch(text) else text
