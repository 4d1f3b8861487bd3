"""Who calls and what they may do, as dependencies of routes."""

from typing import Annotated, Any, Final

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer

from atom_llm.domain.errors import ScopeMissing
from atom_llm.domain.service_keys import Caller, Scope
from atom_llm.http.deps import Services

_bearer: Final = HTTPBearer(auto_error=False, scheme_name="ServiceKey", description="A service key.")
_header: Final = APIKeyHeader(name="x-api-key", auto_error=False, scheme_name="ServiceKeyHeader")


def current_caller(
    request: Request,
    services: Services,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)],
    header: Annotated[str | None, Security(_header)],
) -> Caller:
    """The caller of a request; raises `Unauthenticated`."""
    caller = services.authenticator.authenticate(bearer.credentials if bearer is not None else header)
    request.state.caller = caller
    return caller


CurrentCaller = Annotated[Caller, Depends(current_caller)]


class RequiredScope:
    """A dependency that lets a caller with the scope pass; without a scope, any valid key."""

    def __init__(self, scope: Scope | None) -> None:
        self.scope = scope

    async def __call__(self, caller: CurrentCaller) -> Caller:
        """Raises `ScopeMissing` naming the scope."""
        if self.scope is not None and self.scope not in caller.scopes:
            raise ScopeMissing(f"this needs the scope {self.scope}", scope=str(self.scope))
        return caller


def requires(scope: Scope | None) -> Any:
    """What a route declares: the scope it needs, or None for any valid key."""
    return Depends(RequiredScope(scope))
