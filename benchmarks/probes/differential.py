"""Random usage of every row of the price file through LiteLLM's arithmetic and ours; runs in LiteLLM's environment."""

import json
import sys
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any, Final

from litellm.litellm_core_utils.llm_cost_calc.utils import generic_cost_per_token  # type: ignore[import-not-found]
from litellm.types.utils import (  # type: ignore[import-not-found]
    CacheCreationTokenDetails,
    CompletionTokensDetailsWrapper,
    PromptTokensDetailsWrapper,
    Usage,
)

from atom_llm.domain.core.providers import has_inclusive_thresholds, provider_id
from atom_llm.domain.pricing.cost import PricingTerms, Unpriced, cost
from atom_llm.domain.pricing.rates import Rates, read_rates
from atom_llm.domain.pricing.usage import disjoint

SEED: Final = 5
USAGES_A_ROW: Final = 3
SAME: Final = 1e-9  # relative; theirs are floats
MODES: Final = frozenset({"chat", "responses", "embedding", "realtime", "image_generation"})
# Its rows get a default from LiteLLM that the price file does not state.
LEFT_OUT: Final = frozenset({"fireworks_ai"})
PROMPTS: Final = (
    1_000,
    50_000,
    128_000,
    200_000,
    200_001,
    272_000,
    272_001,
    300_000,
    600_000,
)  # both sides of each edge
TIERS: Final = (None, None, "flex", "priority")
HOURS: Final = (2, 5, 9, 12)  # in and out of published off-peak windows
# What is taken away, one after the other, to see on what two answers differ.
PARTS: Final = ("cache_write_1h_tokens", "cache_write_tokens", "cache_read_tokens", "input_audio_tokens")

UnitCounts = dict[str, int]


def main() -> None:
    """Compare, and report how many usages were compared, how many differ and on what."""
    file, random = Path(json.loads(sys.argv[1])["file"]), Random(SEED)
    exact, floats = json.loads(file.read_text(), parse_float=str), json.loads(file.read_text())
    compared, unpriced = 0, 0
    differing: list[dict[str, Any]] = []
    failures: Counter[str] = Counter()
    for key, row in floats.items():
        provider = row.get("litellm_provider") if isinstance(row, dict) else None
        if provider is None or provider in LEFT_OUT or row.get("mode") not in MODES:
            continue
        rates = read_rates(exact[key], inclusive_thresholds=has_inclusive_thresholds(provider_id(provider)))
        for _ in range(USAGES_A_ROW):
            counts, tier = _usage(random), random.choice(TIERS)
            at = datetime(2026, 11, 11, random.choice(HOURS), tzinfo=UTC)
            try:
                theirs = _theirs(key, row, counts, tier, at)
            except Exception as failure:  # noqa: BLE001 - whatever it raises is its answer, and is counted
                failures[type(failure).__name__] += 1
                continue
            ours, is_priced = _ours(rates, counts, tier, at)
            compared, unpriced = compared + 1, unpriced + (not is_priced)
            if not _same(ours, theirs):
                about = _about(key, row, rates, counts, tier, at)
                differing.append({"model": key, "about": about, "ours": ours, "theirs": theirs, "tier": tier} | counts)
    report = {
        "compared": compared,
        "unpriced": unpriced,
        "failures": failures,
        "about": Counter(each["about"] for each in differing),
        "differing": differing,
    }
    print(json.dumps(report))


def _usage(random: Random) -> UnitCounts:
    prompt = random.choice(PROMPTS)
    written = random.choice([0, 0, prompt // 5])
    output = random.choice([0, 500, 5_000])
    return {
        "input_tokens": prompt,
        "cache_read_tokens": random.choice([0, 0, prompt // 4]),
        "cache_write_tokens": written,
        "cache_write_1h_tokens": random.choice([0, written // 2]),
        "output_tokens": output,
        "reasoning_tokens": random.choice([0, output // 3]),
        "input_audio_tokens": random.choice([0, 0, 0, prompt // 10]),
        "input_image_tokens": random.choice([0, 0, 0, prompt // 10]),
    }


def _ours(rates: Rates, counts: UnitCounts, tier: str | None, at: datetime) -> tuple[tuple[float, float], bool]:
    try:
        priced, is_priced = cost(disjoint(counts), rates, PricingTerms(service_tier=tier, at=at)), True
    except Unpriced as refusal:  # LiteLLM bills nothing for what has no price; the priced part is what compares
        priced, is_priced = refusal.priced, False
    return (float(priced.input), float(priced.output)), is_priced


def _theirs(
    key: str, row: Mapping[str, Any], counts: UnitCounts, tier: str | None, at: datetime
) -> tuple[float, float]:
    prompt, output = counts["input_tokens"], counts["output_tokens"]
    written, an_hour = counts["cache_write_tokens"], counts["cache_write_1h_tokens"]
    audio, image, read = counts["input_audio_tokens"], counts["input_image_tokens"], counts["cache_read_tokens"]
    usage = Usage(
        prompt_tokens=prompt,
        completion_tokens=output,
        total_tokens=prompt + output,
        prompt_tokens_details=PromptTokensDetailsWrapper(
            cached_tokens=read,
            audio_tokens=audio,
            image_tokens=image,
            cache_creation_tokens=written,
            text_tokens=prompt - read - audio - image - written,
            cache_creation_token_details=CacheCreationTokenDetails(
                ephemeral_5m_input_tokens=written - an_hour, ephemeral_1h_input_tokens=an_hour
            ),
        ),
        completion_tokens_details=CompletionTokensDetailsWrapper(reasoning_tokens=counts["reasoning_tokens"]),
    )
    charged, given = generic_cost_per_token(
        model=key,
        usage=usage,
        custom_llm_provider=row["litellm_provider"],
        service_tier=tier,
        model_info=dict(row),
        current_time=at,
    )
    return float(charged), float(given)


def _same(ours: tuple[float, float], theirs: tuple[float, float]) -> bool:
    return all(abs(a - b) <= SAME * max(abs(b), 1e-12) for a, b in zip(ours, theirs, strict=True))


def _about(key: str, row: Mapping[str, Any], rates: Rates, counts: UnitCounts, tier: str | None, at: datetime) -> str:
    """Return the first part of the usage without which two answers are the same."""
    for part in PARTS:
        without = counts | {part: 0} | ({"cache_write_1h_tokens": 0} if part == "cache_write_tokens" else {})
        if counts[part] and _same(_ours(rates, without, tier, at)[0], _theirs(key, row, without, tier, at)):
            return f"{part} under a service tier" if tier else part
    return "something else"


main()
