"""The candidates for a request: the models that can take it, the reasons against others, and the order of trying."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import partial
from math import inf
from typing import Any, Final, Literal

from atom_llm.domain.catalogue.catalogue import ModelEntry
from atom_llm.domain.core.errors import InvalidRate
from atom_llm.domain.core.ids import ProviderKeyId
from atom_llm.domain.core.money import EXACT, ONE, plain
from atom_llm.domain.core.providers import PROVIDER_BY_ID, answers_in_responses
from atom_llm.domain.ledger.rows import MAX_AMOUNT
from atom_llm.domain.pricing.cost import PricingTerms, Unpriced, cost
from atom_llm.domain.pricing.rates import Rates
from atom_llm.domain.pricing.units import Unit
from atom_llm.domain.pricing.usage import Quantity, Usage
from atom_llm.domain.providers.exchange import MediaMode, Refusal
from atom_llm.domain.routing.hold import DEFAULT_OUTPUT_LIMIT, HeldRequest, hold, tokens_at_most
from atom_llm.domain.routing.media_demand import PROVIDERS_OF, Listed, MediaDemand, media_price
from atom_llm.domain.routing.option_bounds import OptionBounds, option_bounds

Mode = Literal["chat", "embedding"] | MediaMode

USUAL_OUTPUT: Final = 500  # tokens of an answer, until the tenant's own calls say otherwise
ESTIMATE_SLACK: Final = Decimal("1.25")  # an estimated prompt may be so much over a window before it is kept away
CACHE_PRIOR: Final = Decimal("0.5")  # before anything was measured (docs/routing.md, "Candidates")
CACHE_MINIMUM: Final = 1_024  # tokens from which on providers cache, where the catalogue does not say


class ExclusionReason(StrEnum):
    """The reason why a model is not tried."""

    NOT_SERVED = "not_served"
    WRONG_MODE = "wrong_mode"
    CAPABILITY = "capability"
    NOT_EXPRESSIBLE = "not_expressible"
    CONTEXT_WINDOW = "context_window"
    UNPRICED = "unpriced"
    OVER_MAX_COST = "over_max_cost"
    DEPRECATED = "deprecated"
    BELOW_QUALITY = "below_quality"
    OBSCURE = "obscure"
    BLOCKED = "blocked"
    NOT_ALLOWED = "not_allowed"
    NO_KEY = "no_key"
    CIRCUIT_OPEN = "circuit_open"
    BEYOND_THE_PLAN = "beyond_the_plan"


@dataclass(frozen=True, slots=True)
class CallRequirements:
    """The requirements of a request. Tokens are of the prompt; `output_limit` is the caller's, for one choice.

    `media` are the quantities of a request that is neither a chat nor for embeddings.

    `most_attached` are tokens of pictures, recordings and files, beside `most_tokens`; `options` the fields that can be
    billed for more than tokens, and `native_options` those of the request in its caller's own dialect, which stand in
    their place at the models that get it so; None where there is none.

    `most_output` is what is held for, and sent, where the caller sets no limit. `is_output_given`: `expected_output` is
    the caller's own word, and no history's.
    """

    mode: Mode
    about_tokens: int
    most_tokens: int
    most_output: int
    terms: PricingTerms
    output_limit: int | None = None
    choices: int = 1
    needs: Mapping[str, str] = field(default_factory=dict)
    max_cost: Decimal | None = None
    expected_output: int = USUAL_OUTPUT
    is_output_given: bool = False
    most_attached: int = 0
    options: Mapping[str, Any] = field(default_factory=dict)
    native_options: Mapping[str, Any] | None = None
    media: MediaDemand | None = None


@dataclass(frozen=True, slots=True)
class HeldCache:
    """A cache of so many tokens of a conversation's beginning, at a model, behind a provider key, until an instant."""

    model: str
    key: ProviderKeyId
    tokens: int
    until: datetime


@dataclass(frozen=True, slots=True)
class RoutingContext:
    """The state that decides beside the request and the catalogue.

    `refuses` tells why the provider's dialect cannot express the answer that is asked, None where it can;
    `beyond` the field of a request in another dialect that it cannot be translated from, and the reason;
    `hit_rate` the share of such prompts that came from the provider's cache, None where nothing was measured; `beside`
    the row of another model of a provider by its provider's id and its name, None where there is none; `hold_factor`
    how many times a model's worst case is held, for what it was billed above it before; `held` the caches that hold
    the request's conversation, by model; `natively` whether a model gets the request in its caller's own dialect;
    `forbids` gives the reason why an allow-list leaves a model out, None where it does not; it is None without lists.
    `has_keys_of` returns whether all of a provider's models have a key, or none of them; None where it hangs on the
    model. `list_rates` are the list's rates of a row, None where nobody has others.
    """

    has_key: Callable[[ModelEntry], bool]
    refuses: Callable[[ModelEntry], Refusal | None]
    is_open: Callable[[ModelEntry], bool]
    hit_rate: Callable[[ModelEntry], Decimal | None] = lambda _: None
    beside: Callable[[str, str], ModelEntry | None] = lambda _provider, _name: None
    hold_factor: Callable[[ModelEntry], Decimal] = lambda _: ONE
    beyond: Callable[[ModelEntry], tuple[str, str] | None] = lambda _: None
    held: Mapping[str, HeldCache] = field(default_factory=dict)
    natively: Callable[[ModelEntry], bool] = lambda _: False
    has_keys_of: Callable[[str], bool | None] = lambda _provider: None
    forbids: Callable[[ModelEntry], str | None] | None = None
    list_rates: Callable[[ModelEntry], Rates] | None = None

    def reaches(self, entry: ModelEntry) -> bool:
        """Return whether the tenant has a key for a model, and no allow-list leaves it out."""
        return self.has_key(entry) and (self.forbids is None or self.forbids(entry) is None)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model that can take the request. `output_limit` is the tokens of one choice it is held to; amounts are USD.

    `hold` is its worst case, and held `hold_factor` times. `unbounded` is the field of an option whose cost nothing
    bounds, which the hold leaves out: no hard budget lets it pass. `key` is the provider key that is tried first, where
    its conversation's cache lies behind one. `rates_beside` gives the rates of another model of
    its provider, which may answer in its place or advise it; `held_for` the USD held where one choice is limited to so
    many tokens, None where a request has no such limit. `most_tokens` is its worst case in tokens.
    """

    entry: ModelEntry
    rates: Rates
    output_limit: int
    expected: Decimal
    hold: Decimal
    unbounded: str | None = None
    hold_factor: Decimal = ONE
    key: ProviderKeyId | None = None
    rates_beside: Callable[[str], Rates | None] = field(default=lambda _: None, compare=False, repr=False)
    held_for: Callable[[int], Decimal] | None = field(default=None, compare=False, repr=False)
    most_tokens: int = 0

    @property
    def id(self) -> str:
        """The model's id, `provider/model`."""
        return self.entry.id

    @property
    def held(self) -> Decimal:
        """The USD that are held for it."""
        return EXACT.multiply(self.hold, self.hold_factor)

    @property
    def window(self) -> int:
        """The tokens of its longest prompt; 0 where unpublished."""
        return self.entry.limits.max_input_tokens or 0


@dataclass(frozen=True, slots=True)
class ExcludedModel:
    """A model that is not tried, with the reason. `field` names the part of the request that excludes it, if any."""

    model: str
    reason: ExclusionReason
    detail: str
    field: str | None = None
    expected: Decimal | None = None


def weigh(
    entry: ModelEntry, rates_of: Callable[[ModelEntry], Rates], requirements: CallRequirements, context: RoutingContext
) -> Candidate | ExcludedModel:
    """Return a candidate with its expected and its highest cost in USD, or else the first reason against the model."""
    for rule in _RULES:
        excluded = rule(entry, requirements, context)
        if excluded is not None:
            return excluded
    limit = output_limit(entry, requirements)
    held_for: Callable[[int], Decimal] | None = None
    beside = partial(_beside, context.beside, entry.provider, rates_of)  # the context itself does not outlive the plan
    try:
        rates = rates_of(entry)
        if requirements.media is not None:
            read = requirements.most_tokens + requirements.most_attached
            list_rates = context.list_rates or rates_of
            listed = Listed(list_rates(entry), partial(_beside, context.beside, entry.provider, list_rates))
            priced = media_price(
                entry, rates, requirements.media, requirements.about_tokens, read, requirements.terms, listed
            )
            expected, held, limit = priced.expected, priced.hold, priced.output_tokens
            most_tokens = priced.most_tokens
        else:
            expected = expected_cost(entry, rates, requirements, limit, context.hit_rate(entry))
            bounds = option_bounds(entry.provider, entry.name, _options(entry, requirements, context))
            request = _held_request(requirements, limit)
            held, most_tokens = hold(entry, rates, request, bounds, beside), tokens_at_most(entry, request, bounds)
            if requirements.mode == "chat":
                held_for = partial(_held_for, entry, rates, requirements, bounds, beside, context.hold_factor(entry))
    except Unpriced as error:
        return ExcludedModel(entry.id, ExclusionReason.UNPRICED, error.message)
    except InvalidRate as error:
        return ExcludedModel(entry.id, ExclusionReason.UNPRICED, error.message, error.key)
    if requirements.max_cost is not None and held.unbounded is not None:
        detail = f"nothing bounds what {held.unbounded} may cost, and the caller sets a limit"
        return ExcludedModel(entry.id, ExclusionReason.OVER_MAX_COST, detail, held.unbounded, expected)
    factor = context.hold_factor(entry)
    most = EXACT.multiply(held.amount, factor)
    if most > MAX_AMOUNT:
        detail = f"it may cost up to {plain(most)} USD, which is more than the ledger has room for in one attempt"
        return ExcludedModel(entry.id, ExclusionReason.OVER_MAX_COST, detail, expected=expected)
    if requirements.max_cost is not None and most > requirements.max_cost:
        detail = f"it may cost up to {plain(most)} USD, and the caller's limit is {plain(requirements.max_cost)}"
        return ExcludedModel(entry.id, ExclusionReason.OVER_MAX_COST, detail, expected=expected)
    if context.is_open(entry):
        return ExcludedModel(
            entry.id, ExclusionReason.CIRCUIT_OPEN, "its last calls failed; it is being left alone", None, expected
        )
    return Candidate(
        entry,
        rates,
        limit,
        expected,
        held.amount,
        held.unbounded,
        factor,
        rates_beside=partial(_rates_beside, beside),
        held_for=held_for,
        most_tokens=most_tokens,
    )


def _options(entry: ModelEntry, requirements: CallRequirements, context: RoutingContext) -> Mapping[str, Any]:
    """Return the options of the request as a model gets it."""
    natively = requirements.native_options
    if natively is None or natively == requirements.options:
        return requirements.options
    return natively if context.natively(entry) else requirements.options


def _held_for(
    entry: ModelEntry,
    rates: Rates,
    requirements: CallRequirements,
    bounds: OptionBounds,
    beside: Callable[[str], tuple[ModelEntry, Rates] | None],
    factor: Decimal,
    output: int,
) -> Decimal:
    """Return the USD held for the request where one choice is limited to `output` tokens."""
    return EXACT.multiply(factor, hold(entry, rates, _held_request(requirements, output), bounds, beside).amount)


def _beside(
    row_of: Callable[[str, str], ModelEntry | None], provider: str, rates_of: Callable[[ModelEntry], Rates], name: str
) -> tuple[ModelEntry, Rates] | None:
    """Return another model of a provider with its rates; None where there is none by that name."""
    other = row_of(provider, name)
    return None if other is None else (other, rates_of(other))


def _rates_beside(beside: Callable[[str], tuple[ModelEntry, Rates] | None], name: str) -> Rates | None:
    found = beside(name)
    return None if found is None else found[1]


def output_limit(entry: ModelEntry, requirements: CallRequirements) -> int:
    """Return the tokens of one choice to hold for: the caller's limit, or ours within the model's; 0 for embeddings."""
    if requirements.mode != "chat":
        return 0
    limit = entry.limits.max_output_tokens or DEFAULT_OUTPUT_LIMIT
    if requirements.output_limit is not None:
        # A limit beyond the published one is the provider's to refuse; it is held for all the same.
        return requirements.output_limit
    return min(limit, requirements.most_output)


def cheapest_first(candidates: Sequence[Candidate], latency_ms: Callable[[str], float]) -> list[Candidate]:
    """Sort hosts of one model by expected cost, then by measured latency, then by id."""
    return sorted(candidates, key=lambda each: (each.expected, latency_ms(each.id), each.id))


def expected_cost(
    entry: ModelEntry, rates: Rates, requirements: CallRequirements, limit: int, hit_rate: Decimal | None
) -> Decimal:
    """Return the USD of a prompt of which a share is read from the cache, and of an answer of the usual length.

    `limit` is the tokens of one choice; `hit_rate` the share, 0 to 1, None where nothing was measured. Raises
    `Unpriced` and `InvalidRate`.
    """
    cached = cached_tokens(entry, requirements.about_tokens, hit_rate)
    counts: dict[Unit, Quantity] = {}
    if requirements.about_tokens > cached:
        counts[Unit.INPUT] = requirements.about_tokens - cached
    if cached:
        counts[Unit.CACHE_READ] = cached
    if limit:
        counts[Unit.OUTPUT] = min(requirements.expected_output, limit) * requirements.choices
    if rates.sells_pieces:
        counts[Unit.IMAGES] = requirements.choices
    return cost(Usage(counts, requirements.about_tokens), rates, requirements.terms).total


def caches_from(entry: ModelEntry) -> float:
    """Return the tokens from which on a prompt of a model may come from its provider's cache; infinity: never."""
    if "prompt_caching" not in entry.capabilities:
        return inf
    return entry.limits.prompt_cache_min_tokens or CACHE_MINIMUM


def cached_tokens(entry: ModelEntry, tokens: int, hit_rate: Decimal | None) -> int:
    """Return how many tokens of a prompt are expected to come from the provider's cache."""
    if tokens < caches_from(entry):
        return 0
    return int(tokens * (CACHE_PRIOR if hit_rate is None else hit_rate))


def _held_request(requirements: CallRequirements, limit: int) -> HeldRequest:
    output = limit * requirements.choices
    return HeldRequest(
        requirements.most_tokens, requirements.most_attached, output, requirements.terms, requirements.choices
    )


def _not_served(entry: ModelEntry, requirements: CallRequirements, context: RoutingContext) -> ExcludedModel | None:
    if entry.provider in PROVIDER_BY_ID:
        return None
    return ExcludedModel(
        entry.id, ExclusionReason.NOT_SERVED, f"{entry.provider} is none of the providers that are called"
    )


def _not_allowed(entry: ModelEntry, requirements: CallRequirements, context: RoutingContext) -> ExcludedModel | None:
    said = None if context.forbids is None else context.forbids(entry)
    return None if said is None else ExcludedModel(entry.id, ExclusionReason.NOT_ALLOWED, said, "model")


def _wrong_mode(entry: ModelEntry, requirements: CallRequirements, context: RoutingContext) -> ExcludedModel | None:
    is_chat = requirements.mode == "chat"
    if entry.mode == requirements.mode or (is_chat and answers_in_responses(entry.provider, entry.mode)):
        return None
    detail = f"its mode is {entry.mode or 'unpublished'}, and this takes {requirements.mode} models"
    return ExcludedModel(entry.id, ExclusionReason.WRONG_MODE, detail, "model")


def _capability(entry: ModelEntry, requirements: CallRequirements, context: RoutingContext) -> ExcludedModel | None:
    for capability, asked_by in requirements.needs.items():
        if entry.capabilities.isdisjoint(_ALSO_BY.get(capability, frozenset()) | {capability}):
            return ExcludedModel(
                entry.id, ExclusionReason.CAPABILITY, f"{asked_by} asks for {capability}, which it lacks", asked_by
            )
    return None


def _not_expressible(
    entry: ModelEntry, requirements: CallRequirements, context: RoutingContext
) -> ExcludedModel | None:
    if requirements.media is not None and entry.provider not in PROVIDERS_OF[requirements.media.mode]:
        detail = f"{entry.provider} is not called for {requirements.media.mode}"
        return ExcludedModel(entry.id, ExclusionReason.NOT_EXPRESSIBLE, detail)
    beyond = context.beyond(entry)
    if beyond is not None:
        where, reason = beyond
        return ExcludedModel(entry.id, ExclusionReason.NOT_EXPRESSIBLE, f"{where}: {reason}", where)
    refusal = context.refuses(entry)
    if refusal is None:
        return None
    detail = f"{refusal.field}: {refusal.reason}"
    return ExcludedModel(entry.id, ExclusionReason.NOT_EXPRESSIBLE, detail, refusal.field)


def _context_window(entry: ModelEntry, requirements: CallRequirements, context: RoutingContext) -> ExcludedModel | None:
    window = entry.limits.max_input_tokens
    if window is None or requirements.about_tokens <= EXACT.multiply(ESTIMATE_SLACK, window):
        return None
    detail = f"the prompt has about {requirements.about_tokens:,} tokens, and its window {window:,}"
    return ExcludedModel(entry.id, ExclusionReason.CONTEXT_WINDOW, detail, "messages")


def _no_key(entry: ModelEntry, requirements: CallRequirements, context: RoutingContext) -> ExcludedModel | None:
    if context.has_key(entry):
        return None
    if context.has_keys_of(entry.provider) is None:
        detail = f"no key of {entry.provider} allows it: the allowed_models of each name others"
    else:
        detail = f"the tenant has no key of {entry.provider} that can be used for it"
    return ExcludedModel(entry.id, ExclusionReason.NO_KEY, detail)


# What else lets a model do what a capability asks for: a dialect can make an answer by a schema from a forced tool.
_ALSO_BY: Final[Mapping[str, frozenset[str]]] = {
    "response_schema": frozenset({"native_structured_output", "function_calling"}),
}

# In this order: the reason that says most comes first.
_RULES: Final = (_not_served, _not_allowed, _wrong_mode, _capability, _not_expressible, _context_window, _no_key)
