"""Gemini's server-sent events as OpenAI's chunks.

Each event is an answer of its own with what is new, and the usage of all until then. Nothing says that a stream is over
but the finish reason.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from atom_llm.adapters.providers.dialect import MalformedEvent, event_content
from atom_llm.adapters.providers.gemini.answer import (
    SERVICE_TIERS,
    add_grounding,
    blocked,
    finish_reason,
    logprobs,
    parts_of,
    refusal,
    said,
)
from atom_llm.domain.pricing.reported import ReportedUsage
from atom_llm.domain.providers.exchange import Json, ServerSentEvent, Target
from atom_llm.domain.providers.failure_reading import error_within
from atom_llm.domain.providers.reported_usage import generate_content_usage

_NOTHING: Final[Sequence[Json]] = ()


class _Choice:
    """The content of one candidate so far."""

    __slots__ = ("calls", "has_media", "is_finished", "texts")

    def __init__(self) -> None:
        self.calls = 0
        self.has_media = False
        self.is_finished = False
        self.texts: list[str] = []


class GenerateReader:
    """Implements `StreamReader`."""

    def __init__(self, target: Target, choices: int) -> None:
        """Begin to read one stream of a model's, of so many choices."""
        self._target = target
        self._expected = choices
        self._choices: dict[int, _Choice] = {}
        self._groundings: list[Json] = []
        self._usage: Json | None = None
        self._version: object = None
        self._reported: ReportedUsage | None = None  # of `_usage`, once it was asked for

    @property
    def is_finished(self) -> bool:
        """Return whether every candidate's finish reason has come."""
        return sum(choice.is_finished for choice in self._choices.values()) >= self._expected

    @property
    def reported(self) -> ReportedUsage | None:
        """The last event's usage, which is of all before it too; searches are where they came. None before any."""
        if self._reported is None and self._usage is not None:
            grounded = [{"groundingMetadata": grounding} for grounding in self._groundings]
            whole = {"usageMetadata": self._usage, "modelVersion": self._version, "candidates": grounded}
            self._reported = generate_content_usage(whole)
        return self._reported

    def read(self, event: ServerSentEvent) -> Sequence[Json]:
        """Return the chunk that an event becomes.

        Raises `MalformedEvent`, and `ProviderFailure` for an error, for a blocked prompt, and for an answer that the
        model broke off.
        """
        content = event_content(event)
        candidates = content.get("candidates") if isinstance(content, dict) else None
        if not isinstance(content, dict) or "error" in content:
            raise error_within(self._target.provider.id, content) or MalformedEvent
        usage = content.get("usageMetadata")
        if isinstance(usage, dict):
            self._usage, self._version, self._reported = usage, content.get("modelVersion"), None
        if not candidates:
            failure = blocked(content) or error_within(self._target.provider.id, content)
            if failure is not None:
                raise failure
            return _NOTHING
        try:
            choices = [found for each in candidates if (found := self._delta(each, content.get("responseId")))]
        except (TypeError, AttributeError, ValueError):
            raise MalformedEvent from None
        if not choices:
            return _NOTHING
        chunk: Json = {"choices": choices}
        tier = usage.get("serviceTier") if isinstance(usage, dict) else None
        if isinstance(tier, str) and choices[-1]["finish_reason"] is not None:
            chunk["service_tier"] = SERVICE_TIERS.get(tier, tier)
        return (chunk,)

    def _delta(self, candidate: Mapping[str, Any], identity: object) -> Json | None:
        index = candidate.get("index", 0)  # the first one's is often left out
        choice = self._choices.get(index)
        delta = said(parts_of(candidate), identity, index, choice.calls if choice is not None else 0)
        if choice is None:
            choice = self._choices[index] = _Choice()
            delta = {"role": "assistant", "content": ""} | delta
        text = delta.get("content")
        if text:
            choice.texts.append(text)
        if "tool_calls" in delta:
            for call in delta["tool_calls"]:
                call["index"] = choice.calls
                choice.calls += 1
        if "images" in delta or "audio" in delta:
            choice.has_media = True
        if "groundingMetadata" in candidate:
            grounding = candidate["groundingMetadata"]
            add_grounding(delta, grounding, "".join(choice.texts))
            self._groundings.append(grounding)
        reason = None
        if candidate.get("finishReason"):
            reason = finish_reason(candidate, has_calls=choice.calls > 0)
            choice.is_finished = True
            if reason == "content_filter" and not (choice.texts or choice.calls or choice.has_media):
                delta["refusal"] = refusal(candidate)
        elif not delta:
            return None
        found: Json = {"index": index, "delta": delta, "finish_reason": reason}
        if "logprobsResult" in candidate:
            found["logprobs"] = logprobs(candidate["logprobsResult"])
        return found
