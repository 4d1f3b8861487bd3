"""A conversation that begins at one provider and goes on at another, as an unmodified SDK carries it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from openai.types.chat import ChatCompletion

from atom_llm.adapters.providers.gateway import HttpGateway
from atom_llm.adapters.providers.http import Connections
from atom_llm.adapters.providers.other_addresses import OtherAddresses
from atom_llm.adapters.providers.table import DIALECTS
from atom_llm.domain.core.providers import PROVIDER_BY_ID
from atom_llm.domain.providers.exchange import Json, Target
from atom_llm.domain.providers.failures import ProviderFailure
from atom_llm.ports.providers import TimeLimits
from testing.handover.answers import FIRST_ANSWERS
from testing.stand_in.server import StandIn

# A model of each provider that thinks and calls tools.
MODELS: Final[Mapping[str, str]] = {
    "openai": "gpt-5.2",
    "anthropic": "claude-sonnet-4-5",
    "google": "gemini-3.5-flash",
    "meta": "Llama-4-Maverick-17B-128E-Instruct-FP8",
    "mistral": "magistral-medium-latest",
    "cohere": "command-a-reasoning-08-2025",
    "deepseek": "deepseek-v4-pro",
    "minimax": "MiniMax-M3",
    "qwen": "qwen3-max",
    "zhipu": "glm-5.2",
    "groq": "openai/gpt-oss-120b",
}
PROVIDERS: Final = tuple(sorted(MODELS))
KEY: Final = "sk-stand-in-handover"
_LIMITS: Final = TimeLimits(connect_s=5.0, first_byte_s=10.0, idle_s=10.0)
_NOW: Final = datetime(2026, 11, 28, tzinfo=UTC)
_WEATHER: Final[Json] = {
    "type": "function",
    "function": {
        "name": "weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
_ASKED: Final[Json] = {"role": "user", "content": "Is it warmer in Oslo or in Bergen?"}


async def handed_over(stand_in: StandIn, first: str, second: str) -> str | None:
    """Return why a conversation that began at `first` cannot go on at `second`; None where it goes on."""
    gateway = HttpGateway(DIALECTS, OtherAddresses(stand_in.addresses()), Connections(5.0), lambda: _NOW)
    stand_in.behave()
    stand_in.fault("body", provider=first, body=FIRST_ANSWERS[first], times=1)
    answer = await gateway.ask(_target(first), KEY, {"messages": [_ASKED], "tools": [_WEATHER]}, _LIMITS)
    head = {"id": "1", "object": "chat.completion", "created": 1, "model": "m"}
    message = ChatCompletion.model_validate({**answer.body, **head}).choices[0].message
    said = message.model_dump()
    results = [
        {"role": "tool", "tool_call_id": call.id, "content": f"{place + 3} °C"}
        for place, call in enumerate(message.tool_calls or ())
    ]
    history = [_ASKED, said, *results, {"role": "user", "content": "And tomorrow?"}]
    body = {"messages": history, "tools": [_WEATHER], "max_completion_tokens": 4_000}
    try:
        continued = await gateway.ask(_target(second), KEY, body, _LIMITS)
    except ProviderFailure as failure:
        return failure.message
    return None if len(results) == 2 and continued.body["choices"] else "the answer is none"


def _target(provider: str) -> Target:
    return Target(PROVIDER_BY_ID[provider], MODELS[provider], frozenset({"reasoning", "function_calling"}), 32_000)
