"""Requests to a table over a kept connection: the tables' client beside boto3, processor time of the caller alone."""

from collections.abc import Iterator
from typing import Any, Final

from benchmarks.probing import probe
from benchmarks.report import Figure, Row

CLIENTS: Final = ("ours", "boto3")
WORK: Final = (
    ("read_ms", "the tables' client: an item read, processor time"),
    ("update_ms", "– updated under a condition"),
    ("first_ms", "– from its import to its first answer"),
)


def rows(repeats: int) -> Iterator[Row]:
    """Yield the times; both take turns, and the first round only warms the disk's cache."""
    runs: dict[str, list[Any]] = {client: [] for client in CLIENTS}
    for _ in range(repeats + 1):
        for client in CLIENTS:
            runs[client].append(probe("table_requests", client=client))
    for name, work in WORK:
        ours, boto3 = (Figure(tuple(run[name] for run in runs[client][1:]), "ms") for client in CLIENTS)
        yield Row(work, ours, [("boto3", boto3)])
