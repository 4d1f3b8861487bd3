"""The writes of a refresh to DynamoDB, counted from the sizes of the items that the real adapters put."""

from collections.abc import Iterator
from typing import Any

from benchmarks.probing import probe
from benchmarks.real_files import GENAI_PRICES, JULY_22, JULY_24, LATEST, MODELS_DEV, RESELLER, SEPTEMBER
from benchmarks.report import Figure, Row

PAIRS = (("2026-07-22 to 07-24", JULY_22, JULY_24), ("2026-09-06 to 11-28", SEPTEMBER, LATEST))
UNITS = "write units"
PLAIN = "an item a model"


def rows() -> Iterator[Row]:
    """Yield each real pair once: counting needs no repeats."""
    for name, before, after in PAIRS:
        run = probe(
            "refresh_writes",
            before=str(before),
            after=str(after),
            reseller=str(RESELLER),
            genai_prices=str(GENAI_PRICES),
            models_dev=str(MODELS_DEV),
        )
        plain = [(PLAIN, _one(run["item_per_model_units"], UNITS))]
        yield Row(f"refresh with changes, {name}", _one(run["changed"]["units"], UNITS), plain, reach=300)
        yield Row("– compressed snapshot", _one(run["snapshot_bytes"], "bytes"))
        yield Row("– compressed events", _one(run["events_bytes"], "bytes"))
        yield Row("– time of the whole refresh, without the network", _one(run["changed"]["ms"], "ms"))
        yield Row("refresh without changes", _one(run["unchanged"]["units"], UNITS), plain, reach=3)
        yield Row("first refresh of a deployment, the seed included", _one(run["first"]["units"], UNITS), reach=300)


def _one(value: Any, unit: str) -> Figure:
    return Figure((float(value),), unit)
