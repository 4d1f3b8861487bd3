"""The answers to what routes raise, whether they are served by hand or by FastAPI."""

from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

from atom_llm.domain.core.errors import AtomError
from atom_llm.http.problems import Dialect, Problem, problem_of, rendered, status_of
from atom_llm.observability import logger

# A 400 that is raised so is a body that cannot be parsed.
_CODE_OF_STATUS: Final = {
    400: "malformed_json",
    415: "unsupported_media_type",
}


def domain_failure(request: Request, error: AtomError) -> JSONResponse:
    """Return the answer to an error of the domain; one of ours is logged."""
    problem = problem_of(error)
    if problem.status >= 500:
        logger().warning("failed", request_id=request.state.request_id, code=error.code, exc_info=error)
    return failure(request, problem)


def http_failure(request: Request, error: HTTPException) -> JSONResponse:
    """Return the answer to an error of HTTP itself, such as a body that cannot be parsed."""
    code = _CODE_OF_STATUS.get(error.status_code, "invalid_request" if error.status_code < 500 else "internal_error")
    return failure(request, Problem(error.status_code, code, str(error.detail), headers=dict(error.headers or {})))


def failure(request: Request, problem: Problem) -> JSONResponse:
    """Return a problem in the dialect of its request."""
    now: Any = request.app.state.container().clock()
    dialect: Dialect = request.state.dialect
    body = rendered(problem, dialect, now, request.state.request_id)
    return JSONResponse(body, status_of(problem, dialect), dict(problem.headers))
