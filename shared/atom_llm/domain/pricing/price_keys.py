"""The fields of a price file that move money: by their words, or by being a number that nothing else explains."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

SERVICE_TIERS: Final = ("batches", "flex", "priority", "balanced", "ultrafast", "decisions")

PRICE_OF: Final = "price_of"  # names the row of the price list whose prices a declared model has: it is no price
NESTED: Final = frozenset({"tiered_pricing", "off_peak_pricing", "provider_specific_entry"})
MULTIPLIERS: Final = frozenset(
    {
        "fedramp_uplift_multiplier",
        "regional_processing_uplift_multiplier_eu",
        "regional_processing_uplift_multiplier_us",
        "regional_endpoint_uplift_multiplier",
    }
)
SCALES_TOKENS: Final = frozenset({"us", "eu", "fast"})  # what of provider_specific_entry is a multiplier

# What is known to move money and is not read, with the reason: it is kept, counted and shown, and a check passes it.
_SWITCH: Final = "says what the provider takes or how, and no price"
ACKNOWLEDGED: Final[Mapping[str, str]] = {
    "search_free_requests": "an allowance of the provider's account, which nobody can see from one call",
    "provider_specific_entry.minimax_free_input_images": "pictures that are free of charge; videos are not called",
    "provider_specific_entry.bedrock_invocation_schema": _SWITCH,
    "provider_specific_entry.dashscope_video_reference_input": _SWITCH,
    "provider_specific_entry.realtime_ga_only": _SWITCH,
    "provider_specific_entry.transcription_json_or_text_only": _SWITCH,
    "provider_specific_entry.transcription_usage_duration": _SWITCH,
    "provider_specific_entry.volcengine_video_frames": _SWITCH,
}
_OTHER_CURRENCY: Final = "_dbu_"  # Databricks units, which are not USD

_MONEY: Final = re.compile(
    r"cost|multiplier|uplift|surcharge|discount|markup|pric(?:e|ing)(?:_|$)|(?:^|_)(?:fee|free)(?:_|$)"
)
_LIMITS: Final = re.compile(r"(?:max|token_count)_|(?:rpm|tpm|rpd|tpd)$")
_COUNTS: Final = frozenset({"output_vector_size", "prompt_cache_min_tokens", "tool_use_system_prompt_tokens"})
_NUMBER: Final = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")


def moves_money(key: str, value: object) -> bool:
    """Return whether a field of a row may change what a call costs.

    Its words say so, or it is a number that is no limit and no size: a field that nobody has seen yet counts as money
    until somebody has looked at it.
    """
    return is_rate_key(key) or (not _is_measure(key) and _is_number(value))


@lru_cache(maxsize=4096)  # a file has a few hundred keys, and thousands of rows that use them
def is_rate_key(key: str) -> bool:
    """Return whether a field's own words speak of money (`source` and `supports_…` do not)."""
    return key in NESTED or _MONEY.search(key) is not None


def is_acknowledged(key: str) -> bool:
    """Return whether a field, of a table `field.name`, is known to move money without being read."""
    return key in ACKNOWLEDGED or key.partition(".")[0] in ACKNOWLEDGED or _OTHER_CURRENCY in key


@lru_cache(maxsize=4096)
def _is_measure(key: str) -> bool:
    return key in _COUNTS or _LIMITS.match(key) is not None


def _is_number(value: object) -> bool:
    if value is True or value is False:  # most of what is neither money nor a measure
        return False
    if isinstance(value, str):
        return _NUMBER.fullmatch(value) is not None
    return isinstance(value, int | float)
