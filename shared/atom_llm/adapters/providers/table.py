"""The dialect of each provider, and those that callers speak too."""

from collections.abc import Mapping
from typing import Final

from atom_llm.adapters.providers.anthropic.dialect import AnthropicMessages
from atom_llm.adapters.providers.anthropic.native import AnthropicNative
from atom_llm.adapters.providers.bedrock.dialect import BedrockConverse
from atom_llm.adapters.providers.cohere.dialect import CohereChat
from atom_llm.adapters.providers.dialect import Dialect
from atom_llm.adapters.providers.gemini.dialect import Gemini
from atom_llm.adapters.providers.native import NativeDialect
from atom_llm.adapters.providers.openai.dialect import OPENAI_LIKE, OpenAIChat
from atom_llm.adapters.providers.openai.differences import DIFFERENCES, of_declared
from atom_llm.adapters.providers.openai.message_schemas import DECLARED, MESSAGE_SCHEMAS
from atom_llm.adapters.providers.responses.dialect import OpenAIModels
from atom_llm.adapters.providers.responses.native import ResponsesNative
from atom_llm.domain.core.providers import RESPONSES
from atom_llm.domain.providers.declared_providers import DeclaredProvider

DIALECTS: Final[Mapping[str, Dialect]] = {
    **OPENAI_LIKE,
    "openai": OpenAIModels(OPENAI_LIKE["openai"]),
    "anthropic": AnthropicMessages(),
    "google": Gemini(),
    "cohere": CohereChat(),
    "bedrock": BedrockConverse(),
}

NATIVE_DIALECTS: Final[Mapping[str, NativeDialect]] = {"anthropic": AnthropicNative(), RESPONSES: ResponsesNative()}


def declared(provider: DeclaredProvider) -> Dialect:
    """Return the dialect of a provider that the operator declares."""
    name = provider.provider.id
    match provider.api:
        case "azure":
            return OpenAIModels(OpenAIChat(name, DIFFERENCES["openai"], MESSAGE_SCHEMAS["openai"]))
        case "vertex":
            return Gemini()
        case _:
            return OpenAIChat(name, of_declared(provider.output_limit), DECLARED)
