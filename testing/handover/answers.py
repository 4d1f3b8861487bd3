"""A first answer of each provider in its own words: it thought, it said something, and it calls two tools at once."""

import json
from typing import Any, Final

from testing.stand_in.gemini_wire import SIGNED
from testing.stand_in.schemas import SIGNATURE

Json = dict[str, Any]

THOUGHT: Final = "Two cities, so two calls."
SAID: Final = "Let me look."
ARGUMENTS: Final = ({"city": "Oslo"}, {"city": "Bergen"})
_COUNTS: Final = {"input_tokens": 25, "output_tokens": 20}
_USAGE: Final = {"prompt_tokens": 25, "completion_tokens": 20, "total_tokens": 45}


def _openai_like(ids: tuple[str, str], message: Json) -> Json:
    calls = [
        {"id": identity, "type": "function", "function": {"name": "weather", "arguments": json.dumps(arguments)}}
        for identity, arguments in zip(ids, ARGUMENTS, strict=True)
    ]
    choice = {
        "index": 0,
        "message": {"role": "assistant", "tool_calls": calls, **message},
        "finish_reason": "tool_calls",
    }
    return {"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice], "usage": _USAGE}


FIRST_ANSWERS: Final[dict[str, Json]] = {
    "openai": _openai_like(("call_PTLP8xhu3uwZk4l3", "call_2"), {"content": SAID, "refusal": None, "annotations": []}),
    "meta": _openai_like(("call_a", "call_b"), {"content": SAID, "stop_reason": "tool_calls"}),
    "mistral": _openai_like(
        ("abcDEF123", "abcDEF124"),
        {
            "content": [
                {"type": "thinking", "thinking": [{"type": "text", "text": THOUGHT}]},
                {"type": "text", "text": SAID},
            ]
        },
    ),
    "deepseek": _openai_like(("call_00_x", "call_01_y"), {"content": SAID, "reasoning_content": THOUGHT}),
    "minimax": _openai_like(
        ("call_function_1", "call_function_2"), {"content": f"<think>\n{THOUGHT}\n</think>\n\n{SAID}"}
    ),
    "qwen": _openai_like(("call_q1", "call_q2"), {"content": SAID, "reasoning_content": THOUGHT}),
    "zhipu": _openai_like(("call_-8231", "call_-8232"), {"content": SAID, "reasoning_content": THOUGHT}),
    "groq": _openai_like(("fc_1", "functions.weather:1"), {"content": SAID, "reasoning": THOUGHT}),
    "anthropic": {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": [
            {"type": "thinking", "thinking": THOUGHT, "signature": SIGNATURE},
            {"type": "text", "text": SAID},
            {"type": "tool_use", "id": "toolu_01", "name": "weather", "input": ARGUMENTS[0]},
            {"type": "tool_use", "id": "toolu_02", "name": "weather", "input": ARGUMENTS[1]},
        ],
        "stop_reason": "tool_use",
        "stop_sequence": None,
        "usage": _COUNTS,
    },
    "google": {
        "candidates": [
            {
                "content": {
                    "role": "model",
                    "parts": [
                        {"text": THOUGHT, "thought": True},
                        {"text": SAID},
                        {"functionCall": {"name": "weather", "args": ARGUMENTS[0]}, "thoughtSignature": f"{SIGNED}1"},
                        {"functionCall": {"name": "weather", "args": ARGUMENTS[1]}},
                    ],
                },
                "finishReason": "STOP",
                "index": 0,
            }
        ],
        "usageMetadata": {"promptTokenCount": 25, "candidatesTokenCount": 20, "totalTokenCount": 45},
        "modelVersion": "m",
    },
    "cohere": {
        "id": "1",
        "finish_reason": "TOOL_CALL",
        "message": {
            "role": "assistant",
            "tool_plan": THOUGHT,
            "tool_calls": [
                {
                    "id": f"weather_{place}",
                    "type": "function",
                    "function": {"name": "weather", "arguments": json.dumps(each)},
                }
                for place, each in enumerate(ARGUMENTS)
            ],
        },
        "usage": {
            "billed_units": {"input_tokens": 25, "output_tokens": 20},
            "tokens": {"input_tokens": 25, "output_tokens": 20},
        },
    },
}
