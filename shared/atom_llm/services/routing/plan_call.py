"""The plan of a call: its candidates in order, and the reasons against all others, decided before anything is spent."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from atom_llm.domain.catalogue.catalogue import ModelEntry
from atom_llm.domain.core.errors import ModelNotFound
from atom_llm.domain.core.ids import ProviderKeyId, TenantId
from atom_llm.domain.core.money import ONE
from atom_llm.domain.core.providers import PROVIDER_BY_ID
from atom_llm.domain.pricing.cost import PricingTerms
from atom_llm.domain.pricing.token_estimate import prompt_tokens_about, prompt_tokens_at_most
from atom_llm.domain.pricing.units import SEARCH_RATE
from atom_llm.domain.providers.exchange import Json, NativeRequest, Target
from atom_llm.domain.routing.allow_lists import UNLISTED, AllowLists, Asker
from atom_llm.domain.routing.cache_affinity import CacheAffinity, affinity, conversation_of, kept_first
from atom_llm.domain.routing.call_limits import CallLimits
from atom_llm.domain.routing.candidates import (
    CallRequirements,
    Candidate,
    ExcludedModel,
    ExclusionReason,
    HeldCache,
    RoutingContext,
    cheapest_first,
    weigh,
)
from atom_llm.domain.routing.chat_request import ChatRequest
from atom_llm.domain.routing.embeddings_request import EmbeddingsRequest
from atom_llm.domain.routing.media_request import MediaRequest
from atom_llm.domain.routing.option_bounds import billed_natively, billed_options
from atom_llm.domain.routing.ranking import RankedCandidate
from atom_llm.domain.routing.retry import MAX_CANDIDATES
from atom_llm.domain.tenancy.own_names import NameUsed
from atom_llm.domain.tenancy.provider_keys import ProviderKey
from atom_llm.ports.core import Clock
from atom_llm.ports.providers import ProviderGateway
from atom_llm.services.catalogue.called_models import called_models
from atom_llm.services.catalogue.read_catalogue import CatalogueInForce, CatalogueReader
from atom_llm.services.routing.call_history import CallHistory, prefix_of
from atom_llm.services.routing.tier_candidates import TierCandidates, learned_as
from atom_llm.services.tenancy.provider_key_ring import ProviderKeyRing
from atom_llm.services.tiers.choose_tier import TierChoice, TierChooser, is_of_tiers

if TYPE_CHECKING:
    from atom_llm.domain.catalogue.own_prices import OwnPrices
    from atom_llm.domain.ledger.narrowing import Narrowing

IsOpen = Callable[[TenantId, str, str], bool]
Keys = Mapping[str, Sequence[ProviderKey]]
"""The tenant's usable keys, by provider."""


class AskedBy(NamedTuple):
    """Who asks for models, and in which words: the names that were `given`, where others stand for some of them
    (`names_used`). Without an `asker` it is the tenant as a whole."""

    asker: Asker | None = None
    given: tuple[str, ...] = ()
    names_used: tuple[NameUsed, ...] = ()


BY_THE_TENANT: Final = AskedBy()


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """The request that is planned: the names that were given, the body as the dialects take it, and its requirements.

    `given` are the caller's own names where others stand for some of them (`names_used`). `learned_as` is the name
    under which the tenant's history remembers such calls, `conversation` the one under which it remembers the caches
    that hold it; empty where there is none. `escalated` is the tier that an answer's shortcoming led to.
    `native` is the request in its caller's own dialect, where that is not OpenAI's. `asker` is whose allow-lists hold;
    None asks for the tenant as a whole.
    """

    tenant: TenantId
    models: tuple[str, ...]
    body: Json
    requirements: CallRequirements
    prefix: bytes
    learned_as: str
    escalated: TierChoice | None = None
    given: tuple[str, ...] = ()
    names_used: tuple[NameUsed, ...] = ()
    native: NativeRequest | None = None
    conversation: bytes = b""
    asker: Asker | None = None

    @property
    def asked(self) -> str:
        """The names as they were given."""
        return ",".join(self.given or self.models)


@dataclass(frozen=True, slots=True)
class Plan:
    """The candidates in the order in which they are tried, and every model that was looked at and left out.

    `wanted` is the request, as a tier makes more of it. `choice` is the tier that answers, where one stands first;
    `ranked` are the candidates that come of tiers. `near` are models that could be called in place of a named one where
    there is no candidate. `cache` is the decision about the caches that hold the conversation.
    """

    wanted: PlanRequest
    candidates: tuple[Candidate, ...]
    excluded: tuple[ExcludedModel, ...]
    price_version: str
    choice: TierChoice | None = None
    ranked: Mapping[str, RankedCandidate] = field(default_factory=dict)
    near: tuple[str, ...] = ()
    cache: CacheAffinity | None = None

    @property
    def tier(self) -> str | None:
        """The name of the tier that answers; None where no tier was asked for."""
        return None if self.choice is None else str(self.choice.tier)


class Planner:
    """The maker of plans; it reads what is remembered, and spends nothing."""

    def __init__(
        self,
        catalogue: CatalogueReader,
        ring: ProviderKeyRing,
        gateway: ProviderGateway,
        history: CallHistory,
        is_open: IsOpen,
        tiers: TierChooser,
        tier_candidates: TierCandidates,
        limits: CallLimits,
        clock: Clock,
        own_prices: Callable[[TenantId], "OwnPrices | None"] = lambda _: None,
        narrowed: Callable[[], Mapping[str, "Narrowing"]] = dict,
        allowed: Callable[[TenantId, Asker], AllowLists] = lambda _tenant, _asker: UNLISTED,
        cheaper: Callable[[TenantId, Asker], str | None] = lambda _tenant, _asker: None,
    ) -> None:
        """Take the parts; `is_open` returns whether a circuit keeps a tenant's calls to a provider's model away,
        `own_prices` a tenant's own prices, None where it has none, `narrowed` the models whose holds are narrowed,
        `allowed` the allow-lists that concern a caller, and `cheaper` why its tiers step down, None where they do not.
        """
        self._catalogue = catalogue
        self._ring = ring
        self._gateway = gateway
        self._history = history
        self._is_open = is_open
        self._tiers = tiers
        self._tier_candidates = tier_candidates
        self._limits = limits
        self._clock = clock
        self._own_prices = own_prices
        self._narrowed = narrowed
        self._allowed = allowed
        self._cheaper = cheaper

    def chat(
        self, tenant: TenantId, request: ChatRequest, max_cost: Decimal | None = None, by: AskedBy = BY_THE_TENANT
    ) -> PlanRequest:
        """Return the plan request of a chat request, with its requirements."""
        asked = ",".join(request.models)
        session = None if by.asker is None else by.asker.session
        requirements = CallRequirements(
            mode="chat",
            about_tokens=prompt_tokens_about(request.texts, request.messages, request.attachments),
            most_tokens=prompt_tokens_at_most(request.size, request.messages),
            most_attached=request.most_attached,
            options=billed_options(request.body),
            native_options=None if request.native is None else billed_natively(request.native),
            most_output=self._limits.max_output_tokens,
            terms=PricingTerms(service_tier=request.service_tier, at=self._clock()),
            output_limit=request.output_limit,
            choices=request.choices,
            needs=request.needs,
            max_cost=max_cost,
            expected_output=self._history.expected_output(tenant, asked),
        )
        prefix = prefix_of(request.texts)
        return PlanRequest(
            tenant,
            request.models,
            request.body,
            requirements,
            prefix,
            asked,
            given=by.given,
            names_used=by.names_used,
            native=request.native,
            conversation=conversation_of(session, request.body["messages"], prefix),
            asker=by.asker,
        )

    def embeddings(
        self, tenant: TenantId, request: EmbeddingsRequest, max_cost: Decimal | None = None, by: AskedBy = BY_THE_TENANT
    ) -> PlanRequest:
        """Return the plan request of a request for embeddings."""
        requirements = CallRequirements(
            mode="embedding",
            about_tokens=prompt_tokens_about(request.texts, 0, {}, request.counted_tokens),
            most_tokens=prompt_tokens_at_most(request.size, len(request.texts)),
            most_output=0,
            terms=PricingTerms(at=self._clock()),
            max_cost=max_cost,
        )
        return _unconversational(tenant, request, requirements, by)

    def media(
        self, tenant: TenantId, request: MediaRequest, max_cost: Decimal | None = None, by: AskedBy = BY_THE_TENANT
    ) -> PlanRequest:
        """Return the plan request of a request for moderation, pictures, speech or a transcript."""
        requirements = CallRequirements(
            mode=request.mode,
            about_tokens=prompt_tokens_about(request.texts, 0, {}) if request.texts else 0,
            most_tokens=prompt_tokens_at_most(sum(len(text.encode()) for text in request.texts), len(request.texts)),
            most_output=0,
            terms=PricingTerms(at=self._clock()),
            max_cost=max_cost,
            expected_output=0,
            most_attached=request.most_attached,
            media=request.demand,
        )
        return _unconversational(tenant, request, requirements, by)

    def plan(self, wanted: PlanRequest, *, explain: bool = False) -> Plan:
        """Return the plan of a call. Raises `ModelNotFound` for a name that means nothing.

        With `explain` the excluded include models below a tier's quality or past their end; without it a plan that has
        candidates leaves out those that nobody weighed.
        """
        keys = self._ring.usable_keys(wanted.tenant)
        if not explain and (plan := self._planned(wanted, keys, explain=False, weighs_few=True)).candidates:
            return plan
        plan = self._planned(wanted, keys, explain=explain)
        if plan.candidates or not any(each.reason is ExclusionReason.NO_KEY for each in plan.excluded):
            return plan
        return self._planned(wanted, self._ring.usable_keys(wanted.tenant, anew=True), explain=explain)

    def _planned(self, wanted: PlanRequest, keys: Keys, *, explain: bool, weighs_few: bool = False) -> Plan:
        in_force = self._catalogue.current()
        own = self._own_prices(wanted.tenant)
        lists = UNLISTED if wanted.asker is None else self._allowed(wanted.tenant, wanted.asker)
        context = self._context(wanted, keys, in_force, own, lists)
        rates_of = in_force.catalogue.rates if own is None else own.rates_of(in_force.catalogue, self._clock())
        candidates: list[Candidate] = []
        excluded: list[ExcludedModel] = []
        planned, answers_for, cache = wanted, None, None
        ranked: dict[str, RankedCandidate] = {}
        for name in wanted.models:
            if is_of_tiers(name) and wanted.requirements.mode == "chat":
                choice = wanted.escalated or self._chosen(wanted, name)
                requirements = self._tier_candidates.requirements(wanted.tenant, wanted.requirements, choice)
                of_choice = replace(context, forbids=_forbids(lists.beside(name, choice.tier)))
                if weighs_few and own is None and not context.held:
                    most = MAX_CANDIDATES + len(candidates)
                    of_tier = self._tier_candidates.best(
                        wanted.tenant, choice, requirements, in_force.catalogue, of_choice, most
                    )
                else:
                    of_tier = self._tier_candidates.rank(
                        wanted.tenant, choice, requirements, rates_of, of_choice, explain=explain
                    )
                ranked |= {each.candidate.id: each for each in of_tier.ranked}
                fitting, others = [each.candidate for each in of_tier.ranked], of_tier.excluded
                decision = of_tier.cache
                if name == wanted.models[0]:  # behind a named model, a tier only lends what is tried next
                    planned, answers_for = (
                        replace(wanted, requirements=requirements, learned_as=learned_as(choice.tier)),
                        choice,
                    )
            else:
                found = [
                    weigh(row, rates_of, wanted.requirements, context)
                    for row in called_models(in_force, name, self._added(own, in_force, name))
                ]
                fitting = cheapest_first(
                    [each for each in found if isinstance(each, Candidate)],
                    partial(self._history.latency_ms, wanted.tenant),
                )
                others = [each for each in found if isinstance(each, ExcludedModel)]
                decision = affinity(fitting, context.held, wanted.requirements)
                fitting = kept_first(fitting, decision, lambda each: each.id)
            if name == wanted.models[0]:
                cache = decision
            known = {each.id for each in candidates}
            candidates += [_with_key(each, context.held) for each in fitting if each.id not in known]
            excluded += others
        tried = tuple(candidates[:MAX_CANDIDATES])
        left_out = (*excluded, *_beyond(candidates))
        near: tuple[str, ...] = ()
        if not tried and answers_for is None and excluded and wanted.requirements.mode == "chat":
            near = self._tier_candidates.near(wanted.tenant, excluded[0].model, wanted.requirements, rates_of, context)
        return Plan(planned, tried, left_out, in_force.catalogue.version, answers_for, ranked, near, cache)

    def _chosen(self, wanted: PlanRequest, name: str) -> TierChoice:
        """Return the tier of a call, a cheaper one where a budget that it counts in is nearly spent."""
        choice = self._tiers.choose(wanted.tenant, name, wanted.body["messages"])
        why = None if wanted.asker is None else self._cheaper(wanted.tenant, wanted.asker)
        return choice if why is None else choice.cheaper(why)

    def _beyond(self, entry: ModelEntry, native: NativeRequest | None) -> tuple[str, str] | None:
        """Return the first field that a model cannot be asked for, for it has to be translated to, and the reason."""
        if native is None or not native.beyond or self._natively(entry, native):
            return None
        return next(iter(native.beyond.items()))

    def _natively(self, entry: ModelEntry, native: NativeRequest | None) -> bool:
        return native is not None and self._gateway.speaks(target_of(entry), native)

    def _added(self, own: "OwnPrices | None", in_force: CatalogueInForce, name: str) -> ModelEntry | None:
        return None if own is None else own.added(name, in_force.catalogue, self._clock())

    def _context(
        self,
        wanted: PlanRequest,
        keys: Keys,
        in_force: CatalogueInForce,
        own: "OwnPrices | None",
        lists: AllowLists,
    ) -> RoutingContext:
        is_chat = wanted.requirements.mode == "chat"
        bound_to = None if wanted.native is None else wanted.native.bound_to
        narrowed = self._narrowed()

        def hold_factor(entry: ModelEntry) -> Decimal:
            found = narrowed.get(entry.id)
            return ONE if found is None else found.factor(wanted.tenant)

        return RoutingContext(
            forbids=_forbids(lists),
            has_keys_of=lambda provider: _reach(keys.get(provider, ()), bound_to),
            has_key=lambda entry: any(
                key.allows(entry.id) and bound_to in (None, key.key_id) for key in keys.get(entry.provider, ())
            ),
            refuses=lambda entry: self._gateway.refuses(target_of(entry), wanted.body) if is_chat else None,
            beyond=lambda entry: self._beyond(entry, wanted.native),
            natively=lambda entry: self._natively(entry, wanted.native),
            is_open=lambda entry: self._is_open(wanted.tenant, entry.provider, entry.name),
            hit_rate=lambda entry: self._history.hit_rate(wanted.tenant, entry.id, wanted.prefix),
            beside=lambda provider, name: (
                _named_at(in_force, provider, name) or self._added(own, in_force, f"{provider}/{name}")
            ),
            hold_factor=hold_factor,
            list_rates=None if own is None else own.rates_of_list(in_force.catalogue),
            held=self._history.caches(wanted.tenant, wanted.conversation, self._clock()) if wanted.conversation else {},
        )


def _unconversational(
    tenant: TenantId, request: EmbeddingsRequest | MediaRequest, requirements: CallRequirements, by: AskedBy
) -> PlanRequest:
    """Return the plan request of what is no part of a conversation, and comes in one dialect alone."""
    return PlanRequest(
        tenant,
        request.models,
        request.body,
        requirements,
        prefix_of(request.texts),
        ",".join(request.models),
        given=by.given,
        names_used=by.names_used,
        asker=by.asker,
    )


def _forbids(lists: AllowLists) -> Callable[[ModelEntry], str | None] | None:
    return (lambda entry: lists.refusal(entry.id)) if lists.lists else None


def _with_key(candidate: Candidate, held: Mapping[str, HeldCache]) -> Candidate:
    """Return a candidate with the key that its conversation's cache lies behind."""
    cache = held.get(candidate.id)
    return candidate if cache is None else replace(candidate, key=cache.key)


def _reach(keys: Sequence[ProviderKey], bound_to: ProviderKeyId | None) -> bool | None:
    """Return whether keys of a provider are for all of its models, or for none; None: it hangs on the model."""
    usable = [key for key in keys if bound_to in (None, key.key_id)]
    return True if any(key.allowed_models is None for key in usable) else None if usable else False


def _named_at(in_force: CatalogueInForce, provider: str, name: str) -> ModelEntry | None:
    """Return the row that a provider's own name for a model names; None for a name that names none of its rows."""
    try:
        found = called_models(in_force, f"{provider}/{name}")
    except ModelNotFound:
        return None
    return next((row for row in found if row.provider == provider), None)


def target_of(entry: ModelEntry) -> Target:
    """Return a row of the catalogue as the target of a provider's request; only for providers that are called."""
    return Target(
        PROVIDER_BY_ID[entry.provider],
        entry.name,
        entry.capabilities,
        entry.limits.max_output_tokens,
        entry.mode,
        SEARCH_RATE in (entry.published or ()),
    )


def _beyond(candidates: Sequence[Candidate]) -> list[ExcludedModel]:
    detail = f"at most {MAX_CANDIDATES} models are tried"
    return [
        ExcludedModel(each.id, ExclusionReason.BEYOND_THE_PLAN, detail, expected=each.expected)
        for each in candidates[MAX_CANDIDATES:]
    ]


def with_limit(body: Json, candidate: Candidate, requirements: CallRequirements) -> Json:
    """Return the request for one candidate: with the output limit that was held for, where the model's is another."""
    if requirements.mode != "chat":
        return body
    published, limit = candidate.entry.limits.max_output_tokens, requirements.output_limit
    if limit is None and candidate.output_limit and (published is None or candidate.output_limit < published):
        limit = candidate.output_limit
    return body if limit is None else {**body, "max_completion_tokens": limit}
