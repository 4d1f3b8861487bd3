"""OpenAI's own dialect, and that of the providers that speak it with differences (`differences.py`)."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from atom_llm.adapters.providers.dialect import MalformedEvent, event_content
from atom_llm.adapters.providers.embeddings import check_number, in_wanted_format
from atom_llm.adapters.providers.openai.call_deltas import CallDeltas, made_id
from atom_llm.adapters.providers.openai.differences import COMMON_FINISHES, DIFFERENCES, FAILED, OpenAIDifferences
from atom_llm.adapters.providers.openai.executed_tools import FIELD as EXECUTED
from atom_llm.adapters.providers.openai.executed_tools import ExecutedTools
from atom_llm.adapters.providers.openai.message_schemas import MESSAGE_SCHEMAS, MessageSchema
from atom_llm.adapters.providers.openai.messages import REASONING, History
from atom_llm.adapters.providers.openai.reasoning import thinking_fields
from atom_llm.adapters.providers.openai.think_tags import ThinkTags, without_think_tags
from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.pricing.reported import ReportedUsage
from atom_llm.domain.providers.exchange import Json, ProviderAnswer, Refusal, ServerSentEvent, Target, WireRequest
from atom_llm.domain.providers.failure_reading import error_within, unreadable
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure
from atom_llm.domain.providers.reported_usage import chat_usage, embeddings_usage

DONE: Final = "[DONE]"
_REASONING_NAMES: Final = ("reasoning", "reasoning_text")


class OpenAIChat:
    """Implements `Dialect` for one provider."""

    def __init__(self, provider: str, differences: OpenAIDifferences, schema: MessageSchema) -> None:
        self._provider = provider
        self._differs = differences
        self._schema = schema

    def refuses(self, target: Target, body: Mapping[str, Any]) -> Refusal | None:
        """Return why the provider cannot give the shape that is asked for; None where it can."""
        differs = self._differs
        if (body.get("n") or 1) > differs.most_choices:
            return Refusal("n", f"{self._provider} gives at most {differs.most_choices} answers a call")
        if not differs.shapes.isdisjoint(body):
            asked = sorted(name for name in differs.shapes if body.get(name))
            if asked:
                return Refusal(asked[0], f"{self._provider} has nothing like it")
        if not differs.knows_schemas and (body.get("response_format") or {}).get("type") == "json_schema":
            return Refusal("response_format", f"{self._provider} makes no answers by a schema")
        return None

    def chat(self, target: Target, body: Mapping[str, Any], *, stream: bool) -> WireRequest:
        """Return the request as it is, but for what the provider calls otherwise or does not know."""
        differs = self._differs
        sent: Json = {"model": target.model, **body}
        effort = sent.pop("reasoning_effort", None) if "reasoning_effort" in differs.unknown else None
        thinks = "reasoning" in target.capabilities
        dropped = [name for name in differs.unknown if name in sent and sent.pop(name) is not None]
        if differs.thinking_types and _type_of(sent.get("thinking")) not in differs.thinking_types:
            dropped += ["thinking"] if sent.pop("thinking", None) is not None else []
        if target.capabilities and not thinks and sent.pop("reasoning_effort", None) is not None:
            dropped.append("reasoning_effort")  # which is a 400 at a model that does not reason
        if effort is not None:
            fields = thinking_fields(target, str(effort))
            dropped += ["reasoning_effort"] if fields is None else []
            sent = {**(fields or {}), **sent}
        if "max_completion_tokens" in sent and differs.output_limit != "max_completion_tokens":
            sent[differs.output_limit] = sent.pop("max_completion_tokens")
        for name, theirs in differs.renamed.items():
            if name in sent:
                sent[theirs] = sent.pop(name)
        for name, (least, most) in differs.bounds.items():
            value = sent.get(name)
            if isinstance(value, int | float) and not least <= value <= most:
                sent[name] = min(max(value, least), most)
                dropped.append(f"{name} beyond {most if value > most else least:g}")
        choice = sent.get("tool_choice")
        if isinstance(choice, str) and choice in differs.tool_choices:
            sent["tool_choice"] = differs.tool_choices[choice]
        if differs.needs_parameters and isinstance(sent.get("tools"), list):
            sent["tools"] = [_with_parameters(tool) for tool in sent["tools"]]
        history = History(self._provider, self._schema, thinks=thinks, knows_developer=differs.knows_developer)
        sent["messages"] = history.translated(sent["messages"])
        dropped += history.left_out
        if stream:
            sent["stream"] = True
            if differs.asks_for_usage:
                sent["stream_options"] = {"include_usage": True}
        return WireRequest("chat/completions", sent, dropped=sorted(dropped))

    def answer(self, target: Target, content: Json) -> ProviderAnswer:
        """Translate a whole answer to a `chat.completion`; choices without a message are no answer."""
        choices = content.get("choices")
        if not isinstance(choices, list) or not choices:
            raise unreadable("the provider's answer has no choices")
        executed = ExecutedTools()
        for place, choice in enumerate(choices):
            if not isinstance(choice, dict) or not isinstance(choice.get("message"), dict):
                raise unreadable("the provider's answer has a choice without a message")
            _place(choice, place)
            message = choice["message"]
            _mend(message, is_delta=False)
            executed.note(place, message)
            if self._differs.thinks_in_content:
                without_think_tags(message)
            finish = self._finish(choice.get("finish_reason"))
            _name_apart(message.get("tool_calls") or (), content.get("id"))
            choice["finish_reason"] = self.told_finish(finish, has_calls=bool(message.get("tool_calls")))
        content["object"] = "chat.completion"
        return ProviderAnswer(content, executed.beside(chat_usage(self._provider, content)))

    def reader(self, target: Target, body: Mapping[str, Any]) -> "ChunkReader":
        """Return a reader that counts the choices that are asked for."""
        return ChunkReader(
            self, self._provider, body.get("n") or 1, ThinkTags() if self._differs.thinks_in_content else None
        )

    def embeddings(self, target: Target, body: Mapping[str, Any]) -> WireRequest:
        """Return the request, with the provider's name for `dimensions`."""
        differs = self._differs
        if not differs.embeds:
            raise ProviderFailure(FailureKind.UNSUPPORTED, f"{self._provider} has no embeddings")
        inputs = body.get("input")
        if isinstance(inputs, list) and len(inputs) > differs.max_inputs and isinstance(inputs[0], str):
            raise InvalidRequest("input", f"has more than the {differs.max_inputs} entries that {self._provider} takes")
        sent: Json = {"model": target.model, **body}
        dropped = [name for name in ("user",) if self._provider != "openai" and sent.pop(name, None) is not None]
        if not differs.knows_base64:
            sent.pop("encoding_format", None)
        if differs.dimensions != "dimensions" and "dimensions" in sent:
            sent[differs.dimensions or "dimensions"] = sent.pop("dimensions")
        return WireRequest("embeddings", sent, dropped=dropped)

    def embedded(
        self, target: Target, body: Mapping[str, Any], content: Json, headers: Mapping[str, str]
    ) -> ProviderAnswer:
        """Return OpenAI's list, each embedding in the format that was asked for."""
        found = content.get("data")
        if not isinstance(found, list) or not all(isinstance(each, dict) and "embedding" in each for each in found):
            raise unreadable("the provider's answer has no embeddings")
        check_number(found, body)
        data = [
            {
                "object": "embedding",
                "index": each.get("index", place),
                "embedding": in_wanted_format(each["embedding"], body),
            }
            for place, each in enumerate(found)
        ]
        return ProviderAnswer({**content, "object": "list", "data": data}, embeddings_usage(self._provider, content))

    def finish(self, reason: object) -> str | None:
        """Return OpenAI's finish reason; raises `ProviderFailure` for one that says that the provider broke off."""
        return self._finish(reason)

    def told_finish(self, finish: str | None, *, has_calls: bool) -> str | None:
        """Return the finish reason that fits the answer.

        An agent loops for ever on `tool_calls` without a call, and ends too early on `stop` with one. OpenAI itself
        says `stop` where a call was forced.
        """
        if finish == "tool_calls" and not has_calls:
            return "stop"
        return "tool_calls" if finish == "stop" and has_calls and self._provider != "openai" else finish

    def _finish(self, reason: object) -> str | None:
        if reason is None:
            return None
        known = COMMON_FINISHES.get(str(reason)) or self._differs.finishes.get(str(reason), "stop")
        if known == FAILED:
            raise ProviderFailure(FailureKind.TRANSIENT, f"the provider broke off: {reason}", status=200)
        return known


class ChunkReader:
    """Implements `StreamReader`."""

    def __init__(self, dialect: OpenAIChat, provider: str, choices: int, tags: ThinkTags | None) -> None:
        self._dialect = dialect
        self._provider = provider
        self._choices = choices
        self._tags = tags
        self._finished: set[int] = set()
        self._calls: dict[int, CallDeltas] = {}  # of the choices in which a tool call has come
        self._told: set[int] = set()  # choices of which something has come
        self._reported: ReportedUsage | None = None
        self._executed = ExecutedTools()

    def read(self, event: ServerSentEvent) -> Sequence[Json]:
        """Return the chunk that an event is; raises `MalformedEvent`, and `ProviderFailure` for an error."""
        if event.data == DONE:
            return ()
        chunk = event_content(event)
        if not isinstance(chunk, dict):
            raise MalformedEvent
        if "choices" not in chunk or chunk.get("error"):
            self._other(chunk)
            return ()
        if chunk.get("usage") or "x_groq" in chunk:
            self._reported = chat_usage(self._provider, chunk) or self._reported
        choices = chunk["choices"]
        if not choices:
            return ()
        for choice in choices:
            if not isinstance(choice, dict):
                raise MalformedEvent
            self._choice(choice, chunk.get("id"))
        chunk.pop("usage", None)
        chunk.pop("x_groq", None)
        return (chunk,)

    def _choice(self, choice: Json, answer_id: object) -> None:
        index, reason = _place(choice, 0), choice.get("finish_reason") or None
        delta = choice.get("delta")
        if delta is None:
            # Some tell the whole message again at the end, and others nothing but it.
            message = choice.pop("message", None)
            delta = choice["delta"] = message if isinstance(message, dict) and index not in self._told else {}
        if delta:
            self._told.add(index)
            _mend(delta, is_delta=True)
            if EXECUTED in delta:
                self._executed.note(index, delta)
            if delta.get("tool_calls"):
                calls = self._calls.setdefault(index, CallDeltas())
                delta["tool_calls"] = calls.mended(delta["tool_calls"], answer_id)
                if not delta["tool_calls"]:
                    del delta["tool_calls"]
        if self._tags is not None and isinstance(delta, dict):
            self._tags.split(delta, is_last=reason is not None)
        choice["finish_reason"] = reason
        if reason is not None:
            has_calls = index in self._calls and self._calls[index].are_told
            choice["finish_reason"] = self._dialect.told_finish(self._dialect.finish(reason), has_calls=has_calls)
            self._finished.add(index)

    @property
    def is_finished(self) -> bool:
        """Return whether as many choices as were asked for have ended."""
        return len(self._finished) >= self._choices

    @property
    def reported(self) -> ReportedUsage | None:
        """The last usage that came; None before any."""
        return self._executed.beside(self._reported)

    def _other(self, chunk: Json) -> None:
        """Read an event that is no chunk: a failure, or usage by itself."""
        self._reported = chat_usage(self._provider, chunk) or self._reported
        failure = error_within(self._provider, chunk)
        if failure is not None:
            raise failure


def _mend(message: Json, *, is_delta: bool) -> None:
    """Rewrite what providers call or spell otherwise: thoughts, content in parts, arguments as objects."""
    for name in _REASONING_NAMES:
        if name in message and isinstance(message[name], str | None):
            message.setdefault(REASONING, message.pop(name))
    content = message.get("content")
    if isinstance(content, list):
        _join_parts(message, content)
    elif not is_delta:
        message.setdefault("content", None)
        message.setdefault("role", "assistant")
    calls = message.get("tool_calls")
    if calls:
        for place, call in enumerate(calls):
            _mend_call(call, place, is_delta=is_delta)


def _with_parameters(tool: Any) -> Any:
    """Return a tool with the empty schema for a function that has no parameters; MiniMax and Mistral refuse none."""
    function = tool.get("function") if isinstance(tool, dict) else None
    if not isinstance(function, dict) or function.get("parameters"):
        return tool
    return {**tool, "function": {**function, "parameters": {"type": "object", "properties": {}}}}


def _type_of(value: object) -> str | None:
    kind = value.get("type") if isinstance(value, dict) else None
    return kind if isinstance(kind, str) else None


def _join_parts(message: Json, parts: Sequence[Any]) -> None:
    """Join Mistral's parts (text, and thinking with text in it) to one text and one thought."""
    texts, thoughts = [], []
    for part in parts:
        if not isinstance(part, dict):
            continue
        if part.get("type") == "thinking":
            inner = part.get("thinking")
            thoughts += [each.get("text", "") for each in inner] if isinstance(inner, list) else [str(inner or "")]
        elif isinstance(part.get("text"), str):
            texts.append(part["text"])
    message["content"] = "".join(texts)
    if thoughts:
        message[REASONING] = "".join(thoughts)


def _place(holder: Json, usual: int) -> Any:
    """Return the index of a choice or a call, set where a provider tells none, or null."""
    if holder.get("index") is None:
        holder["index"] = usual
    return holder["index"]


def _mend_call(call: Json, place: int, *, is_delta: bool) -> None:
    function = call.get("function")
    if isinstance(function, dict) and not isinstance(function.get("arguments", ""), str | None):
        function["arguments"] = json.dumps(function["arguments"], ensure_ascii=False)
    if not is_delta:
        call.setdefault("type", "function")
        if call.get("index", place) is None:
            del call["index"]


def _name_apart(calls: Sequence[Json], answer_id: object) -> None:
    """Give the calls of a whole answer ids of their own, where the provider gave none, or one to two of them."""
    used: set[object] = set()
    for place, call in enumerate(calls):
        if not call.get("id") or call["id"] in used:
            call["id"] = made_id(answer_id, place)
        used.add(call["id"])


OPENAI_LIKE: Final[Mapping[str, OpenAIChat]] = {
    provider: OpenAIChat(provider, differences, MESSAGE_SCHEMAS[provider])
    for provider, differences in DIFFERENCES.items()
}
