"""The base of the wire models of all functions, and the types that they share."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, Final

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
)

from atom_llm.domain.catalogue.names import Match
from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.core.ids import ULID_LENGTH
from atom_llm.domain.core.money import given_decimal, plain

Plain = Annotated[Decimal, PlainSerializer(plain, return_type=str, when_used="json")]
"""A decimal string with no exponent."""

Usd = Plain
"""USD, exact."""


def _given(value: Any) -> Any:
    if value is None:  # the type of the field says whether it may be left out
        return None
    try:
        return given_decimal("", value)
    except InvalidRequest as error:
        raise ValueError(error.fault) from None


GIVEN: Final = BeforeValidator(_given)
"""Stands last at each `Decimal` that a caller gives: plain notation, of bounded digits (`domain/core/money.py`)."""


# They move the rest of a line on a terminal or a page, or turn it round, so that it reads as something else.
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def _in_plain_sight(text: str) -> str:
    if _CONTROL.search(text):
        raise ValueError("must have no control character, and none that turns the direction of a text")
    return text


SHOWN: Final = AfterValidator(_in_plain_sight)
"""Stands last at each name, label or note that a caller gives and somebody is shown: any Unicode without controls."""


def _in_utc(instant: datetime) -> datetime:
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        raise ValueError("is beyond the calendar") from None


Instant = Annotated[AwareDatetime, AfterValidator(_in_utc)]
"""An instant with its zone as a caller gives it (RFC 3339), in UTC from here on."""

Ulid = Annotated[
    str,
    StringConstraints(min_length=ULID_LENGTH, max_length=ULID_LENGTH, pattern=r"^0[0-9A-HJKMNP-TV-Z]{25}$"),
]
"""An id of ours: a ULID of this millennium."""

NameMatch = Annotated[
    Match,
    Field(
        description="`exact`: the id or source key. `alias`: another spelling of it, or an alias that the source"
        " publishes. `host`: the very name, at somebody who is not the model's maker. The others are near and no more,"
        " and no call is made by them: `undated` (a dated name met an undated row), `dated` (an undated name met its"
        " newest dated row), `weak` (after dropping or adding a word such as `-latest`, `-preview` or an effort)."
    ),
]
"""The way in which a name led to a row, as answers tell it."""


class ControlModel(BaseModel):
    """A model of the control plane: unknown fields are refused, values are not changed after they were checked."""

    model_config = ConfigDict(extra="forbid", frozen=True)
