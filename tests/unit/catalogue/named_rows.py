"""An index of names over rows that a test makes up."""

from atom_llm.domain.catalogue.names import NamedRow, NameIndex


def index(*rows: tuple[str, str, bool]) -> NameIndex:
    """An index of (source key, provider, first party)."""
    named = [NamedRow(f"{provider}/{key.rsplit('/', 1)[-1]}", key, provider, own) for key, provider, own in rows]
    return NameIndex(named, {row.provider: row.provider for row in named})
