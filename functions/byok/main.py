"""The `byok` function: its app, and the handler that Lambda calls."""

from typing import Final

from atom_llm.composition import container
from atom_llm.http.app import FunctionApp
from atom_llm.http.lambda_handler import handler_for
from atom_llm.http.route_group import RouteGroup
from functions.byok.bills import routes_focus, routes_reconcile
from functions.byok.bills.schemas_reconcile import MAX_UPLOAD
from functions.byok.budgets import routes_allow_lists, routes_budgets, routes_holds, routes_teams
from functions.byok.identity import routes_issuers, routes_sign_in, routes_token
from functions.byok.keys import routes_keys
from functions.byok.prices import routes_price_alerts, routes_prices
from functions.byok.tenants import routes_caller, routes_declared, routes_service_keys, routes_tenants
from functions.byok.usage import routes_exports, routes_usage

ROUTERS: Final = (
    routes_keys.router,
    routes_usage.router,
    routes_exports.router,
    routes_reconcile.router,
    routes_focus.router,
    routes_budgets.router,
    routes_teams.router,
    routes_allow_lists.router,
    routes_prices.router,
    routes_holds.router,
    routes_price_alerts.router,
    routes_service_keys.router,
    routes_tenants.router,
    routes_declared.router,
    routes_issuers.router,
    routes_caller.router,
)
OPEN_TO_ALL: Final = (routes_token.router, routes_sign_in.router)

GROUP: Final = RouteGroup(
    name="byok",
    prefix="/api/byok",
    title="Keys, usage and budgets",
    routers=lambda: ROUTERS,
    open_to_all=lambda: OPEN_TO_ALL,
    max_body=MAX_UPLOAD,
)

app = FunctionApp(GROUP, container)
handler = handler_for(app)
