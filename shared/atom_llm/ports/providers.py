"""The gateway to providers, reached over the network."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from atom_llm.domain.pricing.reported import ReportedUsage
from atom_llm.domain.providers.exchange import (
    Json,
    KeptResponseVerb,
    MediaMode,
    NativeRequest,
    ProviderAnswer,
    Refusal,
    Target,
)


@dataclass(frozen=True, slots=True)
class TimeLimits:
    """Seconds that one attempt may take: to connect, until a stream's headers or the end of a whole answer, and between
    two pieces of a whole answer.
    """

    connect_s: float
    first_byte_s: float
    idle_s: float


class ProviderStream(Protocol):
    """A provider's answer while it comes."""

    async def next(self, limit_s: float) -> Sequence[Json] | None:
        """Return the chunks that came next, as OpenAI's without id and model; None at the end.

        Behind the finish reason the list may be empty: something else came, usage for one.

        Raises `ProviderFailure`: SILENT when no chunk came within the limit, whatever else did; CUT when the connection
        broke, or the kind that the provider's own error stands for.
        """
        ...

    def hurry(self, limit_s: float) -> None:
        """Shorten the wait for the next chunks to at most `limit_s` seconds, from now on."""
        ...

    @property
    def is_finished(self) -> bool:
        """Return whether every choice has its finish reason."""
        ...

    @property
    def is_over(self) -> bool:
        """Return whether nothing more of it is for the caller: it is finished, and its usage is reported."""
        ...

    @property
    def reported(self) -> ReportedUsage | None:
        """The usage reported so far; None before any was."""
        ...

    @property
    def dropped(self) -> Sequence[str]:
        """The fields of the request that were left out."""
        ...

    async def close(self) -> None:
        """Let go of the connection; to be called once, whatever happened."""
        ...


class KeptResponseReader(Protocol):
    """The responses that a provider keeps, asked about by its ids."""

    def ask(self, provider: str, key: str, verb: KeptResponseVerb, path: str) -> bytes:
        """Return the provider's answer; raises the `AtomError` that any other than 200 stands for."""
        ...


class ProviderGateway(Protocol):
    """The providers, in OpenAI's words. Request bodies are those that `adapters/providers/dialect.py` describes."""

    def refuses(self, target: Target, body: Mapping[str, Any]) -> Refusal | None:
        """Return why a provider cannot give an answer of the shape that is asked; None where it can."""
        ...

    async def ask(
        self,
        target: Target,
        key: str,
        body: Mapping[str, Any],
        limits: TimeLimits,
        native: NativeRequest | None = None,
    ) -> ProviderAnswer:
        """Return a whole chat answer; raises `ProviderFailure`. Where the provider speaks its dialect, the request goes
        out as `native`, and the answer has what came in its `native`.
        """
        ...

    async def stream(
        self,
        target: Target,
        key: str,
        body: Mapping[str, Any],
        limits: TimeLimits,
        native: NativeRequest | None = None,
    ) -> ProviderStream:
        """Return a chat answer as it comes, once its headers are there; raises `ProviderFailure`. Where `native` went
        out, chunks are what `domain/providers/chunks.py` calls native.
        """
        ...

    def speaks(self, target: Target, native: NativeRequest) -> bool:
        """Return whether a model takes a request in its caller's own dialect as it is."""
        ...

    async def count_tokens(self, target: Target, key: str, native: NativeRequest, limits: TimeLimits) -> int:
        """Return the provider's own count of a request's prompt, which costs nothing; raises `ProviderFailure`."""
        ...

    async def make(
        self, mode: MediaMode, target: Target, key: str, body: Mapping[str, Any], limits: TimeLimits
    ) -> ProviderAnswer:
        """Return a moderation, pictures, speech or a transcript; raises `ProviderFailure`."""
        ...

    async def embed(self, target: Target, key: str, body: Mapping[str, Any], limits: TimeLimits) -> ProviderAnswer:
        """Return embeddings; raises `ProviderFailure`."""
        ...
