"""Serve an app as a Lambda handler behind API Gateway."""

import json
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from atom_llm.composition import Container, is_for_a_snapshot, runs_in_lambda
from atom_llm.domain.core.errors import AnswerTooLarge
from atom_llm.http.app import FunctionApp
from atom_llm.http.own_events import answer_to, is_request
from atom_llm.http.problems import problem_of, rendered
from atom_llm.observability import logger

if TYPE_CHECKING:
    from mangum import Mangum

# Without these Mangum sends problem bodies and plain text in base64.
TEXT_TYPES: Final = ["application/json", "application/problem+json", "text/", "image/svg+xml"]

MAX_ANSWER: Final = 6 * 1024 * 1024  # bytes of a whole answer as JSON: the runtime client ends its process over more
ESCAPED: Final = 6  # bytes of the JSON of a character, at most


def handler_for(
    app: FunctionApp, prepare: Callable[[Container], object] = lambda _: None
) -> Callable[[dict[str, Any], Any], dict[str, Any]]:
    """Return the handler; start-up code runs at import, not around every event (`lifespan="off"`).

    `prepare` builds what the function's own routes need, beside what every function does. Outside of Lambda the adapter
    is made at the first event: it makes an event loop, which a server has already. Routes that are not by hand are
    loaded at once where there are no others, and for a snapshot, from which nobody waits for them.
    """

    @cache
    def adapter() -> "Mangum":
        from mangum import Mangum  # 20 ms that a server need not wait for

        return Mangum(app, lifespan="off", text_mime_types=TEXT_TYPES)

    if runs_in_lambda():
        app.state.container().prepare()
        prepare(app.state.container())
        if is_for_a_snapshot() or not app.group.by_hand:
            app.load()
        adapter()

    def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
        if not is_request(event):
            return dict(answer_to(event))
        return _fitting(app, adapter()(event, context))

    return handler


def _fitting(app: FunctionApp, answer: dict[str, Any]) -> dict[str, Any]:
    """Return the answer, or an error where Lambda would not take it; its headers tell which call it was."""
    if len(answer["body"]) * ESCAPED <= MAX_ANSWER:
        return answer
    size = len(json.dumps(answer, ensure_ascii=False).encode())
    if size <= MAX_ANSWER:
        return answer
    logger().warning("an answer is too large for Lambda", bytes=size)
    error = AnswerTooLarge(
        f"the answer has {size:,} bytes as JSON, and at most {MAX_ANSWER:,} can be given out; ask for less at once",
        bytes=size,
        max_bytes=MAX_ANSWER,
    )
    problem = problem_of(error)
    body = json.dumps(rendered(problem, app.state.dialect, app.state.container().clock()))
    headers = {**answer["headers"], "content-type": "application/json", "content-length": str(len(body))}
    return {**answer, "statusCode": problem.status, "headers": headers, "body": body, "isBase64Encoded": False}
