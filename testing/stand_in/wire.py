"""The providers' wire formats, as their API references and recorded answers have them."""

import itertools
import json
import re
import struct
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from testing.stand_in.said import Said, said
from testing.stand_in.schemas import embeddings_fault_of

Json = dict[str, Any]


@dataclass(frozen=True)
class Piece:
    """One server-sent event of a stream; `is_content`: it shows the caller something of the answer."""

    data: str
    name: str | None = None
    is_content: bool = False
    is_end: bool = False  # the sentinel, which can be left out
    is_usage: bool = False


class Refused(Exception):
    """The request is none that the provider takes."""

    def __init__(self, status: int, body: Json) -> None:
        super().__init__(str(body))
        self.status = status
        self.body = body


class Wire(Protocol):
    """One provider's format."""

    def model(self, path: str, body: Json) -> str: ...
    def streams(self, path: str, body: Json) -> bool: ...
    def said(self, body: Json) -> Said: ...
    def whole(self, model: str, body: Json, told: Said) -> Json: ...
    def pieces(self, model: str, body: Json, told: Said) -> Sequence[Piece]: ...
    def error(self, status: int, kind: str) -> Json: ...


def event(content: Json, name: str | None = None, **flags: bool) -> Piece:
    return Piece(json.dumps(content, ensure_ascii=False), name, **flags)


SENTENCES: Final = {
    "context_length": "This model's maximum context length is 128000 tokens, however you requested 200000 tokens",
    "content_filter": "The prompt was refused by the content filter",
    "out_of_credit": "You exceeded your current quota, please check your plan and billing details",
    "invalid_key": "Incorrect API key provided",
    "rate_limit": "Rate limit reached for requests",
    "server": "The server had an error while processing your request",
    "request": "Invalid value for a parameter",
    "not_found": "The model does not exist or you do not have access to it",
    "overloaded": "Overloaded",
}


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
            images=[_media_type(url) for url in images],
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
            numbers = _numbers(str(each), body.get("dimensions") or body.get("output_dimension") or 8)
            packed: Any = numbers
            if body.get("encoding_format") == "base64":
                packed = b64encode(struct.pack(f"<{len(numbers)}f", *numbers)).decode()
            data.append({"object": "embedding", "index": place, "embedding": packed})
        usage = {"prompt_tokens": 4 * len(inputs), "total_tokens": 4 * len(inputs)}
        return {"object": "list", "data": data, "model": body["model"], "usage": usage}


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

    def _stop(self, told: Said) -> str:
        return {"stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use", "content_filter": "refusal"}[
            told.finish
        ]

    def whole(self, model: str, body: Json, told: Said) -> Json:
        content: list[Json] = [{"type": "text", "text": told.text}] if told.text else []
        content += [
            {"type": "tool_use", "id": f"toolu_{each.id}", "name": each.name, "input": each.arguments}
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
            block = {"type": "tool_use", "id": f"toolu_{call.id}", "name": call.name, "input": {}}
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


SIGNED: Final = "c3RhbmQtaW4t"  # how every signature of this stand-in begins
SIGNS: Final = re.compile(r"gemini-[3-9]")  # models that sign their thoughts


class GeminiWire:
    """Google AI Studio's generateContent."""

    _FIELDS: Final = frozenset(
        {
            *("contents", "systemInstruction", "tools", "toolConfig", "generationConfig", "safetySettings"),
            *("cachedContent", "serviceTier"),
        }
    )

    def __init__(self) -> None:
        self._numbers = itertools.count(1)

    def model(self, path: str, body: Json) -> str:
        return path.rpartition("models/")[2].partition(":")[0]

    def streams(self, path: str, body: Json) -> bool:
        return ":streamGenerateContent" in path

    def said(self, body: Json) -> Said:
        unknown = body.keys() - self._FIELDS
        contents = body.get("contents")
        if unknown or not contents:
            raise Refused(400, self._error(400, "INVALID_ARGUMENT", f"Unknown name {min(unknown, default='contents')}"))
        for number, content in enumerate(contents):
            self._check_signed(content, f"contents[{number}]")
        parts = [part for content in contents for part in content["parts"]]
        declared = [each for tool in body.get("tools") or () for each in tool.get("functionDeclarations") or ()]
        config = body.get("generationConfig") or {}
        schema = config.get("responseJsonSchema") or config.get("responseSchema")
        mode = ((body.get("toolConfig") or {}).get("functionCallingConfig") or {}).get("mode")
        media = [part["inlineData"]["mimeType"] for part in parts if "inlineData" in part]
        media += ["uri" for part in parts if "fileData" in part]
        return said(
            texts=[part.get("text", "") for part in parts],
            tools=[]
            if mode == "NONE"
            else [
                (each["name"], each.get("parametersJsonSchema") or each.get("parameters") or {}) for each in declared
            ],
            has_results=any("functionResponse" in part for part in contents[-1]["parts"]),
            must_call=mode == "ANY",
            schema=schema,
            wants_json=config.get("responseMimeType") == "application/json",
            images=media,
            max_tokens=config.get("maxOutputTokens"),
        )

    def _usage(self, told: Said) -> Json:
        return {
            "promptTokenCount": told.prompt_tokens,
            "candidatesTokenCount": told.completion_tokens,
            "totalTokenCount": told.prompt_tokens + told.completion_tokens,
            "promptTokensDetails": [{"modality": "TEXT", "tokenCount": told.prompt_tokens}],
        }

    def _answer(self, model: str, body: Json, told: Said, parts: list[Json], finish: str | None) -> Json:
        candidate: Json = {"content": {"parts": parts, "role": "model"}, "index": 0}
        if finish:
            candidate["finishReason"] = finish
        return {
            "candidates": [candidate],
            "usageMetadata": self._usage(told),
            "modelVersion": model,
            "responseId": f"mAitaLmkHPPlz7IPvtf{len(body['contents'])}",  # one for each answer of a conversation
        }

    def _calls(self, model: str, told: Said) -> list[Json]:
        """Return the parts that call tools, of which the newer models sign the first."""
        parts: list[Json] = [{"functionCall": {"name": each.name, "args": each.arguments}} for each in told.calls]
        return [{**parts[0], **self._signature(model)}, *parts[1:]] if parts else []

    def _signature(self, model: str) -> Json:
        return {"thoughtSignature": f"{SIGNED}{next(self._numbers)}"} if SIGNS.match(model) else {}

    def _check_signed(self, content: Json, where: str) -> None:
        """Refuse signatures that are not this stand-in's; `skip_…` is Google's word for a call that nobody signed."""
        for part in content["parts"]:
            signature = part.get("thoughtSignature", SIGNED)
            if not signature.startswith(SIGNED) and signature != "skip_thought_signature_validator":
                raise Refused(400, self._error(400, "INVALID_ARGUMENT", f"Invalid thought signature in {where}"))

    def _finish(self, told: Said) -> str:
        return {"length": "MAX_TOKENS", "content_filter": "SAFETY"}.get(told.finish, "STOP")

    def whole(self, model: str, body: Json, told: Said) -> Json:
        parts: list[Json] = [{"text": told.text, **self._signature(model)}] if told.text else []
        parts += self._calls(model, told)
        return self._answer(model, body, told, parts, self._finish(told))

    def pieces(self, model: str, body: Json, told: Said) -> Sequence[Piece]:
        texts: list[list[Json]] = [[{"text": piece}] for piece in told.pieces]
        calls = [[part] for part in self._calls(model, told)]
        *before, last = texts or calls
        if texts:
            last = [*last, *([{"text": "", **signature}] if (signature := self._signature(model)) else ())]
        found = [event(self._answer(model, body, told, parts, None), is_content=True) for parts in before]
        return [*found, event(self._answer(model, body, told, last, self._finish(told)), is_content=True)]

    def error(self, status: int, kind: str) -> Json:
        match kind:
            case "context_length":
                sentence = "The input token count (2000000) exceeds the maximum number of tokens allowed (1048576)."
                return self._error(400, "INVALID_ARGUMENT", sentence)
            case "invalid_key":
                return self._error(400, "INVALID_ARGUMENT", "API key not valid.", "API_KEY_INVALID")
            case "out_of_credit":
                return self._error(403, "PERMISSION_DENIED", "Billing is disabled.", "BILLING_DISABLED")
            case "rate_limit":
                return self._error(429, "RESOURCE_EXHAUSTED", "Resource has been exhausted (e.g. check quota).")
            case "not_found":
                return self._error(404, "NOT_FOUND", "models/gemini-nothing is not found for API version v1beta")
            case "request" | "content_filter":
                return self._error(400, "INVALID_ARGUMENT", "Invalid value")
            case _:
                return self._error(status, "UNAVAILABLE", "The model is overloaded. Please try again later.")

    def _error(self, code: int, status: str, message: str, reason: str | None = None) -> Json:
        kind = "type.googleapis.com/google.rpc.ErrorInfo"
        details = [{"@type": kind, "reason": reason, "domain": "googleapis.com"}] if reason else []
        return {"error": {"code": code, "message": message, "status": status, "details": details}}

    def embeddings(self, body: Json) -> Json:
        numbers = [_numbers(str(each), each.get("outputDimensionality") or 8) for each in body["requests"]]
        return {"embeddings": [{"values": each} for each in numbers]}


class CohereWire:
    """Cohere's v2 chat."""

    def model(self, path: str, body: Json) -> str:
        return str(body.get("model", ""))

    def streams(self, path: str, body: Json) -> bool:
        return bool(body.get("stream"))

    def said(self, body: Json) -> Said:
        messages = body.get("messages")
        if not isinstance(messages, list) or not messages:
            raise Refused(400, {"id": "7bc", "message": "invalid request: messages must be set"})
        parts = [part for each in messages if isinstance(each.get("content"), list) for part in each["content"]]
        asked = body.get("response_format") or {}
        tools = [
            (each["function"]["name"], each["function"].get("parameters") or {}) for each in body.get("tools") or ()
        ]
        return said(
            texts=[str(each.get("content")) for each in messages],
            tools=[] if body.get("tool_choice") == "NONE" else tools,
            has_results=messages[-1].get("role") == "tool",
            must_call=body.get("tool_choice") == "REQUIRED",
            schema=asked.get("json_schema") or asked.get("schema"),
            wants_json=asked.get("type") == "json_object",
            images=[_media_type(part["image_url"]["url"]) for part in parts if part.get("type") == "image_url"],
            max_tokens=body.get("max_tokens"),
        )

    def _usage(self, told: Said) -> Json:
        counts = {"input_tokens": float(told.prompt_tokens), "output_tokens": float(told.completion_tokens)}
        return {"billed_units": counts, "tokens": {**counts, "input_tokens": told.prompt_tokens + 480.0}}

    def _finish(self, told: Said) -> str:
        return {"stop": "COMPLETE", "length": "MAX_TOKENS", "tool_calls": "TOOL_CALL"}.get(told.finish, "ERROR")

    def _call(self, call: Any) -> Json:
        function = {"name": call.name, "arguments": json.dumps(call.arguments)}
        return {"id": f"{call.name}_{call.id}", "type": "function", "function": function}

    def whole(self, model: str, body: Json, told: Said) -> Json:
        message: Json = {"role": "assistant"}
        if told.calls:
            message |= {"tool_plan": "I will look it up.", "tool_calls": [self._call(each) for each in told.calls]}
        else:
            message["content"] = [{"type": "text", "text": told.text}]
        return {
            "id": "c14c80c3-18eb-4519-9460-6c92edd8cfb4",
            "finish_reason": self._finish(told),
            "message": message,
            "usage": self._usage(told),
        }

    def pieces(self, model: str, body: Json, told: Said) -> Sequence[Piece]:
        begun: Json = {"role": "assistant", "content": [], "tool_plan": "", "tool_calls": [], "citations": []}
        found = [event({"type": "message-start", "id": "29f14a5a", "delta": {"message": begun}}, "message-start")]

        def of(kind: str, place: int | None, message: Json | None, **flags: bool) -> Piece:
            content: Json = {"type": kind} | ({} if place is None else {"index": place})
            return event(content | ({} if message is None else {"delta": {"message": message}}), kind, **flags)

        if told.pieces:
            found.append(of("content-start", 0, {"content": {"type": "text", "text": ""}}))
            found += [of("content-delta", 0, {"content": {"text": each}}, is_content=True) for each in told.pieces]
            found.append(of("content-end", 0, None))
        for place, call in enumerate(told.calls):
            whole = self._call(call)
            arguments = whole["function"]["arguments"]
            whole["function"] = {**whole["function"], "arguments": ""}
            found.append(of("tool-call-start", place, {"tool_calls": whole}, is_content=True))
            delta = {"tool_calls": {"function": {"arguments": arguments}}}
            found.append(of("tool-call-delta", place, delta, is_content=True))
            found.append(of("tool-call-end", place, None))
        ended = {"finish_reason": self._finish(told), "usage": self._usage(told)}
        return [*found, event({"type": "message-end", "delta": ended}, "message-end")]

    def error(self, status: int, kind: str) -> Json:
        sentences = {
            "context_length": "too many tokens: the prompt cannot exceed 128000 tokens, received 200000",
            "invalid_key": "invalid api token",
            "out_of_credit": "You are past the per month request limit: trial key, 1000 API calls / month",
            "rate_limit": "You are using a Trial key, which is limited to 20 API calls / minute.",
            "not_found": "model 'command-nothing' not found",
        }
        return {"id": "7bc", "message": sentences.get(kind, "internal server error")}

    def embeddings(self, body: Json) -> Json:
        texts = body.get("texts") or [str(each) for each in body.get("inputs") or ()]
        floats = [_numbers(str(each), body.get("output_dimension") or 8) for each in texts]
        return {
            "id": "5807ee2e",
            "embeddings": {"float": floats},
            "texts": texts,
            "meta": {"api_version": {"version": "2"}, "billed_units": {"input_tokens": 4 * len(texts)}},
            "response_type": "embeddings_by_type",
        }


# What status a provider answers a kind of failure with, where it is not the same everywhere.
STATUS: Final[Mapping[tuple[str, str], int]] = {
    ("anthropic", "out_of_credit"): 400,
    ("google", "invalid_key"): 400,
    ("google", "out_of_credit"): 403,
    ("deepseek", "out_of_credit"): 402,
}
USUAL_STATUS: Final[Mapping[str, int]] = {
    "context_length": 400,
    "content_filter": 400,
    "out_of_credit": 429,
    "invalid_key": 401,
}
OF_STATUS: Final[Mapping[int, str]] = {
    400: "request",
    401: "invalid_key",
    403: "invalid_key",
    404: "not_found",
    422: "request",
    429: "rate_limit",
    529: "overloaded",
}


def _media_type(url: str) -> str:
    return url.partition(":")[2].partition(";")[0] if url.startswith("data:") else "url"


def _numbers(text: str, dimensions: int) -> list[float]:
    """Return numbers that are always the same for a text; quarters, which every float format holds exactly."""
    return [((sum(text.encode()) + place) % 8 - 4) / 4 for place in range(dimensions)]
