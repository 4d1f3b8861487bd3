"""The order of turns that some OpenAI-like providers insist on, with a 400 for any other.

Mistral's is stated by the validator of its package mistral-common; servers of an operator's
have that of their model's chat template, and Qwen's wants one system message, at the head, and a user.
"""

from collections.abc import Sequence
from typing import Any, Final

from atom_llm.adapters.providers.openai.message_schemas import MessageSchema
from atom_llm.domain.providers.exchange import Json

LEAST: Final = "."  # that somebody can say whose turn a provider misses


def in_order(messages: list[Json], schema: MessageSchema) -> list[Json]:
    """Return translated messages in the order that the provider takes."""
    if schema.system_leads:
        messages = _led(messages)
    if schema.needs_user:
        messages = _asked(messages)
    if schema.answers_results:
        messages = _answered(messages)
    if schema.continues_by_prefix and messages and messages[-1]["role"] == "assistant":
        last = messages[-1]
        if not last.get("tool_calls"):
            messages = [*messages[:-1], {**last, "prefix": True}]
    return messages


def _led(messages: list[Json]) -> list[Json]:
    """Return the messages with all instructions at the head, in one."""
    told = [message for message in messages if message["role"] == "system"]
    others = [message for message in messages if message["role"] != "system"]
    if not told or (len(told) == 1 and messages[0] is told[0]):
        return messages
    return [{**told[0], "content": _joined([message["content"] for message in told])}, *others]


def _asked(messages: list[Json]) -> list[Json]:
    """Return the messages with a turn of the user's: instructions alone are one, and a greeting follows the least."""
    if any(message["role"] == "user" for message in messages):
        return messages
    if all(message["role"] == "system" for message in messages):
        return [{**message, "role": "user"} for message in messages]
    begins = next(place for place, message in enumerate(messages) if message["role"] != "system")
    return [*messages[:begins], {"role": "user", "content": LEAST}, *messages[begins:]]


def _joined(contents: Sequence[Any]) -> str | list[Json]:
    if all(isinstance(content, str) for content in contents):
        return "\n\n".join(filter(None, contents))
    parts: list[Json] = []
    for content in contents:
        parts += content if isinstance(content, list) else [{"type": "text", "text": content}] if content else []
    return parts


def _answered(messages: list[Json]) -> list[Json]:
    """Return the messages with a word of the assistant's wherever the user speaks right behind results."""
    sent: list[Json] = []
    for message in messages:
        if message["role"] == "user" and sent and sent[-1]["role"] == "tool":
            sent.append({"role": "assistant", "content": LEAST})
        sent.append(message)
    return sent
