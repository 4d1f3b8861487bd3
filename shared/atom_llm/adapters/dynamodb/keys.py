"""Every key of every table, as functions.

| table     | pk                  | sk           | item                                | read by                   |
|-----------|---------------------|--------------|-------------------------------------|---------------------------|
| keys      | service-key#ID      | service-key  | a service key by its public id      | every call (cached 60 s)  |
| catalogue | book                | 000000000042 | an entry of the price book          | head: newest first, one   |
| catalogue | snapshot#VERSION    | 000          | a chunk of a snapshot               | a reader of a new version |
| catalogue | events#000000000042 | 000          | a chunk of an entry's events        | changes, history          |
| catalogue | refresh             | journal      | state and lease of refreshes        | refresh, overview         |
| catalogue | refresh             | quarantine   | what is held, or where it is stored | refresh, overview         |
| catalogue | quarantine#ID       | 000          | a chunk of what is held             | the same                  |

No other file spells a `#`. There are no scans.
"""

from typing import Final

Key = tuple[str, str]

BOOK: Final = "book"
SEQUENCE_DIGITS: Final = 12  # sorts as text up to a refresh every second for thirty thousand years
CHUNK_DIGITS: Final = 3


def service_key(key_id: str) -> Key:
    """A service key by the public part of it."""
    return f"service-key#{key_id}", "service-key"


def book_entry(sequence: int) -> Key:
    """An entry of the price book by its number."""
    return BOOK, book_position(sequence)


def book_position(sequence: int) -> str:
    """Where an entry stands in the book's order."""
    return f"{sequence:0{SEQUENCE_DIGITS}d}"


def snapshot(version: str) -> str:
    """The partition of a snapshot's chunks."""
    return f"snapshot#{version}"


def events(sequence: int) -> str:
    """The partition of an entry's events."""
    return f"events#{sequence:0{SEQUENCE_DIGITS}d}"


def quarantine(generation: str) -> str:
    """The partition of one generation of the quarantine."""
    return f"quarantine#{generation}"


def chunk(partition: str, number: int) -> Key:
    """A chunk of a partition that holds one large value."""
    return partition, f"{number:0{CHUNK_DIGITS}d}"


JOURNAL: Final[Key] = ("refresh", "journal")
QUARANTINE: Final[Key] = ("refresh", "quarantine")
