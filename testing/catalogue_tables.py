"""The catalogue's adapters on one table, which keeps the audit entries too."""

from atom_llm.adapters.dynamodb.audit import AuditedWrites
from atom_llm.adapters.dynamodb.catalogue.price_book import DynamoPriceBook
from atom_llm.adapters.dynamodb.catalogue.refresh_journal import DynamoRefreshJournal
from atom_llm.adapters.dynamodb.registry.quality import DynamoQuality
from atom_llm.adapters.dynamodb.table import Table


def price_book_on(table: Table) -> DynamoPriceBook:
    """Return the price book of a table."""
    return DynamoPriceBook(table, AuditedWrites(table))


def refresh_journal_on(table: Table) -> DynamoRefreshJournal:
    """Return the refresh journal of a table."""
    return DynamoRefreshJournal(table, AuditedWrites(table))


def quality_on(table: Table) -> DynamoQuality:
    """Return the quality sets of a table."""
    return DynamoQuality(table, AuditedWrites(table))
