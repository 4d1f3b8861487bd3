"""The wire models of reconciliation."""

from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from atom_llm.http.schemas import SHOWN, ControlModel, Plain, Usd

MAX_UPLOAD = 4 * 1024 * 1024  # bytes of a body: a month of 40 groups a day has 1.1 MB as OpenAI writes it
MAX_PAGES = 200  # of an export; a month by days has five at most
MAX_KEYS = 200  # that one export names

KeyName = Annotated[str, StringConstraints(min_length=1, max_length=200), SHOWN]
KeyId = Annotated[str, StringConstraints(min_length=26, max_length=26, pattern=r"^[0-9A-HJKMNP-TV-Z]{26}$")]


class ExportIn(ControlModel):
    """An export: the answers of the provider's API, one behind the other, or a CSV file of its console as a text."""

    pages: Annotated[list[dict[str, Any]] | None, Field(min_length=1, max_length=MAX_PAGES)] = None
    csv: Annotated[str | None, StringConstraints(min_length=1)] = None

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if (self.pages is None) == (self.csv is None):
            raise ValueError("exactly one of `pages` and `csv` must be given")
        return self


class ReconcileIn(ControlModel):
    """A provider's costs, its usage, or both, which explain each other.

    With `keys` the comparison is by key: the provider's id of each key that is stored here, and the key's id here.
    """

    provider: Literal["openai", "anthropic"]
    costs: Annotated[
        ExportIn | None,
        Field(description="OpenAI's costs by line item, or Anthropic's cost report by description."),
    ] = None
    usage: Annotated[
        ExportIn | None, Field(description="OpenAI's usage of completions, or Anthropic's of messages, by model.")
    ] = None
    keys: Annotated[dict[KeyName, KeyId] | None, Field(min_length=1, max_length=MAX_KEYS)] = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.costs is None and self.usage is None:
            raise ValueError("`costs`, `usage` or both must be given")
        return self


class ExplanationOut(ControlModel):
    """A part of a difference, what it comes from, and of how many calls where that is known."""

    cause: str
    amount_usd: Usd
    calls: int | None
    note: str


class BilledOut(ControlModel):
    """What the provider says of a group; `lines` are the first of its places in the upload."""

    amount_usd: Usd | None
    counts: dict[str, Plain] | None
    requests: int | None
    lines: list[str]
    line_count: int


class BookedOut(ControlModel):
    """What the ledger says of a group."""

    cost_usd: Usd
    counts: dict[str, Plain]
    calls: int
    failed_attempts: int
    swept: int
    corrections: int
    models: list[str]


class DraftCorrectionOut(ControlModel):
    """A correction as `POST /usage/calls/{call_id}/corrections` takes it; nothing is entered by itself."""

    call_id: str
    attempt: str
    amount_usd: Usd
    reason: str
    correction_id: str


class DifferenceOut(ControlModel):
    """A group that differs: the bill less the ledger, and explanations that come to it.

    `kind` is `usage` for a model's, else what the line is about; `billed` is None where the bill has nothing of it.
    Without amounts in the bill the difference is what the counts are worth at the ledger's rates; None where they have
    no price. `corrections` are the operator's to see; `undrafted_usd` has no attempt that it could be entered beside.
    """

    day: date
    kind: str
    model: str
    key: str | None
    billed: BilledOut | None
    booked: BookedOut | None
    difference_usd: Usd | None
    explanations: list[ExplanationOut]
    corrections: list[DraftCorrectionOut] | None
    undrafted_usd: Usd | None


class ReconciliationOut(ControlModel):
    """A bill beside the ledger, its days (UTC) from the first to the last, both included.

    `matched` groups are equal on both sides. `unread_fields` are names of fields of the export that mean nothing here.
    `rows_complete` is false where a difference stands on more ledger rows than one request reads.
    """

    provider: str
    from_day: date
    to_day: date
    lines: int
    matched: int
    billed_usd: Usd | None
    booked_usd: Usd
    by_cause: dict[str, Usd]
    differences: list[DifferenceOut]
    unread_fields: list[str]
    rows_complete: bool
