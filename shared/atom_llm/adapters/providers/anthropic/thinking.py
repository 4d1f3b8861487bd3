"""The depth of thinking of Anthropic's models, and the sampling that they allow with it.

`platform.claude.com/docs/en/build-with-claude/`: `extended-thinking`, `adaptive-thinking`, `effort`.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from atom_llm.adapters.providers.anthropic.models import (
    adapts_thinking,
    can_be_told_not_to_think,
    takes_sampling,
    thinks_by_budget,
    thinks_unasked,
)
from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.providers.exchange import Json, Target

LEAST_BUDGET: Final = 1_024  # tokens; the API's own minimum
# Tokens of thought for each of OpenAI's words, where a model takes a number: LiteLLM's, so that what moves here from
# there thinks as much as before.
BUDGETS: Final[Mapping[str, int]] = {
    "minimal": LEAST_BUDGET,
    "low": LEAST_BUDGET,
    "medium": 2_048,
    "high": 4_096,
    "xhigh": 8_192,
    "max": 16_384,
}
# OpenAI's word → Anthropic's, and the capability that it needs. Without it the next lower one serves.
_EFFORTS: Final[Mapping[str, tuple[str, str | None]]] = {
    "minimal": ("low", None),
    "low": ("low", None),
    "medium": ("medium", None),
    "high": ("high", None),
    "xhigh": ("xhigh", "xhigh_reasoning_effort"),
    "max": ("max", "max_reasoning_effort"),
}
LEAST_TOP_P: Final = 0.95  # that thinking allows


class AnthropicThinking(NamedTuple):
    """The fields that ask for thinking.

    `is_on` so far as the request says; `by_budget`: with a number of tokens, which goes together with no tool that has
    to be used.
    """

    fields: Json
    is_on: bool
    by_budget: bool = False
    dropped: tuple[str, ...] = ()


UNASKED: Final = AnthropicThinking({}, is_on=False)


def thinking(
    target: Target, body: Mapping[str, Any], max_tokens: int, *, forces_tool: bool, has_unsigned_call: bool
) -> AnthropicThinking:
    """Translate `reasoning_effort` to the model's terms; the caller's own fields in Anthropic's words go before.

    A tool that has to be used goes before thinking by a budget, with which the API refuses it. Raises `InvalidRequest`
    for a word that is no effort.
    """
    given, effort = body.get("thinking"), body.get("reasoning_effort")
    fields: Json = {} if given is None else {"thinking": given}
    kind = given.get("type") if isinstance(given, dict) else None
    if effort is None or given is not None:
        dropped = ("reasoning_effort",) if effort is not None else ()
        return AnthropicThinking(fields, kind in ("enabled", "adaptive"), kind == "enabled", dropped)
    if effort == "none":
        return _none(target)
    if not isinstance(effort, str) or effort not in BUDGETS:
        raise InvalidRequest("reasoning_effort", f"must be none, {', '.join(BUDGETS)}")
    if adapts_thinking(target):
        fields["output_config"] = {"effort": _effort(target, effort)}
        # Unless asked for, the newer models leave their thoughts out.
        fields["thinking"] = {"type": "adaptive", "display": "summarized"}
        return AnthropicThinking(fields, is_on=True)
    # At least a quarter is left for the answer. With a budget, a turn that called a tool begins with its thinking.
    budget = min(BUDGETS[effort], max_tokens * 3 // 4)
    if not thinks_by_budget(target) or forces_tool or has_unsigned_call or budget < LEAST_BUDGET:
        return AnthropicThinking(fields, is_on=False, dropped=("reasoning_effort",))
    return AnthropicThinking({"thinking": {"type": "enabled", "budget_tokens": budget}}, is_on=True, by_budget=True)


def sampling(target: Target, body: Mapping[str, Any], *, thinks: bool) -> tuple[Json, list[str]]:
    """Return `temperature`, `top_p` and `top_k` for the model, and the names of those left out or changed.

    OpenAI's temperature goes to 2, Anthropic's to 1, which is the default of both. Since 4.1 models take a temperature
    or `top_p`, not both; models that think take hardly any of them.
    """
    fields: Json = {}
    dropped = []
    temperature, top_p, top_k = body.get("temperature"), body.get("top_p"), body.get("top_k")
    free = takes_sampling(target)
    if isinstance(temperature, int | float) and temperature > 1:
        temperature = 1
        dropped.append("temperature")
    if temperature is not None and temperature != 1 and (thinks or not free):
        temperature = None
        dropped.append("temperature")
    if top_p is not None and top_p != 1:
        is_high = isinstance(top_p, int | float) and top_p >= LEAST_TOP_P
        if free and temperature in (None, 1) and (is_high or not thinks):
            fields["top_p"] = top_p
            temperature = None
        else:
            dropped.append("top_p")
    if temperature is not None and free:
        fields["temperature"] = temperature
    if top_k is not None and free and not thinks:
        fields["top_k"] = top_k
    elif top_k is not None:
        dropped.append("top_k")
    return fields, dropped


def _none(target: Target) -> AnthropicThinking:
    if not thinks_unasked(target):
        return AnthropicThinking({}, is_on=False)
    if can_be_told_not_to_think(target):
        return AnthropicThinking({"thinking": {"type": "disabled"}}, is_on=False)
    # It cannot but think, and does so least at the lowest effort.
    return AnthropicThinking({"output_config": {"effort": "low"}}, is_on=True, dropped=("reasoning_effort",))


def _effort(target: Target, word: str) -> str:
    best = "low"
    for name, (effort, capability) in _EFFORTS.items():
        if capability is None or capability in target.capabilities:
            best = effort
        if name == word:
            break
    return best
