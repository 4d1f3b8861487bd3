"""Requests as the OpenAPI documents allow them, sampled, and then spoilt at some places."""

import json
from collections.abc import Mapping
from random import Random
from typing import Any, Final

from tests.drills.fuzz import hostile

Schema = Mapping[str, Any]

DEEPEST: Final = 6  # of a sampled body
ALL_OPTIONS: Final[Mapping[str, Any]] = {
    "temperature": 0.3,
    "top_p": 0.9,
    "n": 1,
    "stream": True,
    "stream_options": {"include_usage": True},
    "stop": ["END"],
    "max_tokens": 64,
    "max_completion_tokens": 64,
    "presence_penalty": 0.1,
    "frequency_penalty": 0.1,
    "logit_bias": {"50256": -100},
    "logprobs": True,
    "top_logprobs": 2,
    "user": "somebody",
    "seed": 7,
    "response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": {"type": "object"}}},
    "tools": [{"type": "function", "function": {"name": "look_up", "parameters": {"type": "object"}}}],
    "tool_choice": {"type": "function", "function": {"name": "look_up"}},
    "parallel_tool_calls": False,
    "reasoning_effort": "low",
    "service_tier": "auto",
    "modalities": ["text"],
    "prediction": {"type": "content", "content": "x"},
    "web_search_options": {"search_context_size": "low"},
    "metadata": {"a": "b"},
    "thinking": {"type": "enabled", "budget_tokens": 1024},
    "extra_body": {"safety_settings": []},
}
ALL_OF_ANTHROPIC: Final[Mapping[str, Any]] = {
    "system": [{"type": "text", "text": "Be brief", "cache_control": {"type": "ephemeral"}}],
    "stream": True,
    "temperature": 0.3,
    "top_p": 0.9,
    "top_k": 5,
    "stop_sequences": ["END"],
    "metadata": {"user_id": "somebody"},
    "thinking": {"type": "enabled", "budget_tokens": 1024},
    "tools": [{"name": "look_up", "input_schema": {"type": "object"}}],
    "tool_choice": {"type": "auto"},
    "service_tier": "auto",
    "context_management": {"edits": []},
    "output_config": {"effort": "low"},
}
ALL_OF_RESPONSES: Final[Mapping[str, Any]] = {
    "instructions": "Be brief",
    "stream": True,
    "temperature": 0.3,
    "top_p": 0.9,
    "max_output_tokens": 64,
    "metadata": {"order": "7"},
    "reasoning": {"effort": "low", "summary": "auto"},
    "tools": [
        {"type": "function", "name": "look_up", "parameters": {"type": "object"}, "strict": False},
        {"type": "custom", "name": "apply_patch"},
        {"type": "namespace", "name": "crm", "tools": [{"type": "function", "name": "find", "parameters": {}}]},
    ],
    "tool_choice": "auto",
    "parallel_tool_calls": True,
    "text": {"format": {"type": "text"}, "verbosity": "low"},
    "include": ["reasoning.encrypted_content"],
    "store": False,
    "truncation": "auto",
    "previous_response_id": "resp_1",
    "prompt_cache_key": "session",
    "service_tier": "auto",
}
PICTURE: Final = "data:image/png;base64,iVBORw0KGgo="
CONTENTS: Final = (
    "Say hello",
    [{"type": "text", "text": "Say hello"}, {"type": "image_url", "image_url": {"url": PICTURE}}],
    [{"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}],
    [{"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,AAAA"}}],
)
CALLED: Final = {"id": "call_1", "type": "function", "function": {"name": "look_up", "arguments": '{"a": 1}'}}


def conversation(models: list[str], chance: Random) -> dict[str, Any]:
    """Return a chat request with some of all options, as OpenAI's SDK would send it."""
    said = chance.choices((hostile.text(chance), *CONTENTS), (4, 6, 2, 1, 1))[0]
    messages: list[dict[str, Any]] = [{"role": "user", "content": said}]
    if chance.random() < 0.4:
        messages.insert(0, {"role": chance.choice(("system", "developer")), "content": "Be brief"})
    if chance.random() < 0.4:
        messages += [
            {"role": "assistant", "content": None, "tool_calls": [CALLED]},
            {"role": "tool", "tool_call_id": "call_1", "content": "2"},
        ]
    options = {name: each for name, each in ALL_OPTIONS.items() if chance.random() < 0.1}
    return {"model": chance.choice(models), "messages": messages, **json.loads(json.dumps(options))}


def conversation_with_messages(models: list[str], chance: Random) -> dict[str, Any]:
    """Return a request as Anthropic's SDK would send it."""
    said = chance.choices((hostile.text(chance), "Say hello", [{"type": "text", "text": "Say hello"}]), (4, 6, 3))[0]
    messages: list[dict[str, Any]] = [{"role": "user", "content": said}]
    if chance.random() < 0.4:
        use = {"type": "tool_use", "id": "toolu_1", "name": "look_up", "input": {"a": 1}}
        result = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "2"}
        messages += [{"role": "assistant", "content": [use]}, {"role": "user", "content": [result]}]
    options = {name: each for name, each in ALL_OF_ANTHROPIC.items() if chance.random() < 0.15}
    return {"model": chance.choice(models), "max_tokens": 64, "messages": messages, **json.loads(json.dumps(options))}


def conversation_of_items(models: list[str], chance: Random) -> dict[str, Any]:
    """Return a request as OpenAI's SDK would send it to the Responses API."""
    said = chance.choices((hostile.text(chance), "Say hello", [{"type": "input_text", "text": "Say hello"}]), (4, 6, 3))
    items: list[dict[str, Any]] = [{"role": "user", "content": said[0]}]
    if chance.random() < 0.4:
        items += [
            {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": hostile.text(chance)},
            {"type": "function_call", "call_id": "call_1", "name": "look_up", "arguments": '{"a": 1}'},
            {"type": "function_call_output", "call_id": "call_1", "output": "2"},
        ]
    options = {name: each for name, each in ALL_OF_RESPONSES.items() if chance.random() < 0.15}
    return {"model": chance.choice(models), "input": items, **json.loads(json.dumps(options))}


def sampled(schema: Schema, document: Mapping[str, Any], chance: Random, depth: int = 0) -> Any:
    """Return a value that a schema allows, or nearly: formats and patterns are not kept."""
    schema = _followed(schema, document)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return chance.choice(schema["enum"])
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return sampled(chance.choice(schema[several]), document, chance, depth)
    if "allOf" in schema:
        return sampled(schema["allOf"][0], document, chance, depth)
    examples = schema.get("examples") or ([schema["example"]] if "example" in schema else [])
    if examples and chance.random() < 0.5:
        return examples[0] if not isinstance(examples, Mapping) else None
    return _of_type(schema, document, chance, depth)


def spoilt(value: Any, chance: Random) -> Any:
    """Return a value with one place replaced, taken out, added to or doubled."""
    if isinstance(value, dict) and value and chance.random() < 0.85:
        # What a call cannot do without is spoilt less often: what is refused at once tests one line.
        names = [each for each in value if each not in ("model", "messages") or chance.random() < 0.2]
        name = chance.choice(names or list(value))
        act = chance.randrange(6)
        if act == 0:
            return {each: kept for each, kept in value.items() if each != name}
        if act == 1:
            return {**value, hostile.text(chance)[:200]: hostile.value(chance)}
        if act == 2 and chance.random() < 0.5:
            return {**value, name: hostile.value(chance)}
        return {**value, name: spoilt(value[name], chance)}
    if isinstance(value, list) and value and chance.random() < 0.85:
        place = chance.randrange(len(value))
        if chance.random() < 0.1:
            return value * chance.choice((2, 300))
        return [*value[:place], spoilt(value[place], chance), *value[place + 1 :]]
    return hostile.value(chance)


def _followed(schema: Schema, document: Mapping[str, Any]) -> Schema:
    while "$ref" in schema:
        found: Any = document
        for part in schema["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        schema = found
    return schema


def _of_type(schema: Schema, document: Mapping[str, Any], chance: Random, depth: int) -> Any:
    match schema.get("type"):
        case "object" if depth < DEEPEST:
            required = schema.get("required", ())
            wanted = {
                name: each
                for name, each in schema.get("properties", {}).items()
                if name in required or chance.random() < 0.5
            }
            return {name: sampled(each, document, chance, depth + 1) for name, each in wanted.items()}
        case "array" if depth < DEEPEST:
            items = schema.get("items", {})
            return [sampled(items, document, chance, depth + 1) for _ in range(chance.randrange(3))]
        case "integer":
            return chance.choice((0, 1, 5, schema.get("minimum", 0), schema.get("maximum", 100)))
        case "number":
            return chance.choice((0, 0.5, 12.25, schema.get("minimum", 0)))
        case "boolean":
            return chance.random() < 0.5
        case "null":
            return None
        case "string":
            return _string(schema, chance)
        case _:
            return hostile.value(chance)


def _string(schema: Schema, chance: Random) -> str:
    match schema.get("format"):
        case "date-time":
            return "2026-11-29T12:00:00Z"
        case "date":
            return "2026-11-29"
        case _:
            return str(chance.choice(("openai/gpt-4o-mini", "openai", "tenant-a", "day", "month", "12.50", "a text")))
