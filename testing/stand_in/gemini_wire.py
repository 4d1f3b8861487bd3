"""Google AI Studio's generateContent, as its reference and recorded answers have it."""

import itertools
import re
from collections.abc import Sequence
from typing import Final

from testing.stand_in.said import Said, said
from testing.stand_in.wire import Json, Piece, Refused, event, vector_of

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
        numbers = [vector_of(str(each), each.get("outputDimensionality") or 8) for each in body["requests"]]
        return {"embeddings": [{"values": each} for each in numbers]}
