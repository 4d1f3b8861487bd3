"""The refusal of a value that names nothing, with what there is instead."""

from collections.abc import Collection
from difflib import get_close_matches
from typing import Final

from atom_llm.domain.core.errors import InvalidRequest

MAX_CHOICES: Final = 20  # that a refusal names
MAX_SHOWN: Final = 64  # characters of the value


def check_choice(field: str, wanted: str, choices: Collection[str]) -> None:
    """Raise `InvalidRequest` for a value that is none of the choices, naming those near to it first."""
    if wanted in choices:
        return
    near = get_close_matches(wanted[:MAX_SHOWN], choices, n=3)
    named = [*near, *sorted(set(choices) - set(near))][:MAX_CHOICES]
    more = f" and {len(choices) - len(named):,} more" if len(choices) > len(named) else ""
    there_are = f"there are {', '.join(named)}{more}" if named else "there are none"
    raise InvalidRequest(field, f"names nothing as {wanted[:MAX_SHOWN]!r}; {there_are}")
