"""`python -m benchmarks.fit_heuristic [PRICES BOARD]`: fit the estimate of unrated models, with its error.

Ridge regression by the normal equations, on one row a rated name (its dated spelling where there are two). The error is
of cross-validation in ten parts that no family of names is split over, so that `gpt-5.1` does not vouch for `gpt-5.2`.
It is printed as the estimate comes (uncapped) and as it is served (capped, the board's best included).
"""

import json
import sys
from collections.abc import Sequence
from math import sqrt
from pathlib import Path
from random import Random
from statistics import fmean, median
from typing import Final

from atom_llm.adapters.sources import litellm
from atom_llm.domain.catalogue.catalogue import Catalogue, decode, encode
from atom_llm.domain.catalogue.names import NamedRow, NameIndex
from atom_llm.domain.catalogue.spelling import NameSpelling
from atom_llm.domain.registry.heuristic_quality import CAP, ModelFacts, facts, family
from atom_llm.domain.registry.quality import Quality, QualitySet, scored
from atom_llm.domain.registry.row_quality import measured, models_of
from benchmarks.real_files import BOARD, JULY_24
from local import boards

PENALTY: Final = 1.0  # of the squared coefficients, the intercept left free; 0.1 to 3 make no difference
FOLDS: Final = 10
SEED: Final = 7  # families are dealt to the folds by it: the same figures at every run
DIGITS: Final = 2

Row = tuple[float, ...]
Example = tuple[NameSpelling, ModelFacts, Quality]


def main(arguments: Sequence[str]) -> int:
    """Fit, and print the constants of `domain/registry/heuristic_quality.py` with their error."""
    if len(arguments) not in (0, 2):
        print("usage: python -m benchmarks.fit_heuristic [PRICES.json BOARD]", file=sys.stderr)
        return 2
    prices, board = (Path(each) for each in arguments) if arguments else (JULY_24, BOARD)
    rated = of_files(prices, board)
    weights = ridge(*_problem(rated))
    print(f"{len(rated)} rated models of {prices.name} on {board.name}")
    print(f"INTERCEPT = {weights[0]:.{DIGITS}f}")
    print("COEFFICIENTS = " + json.dumps(dict(zip(ModelFacts._fields, _rounded(weights[1:]), strict=True))))
    scores = [quality.score for *_, quality in rated]
    for name, guesses in guessed(rated).items():
        print(f"{name}: MAE {mae(guesses, scores):.2f}, RMSE {rmse(guesses, scores):.2f}, {_order(guesses, scores)}")
    return 0


def of_files(prices: Path = JULY_24, board: Path = BOARD) -> list[Example]:
    """Return the rated models of a price file and a board."""
    entries = litellm.read(prices.read_bytes()).entries.values()
    index = NameIndex((NamedRow(e.id, e.source_key, e.provider, e.first_party) for e in entries), {})
    return examples(decode(encode(entries)[1]), scored(boards.read(board), index))


def guessed(rated: Sequence[Example]) -> dict[str, list[float]]:
    """Return the guesses for each rated model without knowledge of it or its family, by the way of guessing."""
    inputs, scores = _problem(rated)
    predicted = cross_validated(inputs, scores, [family(spelling.stem) for spelling, _, _ in rated])
    return {
        "cross-validated": predicted,
        f"capped at {CAP:g}": [min(CAP, each) for each in predicted],
        "always the median": [median(scores)] * len(scores),
    }


def _problem(rated: Sequence[Example]) -> tuple[list[Row], list[float]]:
    return [(1.0, *found) for _, found, _ in rated], [quality.score for *_, quality in rated]


def examples(catalogue: Catalogue, quality: QualitySet) -> list[Example]:
    """Return one row for each rated name that surely means a model of the catalogue."""
    models = models_of(catalogue)
    chosen: dict[str, tuple[int, Quality]] = {}
    for model, found in enumerate(measured(models, quality, range(len(models.spellings)))):
        if found is not None and not found.is_weak and (found.name not in chosen or models.spellings[model].date):
            chosen[found.name or ""] = (model, found)
    numbers = [model for model, _ in chosen.values()]
    return [
        (models.spellings[model], each, found)
        for each, (model, found) in zip(facts(models, numbers), chosen.values(), strict=True)
    ]


def cross_validated(inputs: Sequence[Row], targets: Sequence[float], groups: Sequence[str]) -> list[float]:
    """Return each target as the fit without its group's fold sees it."""
    names = sorted(set(groups))
    Random(SEED).shuffle(names)
    fold = {name: number % FOLDS for number, name in enumerate(names)}
    predicted = [0.0] * len(targets)
    for number in range(FOLDS):
        others = [row for row, group in enumerate(groups) if fold[group] != number]
        weights = ridge([inputs[row] for row in others], [targets[row] for row in others])
        for row, group in enumerate(groups):
            if fold[group] == number:
                predicted[row] = sum(weight * each for weight, each in zip(weights, inputs[row], strict=True))
    return predicted


def ridge(inputs: Sequence[Row], targets: Sequence[float]) -> list[float]:
    """Return the weights of least squares with a penalty, by Gaussian elimination of the normal equations."""
    size = len(inputs[0])
    system = [
        [sum(row[i] * row[j] for row in inputs) + (PENALTY if i == j and i else 0.0) for j in range(size)]
        + [sum(row[i] * target for row, target in zip(inputs, targets, strict=True))]
        for i in range(size)
    ]
    for i in range(size):
        pivot = max(range(i, size), key=lambda row: abs(system[row][i]))
        system[i], system[pivot] = system[pivot], system[i]
        for k in range(size):
            if k != i:
                factor = system[k][i] / system[i][i]
                system[k] = [a - factor * b for a, b in zip(system[k], system[i], strict=True)]
    return [system[i][size] / system[i][i] for i in range(size)]


def mae(guesses: Sequence[float], targets: Sequence[float]) -> float:
    """Return the mean absolute error, in score points."""
    return fmean(abs(guess - target) for guess, target in zip(guesses, targets, strict=True))


def rmse(guesses: Sequence[float], targets: Sequence[float]) -> float:
    """Return the root of the mean squared error, in score points."""
    return sqrt(fmean((guess - target) ** 2 for guess, target in zip(guesses, targets, strict=True)))


def rank_correlation(guesses: Sequence[float], targets: Sequence[float]) -> float | None:
    """Return Spearman's coefficient, ties at their mean rank; None where all guesses are one."""
    one, other = _ranks(guesses), _ranks(targets)
    middle = fmean(one)
    spread = sqrt(sum((a - middle) ** 2 for a in one) * sum((b - middle) ** 2 for b in other))
    return sum((a - middle) * (b - middle) for a, b in zip(one, other, strict=True)) / spread if spread else None


def _ranks(values: Sequence[float]) -> list[float]:
    places: dict[float, list[int]] = {}
    for place, value in enumerate(sorted(values)):
        places.setdefault(value, []).append(place)
    return [fmean(places[value]) for value in values]


def _order(guesses: Sequence[float], targets: Sequence[float]) -> str:
    correlation = rank_correlation(guesses, targets)
    return "no order" if correlation is None else f"rank correlation {correlation:.2f}"


def _rounded(weights: Sequence[float]) -> list[float]:
    return [round(weight, DIGITS) for weight in weights]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
