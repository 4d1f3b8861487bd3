"""The text that a stream has brought so far, for the estimate of its bill where nobody counts it to its end."""

from collections.abc import Sequence
from typing import Final

from atom_llm.domain.providers.chunks import NATIVE, native_chunk, texts_of, thoughts_of
from atom_llm.domain.providers.exchange import Json

FOLDED_AT: Final = 16  # chunks: parsed ones take some twenty times the memory of their text, and are read here rarely


class ProducedText:
    """The chunks of a stream, the older ones as their texts alone, and native ones as one piece."""

    def __init__(self) -> None:
        self._chunks: list[Json] = []
        self._native: list[bytes] = []
        self._texts: list[str] = []
        self._thoughts: list[str] = []
        self.is_begun = False

    def add(self, chunks: Sequence[Json]) -> None:
        """Take the chunks that came next."""
        self._chunks += chunks
        self.is_begun = self.is_begun or bool(chunks)
        if len(self._chunks) >= FOLDED_AT:
            self._fold()

    @property
    def texts(self) -> str:
        """The texts of all chunks, thoughts included."""
        self._fold()
        return "".join(self._texts) + "".join(texts_of(self._passed_on()))

    @property
    def thoughts(self) -> str:
        """Those of the texts that are thoughts."""
        self._fold()
        return "".join(self._thoughts) + "".join(thoughts_of(self._passed_on()))

    def _fold(self) -> None:
        native, read = self._native, [chunk for chunk in self._chunks if NATIVE not in chunk]
        if len(read) < len(self._chunks):
            native += [chunk[NATIVE] for chunk in self._chunks if NATIVE in chunk]
            native[:] = [b"".join(native)]
        self._texts = ["".join((*self._texts, *(text for chunk in read for text in texts_of(chunk))))]
        self._thoughts = ["".join((*self._thoughts, *(text for chunk in read for text in thoughts_of(chunk))))]
        self._chunks = []

    def _passed_on(self) -> Json:
        return native_chunk(b"".join(self._native), carries=True)
