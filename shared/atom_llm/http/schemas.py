"""What the wire models of all functions share."""

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, PlainSerializer

from atom_llm.domain.money import plain

Usd = Annotated[
    Decimal,
    PlainSerializer(plain, return_type=str, when_used="json"),
]
"""USD as a decimal string with no exponent."""


class ControlModel(BaseModel):
    """A model of the control plane: unknown fields are refused, values are not changed after they were checked."""

    model_config = ConfigDict(extra="forbid", frozen=True)
