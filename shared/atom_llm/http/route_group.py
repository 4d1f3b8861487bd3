"""What a function serves, and how it speaks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from atom_llm.http.by_hand import RouteByHand
from atom_llm.http.problems import Dialect

if TYPE_CHECKING:
    from fastapi import APIRouter

    Routers = Callable[[], Sequence[APIRouter]]

MAX_CONTROL_BODY: Final = 1024 * 1024  # bytes; a prompt to be priced fits, a file does not
MAX_CHAT_BODY: Final = 6 * 1024 * 1024  # bytes; Lambda itself takes no more
MAX_BODY_S: Final = 30.0  # from its first byte to its last: 6 MB at 1.6 Mbit/s; API Gateway itself gives up at 30


def _none() -> "Sequence[APIRouter]":
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteGroup:
    """The routes of a function, and how it speaks.

    Every group answers `<prefix>/health` and `<prefix>/openapi.json` to anybody, and the routers `open_to_all`; all
    else declares a scope. The routers are asked for when FastAPI is loaded, in the order in which it looks through
    them. A body has at most `max_body` bytes, by default what the dialect's requests need, within `max_body_s` seconds.
    """

    name: str
    prefix: str
    title: str
    routers: "Routers"
    open_to_all: "Routers" = _none
    by_hand: tuple[RouteByHand, ...] = ()
    dialect: Dialect = "control"
    max_body: int | None = None
    max_body_s: float = MAX_BODY_S

    @property
    def most_body(self) -> int:
        """The most bytes of a body."""
        if self.max_body is not None:
            return self.max_body
        return MAX_CHAT_BODY if self.dialect == "openai" else MAX_CONTROL_BODY
