"""The chat models that can be called, by their quality: put together once a snapshot, a quality set and a day."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from atom_llm.domain.catalogue.catalogue import ModelEntry
from atom_llm.domain.core.providers import PROVIDER_BY_ID
from atom_llm.domain.registry.quality import Quality
from atom_llm.domain.registry.search import SearchIndex
from atom_llm.ports.core import Clock
from atom_llm.process_cache import DerivedValue
from atom_llm.services.catalogue.read_catalogue import CatalogueReader
from atom_llm.services.registry.read_quality import QualityReader

UNRATED: Final = 0.0  # of a model of which nothing is known: good enough where nothing is asked


@dataclass(frozen=True, slots=True)
class RatedEntry:
    """A row with the quality of its model, 0 to 100, and whether a leaderboard has measured it."""

    entry: ModelEntry
    quality: float
    is_measured: bool


@dataclass(frozen=True, slots=True, eq=False)
class EligibleModels:
    """The rows of one day, worst first; each is equal to itself alone.

    `deprecated` are those that are past their end, `obscure` those that no leaderboard rates and of which the catalogue
    names no capability: so it lists guards that judge prompts, containers, and models that only a few may call.
    """

    rows: Sequence[RatedEntry]
    deprecated: Sequence[ModelEntry]
    obscure: Sequence[ModelEntry]

    def split(self, minimum: float) -> tuple[Sequence[RatedEntry], Sequence[RatedEntry]]:
        """Return the rows below a quality, and those at or above it."""
        first = self.first_of(minimum)
        return self.rows[:first], self.rows[first:]

    def first_of(self, minimum: float) -> int:
        """Return the place of the first row that is good enough."""
        return bisect_left(self.rows, minimum, key=lambda each: each.quality)


def is_obscure(entry: ModelEntry, quality: Quality | None) -> bool:
    """Return whether no leaderboard rates a model, and the catalogue names no capability of it."""
    return (quality is None or quality.source == "heuristic") and not entry.capabilities


class EligibleModelIndex:
    """The keeper of the eligible models, which builds them anew when prices, scores or the day change."""

    def __init__(
        self, catalogue: CatalogueReader, scores: QualityReader, index: Callable[[], SearchIndex], clock: Clock
    ) -> None:
        """Take what is in force; `index` returns the search index made of both, with the quality of every row."""
        self._catalogue = catalogue
        self._scores = scores
        self._index = index
        self._clock = clock
        self._current: DerivedValue[tuple[str, str, date], EligibleModels] = DerivedValue()

    def current(self) -> EligibleModels:
        """Return the eligible models as of now."""
        today = self._clock().date()
        source = (self._catalogue.current().catalogue.version, self._scores.current().version, today)
        return self._current.of(source, lambda: self._made(self._index(), today))

    def near(self, model: str) -> Iterator[ModelEntry]:
        """Iterate over the eligible rows, those first whose quality is nearest to a model's; none where it has none."""
        quality = self._index().quality_of(model)
        if quality is None:
            return iter(())
        wanted = quality.score
        by_distance = sorted(
            self.current().rows, key=lambda each: (abs(each.quality - wanted), not each.is_measured, each.entry.id)
        )
        return (each.entry for each in by_distance)

    def _made(self, index: SearchIndex, today: date) -> EligibleModels:
        rows, deprecated, obscure = [], [], []
        for entry in self._served(index):
            quality = index.quality_of(entry.id)
            is_measured = quality is not None and quality.source != "heuristic"
            if entry.is_deprecated(today):
                deprecated.append(entry)
            elif is_obscure(entry, quality):
                obscure.append(entry)
            else:
                rows.append(RatedEntry(entry, UNRATED if quality is None else quality.score, is_measured))
        rows.sort(key=lambda each: (each.quality, each.entry.id))
        return EligibleModels(rows, deprecated, obscure)

    def _served(self, index: SearchIndex) -> Iterator[ModelEntry]:
        """Yield rows of chat models at the providers that are called, each model once a provider; no other is read."""
        catalogue, ids = self._catalogue.current().catalogue, index.ids_of_mode("chat")
        for provider in PROVIDER_BY_ID:
            rows = (entry for each in ids.get(provider, ()) if (entry := catalogue.get(each)) is not None)
            # The source lists some models twice, under their bare name too: the row under the provider's name speaks.
            yield from {entry.name: entry for entry in sorted(rows, key=lambda entry: "/" in entry.id)}.values()
