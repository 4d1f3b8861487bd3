"""The `registry` function: its app, and the handler that Lambda calls."""

from atom_llm.composition import container
from atom_llm.http.app import create_app
from atom_llm.http.lambda_handler import handler_for

app = create_app(
    group="registry",
    prefix="/api/llm-registry",
    title="Models and their providers' health",
    routers=[],
    container=container,
)
handler = handler_for(app)
