"""OpenAI's messages as Anthropic's: a system prompt, and turns of user and assistant that alternate.

Rules of `platform.claude.com/docs/en/api/messages` and its pages on tool use and mid-conversation system messages: the
results of tools stand in the user's turn and come first there; no text is blank; a message with the role `system`
follows a user's turn and is followed by an assistant's or by nothing.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from atom_llm.adapters.providers.anthropic.answer import PAUSED_TURN
from atom_llm.adapters.providers.anthropic.content import content_blocks, mark_last, thinking_blocks
from atom_llm.adapters.providers.anthropic.models import takes_system_anywhere
from atom_llm.adapters.providers.call_ids import CallIds
from atom_llm.adapters.providers.request_parts import (
    RequestedToolCall,
    add_messages,
    answered_call_id,
    fitting_name,
    requested_arguments,
    requested_tool_calls,
)
from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.providers.exchange import Json, Target

# A conversation has to begin with the user. One that begins with a greeting of the assistant gets the least there is.
OPENING: Final = "."
LONGEST_NAME: Final = 128  # characters of a tool's name

_NO_ID_CHARACTER: Final = re.compile(r"[^a-zA-Z0-9_-]")  # of the API's pattern for the ids of tool uses
_THINKING: Final = ("thinking", "redacted_thinking")


class AnthropicConversation(NamedTuple):
    """A translated conversation: `system` are text blocks, `used_tools` the names that the assistant's turns call.

    `has_names`: a message names its author.
    """

    system: list[Json]
    messages: list[Json]
    used_tools: tuple[str, ...]
    has_names: bool

    @property
    def has_unsigned_call(self) -> bool:
        """Return whether the results are in of a tool that was called without the thinking that led to it."""
        for place in range(len(self.messages) - 2, -1, -1):
            turn, following = self.messages[place], self.messages[place + 1]
            if turn["role"] == "assistant":
                return _first_type(following) == "tool_result" and _first_type(turn) not in _THINKING
        return False


def conversation(messages: Sequence[Any], target: Target) -> AnthropicConversation:
    """Translate a conversation; the caller's content is all there, and in its order but for what the rules move.

    Raises `InvalidRequest` naming the field, and `ProviderFailure(UNSUPPORTED)` for parts that no model takes.
    """
    turns = _Turns(target)
    add_messages(turns, messages)
    return turns.finished()


class _Turns:
    """A conversation while it is put together."""

    __slots__ = ("_has_names", "_ids", "_results", "_system", "_target", "_turns", "_used_tools", "_waiting")

    def __init__(self, target: Target) -> None:
        self._target = target
        self._system: list[Json] = []
        self._waiting: list[Json] = []  # system texts that came amid the conversation, until their place is known
        self._turns: list[Json] = []
        self._results = 0  # of tools, at the head of the last turn
        self._used_tools: dict[str, None] = {}
        self._has_names = False
        self._ids = CallIds(_tool_use_id)

    def add_system(self, message: Mapping[str, Any], field: str) -> None:
        blocks = content_blocks(message.get("content"), f"{field}.content")
        mark_last(blocks, message.get("cache_control"))
        (self._waiting if self._turns else self._system).extend(blocks)

    def add_user(self, message: Mapping[str, Any], field: str) -> None:
        content = message.get("content")
        if message.get("name") is not None:
            self._has_names = True
        if type(content) is str and "cache_control" not in message and self._last_role() != "user":
            if content and not content.isspace():
                self._begin("user", content)
            return
        blocks = content_blocks(content, f"{field}.content")
        mark_last(blocks, message.get("cache_control"))
        self._extend("user", blocks)

    def add_assistant(self, message: Mapping[str, Any], field: str) -> None:
        if message.get("name") is not None:
            self._has_names = True
        paused = message.get(PAUSED_TURN)
        if isinstance(paused, list) and paused:
            self._place_waiting()
            self._extend("assistant", [dict(block) for block in paused if isinstance(block, dict)])
            return
        said = message.get("content") or message.get("refusal")
        blocks = thinking_blocks(message.get("thinking_blocks"), f"{field}.thinking_blocks")
        blocks += content_blocks(said, f"{field}.content")
        calls = requested_tool_calls(message.get("tool_calls"), f"{field}.tool_calls")
        for call in calls:
            self._used_tools[fitting_name(call.name, LONGEST_NAME)] = None
            blocks.append(_tool_use(call, self._ids.of_call(call.id)))
        if blocks:
            mark_last(blocks, message.get("cache_control"))
            self._place_waiting()
            self._extend("assistant", blocks)

    def add_result(self, message: Mapping[str, Any], field: str) -> None:
        result = _tool_result(message, self._ids.of_result(answered_call_id(message, field)), field)
        if self._last_role() != "user":
            self._begin("user", [])
        _listed(self._turns[-1]).insert(self._results, result)
        self._results += 1

    def finished(self) -> AnthropicConversation:
        turns = self._turns
        if not turns and self._system:
            self._begin("user", self._system)  # instructions alone are what there is to answer
            self._system = []
        if self._waiting and self._last_role() == "assistant":
            self._begin("user", self._waiting)  # the answer is to these, and not to continue the assistant's words
        elif self._waiting:
            self._place_waiting()
        if not turns:
            raise InvalidRequest("messages", "have no content that is not blank")
        if turns[0]["role"] == "assistant":
            turns.insert(0, {"role": "user", "content": OPENING})
        if turns[-1]["role"] == "assistant":
            _without_trailing_space(turns[-1])
        return AnthropicConversation(self._system, turns, tuple(self._used_tools), self._has_names)

    def _place_waiting(self) -> None:
        """Give system texts their place before what follows, an assistant's turn or nothing."""
        if not self._waiting:
            return
        if not takes_system_anywhere(self._target):
            self._system += self._waiting
        else:
            # Between two turns of the assistant no system message may stand.
            self._begin("system" if self._last_role() == "user" else "user", self._waiting)
        self._waiting = []

    def _last_role(self) -> str | None:
        return self._turns[-1]["role"] if self._turns else None

    def _begin(self, role: str, content: str | list[Json]) -> None:
        self._turns.append({"role": role, "content": content})
        self._results = 0

    def _extend(self, role: str, blocks: list[Json]) -> None:
        if not blocks:
            return
        if self._last_role() == role:
            _listed(self._turns[-1]).extend(blocks)
        else:
            self._begin(role, blocks)


def _listed(turn: Json) -> list[Json]:
    """Return a turn's blocks, to be added to."""
    content = turn["content"]
    if isinstance(content, str):
        content = turn["content"] = [{"type": "text", "text": content}]
    blocks: list[Json] = content
    return blocks


def _first_type(turn: Json) -> object:
    content = turn["content"]
    return content[0]["type"] if isinstance(content, list) else "text"


def _without_trailing_space(turn: Json) -> None:
    """Strip white space from the end of a text: the API refuses to continue one that ends with it."""
    last = _listed(turn)[-1]
    if last.get("type") == "text":
        last["text"] = last["text"].rstrip()


def _tool_use(call: RequestedToolCall, identity: str) -> Json:
    block: Json = {"type": "tool_use", "id": identity, "name": fitting_name(call.name, LONGEST_NAME)}
    block["input"] = requested_arguments(call)
    if call.given.get("cache_control") is not None:
        block["cache_control"] = call.given["cache_control"]
    return block


def _tool_result(message: Mapping[str, Any], identity: str, field: str) -> Json:
    result: Json = {"type": "tool_result", "tool_use_id": identity}
    content = message.get("content")
    parts = content_blocks(content, f"{field}.content")
    marker = message.get("cache_control")
    for part in parts:
        inner = part.pop("cache_control", None)  # inside of a result no block can be marked; the result can
        marker = inner if marker is None else marker
    if parts:
        result["content"] = content if isinstance(content, str) else parts
    if marker is not None:
        result["cache_control"] = marker
    if message.get("is_error") is True:
        result["is_error"] = True
    return result


def _tool_use_id(identity: str) -> str:
    """Return an id as the API takes it: another provider's may have a colon or a dot, `functions.search:0`."""
    return _NO_ID_CHARACTER.sub("_", identity)
