"""Rows that leaderboards' names mean, by hand-read mappings and by single rules."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atom_llm.domain.catalogue.catalogue import ModelEntry
from atom_llm.domain.catalogue.names import NameIndex
from atom_llm.domain.catalogue.spelling import is_same_date
from atom_llm.domain.registry.board_names import MeantRow, meant, steps
from atom_llm.domain.registry.board_settings import without_settings
from testing import real_data
from testing.rows import row
from tests.unit.registry.boards import index_of

GOLDEN = [(real_data.GOLDEN_DECEMBER, real_data.MARCH), (real_data.GOLDEN_APRIL, real_data.JULY_24)]


def sold(key: str, *, by: str = "acme", own: bool = True) -> ModelEntry:
    return row(key.rsplit("/", 1)[-1], provider=by, source_key=key, first_party=own)


def found(name: str, *entries: ModelEntry) -> MeantRow | None:
    return meant(name, index_of(*entries))


@pytest.fixture(scope="module")
def newest() -> NameIndex:
    return index_of(*real_data.litellm_of(real_data.NEWEST).entries.values())


@pytest.mark.parametrize(("golden", "prices"), GOLDEN)
def test_every_name_that_a_person_mapped_comes_out_as_that_person_mapped_it(golden: str, prices: str) -> None:
    index = index_of(*real_data.litellm_of(prices).entries.values())
    wrong = {}
    for each in real_data.json_of(golden)["rows"]:
        result = meant(each["arena"], index)
        if (result and result.row.source_key) != each["litellm"]:
            wrong[each["arena"]] = (each["litellm"], result)
    assert wrong == {}


@pytest.mark.parametrize(("golden", "prices"), GOLDEN)
def test_what_a_person_called_weak_is_weak_and_nothing_else_is(golden: str, prices: str) -> None:
    index = index_of(*real_data.litellm_of(prices).entries.values())
    for each in real_data.json_of(golden)["rows"]:
        result = meant(each["arena"], index)
        if result is not None:
            assert result.is_strict is (each["tier"] <= 2), each


@pytest.mark.parametrize("words", ["thinking", "thinking-32k", "no-thinking", "non-thinking", "high", "xhigh-thinking"])
def test_effort_words_are_left_off(words: str) -> None:
    result = found(f"sage-4-{words}", sold("sage-4"))
    assert result is not None
    assert (result.row.source_key, result.match) == ("sage-4", "variant")


@pytest.mark.parametrize(
    "word", ["mini", "nano", "lite", "flash", "pro", "turbo", "plus", "fast", "codex", "image", "medium"]
)
def test_words_that_name_another_model_are_kept(word: str) -> None:
    assert found(f"sage-4-{word}", sold("sage-4")) is None
    assert found("sage-4", sold(f"sage-4-{word}")) is None


@pytest.mark.parametrize(("name", "matches"), [("sage-2-max", True), ("qwen-2-max", False), ("step-2-max", False)])
def test_max_is_an_effort_except_where_it_is_a_model(name: str, matches: bool) -> None:
    assert (found(name, sold(name.removesuffix("-max"))) is not None) is matches


def test_a_row_that_carries_the_effort_word_itself_is_meant_by_it() -> None:
    result = found("sage-4-thinking", sold("sage-4"), sold("sage-4-thinking"))
    assert result is not None
    assert (result.row.source_key, result.match) == ("sage-4-thinking", "same")


def test_a_dated_name_never_takes_another_date_and_is_flagged_on_an_undated_row() -> None:
    assert found("sage-4-20250101", sold("sage-4-20240101")) is None
    result = found("sage-4-20250101", sold("sage-4-20240101"), sold("sage-4"))
    assert result is not None
    assert (result.row.source_key, result.match) == ("sage-4", "undated")


def test_an_undated_name_takes_the_newest_dated_row() -> None:
    result = found("sage-4", sold("sage-4-20240101"), sold("sage-4-20250101"))
    assert result is not None
    assert (result.row.source_key, result.match) == ("sage-4-20250101", "dated")


def test_preview_goes_off_the_catalogue_s_side_freely_and_off_the_board_s_weakly() -> None:
    strict, weak = found("sage-4", sold("sage-4-preview")), found("sage-4-preview", sold("sage-4"))
    assert strict is not None
    assert strict.is_strict
    assert weak is not None
    assert not weak.is_strict


def test_a_release_is_only_weakly_its_experiment() -> None:
    result = found("sage-4-exp-thinking", sold("sage-4"))
    assert result is not None
    assert not result.is_strict


def test_the_vendor_s_own_row_comes_before_a_host_s_and_tells_of_it() -> None:
    host, own = sold("cloud/acme/sage-4", by="cloud", own=False), sold("sage-4-preview")
    result = found("sage-4", host, own)
    assert result is not None
    assert result.row.provider == "acme"
    assert [other.provider for other in result.also] == ["cloud"]


def test_a_bare_key_of_a_host_does_not_hide_the_vendor_s_own_row() -> None:
    bare = row("gem-2", provider="vertex_ai", source_key="gem-2")
    own = row("gem-2", provider="google", source_key="gemini/gem-2", first_party=True)
    result = found("gem-2", bare, own)
    assert result is not None
    assert result.row.provider == "google"


def test_a_plus_that_ends_a_word_is_a_word() -> None:
    plain, plus = sold("command-r"), sold("command-r-plus")
    result = found("Command R+ (04-2024)", plain, plus)
    assert result is not None
    assert result.row.source_key == "command-r-plus"
    assert found("Command R+", plain) is None


@pytest.mark.parametrize("name", ["sage", "sage-4-b", "sage-44", "age-4", "4-sage", "sagacious", ""])
def test_no_part_and_no_resemblance_is_a_match(name: str) -> None:
    assert found(name, sold("sage-4")) is None


def test_a_name_longer_than_any_is_nothing() -> None:
    assert list(steps("sage" + "-high" * 60)) == []


NAMES = st.lists(
    st.sampled_from(["sage", "4", "5", "mini", "exp", "preview", "thinking", "high", "20250101", "0324", "it", "max"]),
    min_size=1,
    max_size=5,
).map("-".join)


@given(st.lists(st.tuples(NAMES, st.booleans()), max_size=6, unique=True), NAMES, st.randoms(use_true_random=False))
@settings(max_examples=200)
def test_the_order_of_rows_decides_nothing(rows: list[tuple[str, bool]], name: str, chance: object) -> None:
    entries = [sold(key, by="acme" if own else "cloud", own=own) for key, own in rows]
    assert _chosen(name, index_of(*entries)) == _chosen(name, index_of(*reversed(entries)))


def _chosen(name: str, index: NameIndex) -> tuple[str, str, str] | None:
    result = meant(name, index)
    return None if result is None else (result.row.provider, result.row.source_key, result.match)


# Settings in brackets


@pytest.mark.parametrize(
    ("name", "bare"),
    [
        ("Claude Opus 4.5 (High, 32K, 20251101)", "Claude Opus 4.5 20251101"),
        ("Claude Opus 4.5 [Thinking 64K]", "Claude Opus 4.5"),
        ("GPT-5.5 (xHigh, Codex Harness)", "GPT-5.5"),
        ("gpt-5.3-codex (codex-harness)", "gpt-5.3-codex"),
        ("Nemotron 3 Ultra (NVFP4)", "Nemotron 3 Ultra"),
        ("GPT-6 Sol (Medium)", "GPT-6 Sol"),
        ("Gemini 2.5 Pro (Dynamic Thinking)", "Gemini 2.5 Pro"),
        ("Kimi K3 (Reasoning: High; INT4)", "Kimi K3"),
        ("Claude Opus 4.5 (Nov 2025)", "Claude Opus 4.5 11-2025"),
        ("Gemini 3.1 Pro (Preview, High)", "Gemini 3.1 Pro Preview"),
        ("Qwen3 235B A22B (Instruct, 2507)", "Qwen3 235B A22B Instruct 2507"),
        ("Mistral Medium", "Mistral Medium"),
        ("claude-opus-4-5-high", "claude-opus-4-5-high"),
    ],
)
def test_brackets_lose_what_they_say_of_a_run_and_keep_what_they_say_of_the_model(name: str, bare: str) -> None:
    assert without_settings(name) == bare


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Claude Opus 4.5 (High, 32K, 20251101)", "claude-opus-4-5-20251101"),
        ("claude-opus-4-5-20251101-high-32k", "claude-opus-4-5-20251101"),
        ("Claude Opus 4.5 (High, 64K, 20251024)", None),
        ("Claude Opus 5.5 (Max)", "claude-opus-5-5"),
        ("GPT-5.5 (xHigh, Codex Harness)", "gpt-5.5"),
        ("GPT-5.1 Codex Max (xHigh, Codex Harness)", "gpt-5.1-codex-max"),
        ("GPT-5.4 (High, 2026-03-05)", "gpt-5.4-2026-03-05"),
        ("Kimi K3 (NVFP4)", "moonshot/kimi-k3"),
        ("MiniMax-M3 (Claude Code Harness)", "minimax/MiniMax-M3"),
        ("Gemini 3.1 Pro (Preview, High)", "gemini/gemini-3.1-pro-preview"),
        ("Grok 4.20 (Beta, 0309, Reasoning)", "xai/grok-4.20-beta-0309-reasoning"),
        ("Qwen3.8 Max (Thinking)", "dashscope/qwen3.8-max"),
        ("Mistral Large (2411)", "vertex_ai/mistral-large-2411"),
        ("mistral-large-2407", "vertex_ai/mistral-large@2407"),
        ("qwen-plus-0125", "dashscope/qwen-plus-2025-01-25"),
        ("gpt-4-0314", None),
        ("gpt-4o (2024-07-01)", None),
        ("ministral-8b-2410", None),
    ],
)
def test_names_as_boards_of_this_autumn_write_them_mean_these_rows_of_the_newest_file(
    newest: NameIndex, name: str, key: str | None
) -> None:
    result = meant(name, newest)
    assert (result.row.source_key if result else None) == key


def test_an_undated_row_beside_dated_ones_is_meant_only_by_a_date_beyond_them() -> None:
    rows = sold("sage-4"), sold("sage-4-20260101"), sold("sage-4-20260601")
    assert [found(f"sage-4-{date}", *rows) is None for date in ("20250101", "20260301", "0301")] == [True] * 3
    newer = found("sage-4-20260901", *rows)
    assert newer is not None
    assert (newer.row.source_key, newer.match) == ("sage-4", "undated")


def test_qwen_s_undated_name_stays_with_its_first_release() -> None:
    result = found("qwen-9-max-20250901", sold("qwen-9-max"), sold("qwen-9-max-20260101"))
    assert result is not None
    assert result.row.source_key == "qwen-9-max"


@pytest.mark.parametrize(("asked", "listed"), [("0813", "20260813"), ("20260813", "0813"), ("202512", "20251201")])
def test_two_spellings_of_one_date_are_one(asked: str, listed: str) -> None:
    assert is_same_date(asked, listed)
    assert not is_same_date(asked, "20270102")
