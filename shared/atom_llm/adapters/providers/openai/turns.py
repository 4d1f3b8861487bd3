"""The order of turns that some OpenAI-like providers insist on, with a 400 for any other.

Mistral's is stated by the validator of its package mistral-common; servers of an operator's
have that of their model's chat template, and Qwen's wants one system message, at the head.
"""

from collections.abc import Sequence
from typing import Any, Final

from atom_llm.adapters.providers.openai.message_schemas import MessageSchema
from atom_llm.domain.providers.exchange import Json

NOTED: Final = "."  # the least that an assistant can say between results and the user's next words


def in_order(messages: list[Json], schema: MessageSchema) -> list[Json]:
    """Return translated messages in the order that the provider takes."""
    if schema.system_leads:
        messages = _led(messages)
    if schema.answers_results:
        messages = _answered(messages)
    if schema.continues_by_prefix and messages and messages[-1]["role"] == "assistant":
        last = messages[-1]
        if not last.get("tool_calls"):
            messages = [*messages[:-1], {**last, "prefix": True}]
    return messages


def _led(messages: list[Json]) -> list[Json]:
    """Return the messages with all instructions at the head, in one; alone they are what there is to answer."""
    told = [message for message in messages if message["role"] == "system"]
    others = [message for message in messages if message["role"] != "system"]
    if not others:
        return [{**message, "role": "user"} for message in told]
    if not told or (len(told) == 1 and messages[0] is told[0]):
        return messages
    return [{**told[0], "content": _joined([message["content"] for message in told])}, *others]


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
            sent.append({"role": "assistant", "content": NOTED})
        sent.append(message)
    return sent
