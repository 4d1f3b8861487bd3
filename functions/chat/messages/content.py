"""Anthropic's turns and their blocks as OpenAI's messages and parts.

Blocks: `platform.claude.com/docs/en/api/messages`.
"""

import json
from typing import Any, Final

from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.providers.exchange import UNSIGNED, Json
from atom_llm.domain.providers.held_thoughts import is_held, let_go, openai_item
from functions.chat.reading import Findings, kind_at, list_at, name_at, object_at, text_at
from functions.chat.signatures import GOOGLE, signed_again

ROLES: Final = ("user", "assistant", "system")
_TURN_FIELDS: Final = frozenset({"role", "content"})
_THINKING: Final = ("thinking", "redacted_thinking")
_SENT_SOURCES: Final = {"image": ("base64", "url"), "document": ("base64",)}
_USUAL_TYPES: Final = {"image": "image/png", "document": "application/pdf"}
_CAPABILITIES: Final = {"image": "vision", "document": "pdf_input"}
_spelt: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


def instructions(given: object, where: str, found: Findings) -> Json | None:
    """Return a system prompt, a text or blocks of text, as a message; None for an empty one."""
    if isinstance(given, str):
        return {"role": "system", "content": given} if given else None
    blocks = [object_at(block, f"{where}.{place}") for place, block in enumerate(list_at(given, where))]
    parts = []
    for place, block in enumerate(blocks):
        if kind_at(block, f"{where}.{place}") != "text":
            raise InvalidRequest(f"{where}.{place}.type", "must be text")
        parts.append(_text(block, f"{where}.{place}"))
    if not parts:
        return None
    return {"role": "system", "content": _plain(parts, "\n\n")}


def turn(message: object, where: str, found: Findings) -> list[Json]:
    """Return a turn as the messages that it becomes: results of tools are messages of their own at OpenAI's.

    Raises `InvalidRequest` naming the field.
    """
    given = object_at(message, where)
    role, content = given.get("role"), given.get("content")
    if role not in ROLES:
        raise InvalidRequest(f"{where}.role", f"must be one of {', '.join(ROLES)}")
    if not isinstance(content, str | list):
        raise InvalidRequest(f"{where}.content", "must be a text or a list of blocks")
    for name in sorted(given.keys() - _TURN_FIELDS):
        found.lose(f"messages.{name}")
    if role == "system":
        said = instructions(content, f"{where}.content", found)
        return [] if said is None else [said]
    if isinstance(content, str):
        return [{"role": role, "content": content}]
    blocks = [object_at(block, f"{where}.content.{place}") for place, block in enumerate(content)]
    read = _user if role == "user" else _assistant
    return read(blocks, f"{where}.content", found)


def _user(blocks: list[Json], where: str, found: Findings) -> list[Json]:
    results: list[Json] = []
    parts: list[Json] = []
    for place, block in enumerate(blocks):
        at = f"{where}.{place}"
        if kind_at(block, at) == "tool_result":
            result, shown = _result(block, at, found)
            results.append(result)
            parts += shown
        else:
            parts += _part(block, at, found)
    if parts or not results:
        return [*results, {"role": "user", "content": _plain(parts, "")}]
    return results


def _assistant(blocks: list[Json], where: str, found: Findings) -> list[Json]:
    texts: list[str] = []
    thoughts: list[Json] = []
    unsigned: list[str] = []
    kept: list[Json | None] = []  # what is held for the provider that thought it
    calls: list[Json] = []
    for place, block in enumerate(blocks):
        at, kind = f"{where}.{place}", kind_at(block, f"{where}.{place}")
        if kind == "text":
            texts.append(text_at(block.get("text"), f"{at}.text"))
        elif kind == "thinking" and (block.get("signature") in ("", None, UNSIGNED) or is_held(block["signature"])):
            unsigned.append(text_at(block.get("thinking"), f"{at}.thinking"))
            kept.append(let_go(block.get("signature")))
        elif kind == "redacted_thinking" and is_held(block.get("data")):
            kept.append(let_go(block["data"]))
            if openai_item(block) is not None:
                thoughts.append(block)
        elif kind in _THINKING:
            thoughts.append(block)
        elif kind == "tool_use":
            calls.append(_call(block, at))
        else:
            found.beyond.setdefault(at, f"a block of the type {kind[:60]} is Anthropic's own")
        if block.get("cache_control") is not None:
            found.lose("messages.content.cache_control")
    message: Json = {"role": "assistant", "content": "".join(texts)}
    if any(unsigned):  # of a provider that signs nothing, and may want it back
        message["reasoning_content"] = "\n".join(unsigned)
    if thoughts:
        message["thinking_blocks"] = thoughts
    if calls:
        message["tool_calls"] = calls
        message["content"] = message["content"] or None
    signed_again(message, [each.get(GOOGLE) for each in kept if each is not None])
    return [message]


def _call(block: Json, where: str) -> Json:
    given = block.get("input")
    arguments = _spelt(object_at({} if given is None else given, f"{where}.input"))
    function = {"name": name_at(block.get("name"), f"{where}.name"), "arguments": arguments}
    return {"id": name_at(block.get("id"), f"{where}.id"), "type": "function", "function": function}


def _result(block: Json, where: str, found: Findings) -> tuple[Json, list[Json]]:
    """Return a tool's result as a message, and what of it OpenAI's tool messages cannot show: pictures and files."""
    content = block.get("content")
    told: list[str] = []
    shown: list[Json] = []
    if isinstance(content, str):
        told.append(content)
    elif content is not None:
        for place, inner in enumerate(list_at(content, f"{where}.content")):
            at = f"{where}.content.{place}"
            for part in _part(object_at(inner, at), at, found):
                if part["type"] == "text":
                    told.append(part["text"])
                else:
                    shown.append(part)
    identity = name_at(block.get("tool_use_id"), f"{where}.tool_use_id")
    message: Json = {"role": "tool", "tool_call_id": identity, "content": "\n".join(told)}
    if block.get("is_error") is True:
        message["is_error"] = True
    if block.get("cache_control") is not None:
        message["cache_control"] = block["cache_control"]
    return message, shown


def _part(block: Json, where: str, found: Findings) -> list[Json]:
    match kind := kind_at(block, where):
        case "text":
            return [_text(block, where)]
        case "image" | "document":
            return _attachment(block, kind, where, found)
        case "search_result":
            inner = [object_at(each, f"{where}.content") for each in list_at(block.get("content"), f"{where}.content")]
            texts = [text_at(each.get("text"), f"{where}.content") for each in inner]
            _lose_citations(block, found)
            return [{"type": "text", "text": _joined(block.get("title"), block.get("source"), *texts)}]
        case "tool_reference":
            return [{"type": "text", "text": name_at(block.get("tool_name"), f"{where}.tool_name")}]
        case _:
            found.beyond.setdefault(where, f"a block of the type {kind[:60]} is Anthropic's own")
            return []


def _attachment(block: Json, kind: str, where: str, found: Findings) -> list[Json]:
    source = object_at(block.get("source"), f"{where}.source")
    origin = kind_at(source, f"{where}.source")
    _lose_citations(block, found)
    if kind == "document" and origin in ("text", "content"):
        said = source.get("data") if origin == "text" else _texts(source.get("content"), f"{where}.source.content")
        text = _joined(block.get("title"), block.get("context"), text_at(said, f"{where}.source.data"))
        return [_marked({"type": "text", "text": text}, block)]
    found.needs.setdefault(_CAPABILITIES[kind], where)
    if origin not in _SENT_SOURCES[kind]:
        found.beyond.setdefault(f"{where}.source", f"a source of the type {origin[:60]} is Anthropic's to open")
        return []
    if block.get("context"):
        found.lose("messages.content.context")
    if origin == "url":
        address = text_at(source.get("url"), f"{where}.source.url")
    else:
        media_type = source.get("media_type") or _USUAL_TYPES[kind]
        held = text_at(source.get("data"), f"{where}.source.data")
        address = f"data:{text_at(media_type, f'{where}.source.media_type')};base64,{held}"
    if kind == "image":
        return [_marked({"type": "image_url", "image_url": {"url": address}}, block)]
    title = block.get("title")
    name = title if isinstance(title, str) and title else "document.pdf"
    return [_marked({"type": "file", "file": {"filename": name, "file_data": address}}, block)]


def _texts(content: object, where: str) -> str:
    if isinstance(content, str):
        return content
    blocks = [object_at(block, f"{where}.{place}") for place, block in enumerate(list_at(content, where))]
    return "\n".join(text_at(block.get("text"), f"{where}.{place}.text") for place, block in enumerate(blocks))


def _text(block: Json, where: str) -> Json:
    return _marked({"type": "text", "text": text_at(block.get("text"), f"{where}.text")}, block)


def _marked(part: Json, block: Json) -> Json:
    """Return a part with the block's marker for a prompt cache, which some providers know."""
    return part if block.get("cache_control") is None else {**part, "cache_control": block["cache_control"]}


def _plain(parts: list[Json], between: str) -> str | list[Json]:
    """Return parts as one text where they are nothing but texts: every provider takes that."""
    is_text = all(part["type"] == "text" and "cache_control" not in part for part in parts)
    return between.join(part["text"] for part in parts) if is_text and (len(parts) == 1 or between) else parts or ""


def _joined(*texts: Any) -> str:
    return "\n".join(text for text in texts if isinstance(text, str) and text)


def _lose_citations(block: Json, found: Findings) -> None:
    asked = block.get("citations")
    if isinstance(asked, dict) and asked.get("enabled"):
        found.lose("messages.content.citations")
