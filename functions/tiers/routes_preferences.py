"""A tenant's preferences: which tiers, whose models, at what price."""

from typing import Final

from fastapi import APIRouter

from atom_llm.composition import Container
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.tenancy.service_keys import Scope
from atom_llm.domain.tiers.preferences import Preferences
from atom_llm.http.auth import requires
from atom_llm.http.deps import CurrentContainer
from atom_llm.http.envelopes import Success, success
from atom_llm.http.routed.on_behalf import ActorForTenant, ConcernedTenant
from atom_llm.http.routed.responses import problem_responses
from functions.tiers import schemas

router = APIRouter(prefix="/preferences", tags=["preferences"])
writes: Final = [requires(Scope.PREFS_WRITE)]


@router.get("", summary="Preferences", dependencies=[requires(None)], responses=problem_responses(404, 422))
def preferences(container: CurrentContainer, tenant: ConcernedTenant) -> Success[schemas.PreferencesOut]:
    """Show the preferences in force for this tenant: those that it has set, or the defaults."""
    return _answer(container, tenant)


@router.post(
    "",
    summary="Set preferences for the first time",
    status_code=201,
    dependencies=writes,
    responses=problem_responses(400, 403, 404, 409, 413, 415, 422),
)
def create_preferences(
    container: CurrentContainer, by: ActorForTenant, request: schemas.PreferencesIn
) -> Success[schemas.PreferencesOut]:
    """Set preferences for the first time. They bind the calls of every process within half a minute."""
    container.tiers.preference_setter.create(by.acts_for, _read(request), by)
    return _answer(container, by.acts_for)


@router.put(
    "",
    summary="Replace the preferences",
    dependencies=writes,
    responses=problem_responses(400, 403, 404, 409, 413, 415, 422),
)
def replace_preferences(
    container: CurrentContainer, by: ActorForTenant, request: schemas.PreferencesIn
) -> Success[schemas.PreferencesOut]:
    """Replace the preferences as a whole, or set the first. They bind calls of every process within half a minute."""
    container.tiers.preference_setter.replace(by.acts_for, _read(request), by)
    return _answer(container, by.acts_for)


@router.delete(
    "", summary="Reset the preferences", dependencies=writes, responses=problem_responses(403, 404, 409, 422)
)
def reset_preferences(container: CurrentContainer, by: ActorForTenant) -> Success[schemas.PreferencesOut]:
    """Go back to the defaults; the month's budget that they had set is gone too. May be repeated."""
    container.tiers.preference_setter.reset(by.acts_for, by)
    return _answer(container, by.acts_for)


def _read(request: schemas.PreferencesIn) -> Preferences:
    """Read preferences; raises `InvalidRequest` for those that contradict themselves."""
    return Preferences(**{name: getattr(request, name) for name in schemas.PreferencesIn.model_fields})


def _answer(container: Container, tenant: TenantId) -> Success[schemas.PreferencesOut]:
    container.tiers.preference_reader.forget(tenant)  # estimates of this very process follow at once
    found, is_set = container.tiers.preference_setter.of(tenant)
    fields = {name: getattr(found, name) for name in schemas.PreferencesIn.model_fields}
    return success(schemas.PreferencesOut(is_default=not is_set, **fields), container.clock())
