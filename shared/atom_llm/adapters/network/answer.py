"""A whole answer, by whichever client it came."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """A whole answer; names of headers are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
