"""Anthropic's Messages API, as its reference and recorded answers have it."""

import itertools
import json
from collections.abc import Sequence
from typing import Final

from testing.stand_in.said import Said, ToolCall, said
from testing.stand_in.wire import Json, Piece, Refused, event


class AnthropicWire:
    """Anthropic's Messages API."""

    _FIELDS: Final = frozenset(
        {
            *("model", "max_tokens", "messages", "system", "temperature", "top_p", "top_k", "stop_sequences", "stream"),
            *("tools", "tool_choice", "metadata", "thinking", "service_tier", "output_config", "output_format"),
            *("container", "context_management", "cache_control"),
        }
    )

    _COUNTED: Final = frozenset(
        {
            *("model", "messages", "system", "tools", "tool_choice", "thinking", "output_config", "output_format"),
            *("cache_control", "context_management", "mcp_servers"),
        }
    )

    def model(self, path: str, body: Json) -> str:
        return str(body.get("model", ""))

    def streams(self, path: str, body: Json) -> bool:
        return bool(body.get("stream"))

    def said(self, body: Json) -> Said:
        messages = body.get("messages")
        unknown = body.keys() - self._FIELDS
        if unknown:
            raise Refused(400, self._error("invalid_request_error", f"{min(unknown)}: Extra inputs are not permitted"))
        if "max_tokens" not in body:
            raise Refused(400, self._error("invalid_request_error", "max_tokens: Field required"))
        if not isinstance(messages, list) or not messages:
            raise Refused(400, self._error("invalid_request_error", "messages: at least one message is required"))
        roles = [each["role"] for each in messages]
        if any(one == other == "assistant" for one, other in itertools.pairwise(roles)):
            raise Refused(400, self._error("invalid_request_error", "messages: roles must alternate"))
        blocks = [block for each in messages if isinstance(each["content"], list) for block in each["content"]]
        images = [block for block in blocks if block.get("type") == "image"]
        schema = ((body.get("output_config") or {}).get("format") or body.get("output_format") or {}).get("schema")
        choice = (body.get("tool_choice") or {}).get("type")
        tools = [(each["name"], each.get("input_schema") or {}) for each in body.get("tools") or () if "name" in each]
        last = messages[-1]["content"]
        return said(
            texts=[str(each["content"]) for each in messages],
            tools=[] if choice == "none" else tools,
            has_results=isinstance(last, list) and any(block.get("type") == "tool_result" for block in last),
            must_call=choice in ("any", "tool"),
            schema=schema,
            wants_json=False,
            images=[block["source"].get("media_type") or block["source"]["type"] for block in images],
            max_tokens=body["max_tokens"],
        )

    def count(self, body: Json) -> Json:
        unknown = body.keys() - self._COUNTED
        if unknown:
            raise Refused(400, self._error("invalid_request_error", f"{min(unknown)}: Extra inputs are not permitted"))
        return {"input_tokens": len(json.dumps(body["messages"]))}

    def _usage(self, told: Said) -> Json:
        return {
            "input_tokens": told.prompt_tokens,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 0,
            "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0},
            "output_tokens": told.completion_tokens,
            "service_tier": "standard",
        }

    def _use_id(self, body: Json, call: ToolCall) -> str:
        """Return an id that no earlier use of the conversation has."""
        blocks = [block for message in body["messages"] for block in message["content"] if isinstance(block, dict)]
        before = sum(block.get("type") == "tool_use" for block in blocks)
        return f"toolu_{call.id}_{before}" if before else f"toolu_{call.id}"

    def _stop(self, told: Said) -> str:
        return {"stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use", "content_filter": "refusal"}[
            told.finish
        ]

    def whole(self, model: str, body: Json, told: Said) -> Json:
        content: list[Json] = [{"type": "text", "text": told.text}] if told.text else []
        content += [
            {"type": "tool_use", "id": self._use_id(body, each), "name": each.name, "input": each.arguments}
            for each in told.calls
        ]
        return {
            "id": "msg_01XFDUDYJgAACzvnptvVoYEL",
            "type": "message",
            "role": "assistant",
            "model": model,
            "content": content,
            "stop_reason": self._stop(told),
            "stop_sequence": None,
            "usage": self._usage(told),
        }

    def pieces(self, model: str, body: Json, told: Said) -> Sequence[Piece]:
        def of(content: Json, **flags: bool) -> Piece:
            return event(content, content["type"], **flags)

        begun = {**self.whole(model, body, told), "content": [], "stop_reason": None}
        begun["usage"] = {**self._usage(told), "output_tokens": 1}
        found = [of({"type": "message_start", "message": begun}), of({"type": "ping"})]
        place = 0
        if told.pieces:
            block: Json = {"type": "text", "text": ""}
            found.append(of({"type": "content_block_start", "index": place, "content_block": block}))
            for piece in told.pieces:
                delta = {"type": "text_delta", "text": piece}
                found.append(of({"type": "content_block_delta", "index": place, "delta": delta}, is_content=True))
            found.append(of({"type": "content_block_stop", "index": place}))
            place += 1
        for call in told.calls:
            block = {"type": "tool_use", "id": self._use_id(body, call), "name": call.name, "input": {}}
            found.append(of({"type": "content_block_start", "index": place, "content_block": block}, is_content=True))
            arguments = json.dumps(call.arguments)
            for half in (arguments[: len(arguments) // 2], arguments[len(arguments) // 2 :]):
                delta = {"type": "input_json_delta", "partial_json": half}
                found.append(of({"type": "content_block_delta", "index": place, "delta": delta}, is_content=True))
            found.append(of({"type": "content_block_stop", "index": place}))
            place += 1
        ended = {"stop_reason": self._stop(told), "stop_sequence": None}
        usage = {"output_tokens": told.completion_tokens}
        found.append(of({"type": "message_delta", "delta": ended, "usage": usage}))
        return [*found, Piece('{"type": "message_stop"}', "message_stop", is_end=True)]

    def error(self, status: int, kind: str) -> Json:
        match kind:
            case "context_length":
                return self._error("invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum")
            case "out_of_credit":
                return self._error(
                    "invalid_request_error", "Your credit balance is too low to access the Anthropic API."
                )
            case "invalid_key":
                return self._error("authentication_error", "invalid x-api-key")
            case "rate_limit":
                return self._error("rate_limit_error", "This request would exceed your rate limit")
            case "not_found":
                return self._error("not_found_error", "model: claude-nothing")
            case "overloaded":
                return self._error("overloaded_error", "Overloaded")
            case "content_filter" | "request":
                return self._error("invalid_request_error", "Output blocked by content filtering policy")
            case _:
                return self._error("api_error", "Internal server error")

    def _error(self, kind: str, message: str) -> Json:
        return {
            "type": "error",
            "error": {"type": kind, "message": message},
            "request_id": "req_011CSHoEeqs5C35K2UUqR7Fy",
        }
