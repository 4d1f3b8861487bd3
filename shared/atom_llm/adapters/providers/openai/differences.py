"""The differences of each OpenAI-like provider from OpenAI: one row each, from its own API reference."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

# Hints: without them the answer is of the same shape, and about the same.
_SAMPLING: Final = ("seed", "presence_penalty", "frequency_penalty", "logit_bias")
_ACCOUNTING: Final = ("user", "metadata", "store", "safety_identifier", "prompt_cache_key", "prompt_cache_retention")
_OPENAIS_OWN: Final = (*_ACCOUNTING, "service_tier", "verbosity", "prediction", "reasoning_effort", "modalities")

# Anthropic's, Google's and Qwen's own fields, which a chain's other candidates take.
_OTHERS_OWN: Final = frozenset(
    {
        *("thinking", "output_config", "context_management", "betas", "mcp_servers", "container", "fallbacks"),
        *("inference_geo", "speed", "top_k", "stop_sequences", "cache_control", "system"),
        *("generationConfig", "generation_config", "safetySettings", "safety_settings", "cachedContent", "google"),
        *("enable_thinking", "thinking_budget"),
    }
)

FAILED: Final = "failed"  # a finish reason that says that the provider broke off
COMMON_FINISHES: Final[Mapping[str, str]] = {
    "stop": "stop",
    "length": "length",
    "tool_calls": "tool_calls",
    "function_call": "function_call",
    "content_filter": "content_filter",
    "error": FAILED,  # Mistral's, OpenRouter's and vLLM's
    "abort": FAILED,  # vLLM's and SGLang's
}


@dataclass(frozen=True, slots=True)
class OpenAIDifferences:
    """A provider's differences from OpenAI.

    `unknown` are hints that it refuses, or takes for something else: they are left out by name. `shapes` are fields
    that change the shape of the answer and that it has nothing like: a request with one of them is not sent to it.
    `bounds` clamp numbers to the nearest that it takes. `thinking_types` are those of its own field `thinking`, if any.
    `thinks_in_content`: thoughts may stand in the content, between `<think>` and `</think>`. `needs_parameters`: a
    function without any has an empty schema all the same.
    """

    output_limit: str = "max_tokens"
    unknown: frozenset[str] = frozenset()
    shapes: frozenset[str] = frozenset()
    most_choices: int = 1
    renamed: Mapping[str, str] = field(default_factory=dict)
    bounds: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    tool_choices: Mapping[str, str] = field(default_factory=dict)
    knows_developer: bool = False
    knows_schemas: bool = True
    asks_for_usage: bool = True
    finishes: Mapping[str, str] = field(default_factory=dict)
    knows_base64: bool = False
    dimensions: str | None = "dimensions"
    embeds: bool = False
    max_inputs: int = 2_048
    thinking_types: frozenset[str] = frozenset()
    thinks_in_content: bool = False
    needs_parameters: bool = True


_NO_LOGPROBS: Final = frozenset({"logprobs", "top_logprobs"})
_NO_SEARCH: Final = frozenset({"web_search_options", "audio"})

DIFFERENCES: Final[Mapping[str, OpenAIDifferences]] = {
    "openai": OpenAIDifferences(
        output_limit="max_completion_tokens",
        unknown=_OTHERS_OWN,
        most_choices=128,
        knows_developer=True,
        needs_parameters=False,
        knows_base64=True,
        embeds=True,
    ),
    # Llama API, OpenAI-compatible endpoint: https://llama.developer.meta.com/docs/features/compatibility
    "meta": OpenAIDifferences(
        output_limit="max_completion_tokens",
        unknown=frozenset({*_OPENAIS_OWN, *_SAMPLING, "stop"}) | _OTHERS_OWN,
        shapes=_NO_LOGPROBS | _NO_SEARCH,
        bounds={"temperature": (0.0, 1.0)},
    ),
    # https://docs.mistral.ai/api: unknown fields are a 422
    "mistral": OpenAIDifferences(
        unknown=(frozenset({*_OPENAIS_OWN, "logit_bias"}) - {"metadata"}) | _OTHERS_OWN,
        shapes=_NO_LOGPROBS | _NO_SEARCH,
        most_choices=128,
        renamed={"seed": "random_seed"},
        bounds={"temperature": (0.0, 1.5)},
        tool_choices={"required": "any"},
        asks_for_usage=False,  # its last chunk has it always
        finishes={"model_length": "length"},
        embeds=True,
        dimensions="output_dimension",
    ),
    # https://api-docs.deepseek.com/api/create-chat-completion
    "deepseek": OpenAIDifferences(
        unknown=frozenset({*_OPENAIS_OWN, "seed", "logit_bias", "parallel_tool_calls"}) | (_OTHERS_OWN - {"thinking"}),
        shapes=_NO_SEARCH,
        knows_schemas=False,
        finishes={"insufficient_system_resource": FAILED},
        thinking_types=frozenset({"enabled", "disabled"}),
    ),
    # https://platform.minimax.io/docs/api-reference/text-openai-api: temperature in (0, 1]
    "minimax": OpenAIDifferences(
        output_limit="max_completion_tokens",
        unknown=frozenset({*_OPENAIS_OWN, *_SAMPLING, "parallel_tool_calls"}) | (_OTHERS_OWN - {"thinking"}),
        shapes=_NO_LOGPROBS | _NO_SEARCH,
        bounds={"temperature": (0.01, 1.0)},
        thinking_types=frozenset({"adaptive", "disabled"}),
        thinks_in_content=True,
    ),
    # Alibaba Model Studio, OpenAI-compatible mode
    "qwen": OpenAIDifferences(
        unknown=frozenset({*_OPENAIS_OWN, "logit_bias", "frequency_penalty"})
        | (_OTHERS_OWN - {"enable_thinking", "thinking_budget", "top_k"}),
        shapes=_NO_SEARCH,
        most_choices=4,
        bounds={"temperature": (0.0, 1.99)},
        embeds=True,
        max_inputs=10,
    ),
    # https://docs.z.ai/api-reference/llm/chat-completion
    "zhipu": OpenAIDifferences(
        unknown=frozenset({*_OPENAIS_OWN, *_SAMPLING, "parallel_tool_calls"}) | (_OTHERS_OWN - {"thinking"}),
        shapes=_NO_LOGPROBS | _NO_SEARCH,
        bounds={"temperature": (0.0, 1.0), "top_p": (0.01, 1.0)},
        tool_choices={"required": "auto"},
        knows_schemas=False,
        asks_for_usage=False,
        finishes={"sensitive": "content_filter", "network_error": FAILED, "model_context_window_exceeded": "length"},
        thinking_types=frozenset({"enabled", "disabled"}),
    ),
    # https://console.groq.com/docs/openai#currently-unsupported-openai-features
    "groq": OpenAIDifferences(
        output_limit="max_completion_tokens",
        unknown=frozenset({*_ACCOUNTING, "reasoning_effort", "logit_bias", "verbosity", "prediction", "modalities"})
        | _OTHERS_OWN,
        shapes=_NO_LOGPROBS | _NO_SEARCH,
    ),
}


def of_declared(output_limit: str) -> OpenAIDifferences:
    """Return the row of a server that an operator declares, by what vLLM, Ollama and SGLang all know.

    What only some of them take is left out by name; none refuses a field that it does not know, and none has searches.
    """
    return OpenAIDifferences(
        output_limit=output_limit,
        unknown=(frozenset(_OPENAIS_OWN) - {"reasoning_effort"}) | _OTHERS_OWN,
        shapes=_NO_SEARCH,
        thinks_in_content=True,
        embeds=True,
    )
