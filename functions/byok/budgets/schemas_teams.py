"""The wire models of teams."""

from typing import Annotated

from fastapi import Path
from pydantic import Field, StringConstraints

from atom_llm.http.schemas import SHOWN, ControlModel

MAX_MEMBERS = 500  # of a kind

TeamId = Annotated[str, Path(min_length=1, max_length=40, pattern=r"^[a-z0-9][a-z0-9-]*$", examples=["platform"])]
KeyName = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z]{12}$")]
Person = Annotated[str, StringConstraints(min_length=1, max_length=300, strip_whitespace=True), SHOWN]


class TeamIn(ControlModel):
    """A team to be set. `people` are end users as callers name them; both lists replace those that are there."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=100), SHOWN]
    service_keys: Annotated[tuple[KeyName, ...], Field(max_length=MAX_MEMBERS)] = ()
    people: Annotated[tuple[Person, ...], Field(max_length=MAX_MEMBERS)] = ()


class TeamOut(ControlModel):
    """A team. `people` are as the books name them: hashes where the tenant wants that."""

    team_id: str
    name: str
    service_keys: list[str]
    people: list[str]


class TeamsOut(ControlModel):
    """The teams of a tenant."""

    items: list[TeamOut]
    next_cursor: str | None = None


class TeamDeletedOut(ControlModel):
    """The id of the team that is no more."""

    team_id: str
