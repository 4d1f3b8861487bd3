"""Reports of usage, read."""

from typing import Any

from atom_llm.domain.pricing.reported import ReportedUsage
from atom_llm.domain.pricing.units import RATES_OF_TOKENS, Unit
from atom_llm.domain.pricing.usage import Quantity
from atom_llm.domain.providers.reported_usage import chat_usage, generate_content_usage

Json = dict[str, Any]


def chat(provider: str = "openai", **usage: Any) -> dict[Unit, Quantity]:
    return classes(chat_usage(provider, {"usage": usage}))


def classes(reported: ReportedUsage | None) -> dict[Unit, Quantity]:
    assert reported is not None
    return dict(reported.usage.counts)


def tokens(reported: ReportedUsage) -> Quantity:
    return sum(number for unit, number in reported.usage.counts.items() if unit in RATES_OF_TOKENS)


def google(**usage: Any) -> dict[Unit, Quantity]:
    return classes(generate_content_usage({"usageMetadata": usage}))
