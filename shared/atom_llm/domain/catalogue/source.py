"""What reading a source gave: its models, and what had to be refused."""

from collections.abc import Mapping
from dataclasses import dataclass

from atom_llm.domain.catalogue.catalogue import ModelEntry


@dataclass(frozen=True, slots=True)
class SourceReading:
    """Entries by id; `refused` maps an id (or a key that has none) to the reason."""

    source: str
    entries: Mapping[str, ModelEntry]
    refused: Mapping[str, str]
