"""What the stand-in says, in Converse's words: an answer, or the events of one, checked against AWS's model."""

from base64 import b64encode
from collections.abc import Iterator, Mapping
from json import dumps, loads
from struct import pack
from typing import Any
from zlib import crc32

from testing.bedrock.service_model import faults
from testing.stand_in.said import Said, said

Json = dict[str, Any]
THOUGHT = "I think."
SIGNATURE = "c2lnbmVk"
REDACTED = b64encode(b"sealed").decode()
CHARACTERS_A_UNIT = 1_000  # of text that a guardrail assesses
CACHED, WRITTEN, WRITTEN_1H = 11, 7, 3
_STOPS = {"stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use"}


def answer_to(body: Mapping[str, Any]) -> Said:
    """Return what is answered to a request."""
    blocks = [block for message in body["messages"] for block in message["content"]]
    config = body.get("toolConfig", {})
    specs = [each["toolSpec"] for each in config.get("tools", ()) if "toolSpec" in each]
    choice = config.get("toolChoice", {})
    if "tool" in choice:
        specs = [each for each in specs if each["name"] == choice["tool"]["name"]]
    text_format = body.get("outputConfig", {}).get("textFormat")
    return said(
        texts=[block["text"] for block in blocks if "text" in block],
        tools=[(each["name"], each["inputSchema"]["json"]) for each in specs],
        has_results="toolResult" in body["messages"][-1]["content"][0],
        must_call="any" in choice or "tool" in choice,
        schema=None if text_format is None else _schema(text_format),
        wants_json=False,
        images=[f"image/{block['image']['format']}" for block in blocks if "image" in block],
        max_tokens=body.get("inferenceConfig", {}).get("maxTokens"),
    )


def _schema(text_format: Mapping[str, Any]) -> Any:
    return loads(text_format["structure"]["jsonSchema"]["schema"])


def usage(told: Said, body: Mapping[str, Any]) -> Json:
    """Return the counts of an answer: with those of a cache, where a request has points of it."""
    counts: Json = {"inputTokens": told.prompt_tokens, "outputTokens": told.completion_tokens}
    if "cachePoint" in dumps(body):
        counts |= {
            "cacheReadInputTokens": CACHED,
            "cacheWriteInputTokens": WRITTEN,
            "cacheDetails": [
                {"ttl": "5m", "inputTokens": WRITTEN - WRITTEN_1H},
                {"ttl": "1h", "inputTokens": WRITTEN_1H},
            ],
        }
    written = counts.get("cacheWriteInputTokens", 0)
    total = told.prompt_tokens + told.completion_tokens + counts.get("cacheReadInputTokens", 0) + written
    return {**counts, "totalTokens": total}


def thinks(body: Mapping[str, Any]) -> bool:
    """Return whether thinking is asked for, in whichever maker's words."""
    more = body.get("additionalModelRequestFields", {})
    return not {"thinking", "reasoningConfig", "reasoning_effort"}.isdisjoint(more)


def trace(body: Mapping[str, Any], told: Said) -> Json:
    """Return what a guardrail assessed, as it is told where its trace is enabled: a unit for 1,000 characters."""
    guardrail = body.get("guardrailConfig", {})
    if guardrail.get("trace") not in ("enabled", "enabled_full"):
        return {}
    asked = sum(len(block.get("text", "")) for message in body["messages"] for block in message["content"])

    def assessed(characters: int) -> Json:
        units = -(-characters // CHARACTERS_A_UNIT)
        own = {"topicPolicyUnits": units, "contentPolicyUnits": units, "sensitiveInformationPolicyFreeUnits": units}
        none = dict.fromkeys(
            ("wordPolicyUnits", "sensitiveInformationPolicyUnits", "contextualGroundingPolicyUnits"), 0
        )
        return {"invocationMetrics": {"guardrailProcessingLatency": 3, "usage": {**own, **none}}}

    name = guardrail["guardrailIdentifier"]
    found = {"inputAssessment": {name: assessed(asked)}, "outputAssessments": {name: [assessed(len(told.text))]}}
    return {"trace": {"guardrail": found}}


def whole(body: Mapping[str, Any], told: Said, stop: str | None) -> Json:
    """Return the answer as one object."""
    content: list[Json] = []
    if thinks(body):
        thought = {"text": THOUGHT, "signature": SIGNATURE}
        content += [
            {"reasoningContent": {"reasoningText": thought}},
            {"reasoningContent": {"redactedContent": REDACTED}},
        ]
    if told.text or not told.calls:
        content.append({"text": told.text or "."})
    content += [
        {"toolUse": {"toolUseId": each.id, "name": each.name, "input": dict(each.arguments)}} for each in told.calls
    ]
    answer: Json = {
        "output": {"message": {"role": "assistant", "content": content}},
        "stopReason": stop or _STOPS[told.finish],
        "usage": usage(told, body),
        "metrics": {"latencyMs": 12},
        **({"serviceTier": body["serviceTier"]} if "serviceTier" in body else {}),
        **trace(body, told),
    }
    _check("ConverseResponse", answer)
    return answer


def events(body: Mapping[str, Any], told: Said, stop: str | None) -> Iterator[tuple[str, Json]]:
    """Yield the answer's events by their types."""
    place = 0
    yield "messageStart", {"role": "assistant"}
    if thinks(body):
        for piece in (THOUGHT[:3], THOUGHT[3:]):
            yield _delta(place, {"reasoningContent": {"text": piece}})
        yield _delta(place, {"reasoningContent": {"signature": SIGNATURE}})
        yield "contentBlockStop", {"contentBlockIndex": place}
        yield _delta(place + 1, {"reasoningContent": {"redactedContent": REDACTED}})
        yield "contentBlockStop", {"contentBlockIndex": place + 1}
        place += 2
    for piece in told.pieces:
        yield _delta(place, {"text": piece})
    if told.pieces:
        yield "contentBlockStop", {"contentBlockIndex": place}
        place += 1
    for each in told.calls:
        use = {"toolUseId": each.id, "name": each.name}
        yield "contentBlockStart", {"start": {"toolUse": use}, "contentBlockIndex": place}
        spelt = dumps(dict(each.arguments), ensure_ascii=False)
        for piece in (spelt[:5], spelt[5:]) if each.arguments else ():
            yield _delta(place, {"toolUse": {"input": piece}})
        yield "contentBlockStop", {"contentBlockIndex": place}
        place += 1
    yield "messageStop", {"stopReason": stop or _STOPS[told.finish]}
    tier = {"serviceTier": body["serviceTier"]} if "serviceTier" in body else {}
    yield "metadata", {"usage": usage(told, body), "metrics": {"latencyMs": 12}, **tier, **trace(body, told)}


def framed(name: str, content: Json, *, kind: str = "event") -> bytes:
    """Return a message of the event stream, as AWS frames it."""
    if kind == "event":
        _check("ConverseStreamOutput", {name: content})
    headers = {f":{kind}-type": name, ":content-type": "application/json", ":message-type": kind}
    block = b"".join(
        pack(">B", len(each)) + each.encode() + pack(">BH", 7, len(value)) + value.encode()
        for each, value in headers.items()
    )
    # Real ones are padded so that their lengths tell nothing.
    payload = dumps({**content, "p": "abcdefgh"} if kind == "event" else content, ensure_ascii=False).encode()
    prelude = pack(">II", 16 + len(block) + len(payload), len(block))
    message = prelude + pack(">I", crc32(prelude)) + block + payload
    return message + pack(">I", crc32(message))


def _delta(place: int, delta: Json) -> tuple[str, Json]:
    return "contentBlockDelta", {"delta": delta, "contentBlockIndex": place}


def _check(shape: str, content: Json) -> None:
    if wrong := list(faults(shape, content)):
        raise AssertionError(f"the stand-in says what AWS does not: {wrong}")
