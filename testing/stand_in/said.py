"""The content of a stand-in's answer, before any provider's format: made up from the request, always the same."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

PIECES: Final = 20  # of a streamed text
PROMPT_TOKENS: Final = 25
CACHED_TOKENS: Final = 0
WORD: Final = "Grüße, 世界 🌍! "  # two to four bytes a character: what is cut in the wrong place shows


@dataclass(frozen=True)
class ToolCall:
    """A tool that is called with arguments that fit its schema."""

    id: str
    name: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True)
class Said:
    """An answer: a text in pieces or calls of tools, and the reason of its end."""

    pieces: Sequence[str]
    calls: Sequence[ToolCall] = ()
    finish: str = "stop"
    prompt_tokens: int = PROMPT_TOKENS
    reasoning: str = ""
    completion_tokens: int = field(default=0)

    @property
    def text(self) -> str:
        """The whole text."""
        return "".join(self.pieces)


def said(
    *,
    texts: Sequence[str],
    tools: Sequence[tuple[str, Mapping[str, Any]]],
    has_results: bool,
    must_call: bool,
    schema: Mapping[str, Any] | None,
    wants_json: bool,
    images: Sequence[str],
    max_tokens: int | None,
) -> Said:
    """Return the answer to a request: JSON by its schema, calls of its tools, or a text of twenty pieces."""
    asked = " ".join(texts)
    if (schema is not None or wants_json) and not (tools and must_call):
        text = json.dumps(instance(schema) if schema is not None else {"answer": 42}, ensure_ascii=False)
        return Said((text[: len(text) // 2], text[len(text) // 2 :]), completion_tokens=len(text) // 4 + 1)
    if tools and (must_call or not has_results):
        wanted = 2 if "parallel" in asked else 1
        calls = [
            ToolCall(f"call_{place}", name, instance(parameters))
            for place, (name, parameters) in enumerate([*tools, *tools, *tools][:wanted])
        ]
        return Said((), calls, "tool_calls", completion_tokens=12 * len(calls))
    if images:
        text = f"I see {len(images)} picture(s): {', '.join(images)}. "
        return Said((text,), completion_tokens=20)
    pieces = [WORD] * PIECES
    if max_tokens is not None and max_tokens < PIECES:
        return Said(pieces[:max_tokens], finish="length", completion_tokens=max_tokens)
    return Said(pieces, completion_tokens=PIECES)


def counted(told: Said, body: Any, output_tokens: int) -> Said:
    """Return an answer with a usage that follows the prompt: a token every four bytes; none without output."""
    asked = len(json.dumps(body, ensure_ascii=False).encode())
    pieces = told.pieces if output_tokens else ()
    return replace(told, pieces=pieces, prompt_tokens=max(1, asked // 4), completion_tokens=output_tokens)


def instance(schema: Mapping[str, Any], root: Mapping[str, Any] | None = None) -> Any:
    """Return a value that satisfies a JSON schema of the usual kind."""
    root = root if root is not None else schema
    if "$ref" in schema:
        name = str(schema["$ref"]).rpartition("/")[2]
        return instance((root.get("$defs") or root.get("definitions") or {})[name], root)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    for name in ("anyOf", "oneOf", "allOf"):
        if name in schema:
            return instance(schema[name][0], root)
    kind = schema.get("type", "object")
    if isinstance(kind, list):
        kind = next(each for each in kind if each != "null")
    match str(kind).lower():
        case "object":
            return {name: instance(inner, root) for name, inner in (schema.get("properties") or {}).items()}
        case "array":
            return [instance(schema.get("items") or {"type": "string"}, root)]
        case "integer":
            return schema.get("minimum", 7)
        case "number":
            return schema.get("minimum", 1.5)
        case "boolean":
            return True
        case "null":
            return None
        case _:
            return "text"
