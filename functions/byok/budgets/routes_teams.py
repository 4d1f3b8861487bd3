"""Teams: groups of service keys and of people, which budgets can be of."""

from fastapi import APIRouter

from atom_llm.domain.ledger.scopes import Team
from atom_llm.domain.tenancy.service_keys import Scope
from atom_llm.http.auth import requires
from atom_llm.http.deps import CurrentContainer
from atom_llm.http.envelopes import Success, success
from atom_llm.http.routed.on_behalf import ActorForTenant, ConcernedTenant
from atom_llm.http.routed.responses import problem_responses
from functions.byok.budgets import schemas_teams as schemas

router = APIRouter(prefix="/teams", tags=["budgets"])


@router.get("", summary="Teams", dependencies=[requires(Scope.USAGE_READ)], responses=problem_responses(403, 404, 422))
def teams(container: CurrentContainer, tenant: ConcernedTenant) -> Success[schemas.TeamsOut]:
    """List the tenant's teams with their service keys and people."""
    items = [_team(team) for team in container.ledger.team_setter.all(tenant)]
    return success(schemas.TeamsOut(items=items), container.clock())


@router.put(
    "/{team_id}",
    summary="Set a team",
    dependencies=[requires(Scope.BUDGETS_WRITE)],
    responses=problem_responses(400, 403, 404, 409, 413, 415, 422),
)
def set_team(
    container: CurrentContainer, by: ActorForTenant, team_id: schemas.TeamId, request: schemas.TeamIn
) -> Success[schemas.TeamOut]:
    """Set a team by an id of the caller's choice, over one that is there; its budgets are of `team:ID`.

    A call is the team's by its service key or by its end user. A change binds every process within 30 seconds.
    """
    team = container.ledger.team_setter.put(team_id, request.name, request.service_keys, request.people, by)
    return success(_team(team), container.clock())


@router.delete(
    "/{team_id}",
    summary="Delete a team",
    dependencies=[requires(Scope.BUDGETS_WRITE)],
    responses=problem_responses(403, 404, 409, 422),
)
def delete_team(
    container: CurrentContainer, by: ActorForTenant, team_id: schemas.TeamId
) -> Success[schemas.TeamDeletedOut]:
    """Delete a team that no budget and no allow-list is of."""
    container.ledger.team_setter.delete(team_id, by)
    return success(schemas.TeamDeletedOut(team_id=team_id), container.clock())


def _team(team: Team) -> schemas.TeamOut:
    return schemas.TeamOut(
        team_id=team.id, name=team.name, service_keys=sorted(team.service_keys), people=sorted(team.people)
    )
