"""The `chat` function: its app, and the handler that Lambda calls where answers are not streamed."""

import gc
from typing import Final

from atom_llm.composition import container
from atom_llm.http.app import create_app
from atom_llm.http.lambda_handler import handler_for
from functions.chat import routes, routes_me, routes_models
from functions.chat.media import routes_media
from functions.chat.messages import routes as routes_messages
from functions.chat.openai_responses import routes as routes_responses
from functions.chat.openai_responses import routes_kept

OBJECTS_A_COLLECTION: Final = 10_000  # Python's own 2,000 make a tenth of a busy process's work, and its slowest calls

ROUTERS = [
    routes.router,
    routes_messages.router,
    routes_responses.router,
    routes_kept.router,
    routes_models.router,
    routes_media.router,
    routes_me.router,
]

app = create_app(
    group="chat",
    prefix="/v1",
    title="Models, in OpenAI's dialects and in Anthropic's",
    routers=ROUTERS,
    container=container,
    dialect="openai",
)
handler = handler_for(app, lambda container: container.calls.llm)

gc.freeze()  # what the imports made is there to stay
gc.set_threshold(OBJECTS_A_COLLECTION, 50, 100)
