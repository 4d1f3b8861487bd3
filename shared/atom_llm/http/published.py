"""Published rates as routes show them."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from atom_llm.domain.core.money import MAX_RATE_EXPONENT, plain

WEEKDAYS: Final = "weekdays"  # of off-peak hours: numbers of days, no rates
# As JSON spells numbers: the price file's are kept as text, beside texts that are none ("0930").
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,99})(?:\.[0-9]{1,99})?(?:[eE][+-]?[0-9]{1,9})?")


def plain_rates(published: Mapping[str, object]) -> dict[str, Any]:
    """Return published rates with every number as a plain decimal string; days and texts stay as they are."""
    return {key: value if key == WEEKDAYS else _plain(value) for key, value in published.items()}


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return plain_rates(value)
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, bool) or not isinstance(value, str | int) or not _NUMBER.fullmatch(str(value)):
        return value
    number = Decimal(value)
    return plain(number) if not number or abs(number.adjusted()) <= MAX_RATE_EXPONENT else str(value)
