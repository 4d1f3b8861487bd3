"""What every provider's dialect can do: translate both ways between OpenAI's objects and its own, without any I/O."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from atom_llm.domain.pricing.reported import Reported
from atom_llm.domain.providers.exchange import Event, Json, ProviderAnswer, Target, WireRequest


class StreamReader(Protocol):
    """Turns a provider's events into OpenAI's chunks; made anew for each stream."""

    def read(self, event: Event) -> Sequence[Json]:
        """The chunks that an event becomes, none for most bookkeeping.

        A chunk has `choices` as OpenAI streams them and whatever else the provider sent that OpenAI's chunk has;
        `id`, `object`, `created`, `model` and usage are left to the caller. Raises `MalformedEvent` for data that
        cannot be read, and `ProviderFailure` where the event says that the provider failed.
        """
        ...

    @property
    def is_finished(self) -> bool:
        """Whether every choice has got its finish reason: the answer is whole, whatever else comes or does not."""
        ...

    @property
    def reported(self) -> Reported | None:
        """What the provider has said about usage until now; the last word counts. None: nothing yet."""
        ...


class MalformedEvent(Exception):
    """An event that is none of the provider's: no JSON, or JSON of another shape. It holds none of the data."""


class Dialect(Protocol):
    """One provider's way of speaking. A request body is OpenAI's, without `model`, `stream` and `stream_options`; its
    output limit, where there is one, stands in `max_completion_tokens` alone."""

    def refuses(self, target: Target, body: Mapping[str, Any]) -> str | None:
        """Why this provider can give no answer of the shape that is asked for (`n`, `logprobs` …); None: it can."""
        ...

    def chat(self, target: Target, body: Mapping[str, Any], *, stream: bool) -> WireRequest:
        """A chat request; a stream is always asked for its usage. Raises `InvalidRequest` naming the field that is
        wrong by itself, and `ProviderFailure(UNSUPPORTED)` for what this provider cannot do."""
        ...

    def answer(self, target: Target, content: Json) -> ProviderAnswer:
        """A whole answer as a `chat.completion`; raises `ProviderFailure` for one that is an error in disguise
        (a failure with 200) or no answer at all (TRANSIENT), or that was blocked (CONTENT_FILTER)."""
        ...

    def reader(self, target: Target, body: Mapping[str, Any]) -> StreamReader:
        """A reader for the stream that answers a request."""
        ...

    def embeddings(self, target: Target, body: Mapping[str, Any]) -> WireRequest:
        """A request for embeddings, from OpenAI's; raises `ProviderFailure(UNSUPPORTED)` where there are none."""
        ...

    def embedded(self, target: Target, body: Mapping[str, Any], content: Json) -> ProviderAnswer:
        """The embeddings as OpenAI's list object."""
        ...
