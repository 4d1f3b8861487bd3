"""The quality-cost frontier as a picture: a dot a model, price on a logarithmic axis, the tiers' floors as lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import floor, log10
from typing import Final

from atom_llm.domain.registry.frontier import PricedQuality, frontier
from atom_llm.domain.tiers.tier import BOUNDS, TIERS

WIDTH, HEIGHT = 960, 600
LEFT, RIGHT, TOP, BOTTOM = 60, 190, 48, 56  # margins; names and tiers stand on the right
LOWEST: Final = 50.0  # of the quality axis
GREY, BLUE, RED = "#9aa5b1", "#1f6feb", "#c2410c"


@dataclass(frozen=True, slots=True)
class PriceAxis:
    """The words of a picture, and the USD that one of a model's price comes to on its axis."""

    title: str
    below: str
    usd: int


OF_TOKENS: Final = PriceAxis(
    "Quality over price: the blue line is what nothing beats in both",
    "USD a million tokens, three of input to one of output",
    1_000_000,
)


def drawn(
    models: Sequence[PricedQuality],
    credit: str,
    axis: PriceAxis = OF_TOKENS,
    now: PricedQuality | None = None,
) -> str:
    """Draw an SVG document; models without a price above 0 have no place on its axis and are counted in words.

    `now` is where the caller stands, drawn as a square beside the models.
    """
    placed = [each for each in models if each.price > 0 and each.quality >= LOWEST]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'font-family="system-ui, sans-serif" font-size="12" fill="#1f2933">',
        "<title>Quality and cost of models</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        _text(LEFT, 24, axis.title, size=15),
        _text(LEFT, HEIGHT - 12, credit, fill=GREY),
    ]
    if not placed:
        return "\n".join([*parts, _text(LEFT, HEIGHT / 2, "No model with a price can be called."), "</svg>"])
    shown = now if now is not None and now.price > 0 else None
    scale = _Scale([*placed, *([shown] if shown is not None else [])], axis)
    parts += [*_floors(scale), *_prices(scale), *_dots(scale, placed), *_line(scale, frontier(placed))]
    if shown is not None:
        parts += _square(scale, shown)
    if left_out := len(models) - len(placed):
        parts.append(_text(LEFT, 40, f"{left_out} free, or below a quality of {LOWEST:g}, are not shown", fill=GREY))
    return "\n".join([*parts, "</svg>"])


class _Scale:
    """The places of price and quality on the picture."""

    def __init__(self, models: Sequence[PricedQuality], axis: PriceAxis) -> None:
        self.axis = axis
        exponents = [log10(each.price * axis.usd) for each in models]
        self.least, self.most = floor(min(exponents)), floor(max(exponents)) + 1

    def x(self, price: object) -> float:
        """Return the place of a price."""
        share = (log10(float(price) * self.axis.usd) - self.least) / (self.most - self.least)  # type: ignore[arg-type]
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def y(self, quality: float) -> float:
        """Return the place of a quality."""
        return HEIGHT - BOTTOM - (quality - LOWEST) / (100 - LOWEST) * (HEIGHT - TOP - BOTTOM)


def _floors(scale: _Scale) -> list[str]:
    parts = []
    for tier in TIERS:
        least = float(BOUNDS[tier].minimum_quality)
        if least >= LOWEST:
            y = scale.y(least)
            parts.append(_rule(LEFT, y, WIDTH - RIGHT, y, "#e4e7eb"))
            parts.append(_text(WIDTH - RIGHT + 8, y + 4, f"{tier} from {least:g}", fill=GREY))
    return parts + [_text(LEFT - 30, scale.y(each) + 4, str(each)) for each in range(int(LOWEST), 101, 10)]


def _prices(scale: _Scale) -> list[str]:
    y, parts = HEIGHT - BOTTOM, []
    for exponent in range(scale.least, scale.most + 1):
        x = scale.x(10.0**exponent / scale.axis.usd)
        parts += [_rule(x, TOP, x, y, "#f0f2f4"), _text(x - 10, y + 18, f"${10.0**exponent:g}")]
    return [*parts, _text(LEFT, y + 34, scale.axis.below, fill=GREY)]


def _dots(scale: _Scale, models: Sequence[PricedQuality]) -> list[str]:
    return [
        f'<circle cx="{scale.x(each.price):.1f}" cy="{scale.y(each.quality):.1f}" r="3.5" '
        f'fill="{GREY if each.is_measured else "none"}" stroke="{GREY}"><title>{escape(each.model)}</title></circle>'
        for each in models
    ]


def _line(scale: _Scale, best: Sequence[PricedQuality]) -> list[str]:
    points = " ".join(f"{scale.x(each.price):.1f},{scale.y(each.quality):.1f}" for each in best)
    parts = [f'<polyline points="{points}" fill="none" stroke="{BLUE}" stroke-width="1.5"/>']
    for number, each in enumerate(best):
        x, y = scale.x(each.price), scale.y(each.quality)
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{BLUE}"/>')
        parts.append(_text(x + 7, y + (14 if number % 2 else -6), each.model, fill=RED, size=11))
    return parts


def _square(scale: _Scale, now: PricedQuality) -> list[str]:
    x, y = scale.x(now.price), scale.y(max(now.quality, LOWEST))
    square = f'<rect x="{x - 5:.1f}" y="{y - 5:.1f}" width="10" height="10" fill="{RED}"/>'
    return [square, _text(x + 9, y + 4, now.model, fill=RED, size=13)]


def _text(x: float, y: float, text: str, *, fill: str = "#1f2933", size: int = 12) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{fill}">{escape(text)}</text>'


def _rule(x1: float, y1: float, x2: float, y2: float, colour: str) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"/>'
