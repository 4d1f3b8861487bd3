"""Thoughts that one provider alone can read, as a text that a caller brings back with the conversation: no provider but
theirs is sent them, and nothing of them is kept here.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from operator import is_
from typing import Any, Final

from atom_llm.domain.providers.exchange import OURS, Json

OPENAI: Final = "openai"  # the field with a reasoning item of the Responses API: its `id` and `encrypted_content`


def held(content: Json) -> str:
    """Return an object as a text."""
    spelt = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    return OURS + urlsafe_b64encode(spelt).decode()


def is_held(text: object) -> bool:
    """Return whether a text is one of `held`'s."""
    return isinstance(text, str) and text.startswith(OURS)


def let_go(text: object) -> Json | None:
    """Return what `held` took; None for another text, and for one that was changed."""
    if not isinstance(text, str) or not text.startswith(OURS):
        return None
    try:
        found = json.loads(urlsafe_b64decode(text.removeprefix(OURS).encode()))
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def openai_block(item: Json) -> Json | None:
    """Return an encrypted reasoning item as a thinking block that shows nothing; None for one without a cipher."""
    cipher, identity = item.get("encrypted_content"), item.get("id")
    if not isinstance(cipher, str) or not cipher:
        return None
    return {
        "type": "redacted_thinking",
        "data": held({OPENAI: {"id": str(identity or ""), "encrypted_content": cipher}}),
    }


def without_openai_items(body: Mapping[str, Any]) -> Json | None:
    """Return a chat request without the reasoning items in its thinking blocks; None for one that has none."""
    messages = [_without_items(message) for message in body["messages"]]
    return None if all(map(is_, messages, body["messages"])) else {**body, "messages": messages}


def openai_item(block: object) -> Json | None:
    """Return the reasoning item in a thinking block; None where there is none."""
    kept = let_go(block.get("data")) if isinstance(block, dict) else None
    inside = None if kept is None else kept.get(OPENAI)
    if not isinstance(inside, dict) or not isinstance(cipher := inside.get("encrypted_content"), str):
        return None
    item: Json = {"type": "reasoning", "summary": [], "encrypted_content": cipher}
    identity = inside.get("id")
    return {**item, "id": identity} if isinstance(identity, str) and identity else item


def _without_items(message: Any) -> Any:
    blocks = message.get("thinking_blocks") if isinstance(message, dict) else None
    if not isinstance(blocks, list):
        return message
    kept = [block for block in blocks if openai_item(block) is None]
    return message if len(kept) == len(blocks) else {**message, "thinking_blocks": kept}
