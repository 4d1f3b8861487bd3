"""The caller of a request and its scopes, as dependencies of routes."""

from typing import Annotated, Any, Final

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer

from atom_llm.composition import Container
from atom_llm.domain.core.audit import Actor
from atom_llm.domain.tenancy.service_keys import Caller, Scope
from atom_llm.http.caller import caller_of, check_scope

_bearer: Final = HTTPBearer(auto_error=False, scheme_name="ServiceKey", description="A service key.")
_header: Final = APIKeyHeader(name="x-api-key", auto_error=False, scheme_name="ServiceKeyHeader")


async def current_caller(
    request: Request,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)],
    header: Annotated[str | None, Security(_header)],
) -> Caller:
    """Return the caller of a request; raises `Unauthenticated`. The parameters document where the key may stand."""
    return await caller_of(request)


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
        if self.scope is not None:
            check_scope(caller, self.scope)
        return caller


class OperatorsAlone:
    """A dependency that lets the service keys of the operator's tenant pass, on routes that change what others see."""

    def __init__(self, act: str) -> None:
        self._act = act

    def __call__(self, request: Request, caller: CurrentCaller) -> None:
        """Raise `OperatorOnly`, naming the act, for every other tenant's keys."""
        container: Container = request.app.state.container()
        container.tenancy.directory.check_operator(caller.tenant, self._act)


def requires(scope: Scope | None) -> Any:
    """Declare the scope that a route needs, or None for any valid key."""
    return Depends(RequiredScope(scope))


def operator_only(act: str) -> Any:
    """Declare, behind its scope, that a route is the operator's; `act` tells everybody else what is."""
    return Depends(OperatorsAlone(act))
