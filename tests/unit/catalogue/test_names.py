"""Name resolution: every spelling of one model is one model, and two models are never one."""

import re
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atom_llm.domain.catalogue.names import MAX_NEAR_NAMES, NamedRow, NameIndex
from atom_llm.domain.catalogue.spelling import NameSpelling, catalogue_spelling, folded, without_effort
from tests.unit.catalogue.named_rows import index


def meaning(names: NameIndex, name: str) -> tuple[str, str] | None:
    found = names.resolve(name)
    return (found.id, found.match) if found else None


@pytest.mark.parametrize(
    "name",
    [
        "claude-sonnet-4-5",
        "claude-sonnet-4-5-20250929",
        "anthropic.claude-sonnet-4-5-20250929-v1:0",
        "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
        "vertex_ai/claude-sonnet-4-5@20250929",
        "anthropic/claude-sonnet-4.5",
        "anthropic/claude-4.5-sonnet-20250929",
        "Claude Sonnet 4.5",
        "claude_sonnet_4_5-latest",
    ],
)
def test_the_spellings_of_one_model_have_one_stem(name: str) -> None:
    assert catalogue_spelling(name).stem == "claude-sonnet-4-5"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("gpt-4", "gpt-4o"),
        ("gpt-4o", "gpt-4o-mini"),
        ("gemini-2.5-flash", "gemini-2.5-flash-lite"),
        ("gemini-2.5-flash", "gemini-2.5-flash-image"),
        ("grok-4", "grok-4-fast"),
        ("mistral-medium", "mistral-large"),
        ("qwen3-max", "qwen3"),
        ("gpt-5-codex", "gpt-5"),
        ("gpt-5-pro", "gpt-5"),
        ("claude-3-5-sonnet", "claude-3-7-sonnet"),
        ("gpt-4-turbo", "gpt-4"),
    ],
)
def test_different_models_have_different_stems(one: str, other: str) -> None:
    assert catalogue_spelling(one).stem != catalogue_spelling(other).stem


@pytest.mark.parametrize(
    ("name", "date"),
    [
        ("gpt-4o-2024-08-06", "20240806"),
        ("claude-3-opus-20240229", "20240229"),
        ("mistral-large-2411", "202411"),
        ("command-r-08-2024", "202408"),
        ("gpt-4-0613", "0613"),
        ("gpt-4-1106-preview", "1106"),
        ("gemini-2.5-flash-preview-09-2025", "202509"),
        ("gpt-4o", ""),
        ("glm-4.6", ""),
        ("o3-2025-13-40", ""),
        ("qwen3-235b-a22b", ""),
    ],
)
def test_a_date_is_taken_off_and_kept_apart(name: str, date: str) -> None:
    assert catalogue_spelling(name).date == date


@pytest.mark.parametrize("word", ["latest", "instruct", "it", "hf", "fp8", "bf16", "maas"])
def test_words_that_name_no_other_model_are_dropped(word: str) -> None:
    assert catalogue_spelling(f"llama-9-70b-{word}").stem == "llama-9-70b"


@pytest.mark.parametrize(
    "word", ["mini", "nano", "lite", "flash", "pro", "turbo", "plus", "fast", "codex", "image", "medium"]
)
def test_words_that_name_another_model_are_never_dropped(word: str) -> None:
    spelling = catalogue_spelling(f"gpt-9-{word}")
    assert spelling.stem == f"gpt-9-{word}"
    assert without_effort(spelling) is None


@pytest.mark.parametrize(
    "effort",
    ["thinking", "thinking-32k", "no-thinking", "reasoning", "non-reasoning", "high", "xhigh", "low", "minimal", "max"],
)
def test_effort_words_come_off_only_where_a_leaderboard_appends_them(effort: str) -> None:
    spelling = catalogue_spelling(f"grok-9-{effort}")
    assert spelling.stem == f"grok-9-{effort}"
    assert without_effort(spelling) == NameSpelling("grok-9")


@pytest.mark.parametrize("name", ["qwen3-max", "mistral-9-max", "step-2-max"])
def test_max_is_a_model_s_own_word_for_some_vendors(name: str) -> None:
    assert without_effort(catalogue_spelling(name)) is None


@given(st.text())
def test_folding_twice_folds_once(text: str) -> None:
    assert folded(folded(text)) == folded(text)


@given(st.text(st.sampled_from("aZ9-_./:+@,() \t\n\x1c\x85\u2028éİ"), max_size=12))
def test_a_name_is_folded_as_the_pattern_of_separators_says(text: str) -> None:
    assert folded(text) == re.sub(r"[\s_./:+@,()-]+", "-", text.strip().lower()).strip("-")


def test_the_vendor_s_own_row_is_preferred_to_any_host_s() -> None:
    names = index(("azure/gpt-9", "azure", False), ("gpt-9", "openai", True), ("a/gpt-9", "a", False))
    found = names.resolve("GPT 9")
    assert found is not None
    assert found.id == "openai/gpt-9"
    assert found.also == ("a/gpt-9", "azure/gpt-9")


def test_a_host_s_row_of_that_very_date_is_nearer_than_a_vendor_s_undated_row() -> None:
    names = index(("claude-9", "anthropic", True), ("snowflake/claude-9-20250929", "snowflake", False))
    assert meaning(names, "claude-9-2025-09-29") == ("snowflake/claude-9-20250929", "host")


def test_a_provider_in_front_of_a_name_keeps_the_search_among_its_rows() -> None:
    names = index(("gpt-9", "openai", True), ("azure/gpt-9-2026-01-02", "azure", False))
    assert meaning(names, "azure/gpt-9") == ("azure/gpt-9-2026-01-02", "dated")
    assert meaning(names, "openai/gpt-9") == ("openai/gpt-9", "alias")


def test_a_provider_without_the_model_is_not_replaced_by_another() -> None:
    names = index(("gpt-9", "openai", True), ("groq/llama-9", "groq", False))
    assert names.resolve("groq/gpt-9") is None


def test_a_dated_name_takes_its_own_date() -> None:
    names = index(("gpt-9-2026-01-02", "openai", True), ("gpt-9-2026-03-04", "openai", True), ("gpt-9", "openai", True))
    assert meaning(names, "gpt.9.20260102") == ("openai/gpt-9-2026-01-02", "alias")


def test_a_dated_name_takes_an_undated_row_and_says_so() -> None:
    assert meaning(index(("gpt-9", "openai", True)), "gpt-9-2026-01-02") == ("openai/gpt-9", "undated")


def test_a_dated_name_never_takes_another_date() -> None:
    assert index(("gpt-9-2026-01-02", "openai", True)).resolve("gpt-9-2026-01-03") is None


def test_an_undated_name_takes_the_newest_date_and_says_so() -> None:
    names = index(("gpt-9-2026-01-02", "openai", True), ("gpt-9-2026-03-04", "openai", True))
    assert meaning(names, "gpt-9") == ("openai/gpt-9-2026-03-04", "dated")


def test_an_undated_name_takes_the_undated_row_where_there_is_one() -> None:
    names = index(("gpt-9-2026-03-04", "openai", True), ("openai/gpt-9", "openai", True))
    assert meaning(names, "gpt 9") == ("openai/gpt-9", "alias")


def test_a_preview_answers_for_its_model_only_weakly() -> None:
    assert meaning(index(("gemini-9-preview", "google", True)), "gemini-9") == ("google/gemini-9-preview", "weak")


def test_a_name_with_preview_takes_the_final_model_only_weakly() -> None:
    names = index(("gemini-9", "google", True), ("gemini-8-preview", "google", True))
    assert meaning(names, "gemini-9-preview") == ("google/gemini-9", "weak")
    assert meaning(names, "gemini 8 preview") == ("google/gemini-8-preview", "alias")


def test_the_preview_is_preferred_for_a_preview_and_the_model_for_the_model() -> None:
    names = index(("gemini-9", "google", True), ("google/gemini-9-preview", "google", True))
    assert meaning(names, "gemini 9") == ("google/gemini-9", "alias")
    assert meaning(names, "gemini 9 preview") == ("google/gemini-9-preview", "alias")


def test_effort_words_are_dropped_only_weakly_and_only_if_no_row_has_them() -> None:
    names = index(("grok-9", "xai", True), ("kimi-9", "moonshot", True), ("kimi-9-thinking", "moonshot", True))
    assert meaning(names, "grok-9-thinking-32k") == ("xai/grok-9", "weak")
    assert meaning(names, "kimi 9 thinking") == ("moonshot/kimi-9-thinking", "alias")


def test_effort_and_date_come_off_together() -> None:
    names = index(("claude-sonnet-9-20260929", "anthropic", True))
    assert meaning(names, "claude-sonnet-9-20260929-thinking-32k") == ("anthropic/claude-sonnet-9-20260929", "weak")


@pytest.mark.parametrize(
    "name", ["", " ", "-", "/", "openai/", "a", "4", "gpt", "4o", "gpt-4", "gpt-4o-mini", "o", "\x00"]
)
def test_no_part_of_a_name_and_no_longer_name_means_it(name: str) -> None:
    assert index(("gpt-4o", "openai", True)).resolve(name) is None


def test_names_that_are_near_are_offered_the_nearest_first_and_five_at_most() -> None:
    names = index(
        *((f"gpt-4o-{word}", "openai", True) for word in ("mini", "audio", "search", "realtime", "tts", "image"))
    )
    near = names.near("gpt-4o-minni")
    assert near[0] == "openai/gpt-4o-mini"
    assert len(near) <= MAX_NEAR_NAMES


@pytest.mark.parametrize("name", ["", "zzz", "?"])
def test_nothing_is_offered_for_what_resembles_nothing(name: str) -> None:
    assert index(("gpt-4o", "openai", True)).near(name) == ()


KEYS = st.sampled_from(
    [
        "gpt-9",
        "GPT-9",
        "Gpt-9",
        "openai/gpt-9",
        "OpenAI/GPT-9",
        "gpt-9-2026-01-02",
        "gpt-9-preview",
        "gpt-9-0102",
        "x/y/gpt-9",
        "gpt-9-latest",
    ]
)
ROWS = st.lists(
    st.tuples(KEYS, st.sampled_from(["openai", "azure", "groq"]), st.booleans()),
    max_size=8,
    unique_by=lambda row: row[:2],
)


@given(ROWS, st.randoms(use_true_random=False), KEYS)
@settings(deadline=None, max_examples=300)
def test_the_order_of_rows_decides_nothing(rows: list[tuple[str, str, bool]], chance: Any, name: str) -> None:
    shuffled = list(rows)
    chance.shuffle(shuffled)
    one, other = (_numbered(order, rows) for order in (rows, shuffled))
    assert one.resolve(name) == other.resolve(name)
    assert one.near(name) == other.near(name)


def _numbered(order: Sequence[tuple[str, str, bool]], rows: Sequence[tuple[str, str, bool]]) -> NameIndex:
    """An index in which every row has an id of its own."""
    named = [
        NamedRow(f"{provider}/{rows.index(row)}", key, provider, own) for row in order for key, provider, own in [row]
    ]
    return NameIndex(named, {"openai": "openai", "azure": "azure"})
