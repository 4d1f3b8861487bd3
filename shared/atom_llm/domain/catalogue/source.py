"""The reading of one price source: its models, and its rows that had to be refused."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from atom_llm.domain.catalogue.catalogue import ModelEntry


@dataclass(frozen=True, slots=True)
class SourceReading:
    """The entries of a source by id; `refused` maps an id (or the source key of a row without one) to the reason.

    `aliases` are further names that the source publishes, by ids of their own, each an entry with `alias_of`.
    """

    source: str
    entries: Mapping[str, ModelEntry]
    refused: Mapping[str, str]
    aliases: Mapping[str, ModelEntry] = field(default_factory=dict)
