"""The message of an answer in blocks, as OpenAI's message: a dialect reads its own blocks into it."""

import json

from atom_llm.adapters.providers.anthropic.tools import ANSWER_TOOL
from atom_llm.domain.providers.exchange import Json


class ReadMessage:
    """A message while its blocks are read."""

    def __init__(self) -> None:
        """Begin with a message that says nothing."""
        self.thinking_blocks: list[Json] = []
        self.calls: list[Json] = []
        self.length = 0  # characters of text so far, which annotations count in
        self._texts: list[str] = []
        self._answers: list[str] = []
        self._thoughts: list[str] = []
        self._annotations: list[Json] = []
        self._citations: list[Json] = []

    def add_text(self, text: str) -> None:
        """Add a piece of the text."""
        self._texts.append(text)
        self.length += len(text)

    def add_call(self, identity: object, name: object, given: object) -> None:
        """Add a call of a tool; what is given to the tool that stands for an answer by a schema is the text."""
        arguments = json.dumps(given or {}, ensure_ascii=False)
        if name == ANSWER_TOOL:
            self._answers.append(arguments)
        else:
            function = {"name": name, "arguments": arguments}
            self.calls.append({"id": identity, "type": "function", "function": function})

    def add_thought(self, text: str, block: Json) -> None:
        """Add a thought that can be read, and its block with the signature that the next turn needs."""
        self._thoughts.append(text)
        self.thinking_blocks.append(block)

    def add_citation(self, citation: Json, annotation: Json | None) -> None:
        """Add a citation as OpenAI's annotation, or as it is where OpenAI has none of its kind."""
        if annotation is not None:
            self._annotations.append(annotation)
        else:
            self._citations.append(citation)

    @property
    def text(self) -> str:
        """The answer's text; where it is a tool's input, that alone, for words beside it would break its format."""
        return self._answers[0] if self._answers else "".join(self._texts)

    def told(self, refusal: str | None, further: Json) -> Json:
        """Return OpenAI's message with the text of a refusal, and `further` fields of the dialect's own."""
        text = self.text
        message: Json = {"role": "assistant", "content": text if text or not self.calls else None, "refusal": refusal}
        for name, value in (
            ("tool_calls", self.calls),
            ("reasoning_content", "".join(self._thoughts)),
            ("thinking_blocks", self.thinking_blocks),
            ("annotations", None if self._answers else self._annotations),  # their places are in the text left out
            ("citations", self._citations),
        ):
            if value:
                message[name] = value
        return message | further
