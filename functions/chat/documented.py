"""The OpenAPI of a call's answer beside its body: headers, and the events of a stream."""

from collections.abc import Mapping
from typing import Any, Final

_HEADERS: Final[Mapping[str, str]] = {
    "x-llm-call-id": "The call, as `GET /api/byok/usage/calls/{id}` names it.",
    "x-llm-provider": "The provider that answered.",
    "x-llm-model": "The model that answered, as `provider/model`.",
    "x-llm-own-name": "Which models stood for names of the service key's own, as `name -> model`.",
    "x-llm-tier": "The tier that the model was chosen for, where one was.",
    "x-llm-slowed-down": "To which share of its rate limit the key was slowed down, and which budget is nearly spent.",
    "x-llm-stepped-down": "How the tier stepped down because a budget is nearly spent, and which, where it did.",
    "x-llm-attempts": "How many attempts were made at providers, with those that failed.",
    "x-llm-escalated": "Why an answer was left for a higher tier's, where one was.",
    "x-llm-cost-usd": (
        "What the call cost, to the last digit, with attempts that failed and were charged; of a call that failed, "
        "where it was charged. A stream's cost stands in the ledger alone."
    ),
    "x-llm-budget-remaining-usd": (
        "What the fullest hard budget in USD that the call counts in has left after it; of a stream, after its hold."
    ),
    "x-llm-overflow": "The pools that the call draws on, because budgets that it counts in are full.",
    "x-llm-run-cost-usd": (
        "What the run of `x-llm-run-id` came to, with this call; of a stream, with those that ended before."
    ),
    "x-llm-warnings": "What the model that answered cannot be told, and what was therefore left out.",
    "x-llm-idempotent-replay": "`true` on the kept answer of a call with the same idempotency key.",
    "x-request-id": "The request, as the logs name it.",
}

ANSWER_HEADERS: Final[Mapping[str, Any]] = {
    name: {"description": description, "schema": {"type": "string"}} for name, description in _HEADERS.items()
}


def streamed(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return the OpenAPI of a stream of events; `event` is the schema of what follows each `data:`."""
    told = {
        "type": "string",
        "contentMediaType": "application/json",
        "contentSchema": {"type": "object", **event},
        "description": "Server-sent events; `contentSchema` is that of each one's `data`.",
    }
    return {"text/event-stream": {"schema": told}}


CHUNKS: Final = streamed(
    {
        "description": "A chunk, or `[DONE]` behind the last one, or OpenAI's error object if the answer broke.",
        "properties": {
            "id": {"type": "string"},
            "object": {"const": "chat.completion.chunk"},
            "created": {"type": "integer"},
            "model": {"type": "string"},
            "choices": {"type": "array", "items": {"type": "object"}},
            "usage": {"type": ["object", "null"]},
            "error": {"type": "object"},
        },
    }
)
MESSAGE_EVENTS: Final = streamed(
    {
        "description": "An event of Anthropic's; `error` where the answer broke.",
        "required": ["type"],
        "properties": {
            "type": {
                "enum": [
                    "message_start",
                    "content_block_start",
                    "content_block_delta",
                    "content_block_stop",
                    "message_delta",
                    "message_stop",
                    "ping",
                    "error",
                ]
            },
            "index": {"type": "integer"},
            "message": {"type": "object"},
            "content_block": {"type": "object"},
            "delta": {"type": "object"},
            "usage": {"type": "object"},
            "error": {"type": "object"},
        },
    }
)
RESPONSE_EVENTS: Final = streamed(
    {
        "description": "An event of OpenAI's Responses; `response.failed` where the answer broke.",
        "required": ["type", "sequence_number"],
        "properties": {
            "type": {"type": "string", "pattern": r"^(response\.[a-z_.]+|error)$"},
            "sequence_number": {"type": "integer", "minimum": 0},
            "response": {"type": "object"},
            "item": {"type": "object"},
        },
    }
)
