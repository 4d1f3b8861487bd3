"""LLMRegistryService: models with their scores and prices, and the providers behind them, as routes ask for them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from atom_llm.domain.catalogue.catalogue import ModelEntry
from atom_llm.domain.core.audit import Actor
from atom_llm.domain.core.choices import check_choice
from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.core.providers import PROVIDER_BY_ID
from atom_llm.domain.registry.quality import Quality
from atom_llm.domain.registry.search import SearchPage, SearchPosition, SearchQuery
from atom_llm.domain.routing.circuit import CircuitPhase
from atom_llm.ports.core import Clock
from atom_llm.ports.routing import ModelKey
from atom_llm.services.catalogue.named_filters import mode_named, provider_named
from atom_llm.services.catalogue.read_catalogue import CatalogueInForce, CatalogueReader, ResolvedModel
from atom_llm.services.registry.model_index import ModelIndex
from atom_llm.services.registry.provider_health import ProviderHealth, ProviderHealthService
from atom_llm.services.registry.sync_quality import AUTO, QualityReport, QualitySync

CircuitPhases = Callable[[TenantId, Iterable[ModelKey]], Mapping[ModelKey, CircuitPhase]]


@dataclass(frozen=True, slots=True)
class RegisteredModel:
    """A model as it was found, with its quality and the catalogue that its prices and its other hosts stand in."""

    found: ResolvedModel
    quality: Quality | None
    in_force: CatalogueInForce
    today: date


class ProviderPosition(NamedTuple):
    """The place of a provider in the list: those that are called come first, then by id."""

    is_other: bool
    id: str


@dataclass(frozen=True, slots=True)
class ListedProvider:
    """A provider with its rows of the catalogue; `rated_models` were measured, `health` is that of a called one."""

    position: ProviderPosition
    rows: Sequence[ModelEntry]
    rated_models: int
    health: ProviderHealth | None


@dataclass(frozen=True, slots=True)
class ProviderList:
    """One page; `total` counts all providers, `is_last` says that no page follows."""

    providers: tuple[ListedProvider, ...]
    total: int
    is_last: bool


@dataclass(frozen=True, slots=True)
class ReportedHealth:
    """A provider's health, and the circuits of those of its models that were called, by model name."""

    provider: str
    health: ProviderHealth
    circuits: Mapping[str, CircuitPhase]


class LLMRegistryService:
    """Puts together what catalogue, scores, health and circuits know; the routes of the registry ask nothing else."""

    def __init__(
        self,
        catalogue: CatalogueReader,
        index: ModelIndex,
        sync: QualitySync,
        health: ProviderHealthService,
        circuits: CircuitPhases,
        clock: Clock,
    ) -> None:
        """`circuits` gives the phases of models' circuits as they are stored now, as a tenant's calls meet them."""
        self._catalogue = catalogue
        self._index = index
        self._sync = sync
        self._health = health
        self._circuits = circuits
        self._clock = clock

    def search(self, query: SearchQuery, *, limit: int, after: SearchPosition | None = None) -> SearchPage:
        """Return a page of at most `limit` models that pass the query, best first; its provider may be any spelling.

        Raises `InvalidRequest` naming a provider, mode or capability that no model has, or bounds that nothing can be
        within.
        """
        least, most = query.min_quality, query.max_quality
        if least is not None and most is not None and least > most:
            raise InvalidRequest("min_quality", "is above max_quality")
        index = self._index.current()
        for capability in sorted(query.capabilities):
            check_choice("capabilities", capability, index.capabilities)
        in_force = self._catalogue.current()
        if query.mode is not None:
            mode_named(in_force, query.mode)
        provider = None if query.provider is None else provider_named(in_force, query.provider)
        return index.search(replace(query, provider=provider), self._clock().date(), limit=limit, after=after)

    def model(self, name: str) -> RegisteredModel:
        """Find a model by its id or any known spelling; raises `ModelNotFound` with near names."""
        in_force = self._catalogue.current()
        found = in_force.find(name)
        return RegisteredModel(found, self._index.current().quality_of(found.entry.id), in_force, self._clock().date())

    def providers(self, *, limit: int, after: ProviderPosition | None = None) -> ProviderList:
        """Return a page of at most `limit` providers of the catalogue, those that are called first, with health."""
        by_provider, index = self._catalogue.current().catalogue.by_provider, self._index.current()
        names = {*by_provider, *PROVIDER_BY_ID}
        places = sorted(ProviderPosition(name not in PROVIDER_BY_ID, name) for name in names)
        rest = [place for place in places if after is None or place > after]
        page = rest[:limit]
        health = self._health.of(place.id for place in page if not place.is_other)
        listed = []
        for place in page:
            rows = by_provider.get(place.id, ())
            qualities = (index.quality_of(row.id) for row in rows)
            rated = sum(quality is not None and quality.source != "heuristic" for quality in qualities)
            listed.append(ListedProvider(place, rows, rated, health.get(place.id)))
        return ProviderList(tuple(listed), len(places), len(rest) <= len(page))

    def provider_health(self, tenant: TenantId, providers: Sequence[str]) -> list[ReportedHealth]:
        """Return the health of called providers, in that order, from the traffic of the last minutes.

        The circuits beside it are those that decide about the tenant's calls.
        """
        found = self._health.of(providers)
        circuits = self._circuits(tenant, ((name, model) for name in providers for model in found[name].models))
        return [
            ReportedHealth(
                name,
                found[name],
                {model: circuits[name, model] for model in found[name].models if (name, model) in circuits},
            )
            for name in providers
        ]

    def sync_quality(self, source: str = AUTO, *, by: Actor) -> QualityReport:
        """Put the newest scores in force; raises what `QualitySync.run` does, and then those in force stay."""
        return self._sync.run(source, by=by)
