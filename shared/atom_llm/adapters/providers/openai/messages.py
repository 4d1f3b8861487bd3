"""The history of a conversation as an OpenAI-like provider takes it: mapped to its schema, or left out by name."""

import json
import re
from base64 import b32encode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, Final

from atom_llm.adapters.providers.native_parts import as_openais_part
from atom_llm.adapters.providers.openai.message_schemas import MessageSchema, ThoughtForm
from atom_llm.adapters.providers.openai.turns import in_order
from atom_llm.adapters.providers.request_parts import RAW, RequestedToolCall, fitting_name, requested_arguments
from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.providers.exchange import Json
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure

REASONING: Final = "reasoning_content"  # what most call an answer's thinking; the others' names are changed to it
NO_THOUGHT: Final = " "  # stands where a thinking model wants the thought behind a call that another model made
_THINKING_PARTS: Final = ("thinking", "redacted_thinking")
_THOUGHTS: Final = (REASONING, "reasoning", "thinking_blocks")
_OF_RESULTS: Final = ("text", "refusal")  # the parts that a tool's result may have
_CALL_FIELDS: Final = ("id", "type", "function", "custom", "index")
_TRANSLATED: Final = frozenset({"source", "title", "refusal"})  # fields of a part that stand in the one it becomes
# Fields of an answer that say nothing while they are empty: leaving them out is no news for the caller.
_SAYS_NOTHING: Final[tuple[object, ...]] = (None, [], {}, "")


class History:
    """A history on its way to one provider; `left_out` names the fields that it lost."""

    def __init__(self, provider: str, schema: MessageSchema, *, thinks: bool, knows_developer: bool) -> None:
        """Take the provider's schema; `thinks`: the model that is asked is one that thinks."""
        self._provider = provider
        self._schema = schema
        self._thinks = thinks
        self._knows_developer = knows_developer
        self._ids: dict[str, str] = {}
        self._shown: list[Json] = []  # pictures and files of tools' results, which are texts alone
        self.left_out: set[str] = set()

    def translated(self, messages: Sequence[Json]) -> list[Json]:
        """Return the messages in the provider's schema.

        Raises `ProviderFailure(UNSUPPORTED)` for a part without which the conversation would mean something else, and
        `InvalidRequest` for one that is wrong by itself.
        """
        sent: list[Json] = []
        for place, message in enumerate(messages):
            if message["role"] != "tool":
                self._show(sent)
            sent.append(self._message(message, f"messages.{place}"))
        self._show(sent)
        return in_order(sent, self._schema)

    def _message(self, message: Json, field: str) -> Json:
        role = message["role"]
        fields = self._schema.fields_of(role)
        if fields is None:
            return message
        sent: Json = {}
        for name, value in message.items():
            if name in fields and (value is not None or name == "content"):
                sent[name] = value
            elif name not in fields and name not in _THOUGHTS and value not in _SAYS_NOTHING:
                self.left_out.add(f"messages.{name}")
        if role == "developer" and not self._knows_developer:
            sent["role"] = "system"
        thought = _thought_of(message) if role == "assistant" else ""
        if isinstance(message.get("content"), list):
            sent["content"] = self._content(message["content"], role, field)
        if role == "assistant":
            self._add_calls(sent, message.get("tool_calls"), field)
            self._add_thought(sent, thought, message)
            if sent.get("content") is None and not sent.get("tool_calls") and "function_call" not in sent:
                sent["content"] = message.get("refusal") or ""
        if role == "tool" and isinstance(sent.get("tool_call_id"), str):
            sent["tool_call_id"] = self._id(sent["tool_call_id"])
        return sent

    def _parts(self, parts: Sequence[Any], field: str) -> list[Json]:
        kept = []
        for place, part in enumerate(parts):
            kind = part.get("type")
            if kind in _THINKING_PARTS and kind not in self._schema.parts:
                continue
            known = part if kind in self._schema.parts else as_openais_part(part) or _as_text(part) or part
            fields = self._schema.parts.get(known["type"])
            if fields is None:
                reason = f"{self._provider} takes no parts of the type {str(kind)[:40]}"
                raise ProviderFailure(FailureKind.UNSUPPORTED, reason, param=f"{field}.content.{place}")
            self.left_out |= {f"messages.content.{name}" for name in part.keys() - fields - _TRANSLATED}
            kept.append({name: value for name, value in known.items() if name in fields})
        return kept

    def _content(self, given: Sequence[Any], role: str, field: str) -> str | list[Json]:
        """Return a content in parts; as one text where the provider takes nothing else of the role.

        What a tool's result has beside texts is kept, to be shown behind it.
        """
        parts = self._parts(given, field)
        if role == "tool":
            self._shown += [part for part in parts if part["type"] not in _OF_RESULTS]
            parts = [part for part in parts if part["type"] in _OF_RESULTS]
        if parts and role in self._schema.takes_parts:
            return parts
        if any(part["type"] != "text" for part in parts):
            reason = f"{self._provider} takes nothing but texts of the role {role}"
            raise ProviderFailure(FailureKind.UNSUPPORTED, reason, param=f"{field}.content")
        return ("" if role == "assistant" else "\n").join(str(part["text"]) for part in parts)

    def _show(self, sent: list[Json]) -> None:
        """Add a turn of the user with what the results before it showed."""
        if self._shown:
            sent.append({"role": "user", "content": self._shown})
            self._shown = []

    def _add_calls(self, sent: Json, calls: object, field: str) -> None:
        if not calls or "tool_calls" not in self._schema.assistant:
            sent.pop("tool_calls", None)
            return
        if not isinstance(calls, list) or not all(isinstance(call, dict) for call in calls):
            raise InvalidRequest(f"{field}.tool_calls", "must be a list of objects")
        sent["tool_calls"] = [self._call(call) for call in calls]

    def _call(self, call: Json) -> Json:
        sent = {name: value for name, value in call.items() if name in _CALL_FIELDS and value is not None}
        sent.setdefault("type", "function")
        if isinstance(sent.get("id"), str):
            sent["id"] = self._id(sent["id"])
        function = sent.get("function")
        if isinstance(function, dict):
            arguments = function.get("arguments")
            if self._schema.reads_arguments:
                written = _as_object(arguments)
            else:
                written = arguments if isinstance(arguments, str) else json.dumps(arguments or {}, ensure_ascii=False)
            name = function.get("name")
            sent["function"] = {"name": fitting_name(name) if isinstance(name, str) else name, "arguments": written}
        return sent

    def _add_thought(self, sent: Json, thought: str, message: Json) -> None:
        schema = self._schema
        if not thought and self._thinks and schema.needs_thought_at_calls and sent.get("tool_calls"):
            thought = NO_THOUGHT
        for name in (REASONING, "reasoning"):
            sent.pop(name, None)
        if not thought:
            return
        content = sent.get("content")
        match schema.thought:
            case ThoughtForm.REASONING_CONTENT:
                sent[REASONING] = thought
            case ThoughtForm.REASONING if self._thinks:
                sent["reasoning"] = thought
            case ThoughtForm.THINK_TAGS if not isinstance(content, list):
                sent["content"] = f"<think>\n{thought}\n</think>\n\n{content or ''}"
            case ThoughtForm.THINKING_PART if self._thinks and not isinstance(content, list):
                said = [{"type": "text", "text": content}] if content else []
                sent["content"] = [{"type": "thinking", "thinking": [{"type": "text", "text": thought}]}, *said]
            case _:
                self.left_out.add("messages.reasoning_content")

    def _id(self, identity: str) -> str:
        """Return the id of a tool call as the provider takes it: the same one for the call and for its result."""
        length = self._schema.id_length
        if length is None or re.fullmatch(rf"[a-zA-Z0-9]{{{length}}}", identity):
            return identity
        if identity not in self._ids:
            digest = b32encode(sha256(identity.encode()).digest()).decode()
            self._ids[identity] = digest[:length]
        return self._ids[identity]


def _as_object(arguments: object) -> str:
    """Return the arguments of an old call as an object in JSON; what is none stands in one as the raw text."""
    read = requested_arguments(RequestedToolCall("", "", arguments, {}))
    if isinstance(arguments, str) and read and read != {RAW: arguments}:
        return arguments
    return json.dumps(read, ensure_ascii=False)


def _as_text(part: Json) -> Json | None:
    """Return a refusal as the text that it is; None for any other part."""
    refusal = part.get("refusal")
    return {"type": "text", "text": refusal} if part.get("type") == "refusal" and isinstance(refusal, str) else None


def _thought_of(message: Json) -> str:
    """Return an assistant's earlier thinking as text, whichever dialect wrote it; empty where it is sealed or none."""
    for name in (REASONING, "reasoning"):
        told = message.get(name)
        if isinstance(told, str) and told:
            return told
    blocks = message.get("thinking_blocks")
    if not isinstance(blocks, list):
        return ""
    texts = [block.get("thinking") for block in blocks if isinstance(block, Mapping)]
    return "\n".join(text for text in texts if isinstance(text, str) and text)
