"""The mix of calls through genai-prices; runs in its environment."""

import json
from typing import Any

from genai_prices import Usage, calc_price  # type: ignore[import-not-found]

from benchmarks.mix import MIX, Call
from benchmarks.timing import once_us, per_call_us

# Its names for providers, where they differ from the price file's.
PROVIDERS = {
    "gemini": "google",
    "xai": "x-ai",
    "cohere_chat": "cohere",
    "moonshot": "moonshotai",
    "bedrock_converse": "aws",
    "voyage": "voyageai",
}


def main() -> None:
    """Measure every call of the mix that it knows."""
    print(json.dumps({call.model: _measured(call) for call in MIX}))


def _measured(call: Call) -> dict[str, Any]:
    # It knows no lifetime of a cache write, and no service tier.
    known = {
        name: count for name, count in call.usage.items() if name not in ("cache_write_1h_tokens", "reasoning_tokens")
    }
    usage = Usage(**known)
    provider = PROVIDERS.get(call.provider, call.provider)
    model = call.model.removeprefix(f"{call.provider}/")

    def priced() -> Any:
        return calc_price(usage, model, provider_id=provider)

    try:
        first = once_us(priced)
    except LookupError:
        return {"call_us": None, "first_us": None, "total": None}
    return {"call_us": per_call_us(priced), "first_us": first, "total": float(priced().total_price)}


main()
