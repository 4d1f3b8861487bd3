"""A value larger than an item, in chunks of one partition: whole when read, or not there."""

from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Final

from atom_llm.adapters.dynamodb import keys
from atom_llm.adapters.dynamodb.table import Item, Table

CHUNK_BYTES: Final = 200 * 1024  # half of DynamoDB's 400 KB an item


def put_chunks(table: Table, partition: str, content: bytes) -> None:
    """Write a value in chunks; writing the same again changes nothing."""
    for number, item in enumerate(in_chunks(content)):
        table.put(keys.chunk(partition, number), item)


def get_chunks(table: Table, partition: str) -> bytes | None:
    """Return the whole value, or None when a chunk is missing, damaged, or of another value."""
    return joined(list(table.query(partition, consistent=True)))


def in_chunks(content: bytes) -> Iterator[Item]:
    """Yield the chunks of a value, in their order; each says what the whole is."""
    total, digest = len(content), sha256(content).hexdigest()
    for start in range(0, total, CHUNK_BYTES):
        yield {"data": content[start : start + CHUNK_BYTES], "bytes": total, "sha256": digest}


def joined(chunks: Sequence[Item]) -> bytes | None:
    """Return the value of chunks in their order, or None when one is missing, damaged, or of another value."""
    content = b"".join(chunk["data"] for chunk in chunks)
    if not chunks or len(content) != chunks[0]["bytes"] or sha256(content).hexdigest() != chunks[0]["sha256"]:
        return None
    return content


def delete_chunks(table: Table, partition: str) -> None:
    """Remove all chunks of a value."""
    for chunk in list(table.query(partition)):
        table.delete((partition, chunk["sk"]))
