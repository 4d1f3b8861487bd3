"""The mix of calls through LiteLLM's `cost_per_token`; runs in its environment."""

import json
from typing import Any

import litellm  # type: ignore[import-not-found]
from litellm.types.utils import (  # type: ignore[import-not-found]
    CacheCreationTokenDetails,
    CompletionTokensDetailsWrapper,
    PromptTokensDetailsWrapper,
    Usage,
)

from benchmarks.mix import MIX, Call
from benchmarks.timing import once_us, per_call_us


def main() -> None:
    """Measure every call of the mix that it knows."""
    print(json.dumps({call.model: _measured(call) for call in MIX}))


def _measured(call: Call) -> dict[str, Any]:
    usage = reported(call)
    call_type = "completion" if usage.completion_tokens else "embedding"

    def priced() -> Any:
        return litellm.cost_per_token(
            model=call.model,
            custom_llm_provider=call.provider,
            prompt_tokens=usage.prompt_tokens,
            completion_tokens=usage.completion_tokens,
            usage_object=usage,
            call_type=call_type,
            service_tier=call.service_tier,
        )

    first = once_us(priced)
    return {"call_us": per_call_us(priced), "first_us": first, "total": sum(priced())}


def reported(call: Call) -> Any:
    """Return a call's usage as LiteLLM's own object, which a response brings along."""
    counts = call.usage
    prompt, completion = counts["input_tokens"], counts.get("output_tokens", 0)
    read, written = counts.get("cache_read_tokens", 0), counts.get("cache_write_tokens", 0)
    an_hour, reasoning = counts.get("cache_write_1h_tokens", 0), counts.get("reasoning_tokens", 0)
    if call.provider == "xai":
        completion += reasoning  # which it adds when it reads an answer of xAI, who counts reasoning apart
    return Usage(
        prompt_tokens=prompt,
        completion_tokens=completion,
        total_tokens=prompt + completion,
        prompt_tokens_details=PromptTokensDetailsWrapper(
            cached_tokens=read,
            cache_creation_tokens=written,
            text_tokens=prompt - read - written,
            cache_creation_token_details=CacheCreationTokenDetails(
                ephemeral_5m_input_tokens=written - an_hour, ephemeral_1h_input_tokens=an_hour
            ),
        ),
        completion_tokens_details=CompletionTokensDetailsWrapper(reasoning_tokens=reasoning),
        # Where the Anthropic dialect looks for them.
        cache_read_input_tokens=read,
        cache_creation_input_tokens=written,
    )


main()
