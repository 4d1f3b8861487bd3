"""The real files of ../shared/data, seen from the project's root; a test that needs one says so when it is absent."""

import csv
import json
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from atom_llm.adapters.sources import genai_prices, litellm, models_dev, openrouter
from atom_llm.domain.catalogue.source import SourceReading
from atom_llm.domain.catalogue.statements import ListReading, Statements, heard, passed_on

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
CASES = DATA.parent / "cases" / "2026-11-28"

# LiteLLM's file on five days, and the two that upstream served broken.
MARCH = "litellm/model_prices_2026-03-14_main.json"
JULY_22 = "litellm/model_prices_2026-07-22_main.json"
JULY_24 = "litellm/model_prices_2026-07-24_main.json"
SEPTEMBER = "litellm/model_prices_2026-09-06_v1.100.0.json"
NEWEST = "litellm/model_prices_2026-11-28_v1.110.2.json"
NOVEMBER = "litellm/model_prices_2026-11-12_v1.109.1.json"
DIRTY_UNITS = "litellm/dirty_units_2026-01-09.json"
DIRTY_JSON = "litellm/dirty_invalid_json_2025-04-04.json"
LITELLM_DAYS = (MARCH, JULY_22, JULY_24, SEPTEMBER, NOVEMBER)

OPENROUTER_OBJECT = "openrouter/models_2025-12-02.json"
OPENROUTER_BARE_LIST = "openrouter/models_2026-05-01.json"
OPENROUTER_OVERRIDES = "openrouter/models_2026-08-01.json"
OPENROUTER_DAYS = (OPENROUTER_OBJECT, OPENROUTER_BARE_LIST, OPENROUTER_OVERRIDES)

GENAI_PRICES = "xref/genai_prices_v2_2026-08-21.json"
MODELS_DEV = "xref/models_dev_api_2026-05-21.json"

GOLDEN_DECEMBER = "arena/arena_2025-12-17_100_to_litellm_2026-03-14.json"
GOLDEN_APRIL = "arena/arena_2026-04-24_100_to_litellm_2026-07-24.json"

BOARD_2024 = "arena/lmsys_2024-09.csv"
BOARD_DECEMBER = "arena/text_style_control_2025-12-17.json"
BOARD_APRIL = "arena/arena_scores_2026-04.json"
BOARD_TRUNCATED = "arena/arena_ai_text_2026-04-17.json"
WHOLE_BOARDS = (BOARD_2024, BOARD_DECEMBER, BOARD_APRIL)

COST_CASES = "cost_cases.json"
COST_KEYS = "litellm/cost_keys_2026-11-12.csv"


def is_present(name: str) -> bool:
    """Return whether a file of the shared data is at hand."""
    return (DATA / name).is_file()


def path_of(name: str) -> Path:
    """Return the path of a file of the shared data; the test is skipped when it is absent."""
    if not is_present(name):
        pytest.skip(f"needs the real file ../shared/data/{name}, which is absent")
    return DATA / name


def body_of(name: str) -> bytes:
    """Return a file as its source served it."""
    return path_of(name).read_bytes()


@cache
def _litellm(path: Path) -> SourceReading:
    return litellm.read(path.read_bytes())


@cache
def _openrouter(path: Path) -> SourceReading:
    return openrouter.read(path.read_bytes())


def litellm_of(name: str) -> SourceReading:
    """Return a price file, read once a run."""
    return _litellm(path_of(name))


def openrouter_of(name: str) -> SourceReading:
    """Return a model list, read once a run."""
    return _openrouter(path_of(name))


@cache
def _genai_prices(path: Path) -> ListReading:
    return genai_prices.read(path.read_bytes())


@cache
def _models_dev(path: Path) -> ListReading:
    return models_dev.read(path.read_bytes())


def genai_prices_list() -> ListReading:
    """Return genai-prices' list, read once a run."""
    return _genai_prices(path_of(GENAI_PRICES))


def models_dev_list() -> ListReading:
    """Return models.dev's list, read once a run."""
    return _models_dev(path_of(MODELS_DEV))


def statements(today: date) -> Statements:
    """Return what all lists but the primary say, as heard for the first time today."""
    readings = (genai_prices_list(), models_dev_list(), passed_on(openrouter_of(OPENROUTER_OVERRIDES)))
    return Statements({reading.source: heard(None, reading, today) for reading in readings}, today)


@cache
def _json(path: Path) -> Any:
    return json.loads(path.read_bytes(), parse_float=Decimal)


def json_of(name: str) -> Any:
    """Return a JSON file, its fractions exact."""
    return _json(path_of(name))


def cost_cases() -> list[dict[str, Any]]:
    """Return the cases of `cost_cases.json`; none when it is absent, for use where tests are collected."""
    return list(_json(DATA / COST_CASES)["cases"]) if is_present(COST_CASES) else []


def cost_keys() -> list[dict[str, str]]:
    """Return every cost key of the newest file, as counted from it."""
    with path_of(COST_KEYS).open(newline="") as table:
        return list(csv.DictReader(table))
