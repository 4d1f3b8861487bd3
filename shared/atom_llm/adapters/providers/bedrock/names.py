"""Bedrock's ids of models, `us.anthropic.claude-opus-4-6-v1:0`: a profile's region, a maker, a name and a version."""

import re
from typing import Final

from atom_llm.domain.core.providers import PROFILES

_VERSION: Final = re.compile(r"(-v\d+)?(:\d+)?(:\d+k)?$")


def maker_of(model: str) -> str:
    """Return the maker that an id names: `anthropic`, `amazon`, `meta`."""
    first, _, rest = model.partition(".")
    return rest.partition(".")[0] if first in PROFILES else first


def base_of(model: str) -> str:
    """Return the maker's own name of a model: `claude-opus-4-6`."""
    first, _, rest = model.partition(".")
    name = (rest if first in PROFILES else model).partition(".")[2]
    return _VERSION.sub("", name or model)
