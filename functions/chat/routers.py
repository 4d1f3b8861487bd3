"""The routers of the `chat` function, in the order in which its document has them; loaded with FastAPI."""

from typing import Final

from functions.chat import described, routes_me
from functions.chat.media import described as media
from functions.chat.messages import described as messages
from functions.chat.models import routes_models
from functions.chat.openai_responses import described as responses
from functions.chat.openai_responses import routes_kept

ROUTERS: Final = (
    described.router,
    messages.router,
    responses.router,
    routes_kept.router,
    routes_models.router,
    media.router,
    routes_me.router,
)
