"""An app as a Lambda handler behind API Gateway."""

from collections.abc import Callable
from typing import Any, Final

from fastapi import FastAPI
from mangum import Mangum

# Without these Mangum sends problem bodies and plain text in base64.
TEXT_TYPES: Final = ["application/json", "application/problem+json", "text/", "image/svg+xml"]


def handler_for(app: FastAPI) -> Callable[[dict[str, Any], Any], dict[str, Any]]:
    """The handler; start-up code runs at import, not around every event (`lifespan="off"`)."""
    return Mangum(app, lifespan="off", text_mime_types=TEXT_TYPES)
