"""An own price of a request in the domain's words."""

from decimal import Decimal

from atom_llm.domain.catalogue.catalogue import TokenLimits
from atom_llm.domain.catalogue.own_prices import AddedModel, Display
from atom_llm.domain.core.money import EXACT, ONE, plain
from atom_llm.services.catalogue.own_prices import WantedPrice
from functions.byok.prices import schemas_prices as schemas


def wanted_price(request: schemas.PriceIn) -> WantedPrice:
    """Return the price that is asked for."""
    model, display = request.model, request.display
    return WantedPrice(
        models=request.models,
        factor=_factor(request),
        rates=None if request.rates is None else {key: plain(rate) for key, rate in request.rates.items()},
        adds=None
        if model is None
        else AddedModel(
            model.mode,
            TokenLimits(model.max_input_tokens, model.max_output_tokens),
            frozenset(model.capabilities),
        ),
        starts=request.start,
        ends=request.end,
        display=None if display is None else Display(display.currency, display.per_usd),
        note=request.note,
    )


def _factor(request: schemas.PriceIn) -> Decimal | None:
    if request.discount_percent is not None:
        return EXACT.subtract(ONE, EXACT.divide(request.discount_percent, Decimal(100)))
    if request.margin_percent is not None:
        return EXACT.add(ONE, EXACT.divide(request.margin_percent, Decimal(100)))
    return None
