"""What the calling of models needs from the world: providers, reached over the network."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from atom_llm.domain.pricing.reported import Reported
from atom_llm.domain.providers.exchange import Json, ProviderAnswer, Target


@dataclass(frozen=True, slots=True)
class TimeLimits:
    """Seconds that one attempt may take: to connect, until the headers come, and between two pieces of a stream."""

    connect_s: float
    first_byte_s: float
    idle_s: float


class ProviderStream(Protocol):
    """A provider's answer while it comes."""

    async def next(self, limit_s: float) -> Sequence[Json] | None:
        """The chunks that came next, as OpenAI's without id and model; None at the end. Behind the finish reason it may
        be none: something else came, usage for one.

        Raises `ProviderFailure`: SILENT when nothing came within the limit, CUT when the connection broke, or what the
        provider itself says.
        """
        ...

    def hurry(self, limit_s: float) -> None:
        """Let whoever waits for the next chunks wait no longer than this from now on."""
        ...

    @property
    def is_finished(self) -> bool:
        """Whether every choice has its finish reason."""
        ...

    @property
    def reported(self) -> Reported | None:
        """What was said of usage until now."""
        ...

    @property
    def dropped(self) -> Sequence[str]:
        """The fields of the request that were left out."""
        ...

    async def close(self) -> None:
        """Let go of the connection; to be called once, whatever happened."""
        ...


class ProviderGateway(Protocol):
    """The providers, in OpenAI's words. Request bodies are those that `adapters/providers/dialect.py` describes."""

    def refuses(self, target: Target, body: Mapping[str, Any]) -> str | None:
        """Why a provider cannot give an answer of the shape that is asked; None: it can."""
        ...

    async def ask(self, target: Target, key: str, body: Mapping[str, Any], limits: TimeLimits) -> ProviderAnswer:
        """A whole chat answer; raises `ProviderFailure`."""
        ...

    async def stream(self, target: Target, key: str, body: Mapping[str, Any], limits: TimeLimits) -> ProviderStream:
        """A chat answer as it comes, once its headers are there; raises `ProviderFailure`."""
        ...

    async def embed(self, target: Target, key: str, body: Mapping[str, Any], limits: TimeLimits) -> ProviderAnswer:
        """Embeddings; raises `ProviderFailure`."""
        ...
