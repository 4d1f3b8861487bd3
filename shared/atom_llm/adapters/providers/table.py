"""The dialect of each provider."""

from collections.abc import Mapping
from typing import Final

from atom_llm.adapters.providers.anthropic.dialect import AnthropicMessages
from atom_llm.adapters.providers.cohere.dialect import CohereChat
from atom_llm.adapters.providers.dialect import Dialect
from atom_llm.adapters.providers.gemini.dialect import Gemini
from atom_llm.adapters.providers.openai.dialect import OPENAI_LIKE

DIALECTS: Final[Mapping[str, Dialect]] = {
    **OPENAI_LIKE,
    "anthropic": AnthropicMessages(),
    "google": Gemini(),
    "cohere": CohereChat(),
}
