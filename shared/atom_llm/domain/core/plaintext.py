"""A secret in the clear, which no log line and no error shows."""

from typing import Final

_HIDDEN: Final = "**********"


class Plaintext:
    """A text that `str`, `repr` and formatting hide; only `reveal` returns it."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text itself, for whoever it is to be shown to."""
        return self._text

    def __repr__(self) -> str:
        return f"Plaintext('{_HIDDEN if self._text else ''}')"

    def __str__(self) -> str:
        return _HIDDEN if self._text else ""

    def __len__(self) -> int:
        return len(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Plaintext) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)
