"""The `byok` function: its app, and the handler that Lambda calls."""

from atom_llm.composition import container
from atom_llm.http.app import create_app
from atom_llm.http.lambda_handler import handler_for
from functions.byok import routes_budgets, routes_usage

app = create_app(
    group="byok",
    prefix="/api/byok",
    title="Keys, usage and budgets",
    routers=[routes_usage.router, routes_budgets.router],
    container=container,
)
handler = handler_for(app)
