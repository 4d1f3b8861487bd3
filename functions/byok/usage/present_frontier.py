"""The quality-cost frontier of a tenant's own calls, as it is shown and drawn."""

from datetime import datetime

from atom_llm.domain.registry.frontier import PricedQuality
from atom_llm.domain.registry.quality import ATTRIBUTION
from atom_llm.domain.routing.usage_frontier import Moved
from atom_llm.http.files.frontier_svg import PriceAxis, drawn
from atom_llm.services.routing.usage_frontier import ModelMove, UsageFrontier
from functions.byok.usage import schemas_usage as schemas


def usage_frontier(found: UsageFrontier) -> schemas.UsageFrontierOut:
    """Return the frontier, and the best move of each model that was called."""
    return schemas.UsageFrontierOut(
        calls=found.calls,
        calls_left_out=found.left_out,
        actual_usd=found.cost,
        quality=_points(found.quality),
        models_considered=found.considered,
        frontier=[_moved(each) for each in found.best],
        moves=[_move(each) for each in found.moves],
        saves_usd=found.saves,
        attribution=ATTRIBUTION,
    )


def frontier_picture(found: UsageFrontier, start: datetime, end: datetime) -> str:
    """Draw the models that all calls can go to, the frontier among them, and where the tenant stands now."""
    models = [PricedQuality(m.to.model, m.to.quality, m.would_cost, m.to.is_measured) for m in found.at]
    now = None if found.quality is None else PricedQuality("as it was", found.quality, found.cost)
    axis = PriceAxis(
        f"{found.calls:,} calls from {start:%Y-%m-%d} to {end:%Y-%m-%d}: quality over what they would cost",
        "USD for these calls",
        1,
    )
    return drawn(models, ATTRIBUTION, axis, now)


def _move(move: ModelMove) -> schemas.MoveOut:
    own, to = move.own, move.to
    loses = None if to is None or own.quality is None else own.quality - to.to.quality
    return schemas.MoveOut(
        model=own.model,
        quality=_points(own.quality),
        calls=own.calls,
        actual_usd=own.cost,
        to=None if to is None else _moved(to),
        loses_quality=_points(loses),
        loses_capabilities=sorted(move.lost_capabilities),
    )


def _moved(moved: Moved) -> schemas.MovedOut:
    return schemas.MovedOut(
        model=moved.to.model,
        quality=round(moved.to.quality, 2),
        is_measured=moved.to.is_measured,
        has_key=moved.to.has_key,
        calls=moved.calls,
        calls_too_long=moved.too_long,
        calls_not_priced=moved.not_priced,
        actual_usd=moved.actual,
        would_cost_usd=moved.would_cost,
        saves_usd=moved.saves,
    )


def _points(quality: float | None) -> float | None:
    return None if quality is None else round(quality, 2)
