"""The depth of thinking of Gemini's models, `ai.google.dev/gemini-api/docs/thinking`."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from atom_llm.adapters.providers.gemini.models import (
    is_gemma_4,
    least_level,
    makes_images,
    thinks_by_budget,
    thinks_by_level,
)
from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.providers.exchange import Json, Target

# Tokens of thought for each of OpenAI's words: Google's own, `ai.google.dev/gemini-api/docs/openai`.
BUDGETS: Final[Mapping[str, int]] = {
    "minimal": 1_024,
    "low": 1_024,
    "medium": 8_192,
    "high": 24_576,
    "xhigh": 24_576,
    "max": 24_576,  # all that most of them take
}
_LEVELS: Final[Mapping[str, str]] = {"low": "low", "medium": "medium", "high": "high", "xhigh": "high", "max": "high"}
_LEAST_OF_PRO: Final = 128  # tokens; it cannot but think
_LEAST_OF_LITE: Final = 512


class GeminiThinking(NamedTuple):
    """The `thinkingConfig`, None for the model's own way, and whether the caller's word was dropped or unfulfilled."""

    config: Json | None = None
    is_dropped: bool = False


def thinking(target: Target, effort: object, limit: int | None) -> GeminiThinking:
    """Translate OpenAI's `reasoning_effort` to the model's terms, and ask for the summary of its thoughts with it.

    Thoughts count towards the output limit: of a budget, at least a quarter of it is left for the answer. Raises
    `InvalidRequest` for a word that is no effort.
    """
    if effort is None:
        return GeminiThinking()
    if not isinstance(effort, str) or (effort != "none" and effort not in BUDGETS):
        raise InvalidRequest("reasoning_effort", f"must be none, {', '.join(BUDGETS)}")
    model = target.model
    if "reasoning" not in target.capabilities or makes_images(model):
        return GeminiThinking(is_dropped=effort != "none")
    if thinks_by_level(model):
        return _by_level(target, effort)
    if thinks_by_budget(model):
        return _by_budget(model, effort, limit)
    return GeminiThinking(is_dropped=effort != "none")


def _by_level(target: Target, effort: str) -> GeminiThinking:
    least = least_level(target)
    if effort in ("none", "minimal"):
        return GeminiThinking(
            {"thinkingLevel": least, "includeThoughts": effort != "none"}, is_dropped=least != "minimal"
        )
    if is_gemma_4(target.model):
        level = "high"
    elif effort in ("xhigh", "max") and "xhigh_reasoning_effort" in target.capabilities:
        level = "xhigh"
    else:
        level = _LEVELS[effort]
    return GeminiThinking({"thinkingLevel": level, "includeThoughts": True})


def _by_budget(model: str, effort: str, limit: int | None) -> GeminiThinking:
    is_pro = "-pro" in model
    if effort == "none":
        return GeminiThinking({"thinkingBudget": _LEAST_OF_PRO if is_pro else 0}, is_dropped=is_pro)
    least = _LEAST_OF_PRO if is_pro else _LEAST_OF_LITE if "-lite" in model else 1
    budget = BUDGETS[effort] if limit is None else max(least, min(BUDGETS[effort], limit * 3 // 4))
    return GeminiThinking({"thinkingBudget": budget, "includeThoughts": True})


def said_natively(config: Mapping[str, Any]) -> bool:
    """Return whether a caller's own `thinkingConfig` says how much to think."""
    return any(name in config for name in ("thinkingLevel", "thinkingBudget", "thinking_level", "thinking_budget"))
