"""Verdicts on the key that a provider was asked with, from its answer: one table, for tests of keys and for calls.

An answer is judged by its status and the provider's own codes, and then dropped: a verdict's words are all ours.
"""

from dataclasses import dataclass
from typing import Final, Literal

from atom_llm.domain.providers.error_body import ErrorWords, parsed, told

ProbeResult = Literal["valid", "invalid", "out_of_credit", "unreachable"]


@dataclass(frozen=True, slots=True)
class KeyVerdict:
    """A judgement of a key with its reason in our words; `unreachable` leaves the key as it was."""

    result: ProbeResult
    reason: str


@dataclass(frozen=True, slots=True)
class _Rule:
    """A meaning that differs from the status of an answer, by one of its codes, or by words of its sentence.

    `status` None: whatever the status.
    """

    provider: str
    status: int | None
    result: ProbeResult
    meaning: str
    codes: frozenset[str] = frozenset()
    words: str = ""


def _codes(*codes: str) -> frozenset[str]:
    return frozenset(codes)


_RULES: Final = (
    # OpenAI: all of them 429 like a rate limit, and none goes away by waiting.
    _Rule(
        "openai",
        429,
        "out_of_credit",
        "the account has no credit, or its limit is reached",
        _codes(
            "insufficient_quota",
            "credit_balance_exhausted",
            "organization_spend_limit_exceeded",
            "organization_usage_limit_exceeded",
            "project_spend_limit_exceeded",
            "billing_hard_limit_reached",
            "billing_not_active",
        ),
    ),
    _Rule(
        "openai",
        403,
        "unreachable",
        "it does not serve the region that we call from",
        _codes("unsupported_country_region_territory"),
    ),
    # Anthropic says it with the code of any malformed request, and of a tier's own cap with that of any rate limit.
    _Rule("anthropic", 400, "out_of_credit", "the credit balance is too low", words="credit balance is too low"),
    _Rule("anthropic", 400, "out_of_credit", "a spend limit is reached", words="api usage limits"),
    _Rule("anthropic", 429, "out_of_credit", "a spend limit is reached", _codes("enforced_spend_limit_reached")),
    _Rule("anthropic", 403, "out_of_credit", "billing", _codes("billing_error")),
    # Google: a bad key is a 400, and the sentence about billing comes with every rate limit.
    _Rule("google", 400, "invalid", "the key is not known, or expired", _codes("API_KEY_INVALID")),
    _Rule("google", 403, "out_of_credit", "the project has no billing", _codes("BILLING_DISABLED")),
    _Rule("google", 429, "out_of_credit", "the prepaid credit is used up", words="credits are depleted"),
    # Alibaba: 429 insufficient_quota is a limit by the minute, despite its name.
    _Rule("qwen", 400, "out_of_credit", "the account is in arrears", _codes("Arrearage")),
    _Rule("qwen", 403, "out_of_credit", "the free quota is used up", _codes("AllocationQuota.FreeTierOnly")),
    _Rule("zhipu", 429, "out_of_credit", "the balance or the plan is used up", _codes("1113", "1309")),
    _Rule("zhipu", 429, "invalid", "the account is locked or inactive", _codes("1110", "1111", "1112", "1121")),
    # MiniMax puts failures into a 200, and its codes behind the sentences of other answers.
    _Rule("minimax", None, "invalid", "the key is not known", _codes("1004", "2049")),
    _Rule("minimax", None, "out_of_credit", "the balance is too low", _codes("1008", "insufficient_balance_error")),
    _Rule("cohere", 429, "out_of_credit", "the trial key's calls of the month are used up", words="calls / month"),
    _Rule("groq", 400, "out_of_credit", "a spend limit is reached", _codes("blocked_api_access")),
    _Rule("groq", 400, "invalid", "the organisation is restricted", _codes("organization_restricted")),
)

# What a status means where no rule says otherwise.
_BY_STATUS: Final[dict[int, tuple[ProbeResult, str]]] = {
    200: ("valid", ""),
    401: ("invalid", ""),
    402: ("out_of_credit", ""),
    403: ("invalid", ""),
    429: ("valid", "too many requests, but the key is known"),
}


def verdict(provider: str, status: int, body: bytes) -> KeyVerdict:
    """Judge a key by an answer's status and body; a body that is cut or no JSON is judged by its status alone."""
    return verdict_of(provider, status, told(parsed(body)))


def verdict_of(provider: str, status: int, said: ErrorWords) -> KeyVerdict:
    """Judge a key as `verdict` does, from codes and sentences that have been taken out of the body."""
    codes, sentences = frozenset(said.codes), " ".join(said.sentences).lower()
    for rule in _RULES:
        if (rule.provider, rule.status or status) == (provider, status) and (
            codes & rule.codes or (rule.words and rule.words in sentences)
        ):
            return KeyVerdict(rule.result, _reason(status, rule.meaning))
    result, meaning = _BY_STATUS.get(status, ("unreachable", ""))
    return KeyVerdict(result, _reason(status, meaning))


def lacks_scope(body: bytes) -> bool:
    """Return whether OpenAI refuses an answer to a restricted key that it knows: the key lacks only this scope."""
    return any("missing scopes:" in sentence.lower() for sentence in told(parsed(body)).sentences)


def is_list_of_models(body: bytes) -> bool:
    """Return whether an answer is a provider's list, rather than a portal's page or a failure under a 200."""
    found = parsed(body)
    return isinstance(found, dict) and any(isinstance(found.get(name), list) for name in ("data", "models"))


def _reason(status: int, meaning: str) -> str:
    return f"the provider answered {status}" + (f": {meaning}" if meaning else "")
