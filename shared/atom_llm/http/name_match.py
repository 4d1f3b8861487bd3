"""The way in which a name led to a row, as answers tell it."""

from typing import Annotated

from pydantic import Field

from atom_llm.domain.catalogue.names import Match

NameMatch = Annotated[
    Match,
    Field(
        description="`exact`: the id or source key. `alias`: another spelling of it, or an alias that the source"
        " publishes. `host`: the very name, at somebody who is not the model's maker. The others are near and no more,"
        " and no call is made by them: `undated` (a dated name met an undated row), `dated` (an undated name met its"
        " newest dated row), `weak` (after dropping or adding a word such as `-latest`, `-preview` or an effort)."
    ),
]
