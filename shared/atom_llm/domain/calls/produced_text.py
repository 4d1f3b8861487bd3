"""The text that a stream has brought so far, for the estimate of its bill where nobody counts it to its end."""

from collections.abc import Sequence
from io import StringIO
from typing import Final

from atom_llm.domain.providers.chunks import NATIVE, native_chunk, parts_of
from atom_llm.domain.providers.exchange import Json

READ_AT: Final = 16 * 1024  # bytes of native events, which take some twenty times the memory of their text


class ProducedText:
    """The texts of a stream's chunks, without the chunks; native events wait until there are many, or they are asked
    for: most are counted to their end, and nobody reads them."""

    __slots__ = ("_native", "_native_size", "_texts", "_thoughts", "is_begun")

    def __init__(self) -> None:
        self._texts = StringIO()
        self._thoughts: StringIO | None = None  # of all that think, few are heard
        self._native: list[bytes] = []
        self._native_size = 0
        self.is_begun = False

    def add(self, chunks: Sequence[Json]) -> None:
        """Take the chunks that came next."""
        for chunk in chunks:
            self.is_begun = True
            if NATIVE in chunk:
                self._native.append(chunk[NATIVE])
                self._native_size += len(chunk[NATIVE])
                if self._native_size > READ_AT:
                    self._read_native()
            else:
                self._read(chunk)

    @property
    def texts(self) -> str:
        """The texts of all chunks, thoughts included."""
        self._read_native()
        return self._texts.getvalue()

    @property
    def thoughts(self) -> str:
        """Those of the texts that are thoughts."""
        self._read_native()
        return "" if self._thoughts is None else self._thoughts.getvalue()

    def _read_native(self) -> None:
        if self._native:
            self._read(native_chunk(b"".join(self._native), carries=True))
            self._native.clear()
            self._native_size = 0

    def _read(self, chunk: Json) -> None:
        for text, is_thought in parts_of(chunk):
            self._texts.write(text)
            if is_thought:
                self._thoughts = self._thoughts or StringIO()
                self._thoughts.write(text)
