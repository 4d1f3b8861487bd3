"""The quality of a catalogue's rows: that of their models, measured, or else estimated from the rows that sell them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from atom_llm.domain.catalogue.catalogue import Catalogue
from atom_llm.domain.catalogue.outlines import CodedColumn, RowOutlines, coded, outlines
from atom_llm.domain.catalogue.spelling import NameSpelling, own_words, own_words_and_spelling
from atom_llm.domain.core.collecting import without_collecting
from atom_llm.domain.pricing.token_prices import blended
from atom_llm.domain.registry.heuristic_quality import ESTIMATED_MODES, SoldModels, estimates, family
from atom_llm.domain.registry.quality import Quality, QualitySet

MILLION: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class ReadRows:
    """Rows at a glance with their blended prices, own words and spellings; and the models that they sell.

    `is_rated` says of each row whether a board could rate what it sells.
    """

    outlines: RowOutlines
    prices: CodedColumn[Decimal | None]
    own_words: CodedColumn[str]
    spellings: CodedColumn[NameSpelling]
    is_rated: list[bool]
    models: SoldModels


def read_rows(catalogue: Catalogue, wanted: Sequence[int] | None = None) -> ReadRows:
    """Read every row, or those of some numbers; names and prices repeat, and each is read once."""
    rows = outlines(catalogue, wanted)
    segments = coded([source_key.rpartition("/")[2] for source_key in rows.source_keys])
    names = [own_words_and_spelling(segment) for segment in segments.values]
    spelt = coded([spelling for _, spelling in names])
    spellings = CodedColumn(spelt.values, segments.each(spelt.numbers))
    is_rated = rows.modes.each([mode in ESTIMATED_MODES for mode in rows.modes.values])
    sellers: list[list[int]] = [[] for _ in spelt.values]
    for row, (model, can_be_rated) in enumerate(zip(spellings.numbers, is_rated, strict=True)):
        if can_be_rated:
            sellers[model].append(row)
    own = CodedColumn([own for own, _ in names], segments.numbers)
    pairs, able = rows.per_token, rows.capabilities
    prices = CodedColumn([blended(*pair) for pair in pairs.values], pairs.numbers)
    models = SoldModels(
        spelt.values,
        sellers,
        rows.first_party,
        prices.each([0.0 if price is None else float(price) * MILLION for price in prices.values]),
        rows.contexts,
        able.each(["reasoning" in each for each in able.values]),
        able.each(["function_calling" in each for each in able.values]),
    )
    return ReadRows(rows, prices, own, spellings, is_rated, models)


def models_of(catalogue: Catalogue) -> SoldModels:
    """Return the models that a board could rate, by spelling, with the rows that sell them."""
    return read_rows(catalogue).models


def model_qualities(models: SoldModels, quality: QualitySet, wanted: Sequence[int]) -> list[Quality | None]:
    """Return the quality of some models by their numbers; None where nobody sells one as a model to rate."""
    found = measured(models, quality, wanted)
    unmeasured = [place for place, model in enumerate(wanted) if found[place] is None and models.sellers[model]]
    estimated = estimates(models, [wanted[place] for place in unmeasured])
    for place, each in zip(unmeasured, estimated, strict=True):
        found[place] = each
    return found


def measured(models: SoldModels, quality: QualitySet, wanted: Iterable[int]) -> list[Quality | None]:
    """Return the measured quality of some models; None where no board rates one, or nobody sells it as one to rate."""
    return [quality.of(models.spellings[model]) if models.sellers[model] else None for model in wanted]


@without_collecting()
def row_qualities(catalogue: Catalogue, wanted: Sequence[int], quality: QualitySet) -> list[Quality | None]:
    """Return the quality of the models of some rows, by their numbers, reading no other rows than their kin."""
    if not wanted:
        return []
    kin = kin_of(catalogue, wanted)
    read = read_rows(catalogue, kin)
    place_of = {row: place for place, row in enumerate(kin)}
    places = [place_of[row] for row in wanted]
    models = list({read.spellings.numbers[place]: None for place in places})
    found = dict(zip(models, model_qualities(read.models, quality, models), strict=True))
    return [found[read.spellings.numbers[place]] if read.is_rated[place] else None for place in places]


def kin_of(catalogue: Catalogue, rows: Iterable[int]) -> list[int]:
    """Return the numbers of the rows that an estimate for some rows could hang on, these included.

    It hangs on the rows of the same model, and on the versions of its family. Of either all names begin with the same
    word, but for its digits, for it is only endings that a spelling leaves out. So these are the rows whose names have
    such a word somewhere: more than are needed, and found without taking names apart.
    """
    begun = {family(own_words(catalogue.source_keys[row])).partition("-")[0] for row in rows}
    word = re.compile("|".join(sorted(re.escape(each).replace(r"\#", r"[\d#]+") for each in begun)))
    return [row for row, key in enumerate(catalogue.source_keys) if word.search(key.lower())]
