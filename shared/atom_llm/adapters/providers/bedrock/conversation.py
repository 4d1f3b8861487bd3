"""OpenAI's messages as Converse's: a system prompt, and turns of user and assistant that alternate.

The results of tools stand in the user's turn and come first there; a document goes with a text in the same turn.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from atom_llm.adapters.providers.bedrock.content import (
    cache_points,
    converse_blocks,
    named_apart,
    thought_blocks,
    tool_use_id,
)
from atom_llm.adapters.providers.call_ids import CallIds
from atom_llm.adapters.providers.request_parts import (
    add_messages,
    answered_call_id,
    fitting_name,
    requested_arguments,
    requested_tool_calls,
)
from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.providers.exchange import Json

# A conversation has to begin with the user, and a document goes with words. Where there are none this is the least.
OPENING: Final = "."
LONGEST_NAME: Final = 64  # characters of a tool's name


class ConverseConversation(NamedTuple):
    """A translated conversation; `used_tools` are the names that the assistant's turns call, `has_names`: a message
    names its author.
    """

    system: list[Json]
    messages: list[Json]
    used_tools: tuple[str, ...]
    has_names: bool


def conversation(messages: Sequence[Any], *, caches: bool) -> ConverseConversation:
    """Translate a conversation; cache points are left out where the model `caches` nothing.

    Raises `InvalidRequest` naming the field, and `ProviderFailure(UNSUPPORTED)` for parts that no model takes.
    """
    turns = _Turns()
    add_messages(turns, messages)
    found = turns.finished()
    if not caches:
        found.system[:] = _without_points(found.system)
        for message in found.messages:
            message["content"] = _without_points(message["content"])
    return found


class _Turns:
    """A conversation while it is put together."""

    def __init__(self) -> None:
        self._system: list[Json] = []
        self._turns: list[Json] = []
        self._results = 0  # blocks of tools' results at the head of the last turn
        self._used_tools: dict[str, None] = {}
        self._has_names = False
        self._ids = CallIds(tool_use_id)

    def add_system(self, message: Mapping[str, Any], field: str) -> None:
        blocks = converse_blocks(message.get("content"), f"{field}.content")
        if any(block.keys().isdisjoint({"text", "cachePoint"}) for block in blocks):
            raise InvalidRequest(f"{field}.content", "must be texts")
        self._system += [*blocks, *cache_points(message.get("cache_control"))]

    def add_user(self, message: Mapping[str, Any], field: str) -> None:
        self._has_names = self._has_names or message.get("name") is not None
        blocks = converse_blocks(message.get("content"), f"{field}.content")
        self._extend("user", [*blocks, *cache_points(message.get("cache_control"))] if blocks else [])

    def add_assistant(self, message: Mapping[str, Any], field: str) -> None:
        self._has_names = self._has_names or message.get("name") is not None
        blocks = thought_blocks(message.get("thinking_blocks"), f"{field}.thinking_blocks")
        blocks += converse_blocks(message.get("content") or message.get("refusal"), f"{field}.content")
        for call in requested_tool_calls(message.get("tool_calls"), f"{field}.tool_calls"):
            name = fitting_name(call.name, LONGEST_NAME)
            self._used_tools[name] = None
            use = {"toolUseId": self._ids.of_call(call.id), "name": name, "input": requested_arguments(call)}
            blocks += [{"toolUse": use}, *cache_points(call.given.get("cache_control"))]
        if blocks:
            self._extend("assistant", [*blocks, *cache_points(message.get("cache_control"))])

    def add_result(self, message: Mapping[str, Any], field: str) -> None:
        content = [
            block
            for block in converse_blocks(message.get("content"), f"{field}.content")
            if not block.keys().isdisjoint({"text", "image", "document", "video"})
        ]
        result: Json = {
            "toolUseId": self._ids.of_result(answered_call_id(message, field)),
            "content": content or [{"json": {}}],
        }
        if message.get("is_error") is True:
            result["status"] = "error"
        if self._last_role() != "user":
            self._begin("user", [])
        placed = [{"toolResult": result}, *cache_points(message.get("cache_control"))]
        self._turns[-1]["content"][self._results : self._results] = placed
        self._results += len(placed)

    def finished(self) -> ConverseConversation:
        turns = self._turns
        if not turns and self._system:  # instructions alone are what there is to answer
            self._begin("user", [block for block in self._system if "text" in block])
            self._system = []
        if not turns:
            raise InvalidRequest("messages", "have no content that is not blank")
        if turns[0]["role"] == "assistant":
            turns.insert(0, {"role": "user", "content": [{"text": OPENING}]})
        last = turns[-1]
        if last["role"] == "assistant" and "text" in last["content"][-1]:
            last["content"][-1]["text"] = last["content"][-1]["text"].rstrip()  # white space at the end is refused
        for turn in turns:
            kinds = {kind for block in turn["content"] for kind in block}
            if "document" in kinds and "text" not in kinds:
                turn["content"].append({"text": OPENING})
            turn["content"] = _with_pointed_texts(turn["content"])
        named_apart(turns)
        return ConverseConversation(self._system, turns, tuple(self._used_tools), self._has_names)

    def _last_role(self) -> str | None:
        return self._turns[-1]["role"] if self._turns else None

    def _begin(self, role: str, blocks: list[Json]) -> None:
        self._turns.append({"role": role, "content": blocks})
        self._results = 0

    def _extend(self, role: str, blocks: list[Json]) -> None:
        if blocks and self._last_role() == role:
            self._turns[-1]["content"] += blocks
        elif blocks:
            self._begin(role, blocks)


def _with_pointed_texts(blocks: list[Json]) -> list[Json]:
    """Return blocks with the least of a text between a document and the cache point behind it.

    Converse makes texts of documents other than PDFs, and finds nothing then that the point could stand at.
    """
    placed: list[Json] = []
    for block in blocks:
        if "cachePoint" in block and placed and placed[-1].get("document", {}).get("format", "pdf") != "pdf":
            placed.append({"text": OPENING})
        placed.append(block)
    return placed


def _without_points(blocks: list[Json]) -> list[Json]:
    return [block for block in blocks if "cachePoint" not in block]
