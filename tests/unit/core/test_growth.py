"""The judgement of curves in `make bench-growth`."""

from dataclasses import replace

import pytest

from benchmarks.growth import Curve, drawn, table

FLAT = Curve("look-up", (10, 100, 1_000), "rows", "queries", 0.5, 100, lambda size: 3)


@pytest.mark.parametrize(
    ("figure", "steepness"), [(lambda size: 3, 0), (lambda size: size, 1), (lambda size: size * size / 7, 2)]
)
def test_steepness_is_the_power_of_the_size_that_a_figure_grows_with(figure: object, steepness: float) -> None:
    assert drawn(replace(FLAT, figure=figure)).steepness == pytest.approx(steepness)  # type: ignore[arg-type]


def test_a_curve_fails_where_it_is_steeper_than_it_says_or_too_high_at_its_largest() -> None:
    assert drawn(FLAT).holds
    assert not drawn(replace(FLAT, figure=lambda size: size / 100)).holds
    assert not drawn(replace(FLAT, figure=lambda size: 101)).holds
    assert "**missed**" in list(table([drawn(replace(FLAT, figure=lambda size: 101))]))[-1]
