"""Rates that a provider publishes for all its models, for rows of the price file that lack them.

Amounts: platform.claude.com/docs/en/about-claude/pricing ("Web search tool": 10 USD per 1,000 searches) and
ai.google.dev/gemini-api/docs/pricing ("Grounding": 35 USD per 1,000 prompts with searches, 25 with maps, up to
Gemini 2.5; 14 USD per 1,000 queries of either since Gemini 3).
Shares of the input's rate: alibabacloud.com/help/en/model-studio/context-cache (20 % for what an implicit cache gave,
10 % for an explicit one, 125 % for writing that), docs.mistral.ai "Prompt caching" (10 % for what was cached),
docs.fireworks.ai/guides/prompt-caching (50 % for what was cached, where a model's own price says no other).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Final, NamedTuple

from atom_llm.domain.core.money import EXACT
from atom_llm.domain.pricing.price_keys import PRICE_OF
from atom_llm.domain.pricing.rates import PricedBy, PromptRange, Rates, RateStep
from atom_llm.domain.pricing.units import (
    CACHE_READ_TOKEN,
    CACHE_WRITE_TOKEN,
    EXPLICIT_CACHE_READ_TOKEN,
    INPUT_TOKEN,
    MAPS_RATE,
    SEARCH_RATE,
)

_ANTHROPIC: Final = "platform.claude.com pricing"
_GOOGLE: Final = "ai.google.dev pricing"
_ALIBABA: Final = "alibabacloud.com context cache"
_MISTRAL: Final = "docs.mistral.ai prompt caching"
_FIREWORKS: Final = "docs.fireworks.ai prompt caching"


class _FirstPartyRate(NamedTuple):
    """The USD of one use of what `rate_name` prices, at the models of a provider whose names begin like `model`."""

    provider: str
    model: re.Pattern[str]
    rate_name: str
    usd: Decimal
    source: str


class _ShareOfInput(NamedTuple):
    """The share of an input token's rate that `rate_name` comes to, at the models of a provider like `model`."""

    provider: str
    model: re.Pattern[str]
    rate_name: str
    share: Decimal
    source: str


_EVERY: Final = re.compile(r"")
_UP_TO_GEMINI_2: Final = re.compile(r"gemini-[12](?:\.|-|\Z)")
_SINCE_GEMINI_3: Final = re.compile(r"gemini-(?:[3-9]|flash|pro)")

FIRST_PARTY_RATES: Final = (
    _FirstPartyRate("anthropic", _EVERY, SEARCH_RATE, Decimal("0.01"), _ANTHROPIC),
    _FirstPartyRate("google", _UP_TO_GEMINI_2, SEARCH_RATE, Decimal("0.035"), _GOOGLE),
    _FirstPartyRate("google", _UP_TO_GEMINI_2, MAPS_RATE, Decimal("0.025"), _GOOGLE),
    _FirstPartyRate("google", _SINCE_GEMINI_3, SEARCH_RATE, Decimal("0.014"), _GOOGLE),
    _FirstPartyRate("google", _SINCE_GEMINI_3, MAPS_RATE, Decimal("0.014"), _GOOGLE),
)
_QWEN: Final = re.compile(r"qw(?:en|q)")

SHARES_OF_INPUT: Final = (
    _ShareOfInput("qwen", _QWEN, CACHE_READ_TOKEN, Decimal("0.2"), _ALIBABA),
    _ShareOfInput("qwen", _QWEN, EXPLICIT_CACHE_READ_TOKEN, Decimal("0.1"), _ALIBABA),
    _ShareOfInput("qwen", _QWEN, CACHE_WRITE_TOKEN, Decimal("1.25"), _ALIBABA),
    _ShareOfInput("mistral", _EVERY, CACHE_READ_TOKEN, Decimal("0.1"), _MISTRAL),
    _ShareOfInput("fireworks_ai", _EVERY, CACHE_READ_TOKEN, Decimal("0.5"), _FIREWORKS),
)
_PROVIDERS_WITH_SHARES: Final = frozenset(each.provider for each in SHARES_OF_INPUT)


def priced_as(provider: str, model: str, published: Mapping[str, object] | None) -> tuple[str, str]:
    """Return provider and name of the row by whose provider's rules a row is priced: its own, or those of the row of
    the price list that a declared one takes its prices from."""
    listed = (published or {}).get(PRICE_OF)
    if not isinstance(listed, str):
        return provider, model
    of, _, name = listed.partition("/")
    return of, name


def with_first_party_rates(rates: Rates, provider: str, model: str) -> Rates:
    """Return a model's rates with those that its provider publishes for all models, where the row has none.

    Such a rate's key names its source: `search_context_cost_per_query (platform.claude.com pricing)`. A row without
    any price stays unpriced.
    """
    if not rates.is_priced:
        return rates
    missing = {
        each.rate_name: (RateStep(-1, {"": PricedBy(each.usd, f"{each.rate_name} ({each.source})")}),)
        for each in FIRST_PARTY_RATES
        if each.provider == provider and each.model.match(model) and not _has(rates, each.rate_name)
    }
    if missing:
        rates = replace(rates, ladders={**rates.ladders, **missing})
    return _with_shares(rates, provider, model) if provider in _PROVIDERS_WITH_SHARES else rates


def published_for_all(provider: str, model: str, of_row: Iterable[Decimal]) -> Iterator[Decimal]:
    """Yield the rates that a provider publishes for all models like one, its shares taken of every rate of the row."""
    yield from (each.usd for each in FIRST_PARTY_RATES if each.provider == provider and each.model.match(model))
    shares = [each.share for each in SHARES_OF_INPUT if each.provider == provider and each.model.match(model)]
    yield from (EXACT.multiply(rate, share) for rate in of_row for share in shares)


def _with_shares(rates: Rates, provider: str, model: str) -> Rates:
    """Add each share at every prompt length, range and service tier at which the row prices input."""
    for each in SHARES_OF_INPUT:
        if each.provider != provider or not each.model.match(model) or any(rates.published(each.rate_name)):
            continue
        steps = tuple(
            RateStep(step.threshold, {tier: _share(priced, each) for tier, priced in step.by_tier.items()})
            for step in rates.ladders.get(INPUT_TOKEN, ())
        )
        ranges = tuple(
            PromptRange(r.start, r.end, {**r.rates, each.rate_name: _share(r.rates[INPUT_TOKEN], each)})
            if INPUT_TOKEN in r.rates
            else r
            for r in rates.ranges
        )
        ladders = {**rates.ladders, each.rate_name: steps} if steps else rates.ladders
        rates = replace(rates, ladders=ladders, ranges=ranges)
    return rates


def _share(of: PricedBy, published: _ShareOfInput) -> PricedBy:
    words = f"{published.share:.0%} of {of.key}"
    return PricedBy(EXACT.multiply(of.rate, published.share), f"{published.rate_name} ({words}, {published.source})")


def _has(rates: Rates, rate_name: str) -> bool:
    return any(name == rate_name or name.startswith(f"{rate_name}.") for name in rates.ladders)
