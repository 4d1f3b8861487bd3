"""The exact cost of a call: disjoint usage times the applicable rates, line by line."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import ClassVar, Final, NamedTuple

from atom_llm.domain.core.errors import AtomError
from atom_llm.domain.core.money import EXACT, ONE, ZERO
from atom_llm.domain.pricing.rates import PricedBy, Rates, TokenRate, service_tier
from atom_llm.domain.pricing.units import (
    CHARGED_ALREADY,
    OUTPUT_TOKEN,
    RATES_OF,
    RATES_OF_MEDIA,
    RATES_OF_TOKENS,
    SEARCH_RATE,
    SIDE_OF,
    TOKEN_RATES,
    Side,
    Unit,
)
from atom_llm.domain.pricing.usage import Quantity, Usage

DEFAULT_SEARCH_CONTEXT: Final = "medium"
FEDRAMP_UPLIFT: Final = "fedramp_uplift_multiplier"  # of OpenAI's gov.api.openai.com, on all tokens

_multiply, _add = EXACT.multiply, EXACT.add  # looked up once: a call's cost is little more than a dozen of these
_of_tuple: Final = tuple.__new__


class PricingTerms(NamedTuple):
    """The terms that a call was made under; every field can change its price.

    `at` decides off-peak rates, and without it none apply. `data_residency` is OpenAI's `us`, `eu` or `fedramp`.
    `variant` is a resolution or picture size (`1080p`, `4K`).
    """

    service_tier: str | None = None
    at: datetime | None = None
    data_residency: str | None = None
    endpoint_location: str | None = None
    inference_geo: str | None = None
    speed: str | None = None
    variant: str | None = None
    search_context: str = DEFAULT_SEARCH_CONTEXT
    max_results: int = 0


STANDARD_TERMS: Final = PricingTerms()


class CostLine(NamedTuple):
    """One multiplication: quantity x rate x multiplier = amount, in USD, with the published key of the rate."""

    unit: Unit
    side: Side
    quantity: Quantity
    rate: Decimal
    rate_key: str
    multiplier: Decimal
    amount: Decimal


_OF_MODEL: Final = ": "  # between another model's name and the key of its rate


def of_model(line: CostLine, model: str) -> CostLine:
    """Return the line of what another model used for a call, with the model's name before the key of its rate."""
    return line._replace(rate_key=f"{model}{_OF_MODEL}{line.rate_key}")


def is_of_other_model(line: CostLine) -> bool:
    """Return whether a line is of what another model used for the call."""
    return _OF_MODEL in line.rate_key


class Cost(NamedTuple):
    """The cost of a call in USD by side, with the lines that add up to it.

    `extra` is for things bought beside tokens: searches, requests, sessions.
    """

    lines: tuple[CostLine, ...]
    input: Decimal
    output: Decimal
    extra: Decimal
    total: Decimal


NOTHING: Final = Cost((), ZERO, ZERO, ZERO, ZERO)


class Unpriced(AtomError):
    """Something used has no price: `units` names it, `priced` is the cost of the rest."""

    code: ClassVar[str] = "model_unpriced"

    def __init__(self, units: Sequence[Unit], priced: Cost) -> None:
        """Carry the part that could be priced, for the message and for the books."""
        super().__init__(f"no price for {', '.join(units)}", unpriced=[str(unit) for unit in units])
        self.units = tuple(units)
        self.priced = priced


def cost(usage: Usage, rates: Rates, terms: PricingTerms = STANDARD_TERMS) -> Cost:
    """Return the exact cost of usage at a model's rates.

    Raises `Unpriced`, naming the classes and carrying the priced part, when something used has no rate and is not
    covered by another price of the row: 0 would be a guess. Raises `InvalidRate` for an unknown service tier.
    """
    tier = "" if terms.service_tier is None else service_tier(terms.service_tier)
    is_off_peak = rates.off_peak is not None and rates.is_off_peak(terms.at)
    known = rates.known_token_rates(tier, usage.context_tokens, is_off_peak=is_off_peak)
    multiplier = ONE if rates.multipliers is None else _multiplier(rates.multipliers, terms)
    lines: list[CostLine] = []
    charged = given = ZERO
    for unit, quantity in usage.counts.items():
        found = known.get(unit)
        if found is None:
            return _cost_looked_up(usage, rates, terms, tier, multiplier, known, is_off_peak=is_off_peak)
        (rate, key), where = found
        amount = _multiply(rate, quantity)
        if multiplier is not ONE:
            amount = _multiply(amount, multiplier)
        if where == "input":
            charged = _add(charged, amount) if charged else amount
        else:
            given = _add(given, amount) if given else amount
        # By position, and past the class's own constructor: a third of the time.
        lines.append(_of_tuple(CostLine, (unit, where, quantity, rate, key, multiplier, amount)))
    return _of_tuple(Cost, (tuple(lines), charged, given, ZERO, _add(charged, given)))


def _cost_looked_up(
    usage: Usage,
    rates: Rates,
    terms: PricingTerms,
    tier: str,
    multiplier: Decimal,
    known: dict[Unit, TokenRate],
    *,
    is_off_peak: bool,
) -> Cost:
    """Return the cost where not all is of tokens whose rates are known; those of tokens are from then on."""
    context_tokens = usage.context_tokens
    in_range = rates.range_for(context_tokens) or rates.result_range_for(terms.max_results)
    off_peak = rates.off_peak_rates if is_off_peak else None
    lines: list[CostLine] = []
    without_rate: list[Unit] = []
    for unit, quantity in usage.counts.items():
        if unit in RATES_OF_TOKENS:
            found = token_rate(unit, rates, context_tokens, tier, off_peak, in_range)
            factor = multiplier
        else:
            found = _unit_rate(unit, rates, context_tokens, tier, terms, in_range)
            factor = ONE
        if found is None:
            without_rate.append(unit)
            continue
        where = side(unit, found.key)
        if unit in RATES_OF_TOKENS:
            known[unit] = TokenRate(found, where)
        amount = _multiply(found.rate, quantity)
        if factor is not ONE:
            amount = _multiply(amount, factor)
        lines.append(CostLine(unit, where, quantity, found.rate, found.key, factor, amount))
    kept = lines if RATES_OF_MEDIA.keys().isdisjoint(usage.counts) else _without_double_charges(lines)
    answer = _sum(kept)
    if without_rate:
        unpriced = tuple(unit for unit in without_rate if not _is_covered(unit, rates, kept))
        if unpriced:
            raise Unpriced(unpriced, answer)
    return answer


def dearest_rate(units: Iterable[Unit], rates: Rates, context_tokens: int, terms: PricingTerms) -> Decimal:
    """Return the highest USD per token that a token billed as one of these classes can cost.

    Off-peak rates apply as in `cost`. Raises `Unpriced` where one of the classes has no rate, `InvalidRate` for an
    unknown service tier, and `ValueError` when no class is given.
    """
    tier = service_tier(terms.service_tier)
    off_peak = rates.off_peak_rates if rates.is_off_peak(terms.at) else None
    in_range = rates.range_for(context_tokens) if rates.ranges else rates.result_range_for(terms.max_results)
    dearest: Decimal | None = None
    for unit in units:
        found = token_rate(unit, rates, context_tokens, tier, off_peak, in_range)
        if found is None:
            raise Unpriced((unit,), NOTHING)
        dearest = found.rate if dearest is None else max(dearest, found.rate)
    if dearest is None:
        raise ValueError("a rate of no class at all")
    return dearest if rates.multipliers is None else _multiply(dearest, _multiplier(rates.multipliers, terms))


def token_rate(
    unit: Unit,
    rates: Rates,
    context_tokens: int,
    tier: str,
    off_peak: Mapping[str, PricedBy] | None,
    in_range: Mapping[str, PricedBy] | None,
) -> PricedBy | None:
    """Return the rate of a token of a unit in a call of so many prompt tokens; None without a price.

    A unit whose own rate is unpublished takes the next one of its row in `RATES_OF_TOKENS`.
    """
    names = RATES_OF_TOKENS[unit]
    if tier and unit is Unit.REASONING and rates.has_tier(OUTPUT_TOKEN, tier) and not rates.has_tier(names[0], tier):
        names = names[1:]  # a tier that reprices output and is silent on reasoning reprices reasoning with it
    if off_peak is not None or in_range is not None:
        for name in names:
            found = off_peak.get(name) if off_peak is not None else None
            if found is None:
                found = in_range.get(name) if in_range is not None else rates.step(name, context_tokens, tier)
            if found is not None:
                return found
    for name in names:
        found = rates.step(name, context_tokens, tier)
        if found is not None:
            return found
    return None


def side(unit: Unit, rate_name: str) -> Side:
    """Return the side of a breakdown that a unit's cost stands on; seconds and pixels stand where their rate does."""
    return SIDE_OF.get(unit) or ("output" if rate_name.startswith("output_") else "input")


def _unit_rate(
    unit: Unit,
    rates: Rates,
    context_tokens: int,
    tier: str,
    terms: PricingTerms,
    in_range: Mapping[str, PricedBy] | None,
) -> PricedBy | None:
    """Return the rate of a unit that is no token; of a medium's two rates, the first above nothing decides.

    A rate of one size or variant stands before the general one, also where it is 0: what is stated is a price.
    """
    free: PricedBy | None = None
    for name in RATES_OF[unit]:
        for spelt in _spellings(name, unit, terms):
            found = in_range.get(spelt) if in_range is not None else None
            found = found or rates.step(spelt, context_tokens, tier)
            if found is not None:
                break
        if found is not None and (found.rate or unit not in RATES_OF_MEDIA):
            return found
        free = free or found
    return free


def _spellings(name: str, unit: Unit, terms: PricingTerms) -> Iterator[str]:
    if name == SEARCH_RATE:
        yield f"{name}.search_context_size_{terms.search_context}"
    if terms.variant is not None and unit in RATES_OF_MEDIA:
        yield f"{name}_{terms.variant}"
        yield f"{name}_{terms.variant.lower()}"
    yield name


def _multiplier(published: Mapping[str, Decimal], terms: PricingTerms) -> Decimal:
    factor = ONE
    for name in _multipliers_of(terms):
        if name in published:
            factor = _multiply(factor, published[name])
    return factor


def _multipliers_of(terms: PricingTerms) -> Iterator[str]:
    if terms.data_residency is not None:
        residency = terms.data_residency.lower()
        yield FEDRAMP_UPLIFT if residency == "fedramp" else f"regional_processing_uplift_multiplier_{residency}"
    if terms.endpoint_location is not None and terms.endpoint_location.lower() != "global":
        yield "regional_endpoint_uplift_multiplier"
    if terms.inference_geo is not None:
        yield f"provider_specific_entry.{terms.inference_geo.lower()}"
    if terms.speed == "fast":
        yield "provider_specific_entry.fast"


def _without_double_charges(lines: list[CostLine]) -> list[CostLine]:
    """Drop the line of a unit whose content another line has charged under its own rate."""
    charged = {(line.unit, line.rate_key) for line in lines}
    doubled = {unit for unit, by in CHARGED_ALREADY.items() if by in charged}
    return [line for line in lines if line.unit not in doubled] if doubled else lines


def _sum(lines: list[CostLine]) -> Cost:
    charged = given = extra = ZERO
    for line in lines:
        if line.side == "input":
            charged = _add(charged, line.amount)
        elif line.side == "output":
            given = _add(given, line.amount)
        else:
            extra = _add(extra, line.amount)
    return Cost(tuple(lines), charged, given, extra, _add(_add(charged, given), extra))


def _is_covered(unit: Unit, rates: Rates, lines: list[CostLine]) -> bool:
    """Return whether a unit without a rate is part of what was charged.

    So are tokens of a model sold by the request, seconds of one sold by the token, and pictures of one sold by the
    pixel. A thing bought beside them (a search) is part of nothing.
    """
    if not lines:
        return False
    if unit is Unit.REQUESTS:
        return True
    sold_by_token = any(True for name in TOKEN_RATES for _ in rates.published(name))  # a price of 0 is one
    if unit in RATES_OF_TOKENS:
        return not sold_by_token
    return unit in RATES_OF_MEDIA and (sold_by_token or any(line.unit in RATES_OF_MEDIA for line in lines))
