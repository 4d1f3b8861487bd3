"""The `registry` function: its app, and the handler that Lambda calls."""

from typing import Final

from atom_llm.composition import container
from atom_llm.http.app import FunctionApp
from atom_llm.http.lambda_handler import handler_for
from atom_llm.http.route_group import RouteGroup
from functions.registry import routes_health, routes_models, routes_quality

ROUTERS: Final = (routes_health.router, routes_quality.router, routes_models.router)

GROUP: Final = RouteGroup(
    name="registry",
    prefix="/api/llm-registry",
    title="Models and their providers' health",
    routers=lambda: ROUTERS,
)

app = FunctionApp(GROUP, container)
handler = handler_for(app)
