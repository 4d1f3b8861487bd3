"""A provider's models in a chosen order, from a position on."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Final, Literal, NamedTuple

from atom_llm.domain.catalogue.catalogue import Catalogue, ModelEntry

SortBy = Literal["id", "input", "output", "blended", "context"]
"""By id, by a token price (cheapest first), or by context window (largest first)."""

WITHOUT_FIGURE: Final = Decimal("Infinity")  # sorts what has no such figure behind everything that has


class ModelPlace(NamedTuple):
    """The place of a model in an order; ids break ties."""

    figure: Decimal
    id: str


def models_of_provider(
    catalogue: Catalogue,
    provider: str,
    *,
    mode: str | None,
    sort: SortBy,
    include_deprecated: bool,
    today: date,
) -> list[tuple[ModelPlace, ModelEntry]]:
    """Return every listed model of a provider that matches, in order."""
    entries: Iterable[ModelEntry] = catalogue.by_provider.get(provider, ())
    wanted = (
        entry
        for entry in entries
        if entry.absent_since is None
        and (mode is None or entry.mode == mode)
        and (include_deprecated or not entry.is_deprecated(today))
    )
    return sorted(((_rank(catalogue, entry, sort), entry) for entry in wanted), key=lambda each: each[0])


def _rank(catalogue: Catalogue, entry: ModelEntry, sort: SortBy) -> ModelPlace:
    if sort == "id":
        return ModelPlace(Decimal(0), entry.id)
    if sort == "context":
        window = entry.limits.max_input_tokens
        return ModelPlace(WITHOUT_FIGURE if window is None else -Decimal(window), entry.id)
    prices = catalogue.token_prices(entry)
    if prices is None:
        return ModelPlace(WITHOUT_FIGURE, entry.id)
    return ModelPlace({"input": prices.input, "output": prices.output, "blended": prices.blended}[sort], entry.id)
