"""Searching the catalogue: filters before limits, an order that is the same everywhere, typing errors, and reasons."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atom_llm.domain.catalogue.catalogue import ModelEntry, TokenLimits, decode, encode
from atom_llm.domain.registry.board import BoardRow
from atom_llm.domain.registry.quality import QualitySet, scored
from atom_llm.domain.registry.search import SearchHit, SearchIndex, SearchPage, SearchPosition, SearchQuery
from atom_llm.domain.registry.search_text import typos
from testing import real_data
from testing.rows import row
from tests.unit.registry import boards
from tests.unit.registry.boards import index_of, made_up

TODAY = date(2026, 11, 23)
MILLIONTH = Decimal("0.000001")


def sold(
    key: str,
    *able: str,
    by: str = "acme",
    own: bool = True,
    usd: str | None = "1e-06",
    context: int | None = 128_000,
    mode: str | None = "chat",
    ends: date | None = None,
) -> ModelEntry:
    """A row of a model; `usd` is the price of a token, of input and of output alike."""
    rates = {} if usd is None else {"input_cost_per_token": usd, "output_cost_per_token": usd}
    entry = row(key.rsplit("/", 1)[-1], provider=by, source_key=key, first_party=own, rates=rates)
    return replace(
        entry, mode=mode, limits=TokenLimits(context, 8_000), capabilities=frozenset(able), deprecation_date=ends
    )


def index(*entries: ModelEntry, rated: Sequence[BoardRow] = ()) -> SearchIndex:
    return SearchIndex(decode(encode(entries)[1]), scored(made_up(*rated), index_of(*entries)))


def found(searched: SearchIndex, wanted: SearchQuery) -> list[str]:
    return [hit.outline.id for hit in searched.search(wanted, TODAY, limit=1_000).hits]


def pages(searched: SearchIndex, wanted: SearchQuery, limit: int) -> Iterator[SearchPage]:
    after: SearchPosition | None = None
    while True:
        page = searched.search(wanted, TODAY, limit=limit, after=after)
        yield page
        if page.is_last:
            return
        after = page.hits[-1].position


# Filters

SIGHTED = sold("sage-4", "vision", "function_calling", "reasoning")
CALLING = sold("sage-4-mini", "function_calling", usd="1e-07", context=32_000)
BLIND = sold("sage-3", usd="2e-06", context=None)
EMBEDDING = sold("lore-embed", mode="embedding", usd="1e-08", context=8_000)
HOSTED = sold("cloud/acme/sage-4", "vision", "function_calling", by="cloud", own=False, usd="3e-06")
FREE_OF_TOKENS = sold("sage-painter", mode="image_generation", usd=None)
WORLD = (SIGHTED, CALLING, BLIND, EMBEDDING, HOSTED, FREE_OF_TOKENS)
RATED = (BoardRow("sage-4", 1300.0), BoardRow("sage-4-mini", 1150.0))


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        (SearchQuery(provider="cloud"), {"cloud/sage-4"}),
        (SearchQuery(provider="nobody"), set()),
        (SearchQuery(mode="embedding"), {"acme/lore-embed"}),
        (
            SearchQuery(capabilities=frozenset({"function_calling"})),
            {"acme/sage-4", "acme/sage-4-mini", "cloud/sage-4"},
        ),
        (SearchQuery(capabilities=frozenset({"function_calling", "vision"})), {"acme/sage-4", "cloud/sage-4"}),
        (SearchQuery(capabilities=frozenset({"function_calling", "vision", "reasoning"})), {"acme/sage-4"}),
        (SearchQuery(capabilities=frozenset({"vision", "flight"})), set()),
        (SearchQuery(min_context=128_000), {"acme/sage-4", "cloud/sage-4", "acme/sage-painter"}),
        (SearchQuery(min_context=128_001), set()),
        (SearchQuery(max_price=MILLIONTH), {"acme/sage-4", "acme/sage-4-mini", "acme/lore-embed"}),
        (SearchQuery(max_price=Decimal("0.00000099")), {"acme/sage-4-mini", "acme/lore-embed"}),
        (SearchQuery(max_price=Decimal(0)), set()),
        (SearchQuery(query="sage", provider="acme", min_context=100_000, mode="chat"), {"acme/sage-4"}),
    ],
)
def test_only_what_passes_every_filter_is_found(wanted: SearchQuery, ids: set[str]) -> None:
    assert set(found(index(*WORLD, rated=RATED), wanted)) == ids


def test_a_quality_bound_includes_its_own_score_and_leaves_out_what_has_none() -> None:
    searched = index(*WORLD, rated=RATED)
    best = searched.quality_of("acme/sage-4")
    assert best is not None
    assert best.score > 85  # measured: no estimate reaches it
    assert set(found(searched, SearchQuery(min_quality=best.score))) == {"acme/sage-4", "cloud/sage-4"}
    assert found(searched, SearchQuery(min_quality=best.score + 0.001)) == []
    assert set(found(searched, SearchQuery(min_quality=best.score, max_quality=best.score))) == {
        "acme/sage-4",
        "cloud/sage-4",
    }
    below = set(found(searched, SearchQuery(max_quality=best.score - 0.001)))
    assert below == {"acme/sage-4-mini", "acme/sage-3"}
    assert set(found(searched, SearchQuery(min_quality=0.0))) == below | {"acme/sage-4", "cloud/sage-4"}
    assert found(searched, SearchQuery(min_quality=90.0, max_quality=10.0)) == []


@pytest.mark.parametrize(("ends", "is_found"), [(date(2026, 11, 24), True), (TODAY, False), (date(2025, 1, 1), False)])
def test_a_row_is_found_until_its_deprecation_date_comes_and_then_when_asked_for(ends: date, is_found: bool) -> None:
    searched = index(sold("sage-1", ends=ends))
    assert (found(searched, SearchQuery()) == ["acme/sage-1"]) is is_found
    assert found(searched, SearchQuery(include_deprecated=True)) == ["acme/sage-1"]
    (hit,) = searched.search(SearchQuery(include_deprecated=True), TODAY, limit=1).hits
    assert any("deprecated since" in reason for reason in hit.reasons) is not is_found


def test_a_row_that_its_source_no_longer_lists_is_no_deprecated_one_and_says_so() -> None:
    (hit,) = index(replace(sold("sage-1"), absent_since=41)).search(SearchQuery(), TODAY, limit=1).hits
    assert "no longer listed by its source, since refresh 41" in hit.reasons


def test_filters_come_before_the_limit() -> None:
    entries = [sold(f"sage-{number}", "vision" if number % 10 == 0 else "sound") for number in range(100)]
    page = index(*entries).search(SearchQuery(capabilities=frozenset({"vision"})), TODAY, limit=10)
    assert (len(page.hits), page.total, page.is_last) == (10, 10, True)


# Order and pages


def test_the_best_come_first_and_of_equals_the_maker_s_own_then_the_cheapest_then_by_id() -> None:
    entries = (
        sold("b/sage-4", by="b", own=False, usd="1e-06"),
        sold("a/sage-4", by="a", own=False, usd="1e-06"),
        sold("c/sage-4", by="c", own=False, usd="1e-07"),
        sold("sage-4", usd="9e-06"),
        sold("sage-4-mini"),
        sold("lore-embed", mode="embedding"),
    )
    order = ["acme/sage-4", "c/sage-4", "a/sage-4", "b/sage-4", "acme/sage-4-mini", "acme/lore-embed"]
    assert found(index(*entries, rated=RATED), SearchQuery()) == order
    assert found(index(*reversed(entries), rated=RATED), SearchQuery()) == order


@cache
def real() -> SearchIndex:
    """The newest catalogue and the newest board."""
    entries = real_data.litellm_of(real_data.NOVEMBER).entries.values()
    return SearchIndex(decode(encode(entries)[1]), scored(boards.real(real_data.BOARD_APRIL), index_of(*entries)))


QUESTIONS = st.builds(
    SearchQuery,
    query=st.sampled_from(["", "gpt", "claude sonnet", "clade sonet", "mini", "gpt4o", "llama 3 70b nobody"]),
    provider=st.none() | st.sampled_from(["openai", "azure", "groq"]),
    capabilities=st.sets(st.sampled_from(["vision", "function_calling", "reasoning"]), max_size=2).map(frozenset),
    min_quality=st.none() | st.floats(0, 100),
    max_quality=st.none() | st.floats(0, 100),
    min_context=st.none() | st.sampled_from([0, 8_192, 200_000]),
    max_price=st.none() | st.sampled_from([Decimal(0), MILLIONTH]),
    include_deprecated=st.booleans(),
)


@given(QUESTIONS, st.integers(1, 200))
@settings(max_examples=60, deadline=None)
def test_pages_together_are_the_whole_answer_once_and_in_order(wanted: SearchQuery, limit: int) -> None:
    whole = found(real(), wanted) if (total := real().search(wanted, TODAY, limit=1).total) <= 1_000 else None
    ids = [hit.outline.id for page in pages(real(), wanted, max(limit, total // 20)) for hit in page.hits]
    assert len(ids) == len(set(ids)) == total
    assert whole is None or ids == whole


@given(QUESTIONS)
@settings(max_examples=60, deadline=None)
def test_every_hit_passes_every_bound(wanted: SearchQuery) -> None:
    for hit in real().search(wanted, TODAY, limit=200).hits:
        outline, score = hit.outline, hit.quality.score if hit.quality else None
        assert wanted.provider in (None, outline.provider)
        assert wanted.capabilities <= set(outline.capabilities)
        assert wanted.min_quality is None or (score is not None and score >= wanted.min_quality)
        assert wanted.max_quality is None or (score is not None and score <= wanted.max_quality)
        assert wanted.min_context is None or (outline.context or -1) >= wanted.min_context
        assert wanted.max_price is None or (hit.blended is not None and hit.blended <= wanted.max_price)
        assert wanted.include_deprecated or not outline.deprecation or outline.deprecation > TODAY.isoformat()


def test_a_page_behind_a_row_that_is_no_longer_there_goes_on_where_it_stood() -> None:
    entries = [sold(f"sage-{letter}") for letter in "abcdef"]
    first = index(*entries).search(SearchQuery(), TODAY, limit=3)
    rest = index(*entries[:2], *entries[3:]).search(SearchQuery(), TODAY, limit=9, after=first.hits[-1].position)
    assert [hit.outline.id for hit in rest.hits] == ["acme/sage-d", "acme/sage-e", "acme/sage-f"]


@pytest.mark.parametrize(("rows", "is_last"), [(3, True), (4, False)])
def test_a_full_page_knows_whether_one_follows(rows: int, is_last: bool) -> None:
    page = index(*(sold(f"sage-{number}") for number in range(rows))).search(SearchQuery(), TODAY, limit=3)
    assert (len(page.hits), page.total, page.is_last) == (3, rows, is_last)


# Names


def first(query: str) -> SearchHit:
    """The first answer of the real catalogue."""
    return real().search(SearchQuery(query=query), TODAY, limit=1).hits[0]


@pytest.mark.parametrize(
    ("query", "identity"),
    [
        ("gpt-4o", "openai/gpt-4o"),
        ("OpenAI/GPT-4o", "openai/gpt-4o"),
        ("gpt4o", "openai/gpt-4o"),
        ("gpt 5 mini", "openai/gpt-5-mini"),
        ("gemini25pro", "google/gemini-2.5-pro"),
        ("claude-opus-4-6", "anthropic/claude-opus-4-6"),
        ("sonnet 4.5", "anthropic/claude-sonnet-4-5"),
        ("4.5 sonnet", "anthropic/claude-sonnet-4-5"),
        ("kimi k2.6", "moonshot/kimi-k2.6"),
    ],
)
def test_a_name_in_any_spelling_finds_the_maker_s_own_row_first(query: str, identity: str) -> None:
    assert first(query).outline.id == identity


@pytest.mark.parametrize(
    ("mistyped", "meant"),
    [
        ("calude", "claude"),
        ("claud sonet 4.5", "claude-sonnet-4-5"),
        ("gemni", "gemini"),
        ("gtp-4o", "gpt-4o"),
        ("oepnai/gtp-4o", "gpt-4o"),
        ("gpt-4o-mni", "gpt-4o-mini"),
        ("mistrall lage", "mistral-large"),
        ("deepsek r1", "deepseek-r1"),
        ("haikku", "haiku"),
        ("embeding 3 large", "embedding-3-large"),
    ],
)
def test_typing_errors_are_forgiven(mistyped: str, meant: str) -> None:
    hit = first(mistyped)
    assert meant in hit.outline.id.lower()
    assert "typing errors" in hit.reasons[0]


@pytest.mark.parametrize("query", ["gpt-4p", "claude 9", "zzzzqqq", "-", "  /  ", "ß†"])
def test_another_version_is_no_typing_error_and_nonsense_finds_nothing(query: str) -> None:
    hits = real().search(SearchQuery(query=query), TODAY, limit=200).hits
    if query.strip():
        assert not any("gpt-4o" in hit.outline.id for hit in hits)
    assert query in ("claude 9", "gpt-4p") or hits == ()


def test_words_count_wherever_they_stand_and_one_of_three_may_be_wrong() -> None:
    searched = index(sold("sage-4-large"), sold("sage-4-small"), sold("lore-4-large"))
    assert found(searched, SearchQuery(query="large sage")) == ["acme/sage-4-large"]
    assert found(searched, SearchQuery(query="sage large unheardof")) == ["acme/sage-4-large"]
    assert found(searched, SearchQuery(query="sage unheardof")) == []


def test_letters_in_a_row_do_not_hide_what_a_typing_error_meant() -> None:
    searched = index(sold("mistral-large"), sold("mistral-small"))
    hits = searched.search(SearchQuery(query="mistrall"), TODAY, limit=9).hits
    assert [(hit.outline.id, hit.reasons[0]) for hit in hits] == [
        ("acme/mistral-large", "its name has these letters in a row"),
        ("acme/mistral-small", "its name has these words but for typing errors"),
    ]


def test_closer_names_come_before_better_models_and_say_why() -> None:
    entries = (sold("sage-4-pro"), sold("sage-4"), sold("sage-4-20250101"), sold("sage-42"))
    searched = index(*entries, rated=(BoardRow("sage-4-pro", 1400.0), BoardRow("sage-4", 1200.0)))
    hits = searched.search(SearchQuery(query="sage-4"), TODAY, limit=9).hits
    assert [(hit.outline.id, hit.reasons[0]) for hit in hits] == [
        ("acme/sage-4", "it has the very name"),
        ("acme/sage-4-20250101", "it is that model under another spelling"),
        ("acme/sage-4-pro", "its name has every word"),
        ("acme/sage-42", "its name has words that begin so"),
    ]


def test_a_hit_explains_its_quality_its_seller_and_its_price() -> None:
    searched = index(*WORLD, rated=RATED)
    reasons = {hit.outline.id: hit.reasons for hit in searched.search(SearchQuery(), TODAY, limit=9).hits}
    assert reasons["acme/sage-4"][0].endswith("measured of sage-4")
    assert reasons["acme/sage-4"][1:] == ("sold by its maker",)
    assert reasons["cloud/sage-4"][1:] == ("sold by a host",)
    assert reasons["acme/sage-3"][0].endswith("estimated from the catalogue's facts")
    assert reasons["acme/sage-painter"] == (
        "nothing is known of its quality",
        "sold by its maker",
        "no price per token",
    )


def test_hosts_of_a_model_share_its_quality_and_keep_their_own_price() -> None:
    searched = index(*WORLD, rated=RATED)
    own, host = (searched.quality_of(identity) for identity in ("acme/sage-4", "cloud/sage-4"))
    assert own == host
    prices = {hit.outline.id: hit.blended for hit in searched.search(SearchQuery(query="sage-4"), TODAY, limit=9).hits}
    assert (prices["acme/sage-4"], prices["cloud/sage-4"]) == (MILLIONTH, 3 * MILLIONTH)


def test_a_weak_rating_is_told_as_one() -> None:
    entries = (sold("sage-4"),)
    quality: QualitySet = scored(made_up(BoardRow("sage-4-exp", 1300.0)), index_of(*entries))
    (hit,) = SearchIndex(decode(encode(entries)[1]), quality).search(SearchQuery(), TODAY, limit=1).hits
    assert "perhaps another stage" in hit.reasons[0]


@pytest.mark.parametrize("length", [10_000, 127, 128, 129])
def test_a_query_of_any_length_is_answered(length: int) -> None:
    assert real().search(SearchQuery(query="gpt " * (length // 4)), TODAY, limit=1).total > 0
    assert real().search(SearchQuery(query="x" * length), TODAY, limit=1).total == 0


@given(st.text(max_size=200))
@settings(max_examples=150, deadline=None)
def test_no_text_breaks_a_search(text: str) -> None:
    real().search(SearchQuery(query=text), TODAY, limit=3)


@pytest.mark.parametrize(
    ("one", "other", "count"),
    [
        ("claude", "claude", 0),
        ("calude", "claude", 1),
        ("clade", "claude", 1),
        ("claudee", "claude", 1),
        ("clayde", "claude", 1),
        ("clda", "claude", 3),
        ("", "abc", 3),
    ],
)
def test_typing_errors_are_counted(one: str, other: str, count: int) -> None:
    assert typos(one, other, 3) == typos(other, one, 3) == count
    assert count == 0 or typos(one, other, count - 1) > count - 1


def test_an_index_of_nothing_finds_nothing() -> None:
    empty = SearchIndex(decode(encode([])[1]), scored(made_up(), index_of()))
    page = empty.search(SearchQuery(query="gpt", min_quality=0.0), TODAY, limit=5)
    assert (page.hits, page.total, page.is_last, len(empty)) == ((), 0, True, 0)
