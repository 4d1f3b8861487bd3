"""Which models a call is made to, in which order, and why the others are left out: decided before anything is spent."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from atom_llm.call_ports import ProviderGateway
from atom_llm.domain.call_limits import CallLimits
from atom_llm.domain.catalogue import ModelEntry
from atom_llm.domain.chat_request import AUTO, TIER_PREFIX, ChatRequest
from atom_llm.domain.embeddings_request import EmbeddingsRequest
from atom_llm.domain.errors import ModelNotFound
from atom_llm.domain.exchange import Json, Target
from atom_llm.domain.ids import TenantId
from atom_llm.domain.pricing import Terms
from atom_llm.domain.prompt_size import about, at_most
from atom_llm.domain.providers import PROVIDER_BY_ID
from atom_llm.domain.retry import MAX_CANDIDATES
from atom_llm.domain.routing import Candidate, Circumstances, Demand, Excluded, Reason, cheapest_first, weigh
from atom_llm.ports import Clock
from atom_llm.services.call_history import CallHistory, prefix_of
from atom_llm.services.provider_key_ring import ProviderKeyRing
from atom_llm.services.read_catalogue import Belief, CatalogueReader, rows_of

IsOpen = Callable[[str, str], bool]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a caller wants done: the names it gave, the request as the dialects take it, and what it asks of a model."""

    tenant: TenantId
    models: tuple[str, ...]
    body: Json
    demand: Demand
    prefix: bytes

    @property
    def asked(self) -> str:
        """The names as they were given."""
        return ",".join(self.models)


@dataclass(frozen=True, slots=True)
class Plan:
    """The candidates in the order in which they are tried, and every model that was looked at and left out."""

    asked: str
    about_tokens: int
    candidates: tuple[Candidate, ...]
    excluded: tuple[Excluded, ...]
    price_version: str


class Planner:
    """Makes plans; it reads what is remembered, and spends nothing."""

    def __init__(
        self,
        catalogue: CatalogueReader,
        ring: ProviderKeyRing,
        gateway: ProviderGateway,
        history: CallHistory,
        is_open: IsOpen,
        limits: CallLimits,
        clock: Clock,
    ) -> None:
        """`is_open` says of a provider and a model whether its circuit keeps calls away now."""
        self._catalogue = catalogue
        self._ring = ring
        self._gateway = gateway
        self._history = history
        self._is_open = is_open
        self._limits = limits
        self._clock = clock

    def chat(self, tenant: TenantId, request: ChatRequest, max_cost: Decimal | None = None) -> Wanted:
        """What a chat request wants."""
        demand = Demand(
            mode="chat",
            about_tokens=about(request.texts, request.messages, request.attachments),
            most_tokens=at_most(request.size, request.messages, request.attachments),
            most_output=self._limits.max_output_tokens,
            terms=Terms(service_tier=request.service_tier, at=self._clock()),
            output_limit=request.output_limit,
            choices=request.choices,
            needs=request.needs,
            max_cost=max_cost,
            expected_output=self._history.expected_output(tenant, ",".join(request.models)),
        )
        return Wanted(tenant, request.models, request.body, demand, prefix_of(request.texts))

    def embeddings(self, tenant: TenantId, request: EmbeddingsRequest, max_cost: Decimal | None = None) -> Wanted:
        """What a request for embeddings wants."""
        demand = Demand(
            mode="embedding",
            about_tokens=about(request.texts, 0, {}, request.counted_tokens),
            most_tokens=at_most(request.size, len(request.texts), {}),
            most_output=0,
            terms=Terms(at=self._clock()),
            max_cost=max_cost,
        )
        return Wanted(tenant, request.models, request.body, demand, prefix_of(request.texts))

    def plan(self, wanted: Wanted) -> Plan:
        """The plan of a call. Raises `ModelNotFound` for a name that means nothing."""
        belief = self._catalogue.current()
        about_it = self._circumstances(wanted)
        candidates: list[Candidate] = []
        excluded: list[Excluded] = []
        for name in wanted.models:
            found = [weigh(entry, belief.catalogue.rates, wanted.demand, about_it) for entry in _rows_of(belief, name)]
            known = {each.id for each in candidates}
            fitting = [each for each in found if isinstance(each, Candidate) and each.id not in known]
            candidates += cheapest_first(fitting, self._history.latency_ms)
            excluded += [each for each in found if isinstance(each, Excluded)]
        tried = tuple(candidates[:MAX_CANDIDATES])
        left_out = (*excluded, *_beyond(candidates))
        return Plan(wanted.asked, wanted.demand.about_tokens, tried, left_out, belief.catalogue.version)

    def _circumstances(self, wanted: Wanted) -> Circumstances:
        keys = self._ring.usable_keys(wanted.tenant)
        is_chat = wanted.demand.mode == "chat"
        return Circumstances(
            has_key=lambda entry: any(key.allows(entry.id) for key in keys.get(entry.provider, ())),
            refuses=lambda entry: self._gateway.refuses(target_of(entry), wanted.body) if is_chat else None,
            is_open=lambda entry: self._is_open(entry.provider, entry.name),
            hit_rate=lambda entry: self._history.hit_rate(wanted.tenant, entry.id, wanted.prefix),
        )


def target_of(entry: ModelEntry) -> Target:
    """A row of the catalogue as what a provider is asked for; only of providers that are called."""
    return Target(PROVIDER_BY_ID[entry.provider], entry.name, entry.capabilities, entry.limits.max_output_tokens)


def _beyond(candidates: Sequence[Candidate]) -> list[Excluded]:
    detail = f"at most {MAX_CANDIDATES} models are tried"
    return [
        Excluded(each.id, Reason.BEYOND_THE_PLAN, detail, expected=each.expected)
        for each in candidates[MAX_CANDIDATES:]
    ]


def _rows_of(belief: Belief, name: str) -> Iterable[ModelEntry]:
    if name == AUTO or name.startswith(TIER_PREFIX):
        raise ModelNotFound(name, ())
    return rows_of(belief, name)


def with_limit(body: Json, candidate: Candidate, demand: Demand) -> Json:
    """The request for one candidate: with the output limit that was held for, where that is not the model's own."""
    published, limit = candidate.entry.limits.max_output_tokens, demand.output_limit
    if limit is None and candidate.output_limit and (published is None or candidate.output_limit < published):
        limit = candidate.output_limit
    return body if limit is None else {**body, "max_completion_tokens": limit}
