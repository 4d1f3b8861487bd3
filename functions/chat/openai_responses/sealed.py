"""Thoughts as the `encrypted_content` of a reasoning item: they come back with the conversation, and nothing is kept.

The name is OpenAI's. A provider's signature or cipher is inside as it came; the text beside it was told anyway.
"""

from typing import Final

from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.providers.exchange import Json
from atom_llm.domain.providers.held_thoughts import held, is_held, let_go
from functions.chat.signatures import GOOGLE

_FIELDS: Final = ("thinking_blocks", "reasoning_content", GOOGLE)


def sealed(thoughts: Json) -> str | None:
    """Return the thoughts of an answer in OpenAI's words, with Google's signatures; None where it has none."""
    kept = {name: thoughts[name] for name in _FIELDS if thoughts.get(name)}
    if any(block.get("type") == "thinking" for block in kept.get("thinking_blocks", ())):  # which has the text too
        kept.pop("reasoning_content", None)
    return held(kept) if kept else None


def unsealed(content: str, where: str) -> Json | None:
    """Return what `sealed` took, None for what another sealed; raises `InvalidRequest` naming the field."""
    if not is_held(content):
        return None
    found = let_go(content)
    if found is not None and found.keys() <= set(_FIELDS):
        blocks, text = found.get("thinking_blocks", []), found.get("reasoning_content", "")
        if isinstance(text, str) and isinstance(blocks, list) and all(isinstance(block, dict) for block in blocks):
            return found
    raise InvalidRequest(where, "is not as it was given")
