"""Reading single fields of a source's JSON: what is not of the expected kind is absent."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Final

from atom_llm.domain.core.errors import InvalidRate

MAX_DEPTH: Final = 10  # of tables within a row's prices; the deepest real one has 4
MAX_NAME_LENGTH: Final = 256  # characters; the longest real key has 96


def tokens(value: object) -> int | None:
    """Return a non-negative whole number, also where it is spelt `2e5` or `128000.0`; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    try:
        number = Decimal(value)
    except ArithmeticError:
        return None
    return int(number) if number.is_finite() and 0 <= number < 10**12 and number == int(number) else None


def words(value: object) -> tuple[str, ...]:
    """Return the strings of a list."""
    return tuple(word for word in value if isinstance(word, str)) if isinstance(value, list) else ()


def day(value: object) -> date | None:
    """Return an ISO date, or the date of an ISO instant; None for anything else."""
    try:
        return date.fromisoformat(value[:10]) if isinstance(value, str) else None
    except ValueError:
        return None


def is_name(text: str) -> bool:
    """Return whether a text can name a row or a provider: short, printable, and so without a tab or a line break."""
    return 0 < len(text) <= MAX_NAME_LENGTH and text.isprintable()


def published(value: object, key: str, depth: int = MAX_DEPTH) -> object:
    """Return a price as published; raises `InvalidRate` for tables nested too deep to be compared."""
    if not isinstance(value, dict | list):
        return value
    if not depth:
        raise InvalidRate(key, "is nested too deep")
    for each in value.values() if isinstance(value, dict) else value:
        published(each, key, depth - 1)
    return value


def unique(pairs: list[tuple[str, object]]) -> Mapping[str, object]:
    """Refuse equal keys, for `json.loads(object_pairs_hook=…)`: readers differ in which of the two they believe."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def refuse_constant(name: str) -> object:
    """Refuse NaN and the infinities, which are not JSON, for `json.loads(parse_constant=…)`."""
    raise ValueError(f"{name} is not JSON")
