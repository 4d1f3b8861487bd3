"""The `registry` function: its app, and the handler that Lambda calls."""

from typing import Final

from atom_llm.composition import container
from atom_llm.http.app import create_app
from atom_llm.http.lambda_handler import handler_for
from functions.registry import routes_health, routes_models, routes_quality

ROUTERS: Final = (routes_health.router, routes_quality.router, routes_models.router)

app = create_app(
    group="registry",
    prefix="/api/llm-registry",
    title="Models and their providers' health",
    routers=ROUTERS,
    container=container,
)
handler = handler_for(app)
