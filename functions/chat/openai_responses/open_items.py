"""The items of a streamed response while they grow: each tells its own events, from `added` to `done`.

`platform.openai.com/docs/api-reference/responses-streaming`.
"""

import json
from collections.abc import Callable, Sequence

from atom_llm.domain.providers.exchange import Json
from functions.chat.openai_responses.sealed import sealed
from functions.chat.openai_responses.tools import OfferedTool
from functions.chat.openai_responses.words import call_item, message_item, reasoning_item, refusal_part, text_part
from functions.chat.signatures import GOOGLE

Tell = Callable[[str, Json], None]
"""Writes an event of a type, `response.` left out, with its fields."""


class _OpenItem:
    def __init__(self, tell: Tell, index: int, identity: str) -> None:
        self.identity = identity
        self.index = index
        self._tell = tell

    def _begin(self, item: Json) -> None:
        self._tell("output_item.added", {"output_index": self.index, "item": item})

    def _end(self, item: Json) -> Json:
        self._tell("output_item.done", {"output_index": self.index, "item": item})
        return item

    def _of(self, **fields: object) -> Json:
        return {"item_id": self.identity, "output_index": self.index, **fields}


class OpenReasoning(_OpenItem):
    """Thoughts, whose text is the one part of their summary."""

    def __init__(self, tell: Tell, index: int, identity: str) -> None:
        super().__init__(tell, index, identity)
        self._text = ""
        self._blocks: list[Json] = []
        self._signatures: Json = {}
        self._begin(reasoning_item(identity, "", None))

    def add(self, text: str) -> None:
        """Add to the text."""
        if not self._text:
            self._tell("reasoning_summary_part.added", self._of(summary_index=0, part=_summary("")))
        self._text += text
        self._tell("reasoning_summary_text.delta", self._of(summary_index=0, delta=text))

    def sign(self, block: Json) -> None:
        """Keep a provider's own block, which comes when its text has come."""
        self._blocks.append({name: value for name, value in block.items() if name != "index"})

    def keep(self, signatures: Json) -> None:
        """Keep Google's signatures of what comes with these thoughts."""
        self._signatures |= signatures

    def close(self, status: str) -> Json:
        """End the item and return it."""
        if self._text:
            self._tell("reasoning_summary_text.done", self._of(summary_index=0, text=self._text))
            self._tell("reasoning_summary_part.done", self._of(summary_index=0, part=_summary(self._text)))
        thoughts = {"reasoning_content": self._text, "thinking_blocks": self._blocks, GOOGLE: self._signatures}
        encrypted = sealed(thoughts)
        return self._end(reasoning_item(self.identity, self._text, encrypted))


class OpenMessage(_OpenItem):
    """A message: parts one after the other, of which the last one grows."""

    def __init__(self, tell: Tell, index: int, identity: str) -> None:
        super().__init__(tell, index, identity)
        self._parts: list[Json] = []
        self._is_refusal: bool | None = None  # of the part that grows; None: there is none
        self._text = ""
        self._annotations: list[Json] = []
        self._logprobs: list[Json] = []
        self._begin(message_item(identity, (), "in_progress"))

    def add(self, text: str, logprobs: Sequence[Json]) -> None:
        """Add to the text."""
        self._enter(is_refusal=False)
        self._text += text
        self._logprobs += logprobs
        self._tell("output_text.delta", self._of(content_index=self._place, delta=text, logprobs=list(logprobs)))

    def refuse(self, text: str) -> None:
        """Add to a refusal."""
        self._enter(is_refusal=True)
        self._text += text
        self._tell("refusal.delta", self._of(content_index=self._place, delta=text))

    def annotate(self, annotation: Json) -> None:
        """Add a citation."""
        self._enter(is_refusal=False)
        where = self._of(content_index=self._place, annotation_index=len(self._annotations), annotation=annotation)
        self._annotations.append(annotation)
        self._tell("output_text.annotation.added", where)

    def close(self, status: str) -> Json:
        """End the item and return it."""
        self._leave()
        return self._end(message_item(self.identity, self._parts, status))

    @property
    def _place(self) -> int:
        return len(self._parts)

    def _enter(self, *, is_refusal: bool) -> None:
        if self._is_refusal is is_refusal:
            return
        self._leave()
        self._is_refusal = is_refusal
        part = refusal_part("") if is_refusal else text_part("")
        self._tell("content_part.added", self._of(content_index=self._place, part=part))

    def _leave(self) -> None:
        if self._is_refusal is None:
            return
        if self._is_refusal:
            part = refusal_part(self._text)
            self._tell("refusal.done", self._of(content_index=self._place, refusal=self._text))
        else:
            part = text_part(self._text, self._annotations, self._logprobs)
            ended = self._of(content_index=self._place, text=self._text, logprobs=self._logprobs)
            self._tell("output_text.done", ended)
        self._tell("content_part.done", self._of(content_index=self._place, part=part))
        self._parts.append(part)
        self._is_refusal, self._text, self._annotations, self._logprobs = None, "", [], []


class OpenCall(_OpenItem):
    """A call of a tool. A custom tool's text is told when it is whole: it comes as JSON, and JSON ends at its end."""

    def __init__(self, tell: Tell, index: int, identity: str, call_id: str, tool: OfferedTool) -> None:
        super().__init__(tell, index, identity)
        self._call_id = call_id
        self._tool = tool
        self._arguments = ""
        self._begin(call_item(identity, call_id, tool, "", "in_progress"))

    @property
    def is_whole(self) -> bool:
        """Return whether the arguments are an object of JSON, to which nothing can be added."""
        try:
            return isinstance(json.loads(self._arguments), dict)
        except (ValueError, RecursionError):
            return False

    def add(self, arguments: str) -> None:
        """Add to the arguments."""
        self._arguments += arguments
        if not self._tool.is_custom:
            self._tell("function_call_arguments.delta", self._of(delta=arguments))

    def close(self, status: str) -> Json:
        """End the item and return it."""
        item = call_item(self.identity, self._call_id, self._tool, self._arguments or "{}", status)
        if self._tool.is_custom:
            self._tell("custom_tool_call_input.delta", self._of(delta=item["input"]))
            self._tell("custom_tool_call_input.done", self._of(input=item["input"]))
        else:
            ended = self._of(name=self._tool.name, arguments=item["arguments"])
            self._tell("function_call_arguments.done", ended)
        return self._end(item)


def _summary(text: str) -> Json:
    return {"type": "summary_text", "text": text}
