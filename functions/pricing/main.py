"""The `pricing` function: its app, and the handler that Lambda calls."""

from typing import Final

from atom_llm.composition import container
from atom_llm.http.app import create_app
from atom_llm.http.lambda_handler import handler_for
from functions.pricing import routes, routes_consensus, routes_events

ROUTERS: Final = (routes.router, routes_consensus.router, routes_events.router)

app = create_app(
    group="pricing",
    prefix="/api/ai/pricing",
    title="Prices of models",
    routers=ROUTERS,
    container=container,
)
handler = handler_for(app)
