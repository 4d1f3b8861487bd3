"""The `pricing` function: its app, and the handler that Lambda calls."""

from typing import Final

from atom_llm.composition import container
from atom_llm.http.app import FunctionApp
from atom_llm.http.lambda_handler import handler_for
from atom_llm.http.route_group import RouteGroup
from functions.pricing import routes, routes_consensus, routes_events

ROUTERS: Final = (routes.router, routes_consensus.router, routes_events.router)

GROUP: Final = RouteGroup(
    name="pricing",
    prefix="/api/ai/pricing",
    title="Prices of models",
    routers=lambda: ROUTERS,
)

app = FunctionApp(GROUP, container)
handler = handler_for(app)
