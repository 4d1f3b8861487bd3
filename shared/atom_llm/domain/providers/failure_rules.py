"""The kind of a failed answer: one table of rules over a provider's own codes and words, then its status."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from atom_llm.domain.providers.error_body import ErrorWords
from atom_llm.domain.providers.failures import FailureKind
from atom_llm.domain.providers.key_verdict import ProbeResult, verdict_of


@dataclass(frozen=True, slots=True)
class _Rule:
    """The kind that a code or words stand for; a rule with neither holds for its status.

    No provider stands for all of them, no statuses for any. Words are looked for in the sentences in lower case.
    """

    kind: FailureKind
    codes: frozenset[str] = frozenset()
    words: re.Pattern[str] | None = None
    provider: str | None = None
    statuses: frozenset[int] = frozenset()

    def holds(self, provider: str, status: int, codes: frozenset[str], sentences: str) -> bool:
        """Return whether the rule applies to an answer."""
        if self.provider not in (None, provider) or (self.statuses and status not in self.statuses):
            return False
        if not self.codes and self.words is None:
            return True
        return not codes.isdisjoint(self.codes) or bool(self.words and self.words.search(sentences))


def _codes(*codes: str) -> frozenset[str]:
    return frozenset(codes)


def _any(*words: str) -> re.Pattern[str]:
    return re.compile("|".join(words))


def _on(*statuses: int) -> frozenset[int]:
    return frozenset(statuses)


_ABOUT_THE_REQUEST: Final = _on(400, 413, 422)

_TOO_LONG: Final = _any(
    r"maximum context length",  # OpenAI, DeepSeek, Mistral ("… too large for model with 32768 maximum context length")
    r"exceeds? the context window",  # OpenAI: "Your input exceeds the context window of this model"
    r"tokens exceed the configured limit",  # OpenAI: "Input tokens exceed the configured limit of 272000 tokens"
    r"maximum (?:input|prompt) length",  # OpenAI's embeddings
    r"prompt is too long",  # Anthropic: "prompt is too long: 213462 tokens > 200000 maximum"
    r"exceed context limit",  # Anthropic: "input length and `max_tokens` exceed context limit: 174167 + 64000 > 200000"
    r"input token count.*exceeds the maximum",  # Google: "The input token count (1196265) exceeds the maximum number …"
    r"too many tokens",  # Cohere: "too many tokens: total number of tokens in the prompt cannot exceed 4081"; Mistral
    r"reduce the length of the messages",  # Groq
    r"range of input length should be",  # Qwen: "Range of input length should be [1, 98304]"
    r"input length exceeds",  # Qwen, of other models
    r"prompt exceeds max length",  # Zhipu
    r"context window exceeds limit",  # MiniMax: "invalid params, context window exceeds limit (2013)"
    r"context[ _]length[ _]exceeded",
    r"input is too long for requested model",  # Bedrock
)
_ABOUT_BYTES: Final = _any(
    r"request exceeds the maximum",  # Anthropic: "Request exceeds the maximum allowed number of bytes"
    r"request size|payload|entity too large|body (?:is )?too large|\bbytes\b|\bmi?b\b",
)
_FILTERED: Final = _any(
    r"blocked by content filtering policy",  # Anthropic: "Output blocked by content filtering policy"
    r"flagged as potentially violating",  # OpenAI: "Your prompt was flagged as potentially violating our usage policy"
    r"rejected (?:by|as a result of) (?:our|the) (?:safety|moderation) system",  # OpenAI
    r"content exists risk",  # DeepSeek
    r"may contain inappropriate content",  # Qwen: "Input data may contain inappropriate content."
    r"potentially unsafe or sensitive content",  # Zhipu
    r"(?:input|output) new_sensitive|new_sensitive",  # MiniMax: "input new_sensitive (1026)"
)
_BEYOND_THE_MODEL: Final = _any(
    r"\bnot supported\b|\bunsupported\b|\b(?:does not|doesn't|do not) support\b",
    r"only supported by|supports? (?:only|at most)",  # OpenAI: "image_url is only supported by certain models"
    r"max tokens must be less than or equal",  # Cohere: "too many tokens: max tokens must be … the maximum output"
    r"model not exist|unknown model|invalid model|model .{1,100} (?:does not exist|not found)",  # DeepSeek, MiniMax, …
)
_NOT_THIS_KEYS_FAULT: Final = _any(
    r"\bmodels?\b",  # OpenAI: "Project `…` does not have access to model `…`"; Qwen: "Access to model denied."
    r"\b(?:country|region|territory|location)\b",
    r"request not allowed",  # Anthropic, to a place that it does not serve
    r"network settings",  # Groq: "Access denied. Please check your network settings."
)

_RULES: Final = (
    # more than the limit of a minute by itself: waiting does not help, another model may (OpenAI 429, Groq 413)
    _Rule(FailureKind.UNSUPPORTED, words=_any(r"request too large for"), statuses=_on(413, 429)),
    _Rule(  # Anthropic: "Usage credits are required for long context requests.", of a key that may not send so much
        FailureKind.UNSUPPORTED, words=_any(r"required for long context"), provider="anthropic", statuses=_on(429)
    ),
    _Rule(FailureKind.UNSUPPORTED, words=_any(r"max tokens must be less than or equal"), provider="cohere"),
    # the prompt does not fit
    _Rule(FailureKind.CONTEXT_LENGTH, _codes("context_length_exceeded"), statuses=_ABOUT_THE_REQUEST),
    _Rule(FailureKind.CONTEXT_LENGTH, _codes("1261"), provider="zhipu"),
    _Rule(FailureKind.CONTEXT_LENGTH, _codes("3051"), provider="mistral"),
    _Rule(FailureKind.CONTEXT_LENGTH, words=_TOO_LONG, provider="minimax"),  # with any status
    _Rule(FailureKind.CONTEXT_LENGTH, words=_TOO_LONG, statuses=_ABOUT_THE_REQUEST),
    _Rule(FailureKind.REQUEST, _codes("request_too_large"), _ABOUT_BYTES, statuses=_on(413)),
    # the provider will not answer this
    _Rule(
        FailureKind.CONTENT_FILTER,
        _codes(
            "content_policy_violation",
            "content_filter",
            "invalid_prompt",
            "moderation_blocked",
            "image_content_policy_violation",
            "data_inspection_failed",  # Qwen
            "DataInspectionFailed",
        ),
        _FILTERED,
        statuses=_on(400, 403, 422, 451),
    ),
    _Rule(FailureKind.CONTENT_FILTER, _codes("1301"), provider="zhipu"),
    _Rule(FailureKind.CONTENT_FILTER, _codes("1026", "1027"), provider="minimax"),
    _Rule(FailureKind.CONTENT_FILTER, provider="cohere", statuses=_on(498)),  # a token on its deny list
    # this model will not
    _Rule(
        FailureKind.UNSUPPORTED,
        _codes(
            "unsupported_parameter",
            "unknown_parameter",  # OpenAI, of a field that another candidate may know
            "extra_forbidden",  # Mistral, likewise
            "unsupported_value",
            "unsupported_model",
            "unsupported_country_region_territory",
            "model_not_found",
            "model_not_supported",
            "model_not_available",
            "invalid_model",  # Mistral
            "model_decommissioned",  # Groq, as the next five
            "model_not_active",
            "model_terms_required",
            "model_permission_blocked_project",
            "model_permission_blocked_org",
            "tool_use_failed",  # the model wrote no call, or no JSON, that can be read
            "json_validate_failed",
            "ModelNotFound",  # Qwen, as the next two
            "Model.AccessDenied",
            "AllocationQuota.FreeTierOnly",  # each model has a free quota of its own, and the key serves the others
        ),
        _BEYOND_THE_MODEL,
        statuses=_on(400, 403, 404, 422),
    ),
    # Bedrock: an id that can be called through an inference profile alone, and one that nobody has
    _Rule(
        FailureKind.UNSUPPORTED,
        words=_any(r"on-demand throughput", r"inference profile", r"model identifier is invalid", r"end of its life"),
        provider="bedrock",
        statuses=_ABOUT_THE_REQUEST,
    ),
    _Rule(FailureKind.TRANSIENT, provider="bedrock", statuses=_on(424)),  # the model itself failed
    # 1308 and 2056 end by themselves; 1311 and 2061: the plan is without this model.
    _Rule(FailureKind.UNSUPPORTED, _codes("1211", "1212", "1220", "1221", "1222", "1311"), provider="zhipu"),
    _Rule(FailureKind.UNSUPPORTED, words=_BEYOND_THE_MODEL, provider="minimax"),
    _Rule(FailureKind.UNSUPPORTED, _codes("2061"), provider="minimax"),
    _Rule(FailureKind.REQUEST, words=_any(r"access the file"), provider="google", statuses=_on(403)),
    _Rule(FailureKind.UNSUPPORTED, words=_NOT_THIS_KEYS_FAULT, statuses=_on(403)),
    # MiniMax: platform.minimax.io/docs/api-reference/errorcode; with 200, 500 or a status that fits
    _Rule(FailureKind.RATE_LIMITED, _codes("1002", "1039", "1041", "2045", "2056"), provider="minimax"),
    _Rule(FailureKind.REQUEST, _codes("1042", "2013"), provider="minimax"),
    # the rest of other providers' own
    _Rule(FailureKind.RATE_LIMITED, provider="groq", statuses=_on(498)),  # no room in the flexible tier
    _Rule(FailureKind.UNSUPPORTED, provider="zhipu", statuses=_on(434)),  # "No API permission"
    _Rule(FailureKind.TRANSIENT, _codes("1120", "1230", "1234"), provider="zhipu"),
)

_OF_KEY: Final[Mapping[ProbeResult, FailureKind]] = {
    "invalid": FailureKind.KEY_INVALID,
    "out_of_credit": FailureKind.OUT_OF_CREDIT,
}

_BY_STATUS: Final[Mapping[int, FailureKind]] = {
    404: FailureKind.UNSUPPORTED,
    408: FailureKind.TRANSIENT,
    409: FailureKind.TRANSIENT,
    410: FailureKind.UNSUPPORTED,
    413: FailureKind.CONTEXT_LENGTH,
    425: FailureKind.TRANSIENT,
    429: FailureKind.RATE_LIMITED,
    499: FailureKind.TRANSIENT,  # Google's CANCELLED, Groq's and Cohere's "Request Cancelled": not by us
}


def kind_of(provider: str, status: int | None, said: ErrorWords) -> FailureKind:
    """Return the kind of a failure.

    `status` None: an error inside a success does not say which it stands for; its codes and words are then read as
    those of a 400, and without any that is known the failure is `TRANSIENT`.
    """
    asked = 400 if status is None else status
    codes, sentences = frozenset(said.codes), "\n".join(said.sentences).lower()
    for rule in _RULES:
        if rule.holds(provider, asked, codes, sentences):
            return rule.kind
    of_key = _OF_KEY.get(verdict_of(provider, asked, said).result)
    if of_key is not None:
        return of_key
    if status is None or not 400 <= status < 500:
        return FailureKind.TRANSIENT
    return _BY_STATUS.get(status, FailureKind.REQUEST)
