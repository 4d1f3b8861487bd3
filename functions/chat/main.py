"""The `chat` function: its app, and the handler that Lambda calls where answers are not streamed."""

from atom_llm.composition import container
from atom_llm.http.app import create_app
from atom_llm.http.lambda_handler import handler_for
from functions.chat import routes, routes_models

ROUTERS = [routes.router, routes_models.router]

app = create_app(
    group="chat",
    prefix="/v1",
    title="Models, in OpenAI's dialect",
    routers=ROUTERS,
    container=container,
    dialect="openai",
)
handler = handler_for(app, lambda services: services.llm)
