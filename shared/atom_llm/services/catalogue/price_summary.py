"""The catalogue at a glance: the cheapest chat models, and providers side by side."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from statistics import median_low
from typing import Final

from atom_llm.domain.catalogue.catalogue import Catalogue, ModelEntry
from atom_llm.domain.pricing.token_prices import TokenPrices

CHEAPEST: Final = 10
CHAT_MODES: Final = frozenset({"chat"})


@dataclass(frozen=True, slots=True)
class ProviderSummary:
    """One provider's rows; prices are over its chat models with both prices above 0, None without any."""

    provider: str
    models: int
    priced_chat_models: int
    cheapest: str | None
    lowest_blended: Decimal | None
    median_blended: Decimal | None


@dataclass(frozen=True, slots=True)
class CatalogueSummary:
    """The overview of one snapshot on one day."""

    models: int
    cheapest: tuple[tuple[ModelEntry, TokenPrices], ...]
    providers: tuple[ProviderSummary, ...]
    unread: Mapping[str, int]


@lru_cache(maxsize=1)
def summary(catalogue: Catalogue, today: date) -> CatalogueSummary:
    """Summarise the listed rows; 60 ms for a catalogue, hence once a snapshot and day."""
    listed = [entry for entry in catalogue if entry.absent_since is None]
    chat: list[tuple[ModelEntry, TokenPrices]] = []
    unread: dict[str, int] = {}
    for entry in listed:
        for key in catalogue.rates(entry).unread or ():
            unread[key] = unread.get(key, 0) + 1
        if entry.mode in CHAT_MODES and not entry.is_deprecated(today):
            prices = catalogue.token_prices(entry)
            if prices is not None and prices.input and prices.output:
                chat.append((entry, prices))
    chat.sort(key=lambda each: (each[1].blended, each[0].id))
    return CatalogueSummary(len(listed), tuple(chat[:CHEAPEST]), tuple(_providers(listed, chat)), unread)


def _providers(listed: list[ModelEntry], chat: list[tuple[ModelEntry, TokenPrices]]) -> list[ProviderSummary]:
    rows: dict[str, int] = {}
    for entry in listed:
        rows[entry.provider] = rows.get(entry.provider, 0) + 1
    sold: dict[str, list[tuple[ModelEntry, TokenPrices]]] = {}
    for each in chat:
        sold.setdefault(each[0].provider, []).append(each)
    return [
        ProviderSummary(
            provider=provider,
            models=count,
            priced_chat_models=len(own := sold.get(provider, [])),
            cheapest=own[0][0].id if own else None,
            lowest_blended=own[0][1].blended if own else None,
            median_blended=median_low([prices.blended for _, prices in own]) if own else None,
        )
        for provider, count in sorted(rows.items())
    ]
