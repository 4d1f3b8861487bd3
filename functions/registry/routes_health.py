"""Providers and their health."""

from typing import Annotated

from fastapi import APIRouter, Query

from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.core.providers import PROVIDER_BY_ID
from atom_llm.http.auth import requires
from atom_llm.http.deps import CurrentContainer
from atom_llm.http.envelopes import Success, success
from atom_llm.http.paging import Paging, cursor
from atom_llm.http.problems import problem_responses
from functions.registry import present, schemas

router = APIRouter(tags=["providers"], dependencies=[requires(None)])


@router.get("/provider-health", summary="Providers' health", responses=problem_responses(422))
def provider_health(
    container: CurrentContainer,
    providers: Annotated[
        str | None, Query(max_length=256, description="Separated by commas; all by default.", examples=["openai,groq"])
    ] = None,
) -> Success[schemas.ProvidersHealthOut]:
    """Show health from real traffic of the last five minutes; wrong requests and bad keys do not count."""
    names = _named(providers)
    found = container.registry.provider_health.of(names)
    circuits = container.routing.circuit_breaker.phases((name, model) for name in names for model in found[name].models)
    items = [
        present.provider_health(
            name,
            found[name],
            {model: circuits[name, model] for model in found[name].models if (name, model) in circuits},
        )
        for name in names
    ]
    return success(schemas.ProvidersHealthOut(items=items), container.clock())


@router.get("/providers/list", summary="Providers", responses=problem_responses(422))
def providers(container: CurrentContainer, paging: Paging) -> Success[schemas.CatalogueProvidersOut]:
    """List every provider of the catalogue with its models; those that are called come first, with their health."""
    by_provider, index = (
        container.catalogue.reader.current().catalogue.by_provider,
        container.registry.model_index.current(),
    )
    start = paging.position(called=int, id=str)
    after = (not start["called"], start["id"]) if start else (False, "")
    listed = sorted((name not in PROVIDER_BY_ID, name) for name in {*by_provider, *PROVIDER_BY_ID})
    rest = [place for place in listed if place > after]
    page = rest[: paging.limit]
    health = container.registry.provider_health.of(name for is_other, name in page if not is_other)
    last = page[-1] if len(rest) > len(page) else None
    data = schemas.CatalogueProvidersOut(
        total=len(listed),
        items=[present.provider(name, by_provider.get(name, ()), index, health.get(name)) for _, name in page],
        next_cursor=cursor(called=int(not last[0]), id=last[1]) if last else None,
    )
    return success(data, container.clock())


def _named(given: str | None) -> list[str]:
    """Return providers by id, each once, in the order in which they were named."""
    if given is None:
        return list(PROVIDER_BY_ID)
    names = list(dict.fromkeys(name.strip() for name in given.split(",") if name.strip()))
    for name in names:
        if name not in PROVIDER_BY_ID:
            raise InvalidRequest("providers", f"{name[:64]!r} is none of {', '.join(PROVIDER_BY_ID)}")
    return names
