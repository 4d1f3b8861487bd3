"""The dialect of a provider: translation both ways between OpenAI's objects and its own, without any I/O."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from atom_llm.domain.pricing.reported import ReportedUsage
from atom_llm.domain.providers.exchange import Json, ProviderAnswer, Refusal, ServerSentEvent, Target, WireRequest
from atom_llm.quick_json import parsed


class StreamReader(Protocol):
    """A reader that turns a provider's events into OpenAI's chunks; made anew for each stream."""

    def read(self, event: ServerSentEvent) -> Sequence[Json]:
        """Return the chunks that an event becomes, none for most bookkeeping.

        A chunk has `choices` as OpenAI streams them and whatever else the provider sent that OpenAI's chunk has; `id`,
        `object`, `created`, `model` and usage are left to the caller. Raises `MalformedEvent` for data that cannot be
        read, and `ProviderFailure` where the event says that the provider failed.
        """
        ...

    @property
    def is_finished(self) -> bool:
        """Return whether every choice has its finish reason: the answer is whole, whatever else comes or does not."""
        ...

    @property
    def reported(self) -> ReportedUsage | None:
        """The usage that the provider has reported so far; a later report replaces an earlier. None: nothing yet."""
        ...


class MalformedEvent(Exception):
    """An event that is none of the provider's: no JSON, or JSON of another shape. It holds none of the data."""


def event_content(event: ServerSentEvent) -> Any:
    """Return what an event's data says in JSON; raises `MalformedEvent` where it says nothing in JSON."""
    try:
        return parsed(event.data)
    except (ValueError, RecursionError):
        raise MalformedEvent from None


class Dialect(Protocol):
    """One provider's way of speaking. A request body is OpenAI's, without `model`, `stream` and `stream_options`; its
    output limit, where there is one, stands in `max_completion_tokens` alone."""

    def refuses(self, target: Target, body: Mapping[str, Any]) -> Refusal | None:
        """Return what in the shape asked for (`n`, `logprobs` …) the provider cannot give; None where it can."""
        ...

    def chat(self, target: Target, body: Mapping[str, Any], *, stream: bool) -> WireRequest:
        """Translate a chat request; a stream is always asked for its usage.

        Raises `InvalidRequest` naming the field that is wrong by itself, and `ProviderFailure(UNSUPPORTED)` for what
        this provider cannot do.
        """
        ...

    def answer(self, target: Target, content: Json) -> ProviderAnswer:
        """Translate a whole answer to a `chat.completion`.

        Raises `ProviderFailure` for one that is an error in disguise (a failure with 200) or no answer at all
        (TRANSIENT), or that was blocked (CONTENT_FILTER).
        """
        ...

    def reader(self, target: Target, body: Mapping[str, Any]) -> StreamReader:
        """Return a reader for the stream that answers a request."""
        ...

    def embeddings(self, target: Target, body: Mapping[str, Any]) -> WireRequest:
        """Translate a request for embeddings; raises `ProviderFailure(UNSUPPORTED)` where the provider has none."""
        ...

    def embedded(
        self, target: Target, body: Mapping[str, Any], content: Json, headers: Mapping[str, str]
    ) -> ProviderAnswer:
        """Translate embeddings to OpenAI's list object; `headers` of the answer may tell what it used."""
        ...
