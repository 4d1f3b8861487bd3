"""The caller of a request and its scopes, as dependencies of routes, and routes that resolve them by hand."""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any, Final

from fastapi import Depends, Request, Security
from fastapi.concurrency import run_in_threadpool
from fastapi.routing import APIRoute
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer
from starlette.responses import Response

from atom_llm.composition import Container
from atom_llm.domain.core.audit import Actor
from atom_llm.domain.core.errors import InvalidRequest, ScopeMissing
from atom_llm.domain.tenancy.service_keys import Caller, Scope

Handler = Callable[[Request], Coroutine[Any, Any, Response]]

_FLAG: Final = ("true", "false")
_bearer: Final = HTTPBearer(auto_error=False, scheme_name="ServiceKey", description="A service key.")
_header: Final = APIKeyHeader(name="x-api-key", auto_error=False, scheme_name="ServiceKeyHeader")


async def current_caller(
    request: Request,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)],
    header: Annotated[str | None, Security(_header)],
) -> Caller:
    """Return the caller of a request; raises `Unauthenticated`. The parameters document where the key may stand."""
    return await caller_of(request)


async def caller_of(request: Request) -> Caller:
    """Return the caller of a request; raises `Unauthenticated`. Only a key not seen a moment ago waits for tables."""
    container: Container = request.app.state.container()
    authenticator, shown = container.tenancy.authenticator, _shown(request)
    caller = authenticator.remembered(shown)
    if caller is None:
        caller = await run_in_threadpool(authenticator.authenticate, shown)
    request.state.caller = caller
    return caller


def _shown(request: Request) -> str | None:
    """Return the key of the header `Authorization: Bearer …`, or else of `x-api-key`."""
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and credentials:
        return credentials.strip()
    return request.headers.get("x-api-key")


CurrentCaller = Annotated[Caller, Depends(current_caller)]


def current_actor(request: Request, caller: CurrentCaller) -> Actor:
    """Return the caller as the audit log names it; behind API Gateway the client's address is the gateway's word, not a
    header's."""
    origin = request.client.host if request.client else None
    return Actor(caller.tenant, caller.key_id, origin, person=caller.person)


CurrentActor = Annotated[Actor, Depends(current_actor)]


class RequiredScope:
    """A dependency that lets a caller with the scope pass; without a scope, any valid key."""

    def __init__(self, scope: Scope | None) -> None:
        self.scope = scope

    async def __call__(self, caller: CurrentCaller) -> Caller:
        """Return the caller; raises `ScopeMissing` naming the scope."""
        self.check(caller)
        return caller

    def check(self, caller: Caller) -> None:
        """Raise `ScopeMissing`, naming the scope, for a caller without it."""
        if self.scope is not None and self.scope not in caller.scopes:
            raise ScopeMissing(f"this needs the scope {self.scope}", scope=str(self.scope))


class OperatorsAlone:
    """A dependency that lets the service keys of the operator's tenant pass, on routes that change what others see."""

    def __init__(self, act: str) -> None:
        self._act = act

    def __call__(self, request: Request, caller: CurrentCaller) -> None:
        """Raise `OperatorOnly`, naming the act, for every other tenant's keys."""
        container: Container = request.app.state.container()
        container.tenancy.directory.check_operator(caller.tenant, self._act)


class RouteByHand(APIRoute):
    """A route whose endpoint takes the request alone, and finds its caller in `request.state.caller`.

    What FastAPI would resolve a thousand times a second is done by hand, and `RoutesByHand` finds the route. The
    declared scope is enforced here, and the OpenAPI document is written beside the route, whose query has the flags
    that stand there; middleware and error handlers are around it as around any. Its path has no parameters.
    """

    answer: Handler
    """The endpoint behind the check of its declared scope."""

    def get_route_handler(self) -> Handler:
        """Return `answer`; raises `ValueError` for a route without a scope, or with a parameter in its path."""
        declared = [each.dependency for each in self.dependencies if isinstance(each.dependency, RequiredScope)]
        if not declared:
            raise ValueError(f"{self.path} declares no scope")
        if self.param_convertors:
            raise ValueError(f"{self.path} has a parameter")
        endpoint: Handler = self.endpoint
        documented = (self.openapi_extra or {}).get("parameters", ())
        flags = {each["name"] for each in documented if each["in"] == "query"}

        async def handle(request: Request) -> Response:
            caller = await caller_of(request)
            for scope in declared:
                scope.check(caller)
            if request.scope["query_string"]:
                for name, value in request.query_params.items() or (("query", ""),):
                    if name not in flags:
                        raise InvalidRequest(name[:64], "is not a parameter of this route")
                    if value not in _FLAG:
                        raise InvalidRequest(name, "must be true or false")
            return await endpoint(request)

        self.answer = handle
        return handle


def requires(scope: Scope | None) -> Any:
    """Declare the scope that a route needs, or None for any valid key."""
    return Depends(RequiredScope(scope))


def operator_only(act: str) -> Any:
    """Declare, behind its scope, that a route is the operator's; `act` tells everybody else what is."""
    return Depends(OperatorsAlone(act))
