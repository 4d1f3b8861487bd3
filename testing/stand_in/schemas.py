"""The schemas that providers publish for a chat request, as strict as their own SDKs state them.

Written from the providers' references, and on purpose not from the product's tables: a field that the product lets
through and a provider refuses is refused here.
"""

import json
import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

import jsonschema_rs

Json = dict[str, Any]

TEXT: Final[Json] = {"type": "string"}
ANY: Final[Json] = {}


def closed(required: Sequence[str] = (), **properties: Json) -> Json:
    """Return an object's schema that allows nothing else."""
    return {
        "type": "object",
        "required": list(required),
        "properties": properties,
        "additionalProperties": False,
    }


def nullable(schema: Json) -> Json:
    return {"anyOf": [schema, {"type": "null"}]}


def listed(schema: Json) -> Json:
    return {"type": "array", "items": schema}


def one_of(*schemas: Json) -> Json:
    return {"anyOf": list(schemas)}


def role(who: str, content: Json, **more: Json) -> Json:
    return closed(["role"], role={"const": who}, content=content, **more)


def part(kind: str, **more: Json) -> Json:
    return closed(["type"], type={"const": kind}, **more)


def calls(identity: Json = TEXT) -> Json:
    function = closed(["name", "arguments"], name=TEXT, arguments=TEXT)
    call = closed(["id", "function"], id=identity, type={"const": "function"}, function=function, index=ANY)
    return nullable(listed(call))


PICTURE: Final = part("image_url", image_url=one_of(TEXT, closed(["url"], url=TEXT, detail=TEXT)))
SAYING: Final = part("text", text=TEXT)
PROSE: Final = one_of(TEXT, listed(SAYING))
MEDIA: Final = one_of(TEXT, listed(one_of(SAYING, PICTURE)))


def _openai() -> Json:
    user = listed(one_of(SAYING, PICTURE, part("input_audio", input_audio=ANY), part("file", file=ANY)))
    said = nullable(one_of(TEXT, listed(one_of(SAYING, part("refusal", refusal=TEXT)))))
    assistant = role(
        "assistant",
        said,
        name=TEXT,
        refusal=nullable(TEXT),
        audio=nullable(closed(["id"], id=TEXT)),
        tool_calls=calls(),
        function_call=ANY,
    )
    instructing = (role(name, PROSE, name=TEXT) for name in ("system", "developer"))
    asked = role("user", one_of(TEXT, user), name=TEXT)
    result = role("tool", PROSE, tool_call_id=TEXT)
    return listed(one_of(*instructing, asked, assistant, result, role("function", TEXT, name=TEXT)))


def _mistral() -> Json:
    nine = {"type": "string", "pattern": "^[a-zA-Z0-9]{9}$"}
    thought = part("thinking", thinking=listed(SAYING), closed={"type": "boolean"})
    document = part("document_url", document_url=TEXT, document_name=TEXT)
    media = one_of(SAYING, PICTURE, document, part("input_audio", input_audio=ANY))
    said = nullable(one_of(TEXT, listed(one_of(SAYING, thought))))
    assistant = role("assistant", said, tool_calls=calls(nine), prefix={"type": "boolean"})
    result = role("tool", nullable(one_of(TEXT, listed(SAYING))), tool_call_id=nine, name=TEXT)
    return listed(one_of(role("system", PROSE), role("user", one_of(TEXT, listed(media))), assistant, result))


def _named(**more: Json) -> Json:
    """Return the messages of the providers whose roles take a name; `more` are an assistant's own fields."""
    assistant = role("assistant", nullable(TEXT), name=TEXT, tool_calls=calls(), **more)
    result = role("tool", TEXT, tool_call_id=TEXT)
    return listed(one_of(role("system", PROSE, name=TEXT), role("user", MEDIA, name=TEXT), assistant, result))


def _plain(**more: Json) -> Json:
    """Return the messages of the providers whose roles take none."""
    assistant = role("assistant", nullable(TEXT), tool_calls=calls(), **more)
    result = role("tool", PROSE, tool_call_id=TEXT)
    return listed(one_of(role("system", PROSE), role("user", MEDIA), assistant, result))


def _qwen() -> Json:
    """Return Model Studio's messages, in which texts can be marked for an explicit cache."""
    text = part("text", text=TEXT, cache_control=ANY)
    prose, media = one_of(TEXT, listed(text)), one_of(TEXT, listed(one_of(text, PICTURE)))
    assistant = role("assistant", nullable(prose), tool_calls=calls(), partial=ANY)
    result = role("tool", prose, tool_call_id=TEXT)
    return listed(one_of(role("system", prose), role("user", media), assistant, result))


def _anthropic() -> Json:
    identity = {"type": "string", "pattern": "^[a-zA-Z0-9_-]+$"}
    marker = {"cache_control": ANY}
    text = part("text", text={"type": "string", "pattern": r"\S"}, citations=ANY, **marker)
    picture, document = part("image", source=ANY, **marker), part("document", source=ANY, title=ANY, **marker)
    result = part(
        "tool_result",
        tool_use_id=identity,
        content=one_of(TEXT, listed(one_of(text, picture, document))),
        is_error={"type": "boolean"},
        **marker,
    )
    thought = {**part("thinking", thinking=TEXT, signature=TEXT), "required": ["type", "thinking", "signature"]}
    use = part("tool_use", id=identity, name=TEXT, input={"type": "object"}, **marker)
    said = listed(one_of(text, thought, part("redacted_thinking", data=TEXT), use))
    asked = listed(one_of(text, picture, document, result))
    return listed(
        one_of(
            role("user", one_of(TEXT, asked)),
            role("assistant", one_of(TEXT, said)),
            role("system", one_of(TEXT, listed(text))),
        )
    )


def _cohere() -> Json:
    thought = part("thinking", thinking=TEXT)
    function = closed(["name", "arguments"], name=TEXT, arguments=TEXT)
    called = closed(["id", "type", "function"], id=TEXT, type={"const": "function"}, function=function)
    said = one_of(TEXT, listed(one_of(SAYING, thought)))
    assistant = role("assistant", said, tool_calls=listed(called), tool_plan=TEXT, citations=ANY)
    document = part("document", document=ANY)
    result = role("tool", one_of(TEXT, listed(one_of(SAYING, document))), tool_call_id=TEXT)
    return listed(one_of(role("system", PROSE), role("user", MEDIA), assistant, result))


def _google() -> Json:
    call = closed(["name"], id=TEXT, name=TEXT, args={"type": "object"})
    response = closed(["name", "response"], id=TEXT, name=TEXT, response={"type": "object"}, parts=ANY)
    shown = {"thought": {"type": "boolean"}, "thoughtSignature": TEXT}
    parts = one_of(
        closed(["text"], text=TEXT, **shown),
        closed(["inlineData"], inlineData=ANY, **shown),
        closed(["fileData"], fileData=ANY, **shown),
        closed(["functionCall"], functionCall=call, **shown),
        closed(["functionResponse"], functionResponse=response, **shown),
    )
    return listed(closed(["parts"], role={"enum": ["user", "model"]}, parts=listed(parts)))


_MESSAGES: Final[Mapping[str, tuple[str, Json]]] = {
    "openai": ("messages", _openai()),
    "meta": ("messages", _plain(stop_reason=TEXT)),
    "mistral": ("messages", _mistral()),
    "deepseek": ("messages", _named(prefix=ANY, reasoning_content=TEXT)),
    "minimax": ("messages", _named(reasoning_details=ANY)),
    "qwen": ("messages", _qwen()),
    "zhipu": ("messages", _plain(reasoning_content=TEXT)),
    "groq": ("messages", _named(reasoning=TEXT)),
    "vllm": ("messages", _plain()),
    "azure": ("messages", _openai()),
    "vertex": ("contents", _google()),
    "anthropic": ("messages", _anthropic()),
    "cohere": ("messages", _cohere()),
    "google": ("contents", _google()),
}
_VALIDATORS: Final = {
    provider: (name, jsonschema_rs.validator_for(schema)) for provider, (name, schema) in _MESSAGES.items()
}
THINKS_AT_CALLS: Final = ("deepseek-v4", "deepseek-reasoner")


def fault_of(provider: str, body: Mapping[str, Any]) -> str | None:
    """Return what a provider would refuse in a request's messages, or None."""
    name, validator = _VALIDATORS[provider]
    messages = body.get(name)
    fault = next(
        (
            f"{name}{''.join(f'.{each}' for each in error.instance_path)}: {error.message}"
            for error in validator.iter_errors(messages)
        ),
        None,
    )
    return fault or _RULES.get(provider, _nothing)(body)


_EMBEDDINGS: Final = jsonschema_rs.validator_for(
    closed(
        ["model", "input"],
        model=TEXT,
        input=one_of(
            {"type": "string", "minLength": 1},
            {"type": "array", "minItems": 1, "maxItems": 2048, "items": {"type": "string", "minLength": 1}},
            {"type": "array", "minItems": 1, "maxItems": 2048, "items": {"type": "integer"}},
            {
                "type": "array",
                "minItems": 1,
                "maxItems": 2048,
                "items": {"type": "array", "minItems": 1, "items": {"type": "integer"}},
            },
        ),
        encoding_format={"enum": ["float", "base64"]},
        dimensions={"type": "integer", "minimum": 1},
        user=TEXT,
    )
)


def embeddings_fault_of(body: Mapping[str, Any]) -> str | None:
    """Return what OpenAI would refuse in a request for embeddings, or None."""
    return next((error.message for error in _EMBEDDINGS.iter_errors(body)), None)


def _nothing(body: Mapping[str, Any]) -> str | None:
    return None


def _results_follow_their_calls(body: Mapping[str, Any]) -> str | None:
    """OpenAI's rule: each call of an assistant is answered before anything else is said."""
    waiting: set[str] = set()
    for message in body["messages"]:
        if message["role"] == "tool":
            if message["tool_call_id"] not in waiting:
                return "messages with role 'tool' must be a response to a preceding message with 'tool_calls'"
            waiting.discard(message["tool_call_id"])
            continue
        if waiting:
            return "an assistant message with 'tool_calls' must be followed by tool messages"
        waiting = {call["id"] for call in message.get("tool_calls") or ()}
    return None


_MAY_FOLLOW: Final[Mapping[str, Sequence[str]]] = {
    "system": ("system", "user", "assistant"),
    "user": ("user", "assistant", "system"),
    "assistant": ("assistant", "user", "tool"),
    "tool": ("assistant", "tool"),
}


def _turns_follow_in_order(body: Mapping[str, Any]) -> str | None:
    """Mistral's rules, as its validator states them: mistral-common until 1.11; since 1.12 a user may follow a tool."""
    messages = body["messages"]
    for before, message in pairwise(messages):
        if message["role"] not in _MAY_FOLLOW[before["role"]]:
            return f"Unexpected role '{message['role']}' after role '{before['role']}'"
    last = messages[-1]
    if last["role"] == "system" or (last["role"] == "assistant" and not last.get("prefix")):
        return "Expected last role User or Tool (or Assistant with prefix True) for serving"
    return _results_follow_their_calls(body)


def _tools_without_reasoning(body: Mapping[str, Any]) -> str | None:
    """OpenAI's rule for chat completions of its newer models that reason."""
    found = re.match(r"gpt-(\d+)(?:\.(\d+))?(?!.*-chat)", str(body.get("model")))
    generation = (int(found[1]), int(found[2] or 0)) if found else (0, 0)
    effort = body.get("reasoning_effort")
    if body.get("tools") and effort != "none" and generation >= ((5, 5) if effort is None else (5, 4)):
        return (
            "Function tools with reasoning_effort are not supported in /v1/chat/completions. Use /v1/responses instead."
        )
    return _results_follow_their_calls(body)


def _somebody_asks(body: Mapping[str, Any]) -> str | None:
    """Z.ai's rule (1214), and that of Qwen's templates."""
    if all(message["role"] != "user" for message in body["messages"]):
        return "The messages parameter is illegal: no user query found in messages."
    return _results_follow_their_calls(body)


def _is_read_by_a_template(body: Mapping[str, Any]) -> str | None:
    """Qwen's chat templates, as vLLM and Model Studio render them; MiniMax refuses the same (2013)."""
    if any(message["role"] == "system" for message in body["messages"][1:]):
        return "System message must be at the beginning."
    for call in (call for message in body["messages"] for call in message.get("tool_calls") or ()):
        try:
            read = json.loads(call["function"]["arguments"])
        except ValueError:
            read = None
        if not isinstance(read, dict):
            return 'The "function.arguments" parameter must be in JSON format.'
    if any(not tool["function"].get("parameters") for tool in body.get("tools") or ()):
        return "invalid params, function parameters is empty (2013)"
    return _somebody_asks(body)


def _thoughts_stand_at_calls(body: Mapping[str, Any]) -> str | None:
    """api-docs.deepseek.com/guides/thinking_mode: a turn with calls brings its thought back."""
    off = (body.get("thinking") or {}).get("type") == "disabled"
    if not off and str(body.get("model")).startswith(THINKS_AT_CALLS):
        for message in body["messages"]:
            if message.get("tool_calls") and not message.get("reasoning_content"):
                return "Missing reasoning_content in the assistant message with tool_calls"
    return _results_follow_their_calls(body)


def _uses_are_answered(body: Mapping[str, Any]) -> str | None:
    """platform.claude.com: results of tool uses stand at the head of the next turn, and no id comes twice."""
    waiting: list[str] = []
    used: set[str] = set()
    for message in body["messages"]:
        blocks = message["content"] if isinstance(message["content"], list) else []
        answered = [block["tool_use_id"] for block in blocks if block["type"] == "tool_result"]
        if sorted(answered) != sorted(waiting):
            return "`tool_use` ids were found without `tool_result` blocks immediately after"
        if any(block["type"] == "thinking" and block["signature"] != SIGNATURE for block in blocks):
            return "Invalid `signature` in `thinking` block"
        waiting = [block["id"] for block in blocks if block["type"] == "tool_use"]
        if len(set(waiting)) < len(waiting) or not used.isdisjoint(waiting):
            return "`tool_use` ids must be unique"
        used.update(waiting)
    return None


SIGNATURE: Final = "EqQBCgIYAhIM"  # the only one that this stand-in has ever signed

_RULES: Final = {
    **dict.fromkeys(("groq", "meta"), _results_follow_their_calls),
    "openai": _tools_without_reasoning,
    "zhipu": _somebody_asks,
    "mistral": _turns_follow_in_order,
    **dict.fromkeys(("qwen", "minimax", "vllm"), _is_read_by_a_template),
    "deepseek": _thoughts_stand_at_calls,
    "anthropic": _uses_are_answered,
}
