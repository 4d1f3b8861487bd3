"""Small catalogue rows for tests, and the ways to draw them at random."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from atom_llm.domain.catalogue.catalogue import ModelEntry, SourceName, TokenLimits
from atom_llm.domain.catalogue.source import SourceReading

NOW = datetime(2026, 11, 12, 6, tzinfo=UTC)
DAY = timedelta(days=1)

IN, OUT = "input_cost_per_token", "output_cost_per_token"


def row(
    name: str = "m",
    charge: object = "0.000001",
    *,
    provider: str = "acme",
    source: SourceName = "litellm",
    rates: Mapping[str, object] | None = None,
    **fields: Any,
) -> ModelEntry:
    """Return a row that costs `charge` a token, or whatever `rates` say."""
    published = {IN: charge, OUT: charge} if rates is None else rates
    key = fields.pop("source_key", name)
    return ModelEntry(f"{provider}/{name}", provider, key, source, mode="chat", published=published, **fields)


def rows(*entries: ModelEntry) -> dict[str, ModelEntry]:
    """Return rows by id."""
    return {entry.id: entry for entry in entries}


def reading(*entries: ModelEntry, source: str = "litellm", refused: dict[str, str] | None = None) -> SourceReading:
    """Return the reading of a source that lists these rows."""
    return SourceReading(source, rows(*entries), refused or {})


# At random

NAMES = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=12).filter(
    str.isprintable
)
PUBLISHED = st.dictionaries(
    st.sampled_from([IN, OUT, "cache_read_input_token_cost", "tiered_pricing", "search_context_cost_per_query"]),
    st.recursive(
        st.none() | st.integers(0, 10**6) | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
        max_leaves=5,
    ),
)
TOKENS = st.none() | st.integers(0, 10**9)
WORDS = st.lists(st.text(max_size=6), max_size=3).map(tuple)
ENTRIES = st.builds(
    ModelEntry,
    id=st.builds("{}/{}".format, NAMES, NAMES),
    provider=NAMES,
    source_key=NAMES,
    source=st.sampled_from(["litellm", "openrouter"]),
    mode=st.none() | st.text(min_size=1, max_size=6),
    published=st.none() | PUBLISHED.filter(bool),
    limits=st.builds(TokenLimits, TOKENS, TOKENS, TOKENS, TOKENS),
    capabilities=st.frozensets(st.text(max_size=6), max_size=3),
    modalities=st.tuples(WORDS, WORDS),
    deprecation_date=st.none() | st.dates(min_value=date(2000, 1, 1)),
    first_party=st.booleans(),
    absent_since=st.none() | st.integers(1, 10**6),
)
