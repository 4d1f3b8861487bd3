"""Allow-lists: the models that service keys, teams and people may call."""

from fastapi import APIRouter

from atom_llm.domain.routing.allow_lists import AllowList
from atom_llm.domain.tenancy.service_keys import Scope
from atom_llm.http.auth import requires
from atom_llm.http.deps import CurrentContainer
from atom_llm.http.envelopes import Success, success
from atom_llm.http.routed.on_behalf import ActorForTenant, ConcernedTenant
from atom_llm.http.routed.responses import problem_responses
from functions.byok.budgets import schemas_allow_lists as schemas

router = APIRouter(prefix="/allow-lists", tags=["budgets"])


@router.get(
    "",
    summary="Allow-lists of models",
    dependencies=[requires(Scope.USAGE_READ)],
    responses=problem_responses(403, 404, 422),
)
def allow_lists(container: CurrentContainer, tenant: ConcernedTenant) -> Success[schemas.AllowListsOut]:
    """List what each scope may call; one without a list, and without a default of its kind, may call any model."""
    items = [_list(each) for each in container.routing.allow_list_setter.all(tenant)]
    return success(schemas.AllowListsOut(items=items), container.clock())


@router.put(
    "",
    summary="Set or clear an allow-list",
    dependencies=[requires(Scope.BUDGETS_WRITE)],
    responses=problem_responses(400, 403, 404, 409, 413, 415, 422),
)
def set_allow_list(
    container: CurrentContainer, by: ActorForTenant, request: schemas.AllowListIn
) -> Success[schemas.AllowListSetOut]:
    """Set which models a scope may call, in the place of its list before; `models` of null clears it.

    A model that a list leaves out is a 403 (`model_not_allowed`), no candidate of a chain, of `auto` or of a tier, and
    not in `GET /v1/models`. A call keeps to every list that concerns it. A change binds everywhere within 30 seconds.
    """
    setter = container.routing.allow_list_setter
    if request.models is None:
        cleared = setter.clear(request.scope, by)
        return success(
            schemas.AllowListSetOut(scope=request.scope, cleared=cleared, allow_list=None), container.clock()
        )
    made = setter.put(request.scope, request.models, by)
    return success(schemas.AllowListSetOut(scope=made.scope, cleared=False, allow_list=_list(made)), container.clock())


def _list(each: AllowList) -> schemas.AllowListOut:
    return schemas.AllowListOut(scope=each.scope, models=list(each.models))
