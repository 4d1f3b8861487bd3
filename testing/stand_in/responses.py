"""OpenAI's Responses API: its schema, its rules, its answers and their events, and the responses that it keeps.

Fields and events: `platform.openai.com/docs/api-reference/responses`, as OpenAI's own SDK types them.
"""

import itertools
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from testing.stand_in.openai_wire import OpenAIWire
from testing.stand_in.responses_schema import REQUEST
from testing.stand_in.said import Said, ToolCall, said
from testing.stand_in.schemas import Json
from testing.stand_in.wire import Piece, Refused, event

CIPHER: Final = "gAAAAABstand-in"  # how every thought begins that this stand-in has enciphered
REASONS: Final = re.compile(r"(o[134]|gpt-[56]|codex)")
ONLY_CHATS: Final = re.compile(r"(-search-|audio)")  # models that only chat completions have
REASONING_TOKENS: Final = 5


@dataclass(frozen=True)
class Kept:
    """A response that is kept: whose key may read it, and the items that it answered."""

    key: str
    response: Json
    items: Sequence[Json]


class ResponsesWire:
    """OpenAI's Responses API, and what it keeps from one call to the next."""

    def __init__(self) -> None:
        self.kept: dict[str, Kept] = {}
        self._numbers = itertools.count(1)

    def model(self, path: str, body: Json) -> str:
        return str(body.get("model", ""))

    def streams(self, path: str, body: Json) -> bool:
        return bool(body.get("stream"))

    def said(self, body: Json) -> Said:
        fault = next(iter(REQUEST.iter_errors(body)), None)
        if fault is not None:
            where = ".".join(str(each) for each in fault.instance_path) or "body"
            raise Refused(400, _refusal(f"Invalid value: {where}: {fault.message}"[:500], where))
        self._check(body)
        given = body.get("input") or []
        items: list[Json] = [{"role": "user", "content": given}] if isinstance(given, str) else given
        parts = [each for item in items if isinstance(item.get("content"), list) for each in item["content"]]
        texts = [str(item.get("content")) for item in items] + [str(body.get("instructions") or "")]
        choice = body.get("tool_choice")
        form = (body.get("text") or {}).get("format") or {}
        limit = body.get("max_output_tokens")
        told = said(
            texts=texts,
            tools=[] if choice == "none" else _tools(body.get("tools") or ()),
            has_results=bool(items) and str(items[-1].get("type")).endswith("_output"),
            must_call=choice == "required" or isinstance(choice, dict),
            schema=form.get("schema"),
            wants_json=form.get("type") == "json_object",
            images=[each.get("image_url", "id")[5:14] for each in parts if each.get("type") == "input_image"],
            max_tokens=limit,
        )
        return replace(told, reasoning="Hm.") if REASONS.match(body["model"]) else told

    def whole(self, model: str, body: Json, told: Said) -> Json:
        output = self._items(body, told)
        return self._ended(self._begun(model, body), told, output)

    def pieces(self, model: str, body: Json, told: Said) -> Sequence[Piece]:
        begun = self._begun(model, body)
        output = self._items(body, told)
        told_so_far: list[tuple[Json, bool]] = [
            ({"type": "response.created", "response": begun}, False),
            ({"type": "response.in_progress", "response": begun}, False),
        ]
        for place, item in enumerate(output):
            told_so_far += _growing(place, item, told)
        ended = self._ended(begun, told, output)
        told_so_far.append(({"type": f"response.{ended['status']}", "response": ended}, False))
        return [
            event({**content, "sequence_number": number}, content["type"], is_content=carries)
            for number, (content, carries) in enumerate(told_so_far)
        ]

    def error(self, status: int, kind: str) -> Json:
        return OpenAIWire("openai").error(status, kind)

    def broken(self, as_response: bool) -> Piece:
        """Return the event by which a stream breaks: an error by itself, or a response that failed."""
        if not as_response:
            content: Json = {
                "type": "error",
                "code": "server_error",
                "message": "The server had an error",
                "param": None,
            }
            return event({**content, "sequence_number": 9}, "error")
        failed = {**self._begun("gpt-5", {}), "status": "failed"}
        failed["error"] = {"code": "server_error", "message": "The model failed"}
        return event({"type": "response.failed", "response": failed, "sequence_number": 9}, "response.failed")

    def keep(self, key: str, body: Json, response: Json) -> None:
        """Keep a response, unless its caller wants none kept."""
        if body.get("store") is not False:
            given = body.get("input") or []
            items = [{"type": "message", "role": "user", "content": given}] if isinstance(given, str) else given
            marked = [{"id": f"msg_in{place}", **item} for place, item in enumerate(items)]
            self.kept[response["id"]] = Kept(key, response, marked)

    def of_kept(self, method: str, path: str, key: str) -> tuple[int, Json]:
        """Answer a request about a response that may be kept: `responses/{id}` and what is below it."""
        identity, _, below = path.partition("?")[0].removeprefix("responses/").partition("/")
        kept = self.kept.get(identity)
        if kept is None or kept.key != key:
            return 404, _refusal(f"Response with id '{identity}' not found.", None)
        match method, below:
            case "GET", "":
                return 200, kept.response
            case "GET", "input_items":
                first, last = (kept.items[0]["id"], kept.items[-1]["id"]) if kept.items else (None, None)
                listed_ = {"object": "list", "data": list(kept.items), "first_id": first, "last_id": last}
                return 200, {**listed_, "has_more": False}
            case "DELETE", "":
                del self.kept[identity]
                return 200, {"id": identity, "object": "response", "deleted": True}
            case "POST", "cancel":
                return 400, _refusal("Only responses created with background: true can be cancelled.", None)
        return 404, _refusal("Unknown request URL", None)

    def count(self, body: Json) -> Json:
        asked = {name: value for name, value in body.items() if name not in ("stream", "store", "include")}
        fault = next(iter(REQUEST.iter_errors(asked)), None)
        if fault is not None:
            raise Refused(400, _refusal(fault.message[:500], None))
        return {"object": "response.input_tokens", "input_tokens": len(json.dumps(body.get("input")))}

    def _check(self, body: Json) -> None:
        model = body["model"]
        if ONLY_CHATS.search(model):
            raise Refused(
                404, _refusal(f"The model {model} is not supported in v1/responses.", "model", "model_not_found")
            )
        reasons = REASONS.match(model) is not None
        if (body.get("reasoning") or {}).get("effort") and not reasons:
            raise Refused(400, _refusal("Unsupported parameter", "reasoning.effort", "unsupported_parameter"))
        if "reasoning.encrypted_content" in (body.get("include") or ()) and not reasons:
            raise Refused(400, _refusal("Encrypted content is not supported with this model.", "include"))
        previous = body.get("previous_response_id")
        if previous is not None and previous not in self.kept:
            told = f"Previous response with id '{previous}' not found."
            raise Refused(400, _refusal(told, "previous_response_id", "previous_response_not_found"))
        if not (body.get("input") or body.get("prompt") or previous or body.get("conversation")):
            raise Refused(400, _refusal("Missing required parameter: 'input'.", "input", "missing_required_parameter"))
        self._check_items(body, has_past=previous is not None or body.get("conversation") is not None)

    def _check_items(self, body: Json, *, has_past: bool) -> None:
        given = body.get("input")
        waiting: set[str] = set()
        for item in given if isinstance(given, list) else ():
            kind = str(item.get("type", "message"))
            cipher = item.get("encrypted_content")
            if kind == "reasoning" and cipher is not None and not cipher.startswith(CIPHER):
                told = "The encrypted content could not be verified."
                raise Refused(400, _refusal(told, None, "invalid_encrypted_content"))
            if kind in ("function_call", "custom_tool_call"):
                waiting.add(item["call_id"])
            elif kind in ("function_call_output", "custom_tool_call_output"):
                if item["call_id"] not in waiting and not has_past:
                    raise Refused(400, _refusal(f"No tool call found for {kind} {item['call_id']}.", "input"))
                waiting.discard(item["call_id"])
        if waiting:
            raise Refused(400, _refusal(f"No tool output found for function call {min(waiting)}.", "input"))

    def _items(self, body: Json, told: Said) -> list[Json]:
        number = next(self._numbers)
        items: list[Json] = []
        if told.reasoning:
            thought: Json = {"id": f"rs_{number:048x}", "type": "reasoning", "summary": []}
            if "reasoning.encrypted_content" in (body.get("include") or ()):
                thought["encrypted_content"] = f"{CIPHER}{number}=="
            items.append(thought)
        status = "incomplete" if told.finish == "length" else "completed"
        if told.text:
            text = {"type": "output_text", "annotations": [], "logprobs": [], "text": told.text}
            head = {"id": f"msg_{number:048x}", "type": "message", "status": status}
            items.append({**head, "content": [text], "role": "assistant"})
        named = {name: (namespace, kind) for name, namespace, kind in _named(body.get("tools") or ())}
        for place, call in enumerate(told.calls):
            items.append(_call(call, f"{number:040x}{place:08x}", *named.get(call.name, (None, "function"))))
        return items

    def _begun(self, model: str, body: Json) -> Json:
        text = body.get("text") or {}
        return {
            "id": f"resp_{next(self._numbers):048x}",
            "object": "response",
            "created_at": 1762000000,
            "status": "in_progress",
            "background": False,
            "error": None,
            "incomplete_details": None,
            "instructions": body.get("instructions"),
            "max_output_tokens": body.get("max_output_tokens"),
            "max_tool_calls": body.get("max_tool_calls"),
            "model": f"{model}-2025-01-01",
            "output": [],
            "parallel_tool_calls": body.get("parallel_tool_calls", True),
            "previous_response_id": body.get("previous_response_id"),
            "prompt_cache_key": body.get("prompt_cache_key"),
            "reasoning": {"effort": (body.get("reasoning") or {}).get("effort"), "summary": None},
            "safety_identifier": body.get("safety_identifier"),
            "service_tier": "default",
            "store": body.get("store") is not False,
            "temperature": body.get("temperature", 1.0),
            "text": {"format": text.get("format") or {"type": "text"}, "verbosity": text.get("verbosity") or "medium"},
            "tool_choice": body.get("tool_choice", "auto"),
            "tools": body.get("tools") or [],
            "top_logprobs": 0,
            "top_p": body.get("top_p", 1.0),
            "truncation": body.get("truncation") or "disabled",
            "usage": None,
            "user": body.get("user"),
            "metadata": body.get("metadata") or {},
        }

    def _ended(self, begun: Json, told: Said, output: list[Json]) -> Json:
        reason = {"length": "max_output_tokens", "content_filter": "content_filter"}.get(told.finish)
        reasoning = REASONING_TOKENS if told.reasoning else 0
        usage = {
            "input_tokens": told.prompt_tokens,
            "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
            "output_tokens": told.completion_tokens + reasoning,
            "output_tokens_details": {"reasoning_tokens": reasoning},
            "total_tokens": told.prompt_tokens + told.completion_tokens + reasoning,
        }
        status = "incomplete" if reason else "completed"
        details = {"reason": reason} if reason else None
        return {**begun, "status": status, "incomplete_details": details, "output": output, "usage": usage}


def _refusal(message: str, param: str | None, code: str | None = None) -> Json:
    return {"error": {"message": message, "type": "invalid_request_error", "param": param, "code": code}}


def _named(tools: Sequence[Json], namespace: str | None = None) -> Sequence[tuple[str, str | None, str]]:
    """Return the name, the namespace and the type of each tool that the caller runs."""
    found: list[tuple[str, str | None, str]] = []
    for tool in tools:
        if tool["type"] == "namespace":
            found += _named(tool["tools"], tool["name"])
        elif tool["type"] in ("function", "custom"):
            found.append((tool["name"], namespace, tool["type"]))
    return found


def _tools(tools: Sequence[Json]) -> Sequence[tuple[str, Mapping[str, Any]]]:
    inner = [each for tool in tools for each in (tool["tools"] if tool["type"] == "namespace" else [tool])]
    return [(each["name"], each.get("parameters") or {}) for each in inner if each["type"] in ("function", "custom")]


def _call(call: ToolCall, number: str, namespace: str | None, kind: str) -> Json:
    item: Json = {"id": f"fc_{number}", "type": "function_call", "status": "completed"}
    if kind == "custom":
        item |= {"id": f"ctc_{number}", "type": "custom_tool_call", "input": "*** Begin Patch"}
    else:
        item["arguments"] = json.dumps(call.arguments)
    item |= {"call_id": call.id, "name": call.name}
    return item if namespace is None else {**item, "namespace": namespace}


def _growing(place: int, item: Json, told: Said) -> list[tuple[Json, bool]]:
    """Return the events of an item, from its beginning to its end."""
    at: Json = {"item_id": item["id"], "output_index": place}
    added = {"type": "response.output_item.added", "output_index": place}
    done: tuple[Json, bool] = ({"type": "response.output_item.done", "output_index": place, "item": item}, False)
    match item["type"]:
        case "message":
            (text,) = item["content"]
            at = {**at, "content_index": 0}
            empty = {**text, "text": ""}
            begun = {**item, "status": "in_progress", "content": []}
            return [
                ({**added, "item": begun}, False),
                ({"type": "response.content_part.added", **at, "part": empty}, False),
                *(
                    (
                        {
                            "type": "response.output_text.delta",
                            **at,
                            "delta": piece,
                            "logprobs": [],
                            "obfuscation": "x" * (16 - len(piece) % 16),
                        },
                        True,
                    )
                    for piece in told.pieces
                ),
                ({"type": "response.output_text.done", **at, "text": text["text"], "logprobs": []}, False),
                ({"type": "response.content_part.done", **at, "part": text}, False),
                done,
            ]
        case "function_call" | "custom_tool_call" as kind:
            field = "arguments" if kind == "function_call" else "input"
            name = "function_call_arguments" if kind == "function_call" else "custom_tool_call_input"
            whole = item[field]
            halves = (whole[: len(whole) // 2], whole[len(whole) // 2 :])
            ended: Json = {"type": f"response.{name}.done", **at, field: whole}
            if kind == "function_call":
                ended["name"] = item["name"]
            return [
                ({**added, "item": {**item, "status": "in_progress", field: ""}}, False),
                *(({"type": f"response.{name}.delta", **at, "delta": half}, True) for half in halves),
                (ended, False),
                done,
            ]
        case _:
            return [({**added, "item": item}, False), done]
