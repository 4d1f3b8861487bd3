"""Reading single fields of a source's JSON: what is not of the expected kind is absent."""

from datetime import date
from decimal import Decimal


def tokens(value: object) -> int | None:
    """A non-negative whole number, also where it is spelt `2e5` or `128000.0`."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    try:
        number = Decimal(value)
    except ArithmeticError:
        return None
    return int(number) if number.is_finite() and 0 <= number < 10**12 and number == int(number) else None


def words(value: object) -> tuple[str, ...]:
    """The strings of a list."""
    return tuple(word for word in value if isinstance(word, str)) if isinstance(value, list) else ()


def day(value: object) -> date | None:
    """An ISO date, or the date of an ISO instant."""
    try:
        return date.fromisoformat(value[:10]) if isinstance(value, str) else None
    except ValueError:
        return None


def refuse_constant(name: str) -> object:
    """For `json.loads(parse_constant=…)`: NaN and the infinities are not JSON."""
    raise ValueError(f"{name} is not JSON")
