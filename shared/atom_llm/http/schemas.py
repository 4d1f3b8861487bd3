"""The base of the wire models of all functions."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, PlainSerializer

from atom_llm.domain.core.money import plain

Plain = Annotated[Decimal, PlainSerializer(plain, return_type=str, when_used="json")]
"""A decimal string with no exponent."""

Usd = Plain
"""USD, exact."""


def _in_utc(instant: datetime) -> datetime:
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        raise ValueError("is beyond the calendar") from None


Instant = Annotated[AwareDatetime, AfterValidator(_in_utc)]
"""An instant with its zone as a caller gives it (RFC 3339), in UTC from here on."""


class ControlModel(BaseModel):
    """A model of the control plane: unknown fields are refused, values are not changed after they were checked."""

    model_config = ConfigDict(extra="forbid", frozen=True)
