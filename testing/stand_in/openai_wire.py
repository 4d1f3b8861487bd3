"""OpenAI's chat completions and embeddings, as its reference and recorded answers have them."""

import json
import re
import struct
from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Any, Final

from testing.stand_in.said import Said, said
from testing.stand_in.schemas import embeddings_fault_of
from testing.stand_in.wire import SENTENCES, Json, Piece, Refused, event, media_type, vector_of

# The tools beside functions that the documents of chat completions know.
OWN_TOOLS: Final[Mapping[str, set[str]]] = {
    "openai": {"custom"},
    "groq": {"browser_search", "code_interpreter"},
    "zhipu": {"web_search", "retrieval"},
    "minimax": {"web_search"},
}

# OpenAI's models that its Responses API alone has.
NOT_FOR_CHATS: Final = re.compile(r"(-pro\b|codex|deep-research|daybreak)")


class OpenAIWire:
    """OpenAI's chat completions, and those of the providers that speak it."""

    def __init__(self, provider: str) -> None:
        self.provider = provider

    def model(self, path: str, body: Json) -> str:
        return str(body.get("model", ""))

    def streams(self, path: str, body: Json) -> bool:
        return bool(body.get("stream"))

    def said(self, body: Json) -> Said:
        messages = body.get("messages")
        if not isinstance(messages, list) or not messages:
            raise Refused(400, self.error(400, "request"))
        if self.provider == "openai" and NOT_FOR_CHATS.search(str(body.get("model"))):
            raise Refused(404, self.error(404, "not_found"))
        if self.provider == "minimax" and not 0 < body.get("temperature", 1) <= 1:
            raise Refused(400, self.error(400, "request"))
        parts = [part for each in messages if isinstance(each.get("content"), list) for part in each["content"]]
        images = [part["image_url"]["url"] for part in parts if part.get("type") == "image_url"]
        functions = [each for each in body.get("tools") or () if "function" in each]
        own = {each.get("type") for each in body.get("tools") or () if "function" not in each}
        if own - OWN_TOOLS.get(self.provider, set()):
            raise Refused(400, self.error(400, "request"))
        tools = [(each["function"]["name"], each["function"].get("parameters") or {}) for each in functions]
        asked = body.get("response_format") or {}
        schema = asked.get("json_schema", {}).get("schema") if asked.get("type") == "json_schema" else None
        return said(
            texts=[str(each.get("content")) for each in messages],
            tools=[] if body.get("tool_choice") == "none" else tools,
            has_results=messages[-1].get("role") == "tool",
            must_call=body.get("tool_choice") in ("required", "any") or isinstance(body.get("tool_choice"), dict),
            schema=schema,
            wants_json=asked.get("type") == "json_object",
            images=[media_type(url) for url in images],
            max_tokens=body.get("max_completion_tokens") or body.get("max_tokens"),
        )

    def usage(self, told: Said) -> Json:
        return {
            "prompt_tokens": told.prompt_tokens,
            "completion_tokens": told.completion_tokens,
            "total_tokens": told.prompt_tokens + told.completion_tokens,
            "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
        }

    def whole(self, model: str, body: Json, told: Said) -> Json:
        calls = [
            {
                "id": each.id,
                "type": "function",
                "function": {"name": each.name, "arguments": json.dumps(each.arguments)},
            }
            for each in told.calls
        ]
        message: Json = {"role": "assistant", "content": told.text or None, "refusal": None, "annotations": []}
        if calls:
            message["tool_calls"] = calls
        choices = [
            {"index": place, "message": message, "logprobs": None, "finish_reason": told.finish}
            for place in range(body.get("n") or 1)
        ]
        return {
            "id": "chatcmpl-CWfMJ",
            "object": "chat.completion",
            "created": 1762000000,
            "model": f"{model}-2025-01-01",
            "choices": choices,
            "usage": self.usage(told),
            "service_tier": "default",
            "system_fingerprint": "fp_51db84afab",
        }

    def pieces(self, model: str, body: Json, told: Said) -> Sequence[Piece]:
        def chunk(delta: Json, finish: str | None = None) -> Json:
            choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
            head = {"id": "chatcmpl-CWfMJ", "object": "chat.completion.chunk", "created": 1762000000, "model": model}
            return {**head, "service_tier": "default", "system_fingerprint": "fp_51db", "choices": [choice]}

        found = [event(chunk({"role": "assistant", "content": "", "refusal": None}))]
        found += [event(chunk({"content": piece}), is_content=True) for piece in told.pieces]
        for place, call in enumerate(told.calls):
            arguments = json.dumps(call.arguments)
            head: Json = {"index": place, "id": call.id, "type": "function"}
            head["function"] = {"name": call.name, "arguments": ""}
            found.append(event(chunk({"tool_calls": [head]}), is_content=True))
            for half in (arguments[: len(arguments) // 2], arguments[len(arguments) // 2 :]):
                delta = {"tool_calls": [{"index": place, "function": {"arguments": half}}]}
                found.append(event(chunk(delta), is_content=True))
        last = chunk({}, told.finish)
        asked = (body.get("stream_options") or {}).get("include_usage")
        if self.provider in ("mistral", "zhipu"):
            found.append(event({**last, "usage": self.usage(told)}))
        else:
            found.append(event(last))
            if asked:
                found.append(event({**last, "choices": [], "usage": self.usage(told)}, is_usage=True))
        return [*found, Piece("[DONE]", is_end=True)]

    def error(self, status: int, kind: str) -> Json:
        codes = {
            "context_length": ("invalid_request_error", "messages", "context_length_exceeded"),
            "content_filter": ("invalid_request_error", None, "content_policy_violation"),
            "out_of_credit": ("insufficient_quota", None, "insufficient_quota"),
            "invalid_key": ("invalid_request_error", None, "invalid_api_key"),
            "rate_limit": ("requests", None, "rate_limit_exceeded"),
            "not_found": ("invalid_request_error", None, "model_not_found"),
            "request": ("invalid_request_error", "temperature", "invalid_value"),
        }
        type_, param, code = codes.get(kind, ("server_error", None, None))
        return {"error": {"message": SENTENCES.get(kind, kind), "type": type_, "param": param, "code": code}}

    def embeddings(self, body: Json) -> Json:
        if self.provider == "openai" and embeddings_fault_of(body) is not None:
            raise Refused(400, self.error(400, "request"))
        inputs = body["input"] if isinstance(body["input"], list) else [body["input"]]
        if isinstance(inputs[0], int):  # one text, in token ids
            inputs = [inputs]
        data = []
        for place, each in enumerate(inputs):
            numbers = vector_of(str(each), body.get("dimensions") or body.get("output_dimension") or 8)
            packed: Any = numbers
            if body.get("encoding_format") == "base64":
                packed = b64encode(struct.pack(f"<{len(numbers)}f", *numbers)).decode()
            data.append({"object": "embedding", "index": place, "embedding": packed})
        usage = {"prompt_tokens": 4 * len(inputs), "total_tokens": 4 * len(inputs)}
        return {"object": "list", "data": data, "model": body["model"], "usage": usage}
