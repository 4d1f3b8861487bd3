"""The error of the estimates of unrated models, told from the rated ones."""

from collections.abc import Iterator

from benchmarks import fit_heuristic
from benchmarks.report import Figure, Row


def rows() -> Iterator[Row]:
    """Yield the mean absolute error in score points, cross-validated, beside that of knowing nothing."""
    rated = fit_heuristic.of_files()
    scores = [quality.score for *_, quality in rated]
    errors = {
        name: Figure((fit_heuristic.mae(guesses, scores),), "points")
        for name, guesses in fit_heuristic.guessed(rated).items()
    }
    estimated, *others = errors.items()
    name, error = estimated
    yield Row(f"estimate of a model's quality, error on {len(rated)} rated ones, {name}", error, others)
