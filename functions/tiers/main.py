"""The `tiers` function: its app, and the handler that Lambda calls."""

from typing import Final

from atom_llm.composition import container
from atom_llm.http.app import FunctionApp
from atom_llm.http.lambda_handler import handler_for
from atom_llm.http.route_group import RouteGroup
from functions.tiers import routes_classify, routes_compare, routes_preferences

ROUTERS: Final = (routes_classify.router, routes_compare.router, routes_preferences.router)

GROUP: Final = RouteGroup(
    name="tiers",
    prefix="/api/cognitive-tiers",
    title="Cognitive tiers",
    routers=lambda: ROUTERS,
)

app = FunctionApp(GROUP, container)
handler = handler_for(app)
