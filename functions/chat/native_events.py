"""The events of a provider that speaks its caller's dialect, on their way through."""

from collections.abc import Sequence

from atom_llm.domain.providers.chunks import LAST, NATIVE
from atom_llm.domain.providers.exchange import Json


class NativeEvents:
    """The events of one stream: they go out as they came, and the last one when the call is settled.

    `first` has those that came first, `latest` those that came last: a stream that breaks is ended by them.
    """

    def __init__(self) -> None:
        self.first = b""
        self.latest = b""
        self.last = b""

    @property
    def are_told(self) -> bool:
        """Return whether the provider sends its own events."""
        return bool(self.first or self.last)

    def take(self, chunks: Sequence[Json]) -> bytes | None:
        """Return the events of a piece; None where its chunks are to be told as events."""
        passed: list[bytes] = []
        for chunk in chunks:
            if NATIVE not in chunk:
                return None
            if chunk[LAST]:
                self.last = chunk[NATIVE]
            else:
                passed.append(chunk[NATIVE])
        if not passed:
            return b"" if chunks else None
        self.latest = passed[0] if len(passed) == 1 else b"".join(passed)
        self.first = self.first or self.latest
        return self.latest
