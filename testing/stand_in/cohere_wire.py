"""Cohere's chat and embeddings, as its reference and recorded answers have them."""

import json
from collections.abc import Sequence
from typing import Any

from testing.stand_in.said import Said, said
from testing.stand_in.wire import Json, Piece, Refused, event, media_type, vector_of


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
            images=[media_type(part["image_url"]["url"]) for part in parts if part.get("type") == "image_url"],
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
        floats = [vector_of(str(each), body.get("output_dimension") or 8) for each in texts]
        return {
            "id": "5807ee2e",
            "embeddings": {"float": floats},
            "texts": texts,
            "meta": {"api_version": {"version": "2"}, "billed_units": {"input_tokens": 4 * len(texts)}},
            "response_type": "embeddings_by_type",
        }
