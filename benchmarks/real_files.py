"""The real files that are measured with, seen from the project's root."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data"

# Two real pairs: two neighbouring days, and two months between which a reseller of hundreds of rows left.
JULY_22 = DATA / "litellm" / "model_prices_2026-07-22_main.json"
JULY_24 = DATA / "litellm" / "model_prices_2026-07-24_main.json"
SEPTEMBER = DATA / "litellm" / "model_prices_2026-09-06_v1.100.0.json"
NEWEST = DATA / "litellm" / "model_prices_2026-11-12_v1.109.1.json"
LATEST = DATA / "litellm" / "model_prices_2026-11-28_v1.110.2.json"
GENAI_PRICES = DATA / "xref" / "genai_prices_v2_2026-08-21.json"
MODELS_DEV = DATA / "xref" / "models_dev_api_2026-05-21.json"
RESELLER = DATA / "openrouter" / "models_2026-08-01.json"

BOARD = DATA / "arena" / "arena_scores_2026-04.json"

NEEDED = (JULY_22, JULY_24, SEPTEMBER, NEWEST, LATEST, RESELLER, GENAI_PRICES, MODELS_DEV, BOARD)


def missing() -> list[str]:
    """Return the names of files that are not at hand; without them there is nothing to measure."""
    return [file.name for file in NEEDED if not file.is_file()]
