"""The options of a call in headers beside its request."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from atom_llm.domain.calls.idempotency import HEADER, MAX_KEY
from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.core.header_text import header_text
from atom_llm.domain.core.money import MAX_GIVEN_DIGITS, given_decimal
from atom_llm.domain.ledger.end_users import MAX_READ, RUN, RUN_HEADERS, run_of
from atom_llm.domain.ledger.rows import MAX_TAG_LENGTH, MAX_TAGS
from atom_llm.domain.routing.call_limits import LEAST_DEADLINE_S, MOST_DEADLINE_S
from atom_llm.services.calls.llm_service import NO_OPTIONS, CallOptions

TAGS: Final = "x-llm-tags"
MAX_COST: Final = "x-llm-max-cost-usd"
TIMEOUT: Final = "x-llm-timeout-ms"
GUARD: Final = "x-llm-stream-guard"

MAX_TAGS_HEADER: Final = MAX_TAGS * (2 * MAX_TAG_LENGTH + 2)  # characters
MAX_AMOUNT: Final = MAX_GIVEN_DIGITS + 1  # characters, the point included
LEAST_MS: Final = int(LEAST_DEADLINE_S * 1000)
MOST_MS: Final = int(MOST_DEADLINE_S * 1000)

_SCHEMAS: Final[Mapping[str, tuple[str, dict[str, Any]]]] = {
    TAGS: ("For the books: `team=a,feature=b`.", {"type": "string", "maxLength": MAX_TAGS_HEADER}),
    MAX_COST: (
        "The most that the call may cost; dearer models are left out.",
        {"type": "string", "maxLength": MAX_AMOUNT, "pattern": r"^[0-9]+(\.[0-9]+)?$"},
    ),
    TIMEOUT: (
        "Milliseconds to the first token over all attempts, or to a whole answer.",
        {"type": "integer", "minimum": LEAST_MS, "maximum": MOST_MS},
    ),
    GUARD: ("`buffer` holds a stream back until it is whole.", {"type": "string", "enum": ["buffer"]}),
    RUN: (
        "The run that the call is a part of, for the books and for budgets of runs (`session:…`).",
        {"type": "string", "minLength": 1, "maxLength": MAX_READ},
    ),
    HEADER: (
        "The same key and body are answered once, for a day.",
        {"type": "string", "minLength": 1, "maxLength": MAX_KEY},
    ),
}

_TELLING: Final = frozenset({TAGS, MAX_COST, TIMEOUT, GUARD}) | RUN_HEADERS

DOCUMENTED: Final = [
    {"name": name, "in": "header", "required": False, "description": description, "schema": schema}
    for name, (description, schema) in _SCHEMAS.items()
]


def call_options(headers: Mapping[str, str]) -> CallOptions:
    """Read the options of a request; raises `InvalidRequest` naming the header, also for a bound that is empty."""
    if _TELLING.isdisjoint(headers):  # as those of most requests are
        return NO_OPTIONS
    tags, max_cost, timeout, guard = (headers.get(name) for name in (TAGS, MAX_COST, TIMEOUT, GUARD))
    session = run_of(headers)
    if guard and guard != "buffer":
        raise InvalidRequest(GUARD, "must be buffer, or left out")
    return CallOptions(
        tags=_tags(header_text(tags)) if tags else {},
        max_cost=None if max_cost is None else _amount(max_cost),
        deadline_s=None if timeout is None else _milliseconds(timeout) / 1000,
        buffer=guard == "buffer",
        session=session,
        names_run=bool(headers.get(RUN, "").strip()),
    )


def _tags(text: str) -> dict[str, str]:
    tags: dict[str, str] = {}
    for pair in text.split(","):
        name, equals, value = (part.strip() for part in pair.partition("="))
        if not (name and equals and value):
            raise InvalidRequest(TAGS, "must be name=value pairs separated by commas")
        if max(len(name), len(value)) > MAX_TAG_LENGTH:
            raise InvalidRequest(TAGS, f"has a name or a value of more than {MAX_TAG_LENGTH} characters")
        if not (name + value).isprintable():
            raise InvalidRequest(TAGS, "has a character that cannot be shown")
        if name in tags:
            raise InvalidRequest(TAGS, "names a tag twice")
        tags[name] = value
    if len(tags) > MAX_TAGS:
        raise InvalidRequest(TAGS, f"has more than {MAX_TAGS} tags")
    return tags


def _amount(text: str) -> Decimal:
    amount = given_decimal(MAX_COST, text)
    if amount.is_signed():
        raise InvalidRequest(MAX_COST, "must not be negative")
    return amount


def _milliseconds(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(MOST_MS)) and LEAST_MS <= int(text) <= MOST_MS):
        raise InvalidRequest(TIMEOUT, f"must be a whole number of milliseconds from {LEAST_MS:,} to {MOST_MS:,}")
    return int(text)
