"""The dialect of each provider, and the header that carries its key."""

from collections.abc import Mapping
from typing import Final

from atom_llm.adapters.providers.anthropic.dialect import AnthropicMessages
from atom_llm.adapters.providers.cohere.dialect import CohereChat
from atom_llm.adapters.providers.dialect import Dialect
from atom_llm.adapters.providers.gemini.dialect import Gemini
from atom_llm.adapters.providers.openai.dialect import OPENAI_LIKE
from atom_llm.domain.core.providers import KeyHeader

DIALECTS: Final[Mapping[str, Dialect]] = {
    **OPENAI_LIKE,
    "anthropic": AnthropicMessages(),
    "google": Gemini(),
    "cohere": CohereChat(),
}


def key_header(kind: KeyHeader, key: str) -> tuple[str, str]:
    """Return the header that carries a key: never a part of the address, which ends in logs."""
    return ("authorization", f"Bearer {key}") if kind == "bearer" else (kind, key)
