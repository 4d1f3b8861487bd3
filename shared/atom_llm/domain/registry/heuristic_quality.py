"""Estimated quality of models that no leaderboard rates: from the catalogue's facts, marked as an estimate, and capped.

A linear model over nine facts of a model and its rows, fitted on the models that are rated by `python -m
benchmarks.fit_heuristic`, which prints the coefficients below with their error. Cross-validated by families of names on
the catalogue of 2026-07-24 and the board of 2026-04 (188 rated models), it is off by 4.6 points on average (RMSE 6.2;
always saying the median: 8.4 and 10.7), and its order agrees with the board's by a rank correlation of 0.80; capped, by
5.5 points, for the best models are above the cap. There it says no more than "good enough for standard work": what
routing asks of the upper tiers has to be measured.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import log10
from operator import mul
from statistics import median
from typing import Final, NamedTuple

from atom_llm.domain.catalogue.spelling import NameSpelling
from atom_llm.domain.registry.quality import Quality

CAP: Final = 85.0  # docs/routing.md, "Ranking"
ESTIMATED_MODES: Final = frozenset({"chat", "responses", "completion"})  # what the board rates
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
    """The models of a catalogue: their spellings, the numbers of the rows that sell each, and what each row says.

    `usd_per_million` are blended prices, 0 where tokens are free or not priced. `contexts` are in tokens.
    """

    spellings: list[NameSpelling]
    sellers: list[list[int]]
    first_party: list[bool]
    usd_per_million: list[float]
    contexts: list[int | None]
    reasons: list[bool]
    calls_functions: list[bool]


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


def estimates(models: SoldModels, wanted: Sequence[int]) -> list[Quality]:
    """Return the estimates of some models by their numbers; `models` are all of the catalogue's, for generations."""
    scores = [score(of) for of in facts(models, wanted)]
    shown = {each: Quality(each, "heuristic") for each in set(scores)}  # a catalogue's models have a few hundred
    return [shown[each] for each in scores]


def score(of: ModelFacts) -> float:
    """Return the score that facts speak for, 0 to `CAP`."""
    plain: float = INTERCEPT + sum(map(mul, COEFFICIENTS, of))
    return round(min(CAP, max(0.0, plain)), 2)


def facts(models: SoldModels, wanted: Sequence[int]) -> list[ModelFacts]:
    """Return the facts of some of a catalogue's models: makers' rows speak where there are some, else hosts'.

    They are found fact by fact: thousands of models are looked at.
    """
    newest = _newest_versions(models.spellings)
    sellers = [models.sellers[model] for model in wanted]
    named = [_named(models.spellings[model].stem) for model in wanted]
    return list(
        map(
            ModelFacts._make,
            zip(
                [_price(rows, models) for rows in sellers],
                [each.is_smaller for each in named],
                [each.size for each in named],
                [each.has_size for each in named],
                [max([models.reasons[row] for row in rows]) for rows in sellers],
                [_context(max([models.contexts[row] or 0 for row in rows])) for rows in sellers],
                [max([models.calls_functions[row] for row in rows]) for rows in sellers],
                [each.version / newest[each.family] if each.version else 1.0 for each in named],
                [each.unversioned for each in named],
                strict=True,
            ),
        )
    )


def _price(rows: Sequence[int], models: SoldModels) -> float:
    own = [row for row in rows if models.first_party[row]] or rows
    charged = [price for row in own if (price := models.usd_per_million[row])]
    price = (charged[0] if len(charged) == 1 else median(charged)) if charged else 1.0
    return log10(price) if price <= MOST_PRICE else 0.0


@lru_cache(maxsize=1_024)  # windows; a catalogue has two hundred different ones
def _context(tokens: int) -> float:
    least, most = CONTEXTS
    return log10(min(max(tokens, least), most) / USUAL_CONTEXT)


def _newest_versions(spellings: Iterable[NameSpelling]) -> dict[str, float]:
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
    """The facts that a name says by itself; `version` is 0 where it says none."""

    is_smaller: bool
    size: float
    has_size: bool
    version: float
    family: str
    unversioned: bool


@lru_cache(maxsize=65_536)  # stems; a catalogue has two thousand, and a new snapshot nearly the same ones
def _named(stem: str) -> _Named:
    """Read a name by the patterns above."""
    size, rest = 0.0, stem
    if ("b-" in stem or stem.endswith("b")) and (found := _SIZE.search(stem)):
        size = float(found[1] or 1) * float(found[2].replace("-", "."))
        rest = _ACTIVE_SIZE.sub("", stem[: found.start()] + stem[found.end() :])
    versioned = _VERSION.search(rest)
    version = float(f"{versioned[1]}.{versioned[2] or 0}") if versioned else 0.0
    is_smaller = not _SMALLER.isdisjoint(stem.split("-"))
    return _Named(is_smaller, log10(size / USUAL_SIZE) if size else 0.0, size > 0, version, family(stem), not version)
