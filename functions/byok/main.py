"""The `byok` function: its app, and the handler that Lambda calls."""

from atom_llm.composition import container
from atom_llm.http.app import create_app
from atom_llm.http.lambda_handler import handler_for

app = create_app(group="byok", prefix="/api/byok", title="Keys, usage and budgets", routers=[], container=container)
handler = handler_for(app)
