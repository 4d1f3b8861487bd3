"""Own prices as routes answer them."""

from atom_llm.domain.catalogue.own_prices import OwnPrice
from functions.byok.prices import schemas_prices as schemas


def own_price(of: OwnPrice) -> schemas.OwnPriceOut:
    """Return an own price, as it is shown."""
    adds, display = of.adds, of.display
    return schemas.OwnPriceOut(
        id=of.id,
        models=of.models,
        factor=of.factor,
        rates=None if of.rates is None else dict(of.rates),
        model=None
        if adds is None
        else schemas.AddedModelOut(
            mode=adds.mode,
            max_input_tokens=adds.limits.max_input_tokens,
            max_output_tokens=adds.limits.max_output_tokens,
            capabilities=sorted(adds.capabilities),
        ),
        from_instant=of.starts,
        until=of.ends,
        display=None if display is None else schemas.DisplayOut(currency=display.currency, per_usd=display.per_usd),
        note=of.note,
        set_by=of.set_by,
        by_operator=of.by_operator,
    )
