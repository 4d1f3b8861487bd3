"""What a provider's answer says about the key that it was asked with: one table, for tests of keys and for calls.

An answer is judged by its status and the provider's own codes, and then dropped: nothing of it is in what is said here.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from atom_llm.domain.provider_keys import ProbeResult

MAX_DEPTH: Final = 6  # of an error body that is looked through; Google's details are the deepest, with four

_CODES: Final = frozenset({"code", "type", "status", "reason", "status_code"})
_SENTENCES: Final = frozenset({"message", "detail", "msg", "status_msg"})


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is believed of the key now, and why, in words of ours. `unreachable`: nothing was said about it."""

    result: ProbeResult
    reason: str


@dataclass(frozen=True, slots=True)
class _Rule:
    """An answer that means something else than its status says: by one of its codes, or by words of its sentence."""

    provider: str
    status: int
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
    # Anthropic says it with the code of any malformed request.
    _Rule("anthropic", 400, "out_of_credit", "the credit balance is too low", words="credit balance is too low"),
    _Rule("anthropic", 403, "out_of_credit", "billing", _codes("billing_error")),
    # Google: a bad key is a 400, and the sentence about billing comes with every rate limit.
    _Rule("google", 400, "invalid", "the key is not known, or expired", _codes("API_KEY_INVALID")),
    _Rule("google", 403, "out_of_credit", "the project has no billing", _codes("BILLING_DISABLED")),
    # Alibaba: 429 insufficient_quota is a limit by the minute, despite its name.
    _Rule("qwen", 400, "out_of_credit", "the account is in arrears", _codes("Arrearage")),
    _Rule("qwen", 403, "out_of_credit", "the free quota is used up", _codes("AllocationQuota.FreeTierOnly")),
    _Rule("zhipu", 429, "out_of_credit", "the balance or the plan is used up", _codes("1113", "1309")),
    _Rule("zhipu", 429, "invalid", "the account is locked or inactive", _codes("1110", "1111", "1112", "1121")),
    # MiniMax puts failures into a 200.
    _Rule("minimax", 200, "invalid", "the key is not known", _codes("1004", "2049")),
    _Rule("minimax", 200, "out_of_credit", "the balance is too low", _codes("1008")),
    _Rule("cohere", 429, "out_of_credit", "the trial key's calls of the month are used up", words="calls / month"),
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


def verdict(provider: str, status: int, body: bytes) -> Verdict:
    """What an answer says about its key. A body that is cut or no JSON is judged by its status alone."""
    told = _told(body)
    codes = {value for name, value in told if name in _CODES}
    sentences = " ".join(value for name, value in told if name in _SENTENCES).lower()
    for rule in _RULES:
        if (rule.provider, rule.status) == (provider, status) and (
            codes & rule.codes or (rule.words and rule.words in sentences)
        ):
            return Verdict(rule.result, _reason(status, rule.meaning))
    result, meaning = _BY_STATUS.get(status, ("unreachable", ""))
    return Verdict(result, _reason(status, meaning))


def lacks_scope(body: bytes) -> bool:
    """Whether OpenAI knows a key that was restricted, and refuses only what was asked for."""
    return any(name in _SENTENCES and "missing scopes:" in value.lower() for name, value in _told(body))


def is_list_of_models(body: bytes) -> bool:
    """Whether an answer is a provider's list, and no portal's page or failure with the status of a success."""
    found = _parsed(body)
    return isinstance(found, dict) and any(isinstance(found.get(name), list) for name in ("data", "models"))


def _reason(status: int, meaning: str) -> str:
    return f"the provider answered {status}" + (f": {meaning}" if meaning else "")


def _told(body: bytes) -> list[tuple[str, str]]:
    return list(_leaves(_parsed(body), MAX_DEPTH))


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _leaves(value: Any, depth: int, name: str = "") -> Iterator[tuple[str, str]]:
    """Every text and number of a body with its name, down to a depth."""
    if isinstance(value, str | int):
        yield name, str(value)
    elif depth == 0:
        return
    elif isinstance(value, dict):
        for inner, each in value.items():
            yield from _leaves(each, depth - 1, inner)
    elif isinstance(value, list):
        for each in value:
            yield from _leaves(each, depth - 1, name)
