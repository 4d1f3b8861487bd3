"""Providers, and how they are doing."""

from collections import Counter
from typing import Annotated

from fastapi import APIRouter, Query

from atom_llm.domain.errors import InvalidRequest
from atom_llm.domain.providers import PROVIDER_BY_ID
from atom_llm.http.auth import requires
from atom_llm.http.deps import Services
from atom_llm.http.envelopes import Success, success
from atom_llm.http.problems import problem_responses
from functions.registry import present, schemas

router = APIRouter(tags=["providers"], dependencies=[requires(None)])


@router.get("/provider-health", summary="Providers' health", responses=problem_responses(422))
def provider_health(
    services: Services,
    providers: Annotated[
        str | None, Query(max_length=256, description="Separated by commas; all by default.", examples=["openai,groq"])
    ] = None,
) -> Success[schemas.ProvidersHealthOut]:
    """From real traffic of the last five minutes; wrong requests and bad keys say nothing about a provider."""
    names = _named(providers)
    found = services.health.of(names)
    circuits = services.circuit_breaker.phases((name, model) for name in names for model in found[name].models)
    items = [
        present.provider_health(
            name,
            found[name],
            {model: circuits[name, model] for model in found[name].models if (name, model) in circuits},
        )
        for name in names
    ]
    return success(schemas.ProvidersHealthOut(items=items), services.clock())


@router.get("/providers/list", summary="Providers", responses=problem_responses())
def providers(services: Services) -> Success[schemas.ProvidersOut]:
    """Every provider of the catalogue with its models; those that are called come first, with their health."""
    catalogue, index = services.catalogue.current().catalogue, services.model_index.current()
    health = services.health.of(PROVIDER_BY_ID)
    rated: Counter[str] = Counter()
    for provider, rows in catalogue.by_provider.items():
        measured = (index.quality_of(row.id) for row in rows)
        rated[provider] = sum(quality is not None and quality.source != "heuristic" for quality in measured)
    items = [
        schemas.ProviderOut(
            id=provider,
            display_name=PROVIDER_BY_ID[provider].display_name if provider in PROVIDER_BY_ID else provider,
            is_served=provider in PROVIDER_BY_ID,
            models=len(rows),
            chat_models=sum(row.mode == "chat" for row in rows),
            rated_models=rated[provider],
            health=health[provider].whole.state if provider in PROVIDER_BY_ID else None,
        )
        for provider, rows in sorted(
            catalogue.by_provider.items(), key=lambda each: (each[0] not in PROVIDER_BY_ID, each[0])
        )
    ]
    return success(schemas.ProvidersOut(items=items), services.clock())


def _named(given: str | None) -> list[str]:
    """Providers by id, each once, in the order in which they were named."""
    if given is None:
        return list(PROVIDER_BY_ID)
    names = list(dict.fromkeys(name.strip() for name in given.split(",") if name.strip()))
    for name in names:
        if name not in PROVIDER_BY_ID:
            raise InvalidRequest("providers", f"{name[:64]!r} is none of {', '.join(PROVIDER_BY_ID)}")
    return names
