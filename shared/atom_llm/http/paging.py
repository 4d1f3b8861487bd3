"""Pages: a limit, and a cursor that says where the next page starts and nothing else."""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import Depends, Query

from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.core.money import MAX_RATE_EXPONENT

DEFAULT_LIMIT: Final = 50
MAX_LIMIT: Final = 200
MAX_PART: Final = 20_000  # items that one answer sums up: about two seconds of reading
MAX_CURSOR: Final = 1_000  # characters; the longest of ours has a tenth
MAX_FIGURE_DIGITS: Final = 2 * MAX_RATE_EXPONENT + 4  # of a price in a cursor; a blend of rates has two more than they
MAX_POSITION: Final = 10**12 - 1  # of a numbered position; the price book's numbers have twelve digits


@dataclass(frozen=True, slots=True)
class Page:
    """The page that is asked for; `after` is the position that the cursor of the page before carried."""

    limit: int
    after: Mapping[str, Any] | None

    def position(self, **kinds: type) -> dict[str, Any] | None:
        """Return the cursor's fields, each of the kind that this list gives out; raises `InvalidRequest` for others."""
        if self.after is None:
            return None
        if self.after.keys() != kinds.keys() or any(type(self.after[name]) is not kinds[name] for name in kinds):
            raise _bad_cursor()
        if any(isinstance(value, int) and not 0 <= value <= MAX_POSITION for value in self.after.values()):
            raise _bad_cursor()
        return dict(self.after)


def cursor(**position: str | int) -> str:
    """Return an opaque cursor for a position in a list."""
    return base64.urlsafe_b64encode(json.dumps(position, separators=(",", ":")).encode()).decode().rstrip("=")


def page(
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT, description="Items a page.")] = DEFAULT_LIMIT,
    cursor: Annotated[str | None, Query(max_length=MAX_CURSOR, description="`next_cursor` of the page before.")] = None,
) -> Page:
    """Return the page that a request asks for."""
    return Page(limit, None if cursor is None else _position(cursor))


def part(
    limit: Annotated[int, Query(ge=1, le=MAX_PART, description="Calls a part, at most.")] = MAX_PART,
    cursor: Annotated[str | None, Query(max_length=MAX_CURSOR, description="`next_cursor` of the part before.")] = None,
) -> Page:
    """Return the part of a sum that a request asks for."""
    return Page(limit, None if cursor is None else _position(cursor))


Paging = Annotated[Page, Depends(page)]
Part = Annotated[Page, Depends(part)]


def _position(text: str) -> Mapping[str, Any]:
    try:
        decoded = json.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError):
        raise _bad_cursor() from None
    if not isinstance(decoded, dict):
        raise _bad_cursor()
    return decoded


def _bad_cursor() -> InvalidRequest:
    return InvalidRequest("cursor", "is not one that this list gave out")
