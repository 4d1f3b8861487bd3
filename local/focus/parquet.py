"""A FOCUS file as Parquet: run by the interpreter of `.local/focus`, so it imports nothing of this repository."""

import csv
import json
import sys
from datetime import datetime
from decimal import Decimal
from typing import Any

import pyarrow  # type: ignore[import-not-found]
from pyarrow import parquet

DECIMAL_DIGITS = 38  # of a decimal128, which every reader takes


def main(source: str, target: str, decimals: frozenset[str]) -> None:
    """Write a CSV file as Parquet: decimals exact, instants as such, what is empty as null."""
    with open(source, newline="") as file:
        rows = list(csv.DictReader(file))
        names = list(rows[0]) if rows else []
    columns = {name: _column([row[name] for row in rows], name, decimals) for name in names}
    parquet.write_table(pyarrow.table(columns), target)


def _column(texts: list[str], name: str, decimals: frozenset[str]) -> Any:
    if name in decimals:
        numbers = [Decimal(text) if text else None for text in texts]
        scale = max((-int(number.as_tuple().exponent) for number in numbers if number is not None), default=1)
        whole = max((number.adjusted() + 1 for number in numbers if number), default=1)
        wide = pyarrow.decimal128 if scale + whole <= DECIMAL_DIGITS else pyarrow.decimal256
        return pyarrow.array(numbers, wide(DECIMAL_DIGITS if wide is pyarrow.decimal128 else 76, scale))
    if name.endswith(("PeriodStart", "PeriodEnd")):
        instants = [datetime.fromisoformat(text) for text in texts]
        return pyarrow.array(instants, pyarrow.timestamp("us", "UTC"))
    return pyarrow.array([text or None for text in texts], pyarrow.string())


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], frozenset(json.loads(sys.argv[3])))
