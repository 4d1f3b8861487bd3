"""The wire format of each provider that the stand-in stands for, published and declared ones."""

from collections.abc import Mapping
from typing import Any, Final

from atom_llm.domain.core.providers import PROVIDERS
from testing.stand_in.anthropic_wire import AnthropicWire
from testing.stand_in.cohere_wire import CohereWire
from testing.stand_in.gemini_wire import GeminiWire
from testing.stand_in.openai_wire import OpenAIWire

DECLARED: Final = "vllm"  # a server that no table of the product knows: an operator declares it
AZURE: Final = "azure"
VERTEX: Final = "vertex"
VERTEX_PATH: Final = "v1/projects/p/locations/europe-west4/publishers/google/"
WIRES: Final[Mapping[str, Any]] = {
    each.id: {
        "openai": OpenAIWire(each.id),
        "anthropic": AnthropicWire(),
        "google": GeminiWire(),
        "cohere": CohereWire(),
    }[each.api_style]
    for each in PROVIDERS
} | {DECLARED: OpenAIWire(DECLARED), AZURE: OpenAIWire(AZURE), VERTEX: GeminiWire()}
