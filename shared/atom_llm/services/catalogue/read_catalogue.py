"""The catalogue in force, at present or at an instant: in memory, checked against the price book."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from itertools import starmap
from typing import Final

from atom_llm.domain.catalogue.asked_name import fine_tune
from atom_llm.domain.catalogue.catalogue import Catalogue, ModelEntry, decode, is_charged
from atom_llm.domain.catalogue.errors import SnapshotCorrupt, SnapshotMissing
from atom_llm.domain.catalogue.first_party import is_first_party
from atom_llm.domain.catalogue.merge import FALLBACK
from atom_llm.domain.catalogue.names import MAX_NEAR_NAMES, NAMED, Match, NamedRow, NameIndex, provider_words
from atom_llm.domain.catalogue.outlines import sold_rows
from atom_llm.domain.catalogue.refresh import Activation, RefreshState
from atom_llm.domain.catalogue.spelling import catalogue_spelling
from atom_llm.domain.core.errors import ModelNotFound, StoreUnavailable
from atom_llm.domain.core.providers import PROVIDER_BY_ID
from atom_llm.ports.catalogue import PriceBook, PricedSeed
from atom_llm.ports.core import Clock
from atom_llm.process_cache import BoundedMap, ConfirmedValue

HEAD_MAX_AGE: Final = timedelta(seconds=60)  # how long a process may answer from an entry that is no longer in force
KEPT_VERSIONS: Final = 4  # decoded past snapshots in memory, for `at=` queries that come in rows


@dataclass(frozen=True, slots=True)
class ResolvedModel:
    """A row and the match of its name with the one asked for; `also` are the model's other rows, its hosts."""

    entry: ModelEntry
    match: Match
    also: tuple[str, ...] = ()


class CatalogueInForce:
    """One catalogue as it is in force from an activation on; without one it is the packaged seed."""

    def __init__(self, catalogue: Catalogue, activation: Activation | None, as_of: datetime) -> None:
        """Take a catalogue with `as_of`, the instant it came into force at: the activation's, or the seed's day."""
        self.catalogue = catalogue
        self.activation = activation
        self.as_of = as_of

    @property
    def is_seed(self) -> bool:
        """Return whether these are the packaged prices, because nothing was ever fetched."""
        return self.activation is None or not self.activation.source_times

    @cached_property
    def names(self) -> NameIndex:
        """The index of all names, built when a name is first asked for that is no id."""
        return self._index_of(starmap(NamedRow, sold_rows(self.catalogue)))

    @cached_property
    def modes(self) -> frozenset[str]:
        """The modes of all rows: `chat`, `embedding`."""
        return frozenset(entry.mode for entry in self.catalogue if entry.mode is not None)

    @cached_property
    def callable_names(self) -> NameIndex:
        """The index of the tenth of the rows whose providers are called: a first call does not wait for all names."""
        return self._index_of(self._rows_called(), only_called=True)

    def find(self, name: str) -> ResolvedModel:
        """Return the row of an id, of another spelling, or one that is near and says so; for look-ups, never for calls.

        Raises `ModelNotFound` with near names.
        """
        entry = self.exactly(name)
        if entry is not None:
            return ResolvedModel(entry, "exact")
        if (target := self.catalogue.aliased(name)) is not None:
            return ResolvedModel(target, "alias")
        resolution = self.names.resolve(name)
        found = self.catalogue.get(resolution.id) if resolution is not None else None
        if resolution is None or found is None:
            raise ModelNotFound(name, self.names.near(name))
        return ResolvedModel(found, resolution.match, resolution.also)

    def named(self, name: str) -> ModelEntry:
        """Return the row that a name names, by id or another spelling of it; raises `ModelNotFound` for a near one."""
        found = self.find(name)
        if found.match not in NAMED:
            raise ModelNotFound(name, (found.entry.id, *found.also[: MAX_NEAR_NAMES - 1]))
        return found.entry

    def costed_by(self, model: str) -> ModelEntry | None:
        """Return the row that a called model is costed by: its own, of a fine-tune its base's; None without one."""
        entry = self.catalogue.get(model)
        if entry is not None or fine_tune(model) is None:
            return entry
        try:
            return self.named(model)
        except ModelNotFound:
            return None

    def exactly(self, name: str) -> ModelEntry | None:
        """Return the row of an id or a source key. A reseller's key reads like another provider's id: it is no key."""
        entry = self.catalogue.get(name)
        return None if entry is not None and entry.source == FALLBACK and entry.id != name else entry

    def hosts(self, entry: ModelEntry) -> list[ModelEntry]:
        """Return the other rows of a row's very model, the vendor's own first."""
        spelling = catalogue_spelling(entry.source_key)
        rows = (self.catalogue.get(named.id) for each, named in self.names.spelt(spelling.stem) if each == spelling)
        return [row for row in rows if row is not None and row.id != entry.id]

    def _index_of(self, rows: Iterable[NamedRow], *, only_called: bool = False) -> NameIndex:
        return NameIndex(rows, self._provider_words, self._aliases(only_called=only_called))

    def _aliases(self, *, only_called: bool) -> Iterator[NamedRow]:
        for alias in self.catalogue.aliases:
            if only_called and alias.provider not in PROVIDER_BY_ID:
                continue
            if (target := self.catalogue.aliased(alias.id)) is not None:
                yield _named_row(target)._replace(source_key=alias.source_key, provider=alias.provider)

    @cached_property
    def _provider_words(self) -> Mapping[str, str]:
        """Of the providers in front of ids, so that no row has to be parsed for it."""
        split = (identity.partition("/") for identity, _ in self.catalogue.identities())
        return provider_words(dict.fromkeys(first for first, slash, _ in split if slash))

    def _rows_called(self) -> Iterator[NamedRow]:
        """Rows of providers that are called, those parsed alone whose id does not begin with its provider."""
        for identity, source_key in self.catalogue.identities():
            provider, slash, name = identity.partition("/")
            if slash and provider in PROVIDER_BY_ID:
                yield NamedRow(identity, source_key, provider, is_first_party(provider, name))
            elif not slash and (entry := self.catalogue.get(identity)) is not None and entry.provider in PROVIDER_BY_ID:
                yield _named_row(entry)


def _named_row(entry: ModelEntry) -> NamedRow:
    return NamedRow(entry.id, entry.source_key, entry.provider, entry.first_party, is_charged(entry))


SEED_SEQUENCE: Final = 1  # the book's first entry records what the package carried


class CatalogueReader(ConfirmedValue[CatalogueInForce]):
    """The catalogue for readers: decoded once, and the book's head asked for at most once a minute."""

    def __init__(
        self,
        book: PriceBook,
        seed: Callable[[], PricedSeed],
        clock: Clock,
        declared: Sequence[ModelEntry] = (),
        bedrock_region: str | None = None,
    ) -> None:
        """Take the price book; `seed` is called only when it is empty, `declared` rows stand beside every snapshot.

        Where Bedrock is called in a region, its rows are those that hold there.
        """
        super().__init__(
            lambda last: self._read(book.head(), last),
            clock,
            HEAD_MAX_AGE,
            "the catalogue",
            despite=(StoreUnavailable, SnapshotMissing, SnapshotCorrupt),
        )
        self._book = book
        self._seed = seed
        self._declared = declared
        self._bedrock_region = bedrock_region
        self._past: BoundedMap[int, CatalogueInForce] = BoundedMap(KEPT_VERSIONS)

    def updated_at(self, state: RefreshState) -> datetime:
        """Return the instant at which a source last confirmed the prices; the seed's day before the first success."""
        return state.succeeded_at or self.current().as_of

    def age(self, state: RefreshState) -> timedelta:
        """Return the time since a source last confirmed the prices in force."""
        return self._clock() - self.updated_at(state)

    def at(self, instant: datetime) -> CatalogueInForce | None:
        """Return the catalogue that was in force at an instant; None before the first snapshot."""
        activation = self._book.in_force_at(instant)
        if activation is None:
            seeded = self._read(None, None) if self._book.head() is None else None
            return seeded if seeded is not None and seeded.as_of <= instant else None
        # One thread reads a snapshot while the others wait for it: each is a megabyte to decode.
        return self._past.change(activation.sequence, lambda known: known or self._read(activation, self.last))

    def of_version(self, version: str, at: datetime) -> CatalogueInForce | None:
        """Return the catalogue of a version by which a process costed a call at an instant; None where it is not found.

        The process may have been behind the book by as long as it may go without asking. Of a version that the operator
        has declared otherwise since then, the snapshot alone is left.
        """
        current = self.current()
        if current.catalogue.version == version:
            return current
        for instant in (at, at - HEAD_MAX_AGE):
            in_force = self.at(instant)
            if in_force is None:
                continue
            if in_force.catalogue.version == version:
                return in_force
            if in_force.catalogue.snapshot_version == version.partition(".")[0]:
                return self._as_published(in_force)
        return None

    def _as_published(self, in_force: CatalogueInForce) -> CatalogueInForce:
        activation = in_force.activation
        snapshot = self._seed().snapshot if activation is None else self._book.snapshot(activation)
        return CatalogueInForce(decode(snapshot), activation, in_force.as_of)

    def _read(self, activation: Activation | None, known: CatalogueInForce | None) -> CatalogueInForce:
        if activation is None:
            if known is not None and known.activation is None:
                return known
            seed = self._seed()
            return CatalogueInForce(decode(seed.snapshot, self._declared, self._bedrock_region), None, seed.as_of)
        if known is not None and known.catalogue.snapshot_version == activation.version:
            if known.activation == activation:
                return known
            return CatalogueInForce(known.catalogue, activation, self._since(activation))
        catalogue = decode(self._book.snapshot(activation), self._declared, self._bedrock_region)
        return CatalogueInForce(catalogue, activation, self._since(activation))

    def _since(self, activation: Activation) -> datetime:
        """Return the instant from which it is in force; an entry of a refused fetch alone makes the seed no younger."""
        if activation.source_times:
            return activation.activated_at
        first = next(self._book.activations(since=None, before=SEED_SEQUENCE + 1), activation)
        return first.activated_at
