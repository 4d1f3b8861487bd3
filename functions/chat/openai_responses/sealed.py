"""Thoughts as the `encrypted_content` of a reasoning item: they come back with the conversation, and nothing is kept.

The name is OpenAI's. A provider's signature or cipher is inside as it came; the text beside it was told anyway.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final

from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.providers.exchange import OURS, Json

_FIELDS: Final = ("thinking_blocks", "reasoning_content")


def sealed(message: Json) -> str | None:
    """Return the thoughts of an answer in OpenAI's words, None where it has none."""
    thoughts = {name: message[name] for name in _FIELDS if message.get(name)}
    if "thinking_blocks" in thoughts:  # which have the text too
        thoughts.pop("reasoning_content", None)
    if not thoughts:
        return None
    spelt = json.dumps(thoughts, ensure_ascii=False, separators=(",", ":")).encode()
    return OURS + urlsafe_b64encode(spelt).decode()


def unsealed(content: str, where: str) -> Json | None:
    """Return what `sealed` took, None for what another sealed; raises `InvalidRequest` naming the field."""
    if not content.startswith(OURS):
        return None
    try:
        found = json.loads(urlsafe_b64decode(content.removeprefix(OURS).encode()))
    except (ValueError, RecursionError):
        found = None
    if isinstance(found, dict) and found.keys() <= set(_FIELDS):
        blocks, text = found.get("thinking_blocks", []), found.get("reasoning_content", "")
        if isinstance(text, str) and isinstance(blocks, list) and all(isinstance(block, dict) for block in blocks):
            return found
    raise InvalidRequest(where, "is not as it was given")
