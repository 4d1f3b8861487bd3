"""Price sources in memory, loaded with their answers."""

from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256

from atom_llm.domain.catalogue.errors import SourceUnavailable
from atom_llm.domain.catalogue.refresh import Validators
from atom_llm.ports.catalogue import FetchedSource, NotModified
from atom_llm.ports.core import Clock


@dataclass
class SourceInMemory:
    """Implements `PriceSource`: answers its content, 304 to whoever has it, or fails; without content it is down.

    `meanwhile` happens once, while the source is being asked; `asked` counts how often it was.
    """

    name: str
    clock: Clock
    body: bytes | None = field(default=None, repr=False)
    failure: str = "connection"
    meanwhile: Callable[[], None] | None = None
    asked: int = 0

    def serve(self, body: bytes) -> None:
        """Answer with this content from now on."""
        self.body = body

    def fail(self, reason: str = "connection") -> None:
        """Give no usable answer from now on."""
        self.body, self.failure = None, reason

    async def fetch(self, validators: Validators) -> FetchedSource | NotModified:
        """Return the content, unless the asker has it."""
        self.asked += 1
        if self.meanwhile is not None:
            happens, self.meanwhile = self.meanwhile, None
            happens()
        if self.body is None:
            raise SourceUnavailable(self.name, self.failure, "down on purpose")
        etag = sha256(self.body).hexdigest()
        if validators.etag == etag:
            return NotModified(self.clock())
        return FetchedSource(self.body, Validators(etag=etag), self.clock())
