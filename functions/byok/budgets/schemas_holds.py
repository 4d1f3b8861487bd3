"""The wire models of narrowed holds."""

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from atom_llm.http.schemas import ControlModel, Plain, Usd


class ExcessBillOut(ControlModel):
    """A tenant's highest bill above its hold; `times` is how many of the model's worst cases it came to."""

    tenant: str
    call_id: str
    attempt: str
    at: datetime
    held_usd: Usd
    cost_usd: Usd
    times: Plain


class NarrowedHoldOut(ControlModel):
    """A model whose holds are narrowed, with the dearest bills; `times` is what tenants without one are held for."""

    model: str
    since: datetime
    revision: str
    times: Plain
    bills: list[ExcessBillOut]


class NarrowedHoldsOut(ControlModel):
    """The models whose holds are narrowed."""

    items: list[NarrowedHoldOut]


class AcknowledgeIn(ControlModel):
    """The word of a person who has looked."""

    model: Annotated[str, StringConstraints(min_length=3, max_length=300), Field(examples=["openai/gpt-4o"])]
    revision: Annotated[
        str | None,
        StringConstraints(min_length=1, max_length=64),
        Field(description="The revision that was looked at; without it whatever is there now."),
    ] = None


class AcknowledgedOut(ControlModel):
    """What was acknowledged; `was_narrowed` is false where the model's holds were not narrowed (any more)."""

    model: str
    was_narrowed: bool
