"""The chat models that can be called, by their quality: read once a snapshot, a quality set and a day."""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import chain
from threading import Lock
from typing import Final

from atom_llm.domain.catalogue.catalogue import Catalogue, ModelEntry
from atom_llm.domain.core.providers import PROVIDER_BY_ID
from atom_llm.domain.registry.quality import Quality, QualitySet
from atom_llm.domain.registry.row_quality import row_qualities
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


@dataclass(frozen=True, slots=True)
class EligibleRows:
    """Rows of one day, worst first.

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


class EligibleModels:
    """The rows of one day by the providers that are called, those read alone whose provider is asked for."""

    def __init__(self, catalogue: Catalogue, scores: QualitySet, today: date) -> None:
        self._catalogue = catalogue
        self._scores = scores
        self._today = today
        self._known: dict[str, EligibleRows] = {}
        self._lock = Lock()

    def of(self, providers: Collection[str]) -> Mapping[str, EligibleRows]:
        """Return the rows of some providers."""
        with self._lock:
            if new := [each for each in providers if each not in self._known]:
                self._known |= self._made(new)
            return {provider: self._known[provider] for provider in providers}

    @cached_property
    def whole(self) -> EligibleRows:
        """The rows of all providers together."""
        of_providers = self.of(PROVIDER_BY_ID).values()
        return EligibleRows(
            sorted(chain.from_iterable(each.rows for each in of_providers), key=_by_quality),
            list(chain.from_iterable(each.deprecated for each in of_providers)),
            list(chain.from_iterable(each.obscure for each in of_providers)),
        )

    def _made(self, providers: Sequence[str]) -> dict[str, EligibleRows]:
        served = {
            provider: self._each_model_once(rows)
            for provider, rows in self._catalogue.rows_of(providers, "chat").items()
        }
        rows = list(chain.from_iterable(served.values()))
        quality_of = dict(zip(rows, row_qualities(self._catalogue, rows, self._scores), strict=True))
        return {
            provider: self._sorted_out([(self._catalogue[row], quality_of[row]) for row in of_provider])
            for provider, of_provider in served.items()
        }

    def _each_model_once(self, rows: Iterable[int]) -> Collection[int]:
        """Return the rows of a provider without those that name a model anew.

        The source lists some models twice, under their bare name too: the row under the provider's name speaks.
        """
        in_turn = sorted(rows, key=lambda row: "/" in self._catalogue.ids[row])
        return {self._catalogue[row].name: row for row in in_turn}.values()

    def _sorted_out(self, found: Iterable[tuple[ModelEntry, Quality | None]]) -> EligibleRows:
        rows, deprecated, obscure = [], [], []
        for entry, quality in found:
            is_measured = quality is not None and quality.source != "heuristic"
            if entry.is_deprecated(self._today):
                deprecated.append(entry)
            elif is_obscure(entry, quality):
                obscure.append(entry)
            else:
                rows.append(RatedEntry(entry, UNRATED if quality is None else quality.score, is_measured))
        return EligibleRows(sorted(rows, key=_by_quality), deprecated, obscure)


def _by_quality(each: RatedEntry) -> tuple[float, str]:
    return each.quality, each.entry.id


def is_obscure(entry: ModelEntry, quality: Quality | None) -> bool:
    """Return whether no leaderboard rates a model, and the catalogue names no capability of it."""
    return (quality is None or quality.source == "heuristic") and not entry.capabilities


class EligibleModelIndex:
    """The keeper of the eligible models, which are others when prices, scores or the day change."""

    def __init__(self, catalogue: CatalogueReader, scores: QualityReader, clock: Clock) -> None:
        self._catalogue = catalogue
        self._scores = scores
        self._clock = clock
        self._current: DerivedValue[tuple[str, str, date], EligibleModels] = DerivedValue()

    def current(self) -> EligibleModels:
        """Return the eligible models as of now."""
        today = self._clock().date()
        catalogue, scores = self._catalogue.current().catalogue, self._scores.current()
        return self._current.of(
            (catalogue.version, scores.version, today), lambda: EligibleModels(catalogue, scores, today)
        )

    def near(self, model: str) -> Iterator[ModelEntry]:
        """Iterate over the eligible rows, those first whose quality is nearest to a model's; none where it has none."""
        catalogue = self._catalogue.current().catalogue
        row = catalogue.number_of(model)
        quality = None if row is None else row_qualities(catalogue, [row], self._scores.current())[0]
        if quality is None:
            return iter(())
        wanted = quality.score
        by_distance = sorted(
            self.current().whole.rows,
            key=lambda each: (abs(each.quality - wanted), not each.is_measured, each.entry.id),
        )
        return (each.entry for each in by_distance)
