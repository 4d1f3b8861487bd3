"""Anthropic's models as the seed catalogue knows them, for the tests of its dialect."""

from functools import cache
from typing import Any

from atom_llm.adapters.providers.anthropic.dialect import AnthropicMessages
from atom_llm.adapters.seed import load_seed
from atom_llm.domain.catalogue.catalogue import Catalogue, decode
from atom_llm.domain.core.providers import PROVIDER_BY_ID
from atom_llm.domain.providers.exchange import Target, WireRequest

BY_BUDGET = "claude-sonnet-4-5"  # thinks by a budget, samples, continues an answer
BETWEEN = "claude-opus-4-6"  # adapts its thinking, samples still
NO_SAMPLING = "claude-opus-4-8"  # adapts, samples no more, does not think unasked
UNASKED = "claude-opus-5"  # thinks unasked, may be told not to
ALWAYS = "claude-opus-5-5"  # always thinks, cannot be forced to use a tool

dialect = AnthropicMessages()


@cache
def _catalogue() -> Catalogue:
    return decode(load_seed().snapshot)


def target(model: str = BETWEEN, *without: str) -> Target:
    """A model with what the catalogue says of it, less the capabilities `without`."""
    entry = _catalogue().get(f"anthropic/{model}")
    assert entry is not None
    capabilities = entry.capabilities - set(without)
    return Target(PROVIDER_BY_ID["anthropic"], entry.name, capabilities, entry.limits.max_output_tokens)


def request(model: str | Target = BETWEEN, *, stream: bool = False, **fields: Any) -> WireRequest:
    """A chat request of these fields; who says no `messages` says hello."""
    body = {"messages": [{"role": "user", "content": "Hello"}]} | fields
    asked = target(model) if isinstance(model, str) else model
    return dialect.chat(asked, body, stream=stream)


def said(*messages: dict[str, Any], model: str = BETWEEN) -> tuple[Any, Any]:
    """Return a translated conversation: its system prompt, and its turns."""
    wire = request(model, messages=list(messages)).body
    return wire.get("system"), wire["messages"]


def call(identity: str, name: str, arguments: Any) -> dict[str, Any]:
    """A tool call as OpenAI writes it."""
    return {"id": identity, "type": "function", "function": {"name": name, "arguments": arguments}}
