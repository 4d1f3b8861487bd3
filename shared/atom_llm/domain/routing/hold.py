"""The hold of a candidate: the most that its provider can bill for a request, all of its options included."""

from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from functools import lru_cache
from typing import Final, NamedTuple

from atom_llm.domain.catalogue.catalogue import ModelEntry
from atom_llm.domain.core.money import EXACT, ZERO
from atom_llm.domain.core.providers import kin_of
from atom_llm.domain.pricing.cost import PricingTerms, Unpriced, cost, dearest_rate
from atom_llm.domain.pricing.rates import Rates
from atom_llm.domain.pricing.units import RATES_OF, Unit
from atom_llm.domain.pricing.usage import Usage
from atom_llm.domain.providers import guardrails
from atom_llm.domain.providers.server_tools import ADVISOR_TOKENS
from atom_llm.domain.routing.option_bounds import OptionBounds, OtherModel

DEFAULT_OUTPUT_LIMIT: Final = 4_096  # tokens, for a model whose limit nobody published
DEFAULT_WINDOW: Final = 1_048_576  # tokens, for a model whose window nobody published: the largest that is common
WINDOW_SLACK: Final = Decimal("1.25")  # a published window may be so much too small
PRIORITY: Final = "priority"
# Each prompt token may be billed as any of these: whether it was cached is known only afterwards.
INPUT_CLASSES: Final = (
    Unit.INPUT,
    Unit.CACHE_READ,
    Unit.CACHE_WRITE_5M,
    Unit.CACHE_WRITE_1H,
    Unit.INPUT_IMAGE,
    Unit.INPUT_AUDIO,
    Unit.INPUT_VIDEO,
    Unit.CACHE_READ_EXPLICIT,
    Unit.CACHE_WRITE_12H,
)
OUTPUT_CLASSES: Final = (Unit.OUTPUT, Unit.REASONING)


class Hold(NamedTuple):
    """The USD to hold; `unbounded` is the field of an option that nothing bounds, which the amount leaves out."""

    amount: Decimal
    unbounded: str | None = None


class HeldRequest(NamedTuple):
    """The tokens of a request at most: of its texts, of its attachments, and of its answer in all `choices`."""

    text_tokens: int
    attached_tokens: int
    output_tokens: int
    terms: PricingTerms
    choices: int = 1


def hold(
    entry: ModelEntry,
    rates: Rates,
    request: HeldRequest,
    bounds: OptionBounds,
    beside: Callable[[str], tuple[ModelEntry, Rates] | None],
) -> Hold:
    """Return the hold; `beside` gives another model of the provider. Raises `Unpriced` and `InvalidRate`.

    Any service tier may be answered at the standard one instead, and at OpenAI a project's own setting may serve any
    request with priority; Anthropic's workspaces have a setting of their own for the place.
    """
    prompt = _prompt(entry, request)
    tokens = _read_tokens(entry, prompt, bounds)
    output = request.output_tokens + bounds.more_output
    if bounds.compacts:
        output += entry.limits.max_output_tokens or DEFAULT_OUTPUT_LIMIT
    asked = request.terms
    terms = asked._replace(
        at=None,  # off-peak rates are left out, for the call may outlast them
        speed=bounds.speed or asked.speed,
        search_context=asked.search_context if bounds.search_context is None else bounds.search_context,
    )
    amount, unbounded = ZERO, bounds.unbounded
    for each in _terms(entry.provider, terms):
        for_others = ZERO
        for other in (*bounds.advisors, *bounds.fallbacks):
            found = beside(other.model)
            if found is None:
                unbounded = unbounded or other.field
                continue
            for_others = EXACT.add(for_others, _of_other(other, *found, prompt, output, each, bounds))
        amount = max(amount, EXACT.add(_of_model(rates, tokens, output, each, bounds), for_others))
    if bounds.is_assessed:
        of_guardrail = _of_guardrail(beside(guardrails.ROW), prompt, output, request)
        amount, unbounded = EXACT.add(amount, of_guardrail.amount), unbounded or of_guardrail.unbounded
    if rates.sells_pieces:
        amount = EXACT.add(amount, cost(Usage({Unit.IMAGES: request.choices}, tokens), rates, request.terms).total)
    return Hold(amount, unbounded)


def tokens_at_most(entry: ModelEntry, request: HeldRequest, bounds: OptionBounds) -> int:
    """Return the tokens that a provider can bill for a request at most, of prompts and answers in all its rounds."""
    prompt = _prompt(entry, request)
    read, output = _read_tokens(entry, prompt, bounds), request.output_tokens + bounds.more_output
    if bounds.compacts:
        output += entry.limits.max_output_tokens or DEFAULT_OUTPUT_LIMIT
    transcript = prompt + output + bounds.brought + ADVISOR_TOKENS
    of_advisors = sum((transcript + (each.output_limit or output)) * each.uses for each in bounds.advisors)
    of_fallbacks = sum(read + max(output, each.output_limit or 0) for each in bounds.fallbacks)
    return read + output + of_advisors + of_fallbacks


@lru_cache(maxsize=256)
def _terms(provider: str, terms: PricingTerms) -> tuple[PricingTerms, ...]:
    """Return the terms that the provider may answer under."""
    if provider == "anthropic":
        terms = terms._replace(inference_geo=terms.inference_geo or "us")
    if kin_of(provider) == "openai" and terms.service_tier in (None, "auto"):
        return terms, terms._replace(service_tier=PRIORITY)
    return (terms,) if terms.service_tier is None else (terms, terms._replace(service_tier=None))


def _prompt(entry: ModelEntry, request: HeldRequest) -> int:
    """Return the tokens of a prompt at most; attachments fill no more than the window."""
    if not request.attached_tokens:
        return request.text_tokens
    return request.text_tokens + min(request.attached_tokens, _window(entry))


def _window(entry: ModelEntry) -> int:
    return int(EXACT.multiply(WINDOW_SLACK, entry.limits.max_input_tokens or DEFAULT_WINDOW))


def _read_tokens(entry: ModelEntry, prompt: int, bounds: OptionBounds) -> int:
    """Return the prompt tokens of all rounds: each reads the prompt and the results until then, within the window."""
    if not (bounds.rounds or bounds.brought or bounds.fills_window or bounds.compacts):
        return prompt
    window = max(_window(entry), prompt)
    if bounds.fills_window:
        return prompt + (max(bounds.rounds, 1) + bounds.compacts) * window
    whole = min(window, prompt + bounds.brought)
    if bounds.rounds:
        steps = range(bounds.rounds + 1)
        read = sum(min(window, prompt + -(-bounds.brought * step // bounds.rounds)) for step in steps)
    else:
        read = whole
    return read + whole if bounds.compacts else read


def _of_model(rates: Rates, tokens: int, output: int, terms: PricingTerms, bounds: OptionBounds) -> Decimal:
    found = worst_case(rates, tokens, output, terms, (*OUTPUT_CLASSES, *bounds.output_units))
    if not bounds.units:
        return found
    return EXACT.add(found, cost(Usage(dict(bounds.units), tokens), rates, terms).total)


def _of_other(
    other: OtherModel,
    entry: ModelEntry,
    rates: Rates,
    prompt: int,
    output: int,
    terms: PricingTerms,
    bounds: OptionBounds,
) -> Decimal:
    """Return the USD of another model: an advisor reads the transcript at each use, a fallback answers anew."""
    if other in bounds.fallbacks:
        limit = max(output, other.output_limit or 0)
        return _of_model(rates, _read_tokens(entry, prompt, bounds), limit, terms, bounds)
    transcript = _window(entry) if bounds.fills_window else prompt + output + bounds.brought + ADVISOR_TOKENS
    limit = other.output_limit or entry.limits.max_output_tokens or DEFAULT_OUTPUT_LIMIT
    return EXACT.multiply(worst_case(rates, transcript, limit, terms), other.uses)


def _of_guardrail(row: tuple[ModelEntry, Rates] | None, prompt: int, output: int, request: HeldRequest) -> Hold:
    """Return the hold for what a guardrail assesses; a prompt has no more characters than it may have tokens."""
    if row is None:
        return Hold(ZERO, guardrails.OPTION)
    most = guardrails.most_units(prompt, output, has_pictures=request.attached_tokens > 0)
    try:
        return Hold(cost(most, row[1]).total)
    except Unpriced as error:
        return Hold(error.priced.total, guardrails.OPTION)


def worst_case(
    rates: Rates,
    input_tokens: int,
    max_output_tokens: int,
    terms: PricingTerms,
    output_classes: tuple[Unit, ...] = OUTPUT_CLASSES,
) -> Decimal:
    """Return the most that a call can cost, in USD: each token, of prompt and output, at its side's dearest class.

    Off-peak rates are left out, for the call may outlast them. Raises `Unpriced` where a side has no price at all, and
    `InvalidRate` for an unknown service tier.
    """
    at_peak = terms._replace(at=None) if terms.at is not None else terms
    dearest = _for_request(rates, input_tokens, at_peak)
    for classes, tokens in ((INPUT_CLASSES, input_tokens), (output_classes, max_output_tokens)):
        if tokens:
            rate = _remembered(rates, classes, at_peak) or dearest_rate(classes, rates, input_tokens, at_peak)
            dearest = EXACT.add(dearest, EXACT.multiply(rate, tokens))
    return dearest


def _remembered(rates: Rates, classes: tuple[Unit, ...], terms: PricingTerms) -> Decimal | None:
    """Return the dearest rate of classes where it does not depend on the prompt's length: every call asks for it."""
    known = rates.remembered.dearest.get((classes, terms))
    if known is None and rates.is_flat:
        known = rates.remembered.dearest[classes, terms] = dearest_rate(classes, rates, 0, terms)
    return known


def _for_request(rates: Rates, input_tokens: int, terms: PricingTerms) -> Decimal:
    """Return the USD of the request itself, where a model is sold by the request; 0 elsewhere."""
    known = rates.remembered.dearest.get((Unit.REQUESTS, terms))
    if known is not None:
        return known
    found = ZERO
    if any(True for name in RATES_OF[Unit.REQUESTS] for _ in rates.published(name)):
        with suppress(Unpriced):  # the price is of other requests: longer ones, or in another tier
            found = cost(Usage({Unit.REQUESTS: 1}, input_tokens), rates, terms).total
    if rates.is_flat:
        rates.remembered.dearest[Unit.REQUESTS, terms] = found
    return found
