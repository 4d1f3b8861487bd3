"""Rates that a provider publishes for all its models, for rows of the price file that lack them.

Sources: platform.claude.com/docs/en/about-claude/pricing ("Web search tool": 10 USD per 1,000 searches) and
ai.google.dev/gemini-api/docs/pricing ("Grounding": 35 USD per 1,000 prompts with searches, 25 with maps, up to
Gemini 2.5; 14 USD per 1,000 queries of either since Gemini 3).
"""

import re
from dataclasses import replace
from decimal import Decimal
from typing import Final, NamedTuple

from atom_llm.domain.pricing.rates import PricedBy, Rates, RateStep
from atom_llm.domain.pricing.units import MAPS_RATE, SEARCH_RATE

_ANTHROPIC: Final = "platform.claude.com pricing"
_GOOGLE: Final = "ai.google.dev pricing"


class _FirstPartyRate(NamedTuple):
    """The USD of one use of what `rate_name` prices, at the models of a provider whose names begin like `model`."""

    provider: str
    model: re.Pattern[str]
    rate_name: str
    usd: Decimal
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
    return replace(rates, ladders={**rates.ladders, **missing}) if missing else rates


def _has(rates: Rates, rate_name: str) -> bool:
    return any(name == rate_name or name.startswith(f"{rate_name}.") for name in rates.ladders)
