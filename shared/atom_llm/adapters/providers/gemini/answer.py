"""Gemini's candidates as OpenAI's choices, `ai.google.dev/api/generate-content`.

What OpenAI's shape has no place for stands where others have it: thoughts in `reasoning_content`, pictures in `images`
(LiteLLM, OpenRouter), signatures and grounding in `extra_content.google` (Google's own OpenAI-compatible answers).
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from typing import Any, Final

from atom_llm.adapters.providers.gemini.grounding import annotations
from atom_llm.domain.pricing.usage import usage_in_openai_words
from atom_llm.domain.providers.exchange import Json, ProviderAnswer, Target
from atom_llm.domain.providers.failure_reading import error_within, unreadable
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure
from atom_llm.domain.providers.reported_usage import generate_content_usage

FINISH_REASONS: Final[Mapping[str, str]] = {
    "STOP": "stop",
    "MAX_TOKENS": "length",
    "CONTINUATION": "length",  # there is more, for another request
    **dict.fromkeys(
        (
            *("SAFETY", "RECITATION", "LANGUAGE", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "MODEL_ARMOR"),
            *("IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION", "ESCALATION"),
        ),
        "content_filter",
    ),
}
# The model wrote no call, answer or picture that could be read, or broke off for a reason that is not told: nothing of
# it is whole, and asked again, or another, it usually is. To say `stop` would make a broken answer look like one.
_BROKEN: Final = (
    *("MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS", "MALFORMED_RESPONSE"),
    *("NO_IMAGE", "IMAGE_OTHER", "OTHER", "FINISH_REASON_UNSPECIFIED"),
)
FAILURES: Final[Mapping[str, FailureKind]] = {
    **dict.fromkeys(_BROKEN, FailureKind.TRANSIENT),
    "MISSING_THOUGHT_SIGNATURE": FailureKind.UNSUPPORTED,
    "PUP_LIMITED_DISABLED": FailureKind.UNSUPPORTED,  # Google limits this account; the key itself is valid
}
SERVICE_TIERS: Final[Mapping[str, str]] = {"standard": "default"}  # the others are OpenAI's words too

_SUCCESS: Final = 200


def chat_completion(target: Target, content: Json) -> ProviderAnswer:
    """Translate a whole answer; raises `ProviderFailure` for an error in disguise, none (TRANSIENT) or a blocked one.

    If one of several candidates is broken, so is the answer: OpenAI's callers count on as many as they asked for.
    """
    candidates = content.get("candidates")
    if not isinstance(candidates, list) or not candidates:
        raise (
            blocked(content) or error_within(target.provider.id, content) or unreadable("the answer has no candidates")
        )
    identity = content.get("responseId")
    body: Json = {
        "id": identity,
        "object": "chat.completion",
        "model": content.get("modelVersion") or target.model,
        "choices": [_choice(candidate, place, identity) for place, candidate in enumerate(candidates)],
    }
    reported = generate_content_usage(content)
    if reported is None:
        return ProviderAnswer(body, None)
    body["usage"] = usage_in_openai_words(reported.usage)
    tier = reported.raw.get("serviceTier")
    if isinstance(tier, str):
        body["service_tier"] = SERVICE_TIERS.get(tier, tier)
    return ProviderAnswer(body, reported)


def blocked(content: Mapping[str, Any]) -> ProviderFailure | None:
    """Return the failure of a blocked prompt, which gets no candidates, with Google's reason; None for another."""
    feedback = content.get("promptFeedback")
    reason = feedback.get("blockReason") if isinstance(feedback, dict) else None
    if not isinstance(reason, str) or not reason:
        return None
    told = f"Google's safety system blocked the prompt ({reason})"
    return ProviderFailure(FailureKind.CONTENT_FILTER, told, status=_SUCCESS, provider_code=reason)


def finish_reason(candidate: Mapping[str, Any], *, has_calls: bool) -> str:
    """Return OpenAI's finish reason; an unknown reason ends an answer no less.

    Raises `ProviderFailure` for a reason that says that the answer is broken.
    """
    reason = str(candidate["finishReason"])
    kind = FAILURES.get(reason)
    if kind is not None:
        message = candidate.get("finishMessage")
        told = f": {message}" if isinstance(message, str) and message else ""
        raise ProviderFailure(kind, f"the model broke off with {reason}{told}", status=_SUCCESS, provider_code=reason)
    found = FINISH_REASONS.get(reason, "stop")
    return "tool_calls" if found == "stop" and has_calls else found


def said(parts: Sequence[Any], identity: object, choice: int, calls_before: int = 0) -> Json:
    """Return the content of parts as the fields of a message or of a delta; only those that there are.

    A call has the id that Gemini gives, else one made of the answer's own, which is always the same.
    """
    texts: list[str] = []
    thoughts: list[str] = []
    found: Json = {}
    for part in parts:
        if not isinstance(part, dict):
            continue
        signature = part.get("thoughtSignature")
        if "functionCall" in part:
            calls = found.setdefault("tool_calls", [])
            calls.append(_call(part["functionCall"], f"{identity or 'of'}_{choice}_{calls_before + len(calls)}"))
            _sign(calls[-1], signature)
        elif "inlineData" in part:
            _add_media(found, part["inlineData"], signature, identity)
        elif isinstance(part.get("text"), str):
            (thoughts if part.get("thought") is True else texts).append(part["text"])
            if part.get("thought") is not True:
                _sign(found, signature)
        else:
            texts.append(_executed(part))
    if thoughts:
        found["reasoning_content"] = "".join(thoughts)
    text = "".join(texts)
    if text:
        found["content"] = text
    return found


def logprobs(given: object) -> Json | None:
    """Translate probabilities; None where there are none."""
    chosen = given.get("chosenCandidates") if isinstance(given, dict) else None
    if not isinstance(given, dict) or not isinstance(chosen, list):
        return None
    others = given.get("topCandidates")
    entries = []
    for place, token in enumerate(chosen):
        entry = _token(token)
        if entry is None:
            continue
        step = others[place] if isinstance(others, list) and place < len(others) else None
        top = step.get("candidates") if isinstance(step, dict) else None
        entry["top_logprobs"] = [found for found in map(_token, top if isinstance(top, list) else ()) if found]
        entries.append(entry)
    return {"content": entries, "refusal": None} if entries else None


def parts_of(candidate: Mapping[str, Any]) -> Sequence[Any]:
    """Return a candidate's parts; one that was filtered has none."""
    content = candidate.get("content")
    parts = content.get("parts") if isinstance(content, dict) else None
    return parts if isinstance(parts, list) else ()


def add_grounding(message: Json, grounding: object, text: str) -> None:
    """Put the sources that ground the text into a message, or a delta."""
    if not isinstance(grounding, dict) or not grounding:
        return
    cited = annotations(grounding, text)
    if cited:
        message["annotations"] = cited
    # Whoever shows a grounded answer has to show Google's suggestions too, which are in here.
    message.setdefault("extra_content", {}).setdefault("google", {})["grounding_metadata"] = grounding


def refusal(candidate: Mapping[str, Any]) -> str:
    """Return the text that tells a caller of an answer that the filter stopped before it began."""
    message = candidate.get("finishMessage")
    if isinstance(message, str) and message:
        return message
    return f"The provider's safety system stopped this answer ({candidate['finishReason']})."


def _choice(candidate: object, place: int, identity: object) -> Json:
    if not isinstance(candidate, dict) or not candidate.get("finishReason"):
        raise unreadable("the answer has a candidate that did not end")
    index = candidate.get("index", place)
    message: Json = {"role": "assistant", "content": None, "refusal": None}
    message |= said(parts_of(candidate), identity, index)
    has_calls = "tool_calls" in message
    reason = finish_reason(candidate, has_calls=has_calls)
    if message["content"] is None and not has_calls:
        message["content"] = ""
        if reason == "content_filter":
            message["refusal"] = refusal(candidate)
    add_grounding(message, candidate.get("groundingMetadata"), message["content"] or "")
    told = logprobs(candidate.get("logprobsResult"))
    return {"index": index, "message": message, "finish_reason": reason, "logprobs": told}


def _call(given: object, made: str) -> Json:
    called = given if isinstance(given, dict) else {}
    arguments = json.dumps(called.get("args") or {}, ensure_ascii=False)
    function = {"name": called.get("name") or "", "arguments": arguments}
    return {"id": called.get("id") or f"call_{made}", "type": "function", "function": function}


def _sign(holder: Json, signature: object) -> None:
    """Keep a signature, which Gemini wants back with the next turn."""
    if isinstance(signature, str) and signature:
        holder.setdefault("extra_content", {}).setdefault("google", {})["thought_signature"] = signature


def _add_media(found: Json, inline: object, signature: object, identity: object) -> None:
    media_type = inline.get("mimeType") if isinstance(inline, dict) else None
    data = inline.get("data") if isinstance(inline, dict) else None
    if not isinstance(media_type, str) or not isinstance(data, str):
        return
    if media_type.startswith("audio/"):
        before = found.get("audio", {}).get("data")
        if before:
            data = b64encode(b64decode(before) + b64decode(data)).decode()
        found["audio"] = {"id": f"audio_{identity}", "data": data, "expires_at": 0, "transcript": ""}
        return
    kind = "video_url" if media_type.startswith("video/") else "image_url"
    images = found.setdefault("images", [])
    images.append({"type": kind, kind: {"url": f"data:{media_type};base64,{data}"}, "index": len(images)})
    _sign(images[-1], signature)


def _executed(part: Mapping[str, Any]) -> str:
    """Return code that Gemini ran for its answer, and its result, as a text would show it; "" for other parts."""
    code, result = part.get("executableCode"), part.get("codeExecutionResult")
    if isinstance(code, dict) and isinstance(code.get("code"), str):
        return f"\n```{str(code.get('language') or '').lower()}\n{code['code'].rstrip()}\n```\n"
    if isinstance(result, dict) and isinstance(result.get("output"), str):
        return f"\n```\n{result['output'].rstrip()}\n```\n"
    return ""


def _token(given: object) -> Json | None:
    if not isinstance(given, dict) or not isinstance(given.get("token"), str):
        return None
    probability = given.get("logProbability", 0.0)  # none is said where it is zero, that is, certain
    if not isinstance(probability, int | float):
        return None
    text = given["token"]
    return {"token": text, "logprob": probability, "bytes": list(text.encode("utf-8", "replace"))}
