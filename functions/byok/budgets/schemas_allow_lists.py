"""The wire models of allow-lists."""

from typing import Annotated

from pydantic import Field, StringConstraints

from atom_llm.domain.ledger.scopes import MAX_SCOPE
from atom_llm.domain.routing.allow_lists import MAX_PATTERN, MAX_PATTERNS
from atom_llm.http.schemas import ControlModel

ListScope = Annotated[
    str,
    StringConstraints(min_length=1, max_length=MAX_SCOPE),
    Field(
        description=(
            "`tenant`, `team:ID`, `person:NAME` (an end user) or `service-key:ID`; with `*` for the member, each one "
            "by itself that has no list of its own."
        ),
        examples=["team:platform", "person:*"],
    ),
]


class AllowListIn(ControlModel):
    """An allow-list to be set; `models` of null clears it."""

    scope: ListScope
    models: Annotated[
        list[Annotated[str, StringConstraints(min_length=1, max_length=MAX_PATTERN)]] | None,
        Field(
            max_length=MAX_PATTERNS,
            description=(
                "Ids and names of models, in which `*` stands for anything; one without a `/` is of whatever provider. "
                "`auto` and `tier/…` let that name pass with all that it chooses; other tiers choose among the models."
            ),
            examples=[["openai/*", "claude-haiku-*", "tier/micro"]],
        ),
    ]


class AllowListOut(ControlModel):
    """What a scope may call. A person is named as the books do it."""

    scope: str
    models: list[str]


class AllowListsOut(ControlModel):
    """A tenant's allow-lists, by scope."""

    items: list[AllowListOut]
    next_cursor: str | None = None


class AllowListSetOut(ControlModel):
    """The result of setting or clearing an allow-list; `allow_list` is None once it is cleared."""

    scope: str
    cleared: bool
    allow_list: AllowListOut | None
