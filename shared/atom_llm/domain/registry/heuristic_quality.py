"""Estimated quality of models that no leaderboard rates: from the catalogue's facts, marked as an estimate, and capped.

A linear model over nine facts of a model and its rows, fitted on the models that are rated by `python -m
benchmarks.fit_heuristic`, which prints the coefficients below with their error. Cross-validated by families of names on
the catalogue of 2026-07-24 and the board of 2026-04 (188 rated models), it is off by 4.6 points on average (RMSE 6.2;
always saying the median: 8.4 and 10.7), and its order agrees with the board's by a rank correlation of 0.80; capped, by
5.5 points, for the best models are above the cap. There it says no more than "good enough for standard work": what
routing asks of the upper tiers has to be measured.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from math import log10
from operator import mul
from statistics import median
from typing import Final, NamedTuple

from atom_llm.domain.catalogue.outlines import RowOutlines
from atom_llm.domain.catalogue.spelling import NameSpelling
from atom_llm.domain.registry.quality import Quality

CAP: Final = 85.0  # docs/routing.md, "Ranking"
ESTIMATED_MODES: Final = frozenset({"chat", "responses", "completion"})  # what the board rates
MILLION: Final = 1_000_000
MOST_PRICE: Final = 200.0  # USD a million tokens; above, a row's unit is mistaken, and it says nothing
USUAL_CONTEXT: Final = 128_000  # tokens
CONTEXTS: Final = (4_000, 1_000_000)  # tokens; outside, more or less says no more
USUAL_SIZE: Final = 30.0  # billions of parameters

# Words by which makers call the smaller model of a family, and parameters in billions: `70b`, `8x22b`, `1-5b`.
_SMALLER: Final = frozenset(
    (
        "mini",
        "nano",
        "lite",
        "small",
        "flash",
        "haiku",
        "micro",
        "tiny",
        "light",
        "air",
        "instant",
        "turbo",
        "fast",
        "edge",
    )
)
_SIZE: Final = re.compile(r"(?:^|-)(?:(\d+)x)?(\d+(?:-\d+)?)b(?=-|$)")
_ACTIVE_SIZE: Final = re.compile(r"-a\d+(?:-\d+)?b(?=-|$)")
_VERSION: Final = re.compile(r"(?<!\d)(\d)(?:-(\d)(?!\d))?(?!\d)")
_DIGITS: Final = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class SoldModels:
    """The models of a catalogue by their spelling, with the numbers of the rows that sell each.

    `prices` are the rows' blended prices in USD per token, None where tokens are not priced.
    """

    rows_of: dict[NameSpelling, list[int]]
    outlines: RowOutlines
    prices: list[Decimal | None]


class ModelFacts(NamedTuple):
    """The nine facts of a model, each about 0 for a usual one.

    `price`, `context` and `size` are logarithms to the base of ten, of USD a million tokens and relative to the usual;
    `generation` is the version's share of the newest one of its family, `unversioned` says that the name has none.
    """

    price: float
    is_smaller: float
    size: float
    has_size: float
    reasons: float
    context: float
    calls_functions: float
    generation: float
    unversioned: float


# As `python -m benchmarks.fit_heuristic` printed them on 2026-07-24's catalogue and 2026-04's board.
INTERCEPT: Final = 68.38
COEFFICIENTS: Final = ModelFacts(
    price=2.84,
    is_smaller=-1.96,
    size=0.2,
    has_size=-1.8,
    reasons=7.15,
    context=6.73,
    calls_functions=4.11,
    generation=6.68,
    unversioned=-2.96,
)


def estimates(models: SoldModels, measured: Mapping[NameSpelling, Quality | None]) -> dict[NameSpelling, Quality]:
    """Return the estimate of every model not measured; `models` are all of the catalogue's, for their generations."""
    newest = newest_versions(models.rows_of)
    return {
        spelling: Quality(score(facts(spelling, models, newest)), "heuristic")
        for spelling in models.rows_of
        if measured[spelling] is None
    }


def score(of: ModelFacts) -> float:
    """Return the score that facts speak for, 0 to `CAP`."""
    plain: float = INTERCEPT + sum(map(mul, COEFFICIENTS, of))
    return round(min(CAP, max(0.0, plain)), 2)


def facts(spelling: NameSpelling, models: SoldModels, newest: Mapping[str, float]) -> ModelFacts:
    """Return the facts of a model: its maker's rows speak where there are some, else its hosts'."""
    rows, outlines = models.rows_of[spelling], models.outlines
    own = [row for row in rows if outlines.first_party[row]] or rows
    prices = [float(price) * MILLION for row in own if (price := models.prices[row])]
    price = (prices[0] if len(prices) == 1 else median(prices)) if prices else 1.0
    able = (
        outlines.capabilities[rows[0]] if len(rows) == 1 else set().union(*[outlines.capabilities[row] for row in rows])
    )
    context = max([outlines.contexts[row] or 0 for row in rows])
    is_smaller, size, version, family = _named(spelling.stem)
    return ModelFacts(  # by position: thousands are made
        log10(price) if price <= MOST_PRICE else 0.0,
        float(is_smaller),
        log10(size / USUAL_SIZE) if size else 0.0,
        float(size > 0),
        float("reasoning" in able),
        log10(min(max(context, CONTEXTS[0]), CONTEXTS[1]) / USUAL_CONTEXT),
        float("function_calling" in able),
        version / newest[family] if version else 1.0,
        float(not version),
    )


def newest_versions(spellings: Mapping[NameSpelling, object]) -> dict[str, float]:
    """Return the newest version of each family; a family is a name with its digits left open."""
    newest: dict[str, float] = {}
    for spelling in spellings:
        named = _named(spelling.stem)
        if named.version > newest.get(named.family, -1.0):
            newest[named.family] = named.version
    return newest


def family(stem: str) -> str:
    """Return a name with its digits left open: all versions and sizes of a model share it."""
    return _DIGITS.sub("#", stem)


class _Named(NamedTuple):
    is_smaller: bool
    size: float
    version: float
    family: str


@lru_cache(maxsize=65_536)  # stems; a catalogue has two thousand, and a new snapshot nearly the same ones
def _named(stem: str) -> _Named:
    """Read a name by the patterns above; 0 where it is silent."""
    size, rest = 0.0, stem
    if ("b-" in stem or stem.endswith("b")) and (found := _SIZE.search(stem)):
        size = float(found[1] or 1) * float(found[2].replace("-", "."))
        rest = _ACTIVE_SIZE.sub("", stem[: found.start()] + stem[found.end() :])
    versioned = _VERSION.search(rest)
    version = float(f"{versioned[1]}.{versioned[2] or 0}") if versioned else 0.0
    return _Named(not _SMALLER.isdisjoint(stem.split("-")), size, version, family(stem))
