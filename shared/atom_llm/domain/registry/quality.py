"""Quality of the catalogue's models by a leaderboard: an immutable, versioned set of scores, and their inheritance.

A score belongs to a model and not to a row: every host of a model has it. So that a host which joins the catalogue
tomorrow has it too, the set holds with each score the spellings that it stands for, and a row asks with its own.
"""

import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from hashlib import sha256
from typing import Any, Final, Literal, NamedTuple

from atom_llm.domain.catalogue.errors import SnapshotCorrupt
from atom_llm.domain.catalogue.names import NameIndex
from atom_llm.domain.catalogue.spelling import NameSpelling
from atom_llm.domain.registry.board import Board, BoardRow, ratings_of
from atom_llm.domain.registry.board_names import BoardMatch, meant, steps
from atom_llm.domain.registry.quality_scale import QualityScale, fitted

QualityVersion = str
"""Hex content hash of a quality set."""

QualitySource = Literal["lmarena", "heuristic"]

ATTRIBUTION: Final = "Ratings: LMArena (lmarena.ai), CC BY 4.0"
FORMAT: Final = 1
VERSION_DIGITS: Final = 32  # of a SHA-256 in hex, as for snapshots
MAX_SET_BYTES: Final = 16 * 1024 * 1024  # decompressed; two hundred times today's


class SpellingClaim(NamedTuple):
    """A spelling that a rated name stands for; `strength` 0: its own, 1: without effort words, 2: weakly."""

    spelling: NameSpelling
    strength: int


class RatedName(NamedTuple):
    """A board's row with its score, and the catalogue's row that it meant when the set was made.

    `interval` is the 95 % interval in score points. `model` is None where the catalogue had no row of that name.
    """

    row: BoardRow
    score: float
    interval: tuple[float, float] | None
    model: str | None
    match: BoardMatch | None
    claims: tuple[SpellingClaim, ...]


class Quality(NamedTuple):
    """The quality of one model, ready to be shown; rating, interval, votes and `published` only where it was measured.

    `interval` is in score points. `name` is the leaderboard's, and `is_weak` says that it is not surely this model's.
    """

    score: float
    source: QualitySource
    rating: float | None = None
    interval: tuple[float, float] | None = None
    votes: int | None = None
    published: date | None = None
    name: str | None = None
    is_weak: bool = False


@dataclass(frozen=True)
class QualitySet:
    """One board, scored and mapped: never changed, only followed by another."""

    version: QualityVersion
    published: date | None
    scale: QualityScale
    rated: tuple[RatedName, ...]
    attribution: str = ATTRIBUTION

    @property
    def matched(self) -> tuple[RatedName, ...]:
        """The rated names for which the catalogue had a row."""
        return tuple(each for each in self.rated if each.model is not None)

    @property
    def unmatched(self) -> tuple[str, ...]:
        """The names for which it had none, in the board's order."""
        return tuple(each.row.name for each in self.rated if each.model is None)

    def of(self, spelling: NameSpelling) -> Quality | None:
        """Return the quality that a row has or inherits, by its spelling; None where none is measured."""
        claims = self._by_stem.get(spelling.stem)
        if claims is None:
            return None
        candidates = [(rank, each) for claim, each in claims if (rank := _closeness(claim, each, spelling)) is not None]
        if not candidates:
            return None
        rank, best = min(candidates, key=lambda each: each[0])
        return self._quality(best, is_weak=rank.is_weak)

    @cached_property
    def _by_stem(self) -> Mapping[str, list[tuple[SpellingClaim, RatedName]]]:
        found: dict[str, list[tuple[SpellingClaim, RatedName]]] = {}
        for each in self.rated:
            for claim in each.claims:
                found.setdefault(claim.spelling.stem, []).append((claim, each))
        return found

    def _quality(self, each: RatedName, *, is_weak: bool) -> Quality:
        row = each.row
        return Quality(
            each.score, "lmarena", row.rating, each.interval, row.votes, self.published, row.name, is_weak=is_weak
        )


def scored(board: Board, index: NameIndex) -> QualitySet:
    """Score a board that has passed its gate, and map it onto a catalogue's names."""
    scale = fitted(ratings_of(board.rows))
    return _versioned(board.published, scale, tuple(_rated(row, scale, index) for row in board.rows))


def _rated(row: BoardRow, scale: QualityScale, index: NameIndex) -> RatedName:
    found = meant(row.name, index)
    own = next((SpellingClaim(step.spelling, 0) for step in steps(row.name)), None)
    claims = [own] if own is not None else []
    # A name that a weak step led to a vendor's row stays what hosts of its own very name inherit.
    if found is not None and own is not None and found.spelling.stem != own.spelling.stem:
        strength = 2 if found.match == "weak" else 1
        claims.append(SpellingClaim(own.spelling._replace(stem=found.spelling.stem), strength))
    interval = None
    if row.lower is not None and row.upper is not None:
        interval = (scale.score(row.lower), scale.score(row.upper))
    model, match = (found.row.id, found.match) if found is not None else (None, None)
    return RatedName(row, scale.score(row.rating), interval, model, match, tuple(claims))


class _Closeness(NamedTuple):
    """The distance of a claim from a row; the least is the nearest."""

    is_weak: bool
    strength: int
    is_of_other_date: bool
    age: int
    is_of_other_stage: bool
    votes: int
    rating: float


def _closeness(claim: SpellingClaim, each: RatedName, row: NameSpelling) -> _Closeness | None:
    """Return the distance, or None: a dated row never takes a differently dated rating, an undated one the newest."""
    rated = claim.spelling
    if rated.date and row.date and rated.date != row.date:
        return None
    return _Closeness(
        is_weak=claim.strength == 2 or (rated.preview and not row.preview),
        strength=claim.strength,
        is_of_other_date=rated.date != row.date,
        age=-int(rated.date or 0),
        is_of_other_stage=rated.preview != row.preview,
        votes=-(each.row.votes or 0),
        rating=each.row.rating,
    )


# Storage


def encode_set(quality: QualitySet) -> bytes:
    """Compress a set for storage; equal sets are equal bytes."""
    return zlib.compress(_body(quality.published, quality.scale, quality.rated), 9)


def decode_set(stored: bytes) -> QualitySet:
    """Read a stored set; raises `SnapshotCorrupt` when it is damaged or of another format."""
    try:
        inflater = zlib.decompressobj()
        body = inflater.decompress(stored, MAX_SET_BYTES)
        content = json.loads(body)
        if not inflater.eof or content["format"] != FORMAT:
            raise ValueError("truncated, or of another format")
        published = date.fromisoformat(content["published"]) if content["published"] else None
        return QualitySet(
            _version(body), published, QualityScale(*content["scale"]), tuple(_decoded(row) for row in content["rated"])
        )
    except (zlib.error, ValueError, LookupError, TypeError):
        raise SnapshotCorrupt("a quality set cannot be read") from None


def _versioned(published: date | None, scale: QualityScale, rated: tuple[RatedName, ...]) -> QualitySet:
    return QualitySet(_version(_body(published, scale, rated)), published, scale, rated)


def _version(body: bytes) -> QualityVersion:
    return sha256(body).hexdigest()[:VERSION_DIGITS]


def _body(published: date | None, scale: QualityScale, rated: Iterable[RatedName]) -> bytes:
    content = {
        "format": FORMAT,
        "published": published.isoformat() if published else None,
        "attribution": ATTRIBUTION,
        "scale": [scale.middle, scale.frontier],
        "rated": [_encoded(each) for each in rated],
    }
    return json.dumps(content, separators=(",", ":")).encode()


def _encoded(each: RatedName) -> list[object]:
    row = each.row
    figures = [row.name, row.rating, row.lower, row.upper, row.votes, row.organisation, row.licence]
    return [figures, each.score, each.interval, each.model, each.match, each.claims]


def _decoded(stored: list[Any]) -> RatedName:
    figures, score, interval, model, match, claims = stored
    return RatedName(
        BoardRow(*figures),
        score,
        (interval[0], interval[1]) if interval else None,
        model,
        match,
        tuple(SpellingClaim(NameSpelling(*spelling), strength) for spelling, strength in claims),
    )
