"""Requests to a provider and its answers, as the dialects translate them: values alone, no I/O."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, NamedTuple

from atom_llm.domain.core.ids import ProviderKeyId
from atom_llm.domain.core.providers import Provider
from atom_llm.domain.pricing.reported import ReportedUsage

Json = dict[str, Any]

# Stands as the signature of thinking that no provider signed, where a caller's dialect wants one.
UNSIGNED: Final = "unsigned"

KeptResponseVerb = Literal["GET", "POST", "DELETE"]
"""What is asked about a response that a provider keeps, as HTTP says it."""

# How thoughts begin that were sealed here for a caller who brings them back: no provider can open them.
OURS: Final = "atom-llm.1."

MediaMode = Literal["moderation", "image_generation", "audio_speech", "audio_transcription"]
"""What is asked of a model beside chats and embeddings, as the catalogue names its mode."""


@dataclass(frozen=True, slots=True)
class Target:
    """The model that is asked: `model` is the provider's own name of it, the rest comes from the catalogue.

    `mode` is what it is called for there, `sells_searches` whether the web can be searched with it at a known price.
    """

    provider: Provider
    model: str
    capabilities: frozenset[str] = frozenset()
    max_output_tokens: int | None = None
    mode: str | None = "chat"
    sells_searches: bool = False


@dataclass(frozen=True, slots=True)
class NativeRequest:
    """A request in its caller's own dialect, for the providers that speak it: they get it as it is.

    `style` is the dialect that those providers speak. At all others it is translated: `beyond` names what they cannot
    be asked for, by field with the reason, and `left_out` the fields that the translation has no place for. `bound_to`
    is the one key that it can be asked with, where it goes on with what a provider keeps.
    """

    style: str
    body: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)
    beyond: Mapping[str, str] = field(default_factory=dict)
    left_out: Sequence[str] = ()
    bound_to: ProviderKeyId | None = None

    def is_spoken_by(self, provider: Provider) -> bool:
        """Return whether a provider takes the request as it is."""
        return provider.speaks(self.style)


class Refusal(NamedTuple):
    """Why no answer of the shape that is asked for can be had of a model, and the field that asks for it."""

    field: str
    reason: str


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file of a form."""

    name: str
    content_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class RawContent:
    """An answer that is no JSON: sound, or plain text."""

    content_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class WireRequest:
    """A request in its provider's words, without the key.

    `path` is relative to the provider's base URL and may carry a query. `dropped` names the fields of the caller's
    request that this provider knows nothing like, and that could be left out without changing what is asked. With
    `file`, the body is sent as a form with that file.
    """

    path: str
    body: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)
    dropped: Sequence[str] = ()
    file: UploadedFile | None = None


@dataclass(frozen=True, slots=True)
class ProviderAnswer:
    """A provider's whole answer as OpenAI's object; `reported` is None where the provider did not count the usage.

    `dropped` names the fields of the request that were left out. `native` is the answer to a `NativeRequest`, byte for
    byte; `raw` is given out in the place of the object.
    """

    body: Json
    reported: ReportedUsage | None
    dropped: Sequence[str] = ()
    native: bytes | None = None
    raw: RawContent | None = None


class ServerSentEvent(NamedTuple):
    """One server-sent event: its name, where it has one, and its data."""

    name: str | None
    data: str
