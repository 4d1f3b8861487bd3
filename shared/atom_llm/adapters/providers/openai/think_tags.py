"""Thoughts that a model writes into its content, between `<think>` and `</think>`, taken out of it."""

from typing import Final

from atom_llm.adapters.providers.openai.messages import REASONING
from atom_llm.domain.providers.exchange import Json

OPENING: Final = "<think>"
CLOSING: Final = "</think>"


def without_think_tags(message: Json) -> None:
    """Move the thought at the head of a whole message's content into `reasoning_content`."""
    content = message.get("content")
    if not isinstance(content, str) or not content.lstrip().startswith(OPENING):
        return
    thought, _, said = content.lstrip().removeprefix(OPENING).partition(CLOSING)
    message["content"] = said.lstrip("\n")
    if thought.strip():
        message.setdefault(REASONING, thought.strip("\n"))


class ThinkTags:
    """The splitter of one stream's deltas; a tag may be cut anywhere between two of them."""

    def __init__(self) -> None:
        self._held = ""  # the beginning of what may become a tag
        self._state = "before"  # before, thinking, said

    def split(self, delta: Json, *, is_last: bool) -> None:
        """Divide a delta's content into `reasoning_content` and `content`; with `is_last` nothing is held back."""
        content = delta.get("content")
        if not isinstance(content, str) or self._state == "said":
            if not (is_last and self._held):
                return
            content = content or ""
        text = self._held + content
        self._held = ""
        said, thought = "", ""
        if self._state == "before":
            text, said = self._opened(text, is_last=is_last)
        if self._state == "thinking":
            thought, text = self._closed(text, is_last=is_last)
            said = text if self._state == "said" else ""
        if thought:
            delta[REASONING] = thought
        delta["content"] = said

    def _opened(self, text: str, *, is_last: bool) -> tuple[str, str]:
        """Return what stands behind an opening tag, and what is said where there is none."""
        stripped = text.lstrip()
        if stripped.startswith(OPENING):
            self._state = "thinking"
            return stripped.removeprefix(OPENING).lstrip("\n"), ""
        if OPENING.startswith(stripped) and not is_last:
            self._held = text
            return "", ""
        self._state = "said"
        return "", text

    def _closed(self, text: str, *, is_last: bool) -> tuple[str, str]:
        """Return the thought in a text and what follows its closing tag; what may begin the tag is held back."""
        thought, tag, said = text.partition(CLOSING)
        if tag:
            self._state = "said"
            return thought, said.lstrip("\n")
        held = 0 if is_last else _overlap(text)
        self._held = text[len(text) - held :]
        return text[: len(text) - held], ""


def _overlap(text: str) -> int:
    """Return how many characters at a text's end may begin the closing tag."""
    return next((n for n in range(min(len(CLOSING) - 1, len(text)), 0, -1) if CLOSING.startswith(text[-n:])), 0)
