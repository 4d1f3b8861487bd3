"""AWS's list prices, read from the table beside this file."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Final

TABLE: Final = Path(__file__).with_name("list_prices.json")


@dataclass(frozen=True, slots=True)
class ListPrices:
    """The prices of a region, in USD a unit by name, as they were published on a day."""

    region: str
    as_of: date
    usd: Mapping[str, Decimal]

    def of(self, name: str, quantity: Decimal | int = 1) -> Decimal:
        """Return what a quantity costs, in USD; raises `KeyError` for a name that the table does not have."""
        return self.usd[name] * quantity


def list_prices(table: Path = TABLE) -> ListPrices:
    """Read the table; raises `ValueError` for a price without source or unit."""
    told = json.loads(table.read_text())
    for name, price in told["prices"].items():
        if not price.get("source") or not price.get("per"):
            raise ValueError(f"{name}: a price needs its source and what it is per")
    usd = {name: Decimal(price["usd"]) for name, price in told["prices"].items()}
    return ListPrices(told["region"], date.fromisoformat(told["as_of"]), usd)
