"""`reasoning_effort` in the words of each OpenAI-like provider that documents a switch for thinking."""

import re
from collections.abc import Callable, Mapping
from typing import Final

from atom_llm.domain.providers.exchange import Json, Target

THINKING_ON: Final[Json] = {"thinking": {"type": "enabled"}}
THINKING_OFF: Final[Json] = {"thinking": {"type": "disabled"}}
NONE: Final = "none"

# Tokens of thought for an effort, where Qwen's models take a number (`thinking_budget`); from `high` on, no limit.
_QWEN_BUDGETS: Final[Mapping[str, int]] = {"minimal": 1_024, "low": 4_096, "medium": 16_384}
_DEEPSEEK_EFFORTS: Final[Mapping[str, str]] = {
    "minimal": "low",
    "low": "low",
    "medium": "high",
    "high": "high",
    "xhigh": "max",
    "max": "max",
}
_GLM: Final = re.compile(r"glm-(\d+)(?:\.(\d+))?")
_GLM_TAKES_EFFORTS: Final = (5, 2)


def _deepseek(target: Target, effort: str) -> Json | None:
    """api-docs.deepseek.com/guides/thinking_mode."""
    return (
        THINKING_OFF if effort == NONE else {**THINKING_ON, "reasoning_effort": _DEEPSEEK_EFFORTS.get(effort, "high")}
    )


def _mistral(target: Target, effort: str) -> Json | None:
    """docs.mistral.ai/capabilities/reasoning/adjustable; Magistral always thinks, and older models never do."""
    if "reasoning" not in target.capabilities or target.model.startswith("magistral"):
        return None
    return {"reasoning_effort": NONE if effort in (NONE, "minimal") else "high"}


def _zhipu(target: Target, effort: str) -> Json | None:
    """docs.z.ai/guides/capabilities/thinking-mode; efforts are known to GLM-5.2 and its successors."""
    if effort == NONE:
        return THINKING_OFF
    found = _GLM.match(target.model)
    version = (int(found[1]), int(found[2] or 0)) if found else (0, 0)
    return {**THINKING_ON, "reasoning_effort": effort} if version >= _GLM_TAKES_EFFORTS else THINKING_ON


def _qwen(target: Target, effort: str) -> Json | None:
    """Alibaba Model Studio, "Deep thinking": `enable_thinking` and `thinking_budget`."""
    if effort == NONE:
        return {"enable_thinking": False}
    budget = _QWEN_BUDGETS.get(effort)
    return {"enable_thinking": True} | ({"thinking_budget": budget} if budget is not None else {})


def _minimax(target: Target, effort: str) -> Json | None:
    """platform.minimax.io/docs/api-reference/text-openai-api, `thinking`."""
    return {"thinking": {"type": "disabled" if effort == NONE else "adaptive"}}


def _groq(target: Target, effort: str) -> Json | None:
    """console.groq.com/docs/reasoning: Qwen's models know `none` and `default`, gpt-oss three efforts."""
    if "qwen" in target.model:
        return {"reasoning_effort": NONE if effort == NONE else "default"}
    return None if effort == NONE else {"reasoning_effort": _GROQ_EFFORTS.get(effort, effort)}


_GROQ_EFFORTS: Final[Mapping[str, str]] = {"minimal": "low", "xhigh": "high", "max": "high"}

_SWITCHES: Final[Mapping[str, Callable[[Target, str], Json | None]]] = {
    "deepseek": _deepseek,
    "mistral": _mistral,
    "zhipu": _zhipu,
    "qwen": _qwen,
    "minimax": _minimax,
    "groq": _groq,
}


def thinking_fields(target: Target, effort: str) -> Json | None:
    """Return the fields that ask a provider for an effort; None where neither model nor provider has a switch."""
    switch = _SWITCHES.get(target.provider.id)
    return None if switch is None else switch(target, effort)
