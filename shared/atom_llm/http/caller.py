"""The caller of a request, found by the service key that it shows, and the check of its scopes."""

from starlette.requests import Request

from atom_llm.composition import Container
from atom_llm.domain.core.errors import ScopeMissing
from atom_llm.domain.tenancy.service_keys import Caller, Scope


async def caller_of(request: Request) -> Caller:
    """Return the caller of a request; raises `Unauthenticated`. Only a key not seen a moment ago waits for tables."""
    container: Container = request.app.state.container()
    authenticator, shown = container.tenancy.authenticator, _shown(request)
    caller = authenticator.remembered(shown)
    if caller is None:
        caller = await container.runtime.in_thread(lambda: authenticator.authenticate(shown))
    request.state.caller = caller
    return caller


def check_scope(caller: Caller, scope: Scope) -> None:
    """Raise `ScopeMissing`, naming the scope, for a caller without it."""
    if scope not in caller.scopes:
        raise ScopeMissing(f"this needs the scope {scope}", scope=str(scope))


def _shown(request: Request) -> str | None:
    """Return the key of the header `Authorization: Bearer …`, or else of `x-api-key`."""
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and credentials:
        return credentials.strip()
    return request.headers.get("x-api-key")
