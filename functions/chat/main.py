"""The `chat` function: its app, and the handler that Lambda calls where answers are not streamed."""

import gc
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from atom_llm.composition import Container, container, is_for_a_snapshot
from atom_llm.domain.tiers.classify import classify_prompt
from atom_llm.http.app import FunctionApp
from atom_llm.http.lambda_handler import handler_for
from atom_llm.http.route_group import RouteGroup
from functions.chat import routes
from functions.chat.media import routes_media
from functions.chat.messages import routes as routes_messages
from functions.chat.openai_responses import routes as routes_responses

if TYPE_CHECKING:
    from fastapi import APIRouter

OBJECTS_A_COLLECTION: Final = 10_000  # Python's own 2,000 make a tenth of a busy process's work, and its slowest calls


def routers() -> "Sequence[APIRouter]":
    """Return the routers of all routes, which are loaded now."""
    from functions.chat.routers import ROUTERS

    return ROUTERS


def prepare(container: Container) -> None:
    """Build what every call needs; for a snapshot, on which nobody waits, also what only `auto` does."""
    _ = container.calls.llm
    if is_for_a_snapshot():
        classify_prompt("Read the vocabulary.")


GROUP: Final = RouteGroup(
    name="chat",
    prefix="/v1",
    title="Models, in OpenAI's dialects and in Anthropic's",
    routers=routers,
    by_hand=(*routes.BY_HAND, *routes_messages.BY_HAND, *routes_responses.BY_HAND, *routes_media.BY_HAND),
    dialect="openai",
)

app = FunctionApp(GROUP, container)
handler = handler_for(app, prepare)

gc.freeze()  # what the imports made is there to stay
gc.set_threshold(OBJECTS_A_COLLECTION, 50, 100)
