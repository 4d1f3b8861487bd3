"""Features of each generation of Anthropic's models, as far as the catalogue's capabilities and the names tell.

From Anthropic's pages on thinking, effort, tool choice and migration, and the flags of the price file's rows; the
catalogue keeps only flags that are true, so that what a model refuses stands here by name.
"""

from typing import Final

from atom_llm.domain.providers.exchange import Target

# Forcing a tool is a 400 on these, whatever else is asked.
_FORCES_NO_TOOL: Final = ("claude-fable-5-1", "claude-mythos-5-1", "claude-opus-5-5", "claude-sonnet-5-5")

# Of the models that adapt their thinking: those that do not think unasked, and those that do, but may be told not to.
# Every other one always thinks, and takes `thinking: {type: disabled}` for an error.
_THINKS_ASKED: Final = ("claude-opus-4-6", "claude-sonnet-4-6", "claude-opus-4-7", "claude-opus-4-8")
_THINKS_UNLESS_TOLD: Final = ("claude-opus-5", "claude-sonnet-5", "claude-haiku-5-5")

_DATE_DIGITS: Final = 8  # of a dated release: claude-opus-4-6-20260205


def adapts_thinking(target: Target) -> bool:
    """Return whether depth is chosen by `output_config.effort`, with `thinking: {type: adaptive}` (4.6 and later)."""
    return "adaptive_thinking" in target.capabilities


def thinks_by_budget(target: Target) -> bool:
    """Return whether thinking takes a `budget_tokens` and nothing else (3.7 to 4.5)."""
    return "reasoning" in target.capabilities and not adapts_thinking(target)


def takes_sampling(target: Target) -> bool:
    """Return whether `temperature`, `top_p` and `top_k` may differ from their defaults: a 400 from 4.7 on."""
    return not adapts_thinking(target) or "legacy_thinking" in target.capabilities


def continues_an_answer(target: Target) -> bool:
    """Return whether a conversation may end with words of the assistant, to be continued: a 400 from 4.6 on."""
    return not target.capabilities or "assistant_prefill" in target.capabilities


def forces_tools(target: Target) -> bool:
    """Return whether `tool_choice` may say that a tool has to be used."""
    return _base_name(target.model) not in _FORCES_NO_TOOL


def thinks_unasked(target: Target) -> bool:
    """Return whether a request that says nothing of thinking gets an answer with it."""
    return adapts_thinking(target) and _base_name(target.model) not in _THINKS_ASKED


def can_be_told_not_to_think(target: Target) -> bool:
    """Return whether `thinking: {type: disabled}` is taken by a model that thinks unasked."""
    return _base_name(target.model) in _THINKS_UNLESS_TOLD


def takes_system_anywhere(target: Target) -> bool:
    """Return whether messages may have the role `system` (4.8 and later)."""
    return "mid_conversation_system" in target.capabilities


def keeps_to_schema(target: Target) -> bool:
    """Return whether `output_config.format` and a tool's `strict` hold the output to a schema (4.5 and later)."""
    return "native_structured_output" in target.capabilities


def _base_name(model: str) -> str:
    name, _, date = model.rpartition("-")
    return name if len(date) == _DATE_DIGITS and date.isdigit() else model
