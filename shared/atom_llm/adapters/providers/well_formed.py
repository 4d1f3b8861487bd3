"""The shape of translated answers: what a provider says in another one than it documents is no answer of it.

Whoever writes an answer in its caller's dialect can then rely on the types of what it joins, names and counts.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from atom_llm.domain.providers.exchange import Json, ProviderAnswer
from atom_llm.domain.providers.failure_reading import unreadable

# What reading a value of another type than the documented one raises.
OTHER_SHAPE: Final = (AttributeError, IndexError, KeyError, RecursionError, TypeError, ValueError)

_TEXT: Final = (str, type(None))
_TEXTS: Final = ("content", "reasoning_content", "refusal")
_BLOCK_TEXTS: Final = ("thinking", "signature", "data")


def well_formed_answer(translate: Callable[[], ProviderAnswer]) -> ProviderAnswer:
    """Return a whole answer that is translated now; raises `ProviderFailure` where it has another shape."""
    try:
        answer = translate()
    except OTHER_SHAPE:
        raise unreadable("the provider's answer has another shape than it documents") from None
    if not all(_is_choice(choice, "message") for choice in answer.body.get("choices") or ()):
        raise unreadable("the provider's answer has another shape than it documents")
    return answer


def are_well_formed(chunks: Sequence[Json]) -> bool:
    """Return whether chunks have the shape of OpenAI's."""
    for chunk in chunks:
        for choice in chunk.get("choices") or ():
            if not _is_choice(choice, "delta"):
                return False
    return True


def _is_choice(choice: object, content: str) -> bool:
    if not isinstance(choice, dict) or not isinstance(choice.get("index", 0), int):
        return False
    if not isinstance(choice.get("finish_reason"), _TEXT):
        return False
    message = choice.get(content)
    return message is None or (isinstance(message, dict) and _is_message(message))


def _is_message(message: Mapping[str, Any]) -> bool:
    for name in _TEXTS:
        if not isinstance(message.get(name), _TEXT):
            return False
    calls, blocks = message.get("tool_calls"), message.get("thinking_blocks")
    return (not calls or _are_all(calls, _is_call)) and (not blocks or _are_all(blocks, _is_block))


def _is_call(call: Mapping[str, Any]) -> bool:
    if not isinstance(call.get("index", 0), int) or not isinstance(call.get("id"), _TEXT):
        return False
    called = call.get("function")
    if called is None:
        return True
    return isinstance(called, dict) and all(isinstance(called.get(name), _TEXT) for name in ("name", "arguments"))


def _is_block(block: Mapping[str, Any]) -> bool:
    return all(isinstance(block.get(name), _TEXT) for name in _BLOCK_TEXTS)


def _are_all(values: object, is_one: Callable[[Mapping[str, Any]], bool]) -> bool:
    return isinstance(values, list) and all(isinstance(each, dict) and is_one(each) for each in values)
