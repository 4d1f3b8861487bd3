"""OpenAI's dialect at the door: chat completions, embeddings, and their streams of chunks."""

from collections.abc import Sequence
from typing import Final

from atom_llm.domain.core.errors import AtomError
from atom_llm.domain.pricing.usage import usage_in_openai_words
from atom_llm.domain.providers.exchange import Json
from atom_llm.domain.tenancy.rate_limit import headers as rate_limit_headers
from atom_llm.http.problems import problem_of, rendered
from atom_llm.ports.core import Clock
from atom_llm.quick_json import spelt
from atom_llm.services.calls.byok_handler import CompletedCall
from atom_llm.services.calls.call_stream import CallStream

DONE: Final = b"data: [DONE]\n\n"


class OpenAIDialect:
    """Implements `CallerDialect`."""

    def __init__(self, clock: Clock, *, include_usage: bool = False) -> None:
        self._clock = clock
        self._include_usage = include_usage

    def whole(self, completed: CompletedCall) -> bytes:
        """Return the answer as it stands."""
        return spelt(completed.body)

    def headers(self, answered: CompletedCall | CallStream) -> dict[str, str]:
        """Return OpenAI's headers on rate limits."""
        return rate_limit_headers(answered.standings.get("requests"), answered.standings.get("tokens"))

    def writer(self) -> "ChunkWriter":
        """Return a writer of chunks."""
        return ChunkWriter(self._clock, include_usage=self._include_usage)


class ChunkWriter:
    """Implements `StreamWriter`: chunks, and `[DONE]` behind those of a stream that is whole."""

    def __init__(self, clock: Clock, *, include_usage: bool) -> None:
        self._clock = clock
        self._include_usage = include_usage
        self._head: Json = {}

    def begin(self, stream: CallStream) -> bytes:
        """Keep the fields of every chunk of the stream, in place of the provider's own."""
        self._head = {
            "id": f"chatcmpl-{stream.call.call_id}",
            "object": "chat.completion.chunk",
            "created": int(stream.call.opened_at.timestamp()),
            "model": stream.candidate.id,
        }
        return b""

    def chunks(self, chunks: Sequence[Json]) -> bytes:
        """Return each chunk as an event."""
        return b"".join([_event(chunk | self._head) for chunk in chunks])

    def end(self, stream: CallStream) -> bytes:
        """Return the usage, where it is asked for, and the sentinel."""
        if not self._include_usage:
            return DONE
        usage = None if stream.usage is None else usage_in_openai_words(stream.usage)
        return _event({**self._head, "choices": [], "usage": usage}) + DONE

    def error(self, error: AtomError) -> bytes:
        """Return an event with OpenAI's error object."""
        return _event(rendered(problem_of(error), "openai", self._clock()))


def _event(content: Json) -> bytes:
    return b"data: " + spelt(content) + b"\n\n"
