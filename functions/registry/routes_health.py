"""Providers and their health."""

from typing import Annotated

from fastapi import APIRouter, Query

from atom_llm.domain.core.choices import check_choice
from atom_llm.domain.core.providers import PROVIDER_BY_ID
from atom_llm.http.auth import CurrentCaller, requires
from atom_llm.http.deps import CurrentContainer
from atom_llm.http.envelopes import Success, success
from atom_llm.http.paging import Paging, cursor
from atom_llm.http.routed.responses import problem_responses
from atom_llm.services.registry.llm_registry_service import ProviderPosition
from functions.registry import present, schemas

router = APIRouter(tags=["providers"], dependencies=[requires(None)])


@router.get("/provider-health", summary="Providers' health", responses=problem_responses(422))
def provider_health(
    container: CurrentContainer,
    caller: CurrentCaller,
    providers: Annotated[
        str | None, Query(max_length=256, description="Separated by commas; all by default.", examples=["openai,groq"])
    ] = None,
) -> Success[schemas.ProvidersHealthOut]:
    """Show health from real traffic of the last five minutes, and the circuits as the caller's calls meet them.

    Wrong requests and bad keys do not count.
    """
    found = container.registry.llm_registry.provider_health(caller.tenant, _named(providers))
    items = [present.provider_health(each) for each in found]
    return success(schemas.ProvidersHealthOut(items=items), container.clock())


@router.get("/providers/list", summary="Providers", responses=problem_responses(422))
def providers(container: CurrentContainer, paging: Paging) -> Success[schemas.CatalogueProvidersOut]:
    """List every provider of the catalogue with its models; those that are called come first, with their health."""
    start = paging.position(called=int, id=str)
    after = ProviderPosition(not start["called"], start["id"]) if start else None
    page = container.registry.llm_registry.providers(limit=paging.limit, after=after)
    last = None if page.is_last else page.providers[-1].position
    data = schemas.CatalogueProvidersOut(
        total=page.total,
        items=[present.provider(each) for each in page.providers],
        next_cursor=cursor(called=int(not last.is_other), id=last.id) if last else None,
    )
    return success(data, container.clock())


def _named(given: str | None) -> list[str]:
    """Return providers by id, each once, in the order in which they were named."""
    if given is None:
        return list(PROVIDER_BY_ID)
    names = list(dict.fromkeys(name.strip() for name in given.split(",") if name.strip()))
    for name in names:
        check_choice("providers", name, PROVIDER_BY_ID)
    return names
