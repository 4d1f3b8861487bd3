"""An app as a Lambda handler behind API Gateway."""

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from atom_llm.composition import Container, runs_in_lambda

if TYPE_CHECKING:
    from mangum import Mangum

# Without these Mangum sends problem bodies and plain text in base64.
TEXT_TYPES: Final = ["application/json", "application/problem+json", "text/", "image/svg+xml"]


def handler_for(
    app: FastAPI, prepare: Callable[[Container], object] = lambda _: None
) -> Callable[[dict[str, Any], Any], dict[str, Any]]:
    """Make the Lambda handler of an app; start-up code runs at import, not around every event (`lifespan="off"`).

    `prepare` builds what the function's own routes need, beside what every function does. Outside of Lambda the adapter
    is made at the first event: it makes an event loop, which a server has already.
    """

    @cache
    def adapter() -> "Mangum":
        from mangum import Mangum  # 20 ms that a server need not wait for

        return Mangum(_UnderItsStage(app), lifespan="off", text_mime_types=TEXT_TYPES)

    if runs_in_lambda():
        app.state.container().prepare()
        prepare(app.state.container())
        adapter()

    def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
        return adapter()(event, context)

    return handler


class _UnderItsStage:
    """An app under its stage, which API Gateway takes off the path: as root path it names the server in OpenAPI."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        event = scope["aws.event"]
        path, whole = event["path"], event["requestContext"].get("path") or ""
        stage = whole.removesuffix(path) if path and whole.endswith(path) else ""
        await self._app({**scope, "root_path": stage, "path": stage + scope["path"]}, receive, send)
