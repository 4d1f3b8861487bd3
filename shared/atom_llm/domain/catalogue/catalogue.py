"""The catalogue: every model with its rates, as one immutable snapshot that decodes row by row."""

import json
import re
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from datetime import date
from functools import cached_property
from hashlib import sha256
from typing import Final, Literal, NamedTuple

from atom_llm.domain.catalogue.bedrock_rows import rows_of_region
from atom_llm.domain.catalogue.errors import SnapshotCorrupt
from atom_llm.domain.catalogue.refresh import SnapshotVersion
from atom_llm.domain.core.providers import has_inclusive_thresholds
from atom_llm.domain.pricing.first_party_rates import priced_as, with_first_party_rates
from atom_llm.domain.pricing.price_keys import PRICE_OF
from atom_llm.domain.pricing.rates import Rates, read_rates, with_sources
from atom_llm.domain.pricing.token_prices import TokenPrices, prices_of_rates

# own: a model that its tenant has added; declared: one of a provider that the operator declares
SourceName = Literal["litellm", "openrouter", "own", "declared"]

ALIAS: Final = "alias_of"  # what a further name publishes in place of prices
_ALIAS_IN_LINE: Final = f'"r":{{"{ALIAS}":"'
_PROVIDER_IN_LINE: Final = '"p":'
_TABLES: Final = frozenset({"tiered_pricing", "off_peak_pricing"})
_ZERO: Final = re.compile(r"[-+]?[0.]*(?:[eE][-+]?\d+)?")


FORMAT: Final = 1
VERSION_DIGITS: Final = 32  # of a SHA-256 in hex; 128 bits name a snapshot beyond doubt
DECLARED_DIGITS: Final = 16  # likewise, of what one operator declares beside it, behind a point
COMPRESSION: Final = 6  # 9 costs four times as long for a percent less
# One encoder for all rows: `json.dumps` with options makes a new one for each.
_SPELL: Final = json.JSONEncoder(separators=(",", ":"), sort_keys=True, default=str, check_circular=False).encode
MAX_SNAPSHOT_BYTES: Final = 64 * 1024 * 1024  # decompressed; thirty times today's


@dataclass(frozen=True, slots=True)
class TokenLimits:
    """The token limits of a model, prompt and answer; None where unpublished."""

    max_input_tokens: int | None = None
    max_output_tokens: int | None = None
    prompt_cache_min_tokens: int | None = None
    output_vector_size: int | None = None


class LentRate(NamedTuple):
    """The source that lent a row a rate, and what the row's own source publishes there: nothing, or a free price."""

    source: str
    own: object


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """One priced row: a model as one provider sells it.

    `id` is `provider/name` with our provider ids; `source_key` is what the source calls the row. `published` holds the
    cost keys as published, rates as decimal strings in USD. `absent_since` is the number of the whole refresh from
    which on the source no longer lists the row, refreshes in which that source was silent not counted; the row leaves
    after `ABSENCES_TO_LEAVE` of them. `lent` are those rates of `published`, by key, that are another source's word.
    """

    id: str
    provider: str
    source_key: str
    source: SourceName
    mode: str | None = None
    published: Mapping[str, object] | None = None
    limits: TokenLimits = TokenLimits()
    capabilities: frozenset[str] = frozenset()
    modalities: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    deprecation_date: date | None = None
    first_party: bool = False
    absent_since: int | None = None
    lent: Mapping[str, LentRate] | None = None

    @property
    def name(self) -> str:
        """The provider's own name of the model, without ours for the provider."""
        return self.id.partition("/")[2] or self.id

    @property
    def alias_of(self) -> str | None:
        """The source key of the row that this is but another name of; None for a row."""
        target = (self.published or {}).get(ALIAS)
        return target if isinstance(target, str) else None

    def is_deprecated(self, today: date) -> bool:
        """Return whether the published deprecation date has come."""
        return self.deprecation_date is not None and self.deprecation_date <= today


class Catalogue:
    """A decoded snapshot. Rows are parsed when first asked for, and then kept.

    `ids`, `source_keys` and `texts` are those of all rows, in the order of ids; a text is what is stored of a row.
    """

    def __init__(self, version: SnapshotVersion, lines: list[str]) -> None:
        """Index the body lines of a snapshot; use `decode` to get one."""
        self.version = version
        self._aliases: list[ModelEntry] = []
        self.ids: Final[list[str]] = []
        self.source_keys: Final[list[str]] = []
        self.texts: Final[list[str]] = []
        self._entries: dict[int, ModelEntry] = {}
        self._rates: dict[int, Rates] = {}
        for line in lines:
            identity, source_key, text = line.split("\t", 2)
            if _ALIAS_IN_LINE in text:
                self._aliases.append(_decoded(identity, source_key, text))
                continue
            self.ids.append(identity)
            self.source_keys.append(source_key)
            self.texts.append(text)
        self._row_of = {identity: row for row, identity in enumerate(self.ids)}

    @cached_property
    def _row_of_source_key(self) -> Mapping[str, int]:
        """The numbers of rows by their source keys, made for the first name that is no id."""
        return {source_key: row for row, source_key in enumerate(self.source_keys)}

    @property
    def snapshot_version(self) -> SnapshotVersion:
        """The version of the snapshot itself, whatever is declared beside it."""
        return SnapshotVersion(self.version.partition(".")[0])

    def __len__(self) -> int:
        """Count the rows, absent ones included."""
        return len(self.ids)

    def __iter__(self) -> Iterator[ModelEntry]:
        """Iterate over all rows, in the order of ids."""
        return (self[row] for row in range(len(self.ids)))

    def __getitem__(self, row: int) -> ModelEntry:
        """Return the row of a number, 0 for the first id."""
        if row not in self._entries:
            self._entries[row] = _decoded(self.ids[row], self.source_keys[row], self.texts[row])
        return self._entries[row]

    def number_of(self, identity: str) -> int | None:
        """Return the number of the row of an id; None where no row has it."""
        return self._row_of.get(identity)

    def get(self, name: str) -> ModelEntry | None:
        """Return the row with exactly this id, or else exactly this source key; None where there is neither."""
        row = self._row_of.get(name)
        if row is None:
            row = self._row_of_source_key.get(name)
        return None if row is None else self[row]

    def aliased(self, name: str) -> ModelEntry | None:
        """Return the row that a published alias of exactly this id or source key stands for; None for no alias."""
        target = self._alias_targets.get(name)
        return None if target is None else self.get(target)

    @property
    def aliases(self) -> Sequence[ModelEntry]:
        """The further names that the source publishes for rows, in the order of ids."""
        return self._aliases

    @cached_property
    def _alias_targets(self) -> Mapping[str, str]:
        named = [(alias, alias.alias_of) for alias in self._aliases if alias.alias_of is not None]
        by_key = {alias.source_key: target for alias, target in named}
        return by_key | {alias.id: target for alias, target in named}

    def identities(self) -> Iterator[tuple[str, str]]:
        """Iterate over the id and source key of every row, without parsing any."""
        return zip(self.ids, self.source_keys, strict=True)

    def rows_of(self, providers: Collection[str], mode: str) -> Mapping[str, Sequence[int]]:
        """Return the numbers of the rows of some providers in a mode, in the order of ids; few are parsed for it.

        A row's provider stands in front of its id, or in the row alone.
        """
        found: dict[str, list[int]] = {provider: [] for provider in providers}
        said = f'"m":{_SPELL(mode)}'
        for row, identity in enumerate(self.ids):
            first, slash, _ = identity.partition("/")
            if slash and first not in found:
                continue
            text = self.texts[row]
            if said in text and text.index(said) < text.index(_PROVIDER_IN_LINE):  # what it publishes stands behind
                provider = first if slash else self[row].provider
                if provider in found:
                    found[provider].append(row)
        return found

    def rates(self, entry: ModelEntry) -> Rates:
        """Return an entry's compiled rates, compiled once. A fine-tune has those of the row whose key it keeps."""
        row = self._row_of.get(entry.id)
        if row is None:
            row = self._row_of_source_key[entry.source_key]
        if row not in self._rates:
            self._rates[row] = compiled(self[row])
        return self._rates[row]

    def token_prices(self, entry: ModelEntry) -> TokenPrices | None:
        """Return a row's rates for a short standard prompt, or None where its tokens are not priced both ways."""
        return prices_of_rates(self.rates(entry))

    @cached_property
    def by_provider(self) -> Mapping[str, tuple[ModelEntry, ...]]:
        """The rows of each provider, in the order of ids."""
        grouped: dict[str, list[ModelEntry]] = {}
        for entry in self:
            grouped.setdefault(entry.provider, []).append(entry)
        return {provider: tuple(entries) for provider, entries in sorted(grouped.items())}


def compiled(entry: ModelEntry) -> Rates:
    """Return an entry's rates, ready for look-up; raises `InvalidRate` when the row publishes a rate that is none."""
    provider, name = priced_as(entry.provider, entry.name, entry.published)
    rates = read_rates(entry.published or {}, inclusive_thresholds=has_inclusive_thresholds(provider))
    if entry.lent:
        rates = with_sources(rates, {key: lent.source for key, lent in entry.lent.items()})
    return with_first_party_rates(rates, provider, name)


def is_charged(entry: ModelEntry) -> bool:
    """Return whether anything that a row sells has a price above nothing; tables of prices count as one."""
    return charges(entry.published or {})


def charges(published: Mapping[str, object]) -> bool:
    """Return the same of what a row publishes."""
    return any(_is_above_zero(value) for key, value in published.items() if "cost" in key or key in _TABLES)


def _is_above_zero(value: object) -> bool:
    if isinstance(value, str):
        return not _ZERO.fullmatch(value)
    return bool(value)


def encode(entries: Iterable[ModelEntry]) -> tuple[SnapshotVersion, bytes]:
    """Return the version and the bytes of a snapshot: equal contents have equal versions, in any order."""
    body = "\n".join(_encoded(entry) for entry in sorted(entries, key=lambda entry: entry.id)).encode()
    version = SnapshotVersion(sha256(body).hexdigest()[:VERSION_DIGITS])
    header = json.dumps({"format": FORMAT, "version": version}).encode()
    return version, zlib.compress(header + b"\n" + body, COMPRESSION)


def decode(snapshot: bytes, declared: Sequence[ModelEntry] = (), bedrock_region: str | None = None) -> Catalogue:
    """Read a snapshot; raises `SnapshotCorrupt` when it is damaged or of another format.

    Rows that the operator declares stand beside it, in place of whatever it has of their providers, and Bedrock's rows
    are those of a region, where one is called; the version then names all of it.
    """
    inflater = zlib.decompressobj()
    try:
        content = inflater.decompress(snapshot, MAX_SNAPSHOT_BYTES)
        header, _, body = content.partition(b"\n")
        described = json.loads(header)
    except (zlib.error, ValueError):
        raise SnapshotCorrupt("cannot be decompressed") from None
    if not inflater.eof or described.get("format") != FORMAT:
        raise SnapshotCorrupt("is truncated, too large or of another format")
    if sha256(body).hexdigest()[:VERSION_DIGITS] != described["version"]:
        raise SnapshotCorrupt("does not match its version")
    version = SnapshotVersion(described["version"])
    try:
        lines = body.decode().split("\n") if body else []
        if not declared and bedrock_region is None:
            return Catalogue(version, lines)
        return _of_operator(version, lines, declared, bedrock_region)
    except ValueError:
        raise SnapshotCorrupt("has a line that is no row") from None


def _of_operator(
    version: SnapshotVersion, lines: list[str], declared: Sequence[ModelEntry], bedrock_region: str | None
) -> Catalogue:
    if bedrock_region is not None:
        lines = rows_of_region(lines, bedrock_region)
    rows = [_encoded(_priced(entry, lines)) for entry in sorted(declared, key=lambda entry: entry.id)]
    theirs = tuple({f'"p":"{entry.provider}"' for entry in declared})
    kept = [line for line in lines if not any(each in line for each in theirs)]
    said = [*rows, *([bedrock_region] if bedrock_region else [])]
    digest = sha256("\n".join(said).encode()).hexdigest()[:DECLARED_DIGITS]
    in_order = sorted([*kept, *rows], key=lambda line: line.partition("\t")[0])
    return Catalogue(SnapshotVersion(f"{version}.{digest}"), in_order)


def _priced(declared: ModelEntry, lines: Iterable[str]) -> ModelEntry:
    """Return a declared row at the prices of the list's row that it names, and with what that can do.

    One that the list does not have, or no longer, has no price: it cannot be called.
    """
    listed = (declared.published or {}).get(PRICE_OF)
    if listed is None:
        return declared
    found = next((line for line in lines if listed in line.split("\t", 2)[:2]), None)
    if found is None:
        return replace(declared, published={})
    row = _decoded(*found.split("\t", 2))
    limits = (given or known for given, known in zip(astuple(declared.limits), astuple(row.limits), strict=True))
    return replace(
        declared,
        published={**(row.published or {}), PRICE_OF: row.id},
        limits=TokenLimits(*limits),
        capabilities=declared.capabilities or row.capabilities,
        modalities=row.modalities,
    )


def _encoded(entry: ModelEntry) -> str:
    """Spell one line: id, source key and a JSON object that holds only what differs from the defaults."""
    limits, (takes, gives) = entry.limits, entry.modalities
    fields = {
        "p": entry.provider,
        "s": entry.source,
        "m": entry.mode,
        "r": entry.published,
        "l": [
            limits.max_input_tokens,
            limits.max_output_tokens,
            limits.prompt_cache_min_tokens,
            limits.output_vector_size,
        ],
        "c": sorted(entry.capabilities),
        "i": takes,
        "o": gives,
        "d": entry.deprecation_date and entry.deprecation_date.isoformat(),
        "f": int(entry.first_party),
        "a": entry.absent_since,
        "x": entry.lent,
    }
    spelt = {key: value for key, value in fields.items() if value not in (None, 0, [], ())}
    return f"{entry.id}\t{entry.source_key}\t{_SPELL(spelt)}"


def _decoded(identity: str, source_key: str, text: str) -> ModelEntry:
    fields = json.loads(text)
    deprecation = fields.get("d")
    return ModelEntry(
        id=identity,
        provider=fields["p"],
        source_key=source_key,
        source=fields["s"],
        mode=fields.get("m"),
        published=fields.get("r"),
        limits=TokenLimits(*fields["l"]),
        capabilities=frozenset(fields.get("c", ())),
        modalities=(tuple(fields.get("i", ())), tuple(fields.get("o", ()))),
        deprecation_date=date.fromisoformat(deprecation) if deprecation else None,
        first_party=bool(fields.get("f")),
        absent_since=fields.get("a"),
        lent={key: LentRate(*lent) for key, lent in fields["x"].items()} if "x" in fields else None,
    )
