"""A conversation's cache against the saving of moving on, at both sides of the bound."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from atom_llm.domain.catalogue.catalogue import TokenLimits, compiled
from atom_llm.domain.core.ids import ProviderKeyId
from atom_llm.domain.pricing.cost import PricingTerms
from atom_llm.domain.pricing.units import CACHE_READ_TOKEN, Unit
from atom_llm.domain.pricing.usage import Usage
from atom_llm.domain.routing.cache_affinity import LIVES, LIVES_LONG, affinity, conversation_of, held_after, kept_first
from atom_llm.domain.routing.candidates import CallRequirements, Candidate, HeldCache, RoutingContext, weigh
from testing.rows import IN, OUT, row

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
KEY, ANOTHER_KEY = ProviderKeyId("key-1"), ProviderKeyId("key-2")
PREFIX = b"the beginning"
ASKED = CallRequirements("chat", 10_000, 40_000, 100, PricingTerms(), output_limit=1, expected_output=1)


def candidate(name: str, prompt: str, cached: str | None = None, **fields: Any) -> Candidate:
    fields.setdefault("provider", "openai")
    fields.setdefault("capabilities", frozenset({"prompt_caching"}) if cached else frozenset())
    rates = {IN: prompt, OUT: prompt} | ({CACHE_READ_TOKEN: cached} if cached else {})
    entry = row(name, rates=rates, limits=TokenLimits(100_000, 1_000), **fields)
    found = weigh(entry, compiled, ASKED, RoutingContext(lambda _: True, lambda _: None, lambda _: False))
    assert isinstance(found, Candidate)
    return found


def cache(of: Candidate, tokens: int = 10_000) -> dict[str, HeldCache]:
    return {of.id: HeldCache(of.id, KEY, tokens, NOON + LIVES)}


HOLDER = candidate("holder", "0.000010", "0.000001")  # 0.1 USD for the prompt, 0.01 from the cache: worth 0.09


@pytest.mark.parametrize(
    ("price", "saving", "kept"),
    [
        ("0.0000010", "0.090009", False),
        ("0.0000011", "0.0890089", True),
        ("0.0000100", "0.000000", True),
        ("0.000020", "-0.10001", True),
    ],
)
def test_a_call_moves_only_for_more_than_its_cache_is_worth(price: str, saving: str, kept: bool) -> None:
    other = candidate("other", price)
    found = affinity([other, HOLDER], cache(HOLDER), ASKED)
    assert found is not None
    assert (found.worth, found.saving) == (Decimal("0.09"), Decimal(saving))
    assert (found.is_kept, found.instead, found.held.key) == (kept, other.id, KEY)
    order = kept_first([other, HOLDER], found, lambda each: each.id)
    assert order == ([HOLDER, other] if kept else [other, HOLDER])


def test_a_cache_is_worth_no_more_than_the_prompt_that_is_left_to_read() -> None:
    found = affinity([candidate("other", "0.000005"), HOLDER], cache(HOLDER, 4_000), ASKED)
    assert found is not None
    assert (found.tokens, found.worth, found.is_kept) == (4_000, Decimal("0.036"), False)
    longer = affinity([HOLDER], cache(HOLDER, 50_000), ASKED)
    assert longer is not None
    assert (longer.tokens, longer.worth) == (10_000, Decimal("0.09"))


def test_the_first_in_rank_is_kept_where_it_holds_a_cache_itself() -> None:
    other = candidate("other", "0.000002", "0.0000002")
    found = affinity([HOLDER, other], cache(HOLDER) | cache(other), ASKED)
    assert found is not None
    assert (found.held.model, found.is_kept, found.instead) == (HOLDER.id, True, other.id)


def test_of_two_holders_the_one_that_is_cheaper_with_its_cache_keeps_the_call() -> None:
    cheaper = candidate("cheaper", "0.000005", "0.0000005")
    found = affinity([candidate("other", "0.000004"), HOLDER, cheaper], cache(HOLDER) | cache(cheaper), ASKED)
    assert found is not None
    assert (found.held.model, found.is_kept) == (cheaper.id, True)


def test_without_a_holder_among_the_candidates_there_is_nothing_to_decide() -> None:
    other = candidate("other", "0.000001")
    assert affinity([other], cache(HOLDER), ASKED) is None
    assert kept_first([other, HOLDER], None, lambda each: each.id) == [other, HOLDER]


def usage(context: int = 10_000, **counts: int) -> Usage:
    return Usage({Unit(name): count for name, count in counts.items()}, context)


def left(of: Candidate, used: Usage, before: HeldCache | None = None) -> tuple[int, timedelta] | None:
    found = held_after(of, KEY, used, NOON, before)
    return None if found is None else (found.tokens, found.until - NOON)


def test_a_provider_that_caches_by_itself_holds_the_prompt_unless_it_read_nothing_of_it() -> None:
    before = HeldCache(HOLDER.id, KEY, 9_000, NOON)
    assert left(HOLDER, usage(input=10_000)) == (10_000, LIVES)
    assert left(HOLDER, usage(input=1_000, cache_read=9_000), before) == (10_000, LIVES)
    assert left(HOLDER, usage(input=10_000), before) is None


def test_where_callers_mark_what_is_cached_the_marked_tokens_are() -> None:
    marked = candidate("marked", "0.00001", "0.000001", provider="anthropic")
    assert left(marked, usage(input=10_000)) is None
    assert left(marked, usage(input=2_000, cache_write_5m=8_000)) == (8_000, LIVES)
    assert left(marked, usage(input=1_000, cache_read=8_000, cache_write_1h=1_024)) == (9_024, LIVES_LONG)


def test_what_is_shorter_than_a_cache_takes_and_a_model_without_one_leave_none() -> None:
    assert left(HOLDER, usage(1_023, input=1_023)) is None
    assert left(HOLDER, usage(1_024, input=1_024)) == (1_024, LIVES)
    assert left(candidate("other", "0.00001"), usage(input=10_000)) is None


def test_a_longer_lifetime_is_not_cut_by_a_read() -> None:
    marked = candidate("marked", "0.00001", "0.000001", provider="anthropic")
    before = HeldCache(marked.id, KEY, 8_000, NOON + LIVES_LONG)
    assert left(marked, usage(input=1_000, cache_read=9_000), before) == (9_000, LIVES_LONG)


def test_a_conversation_is_the_same_as_it_grows_and_another_with_other_words() -> None:
    parts = [{"type": "text", "text": "Hi"}]
    begun: list[dict[str, Any]] = [{"role": "system", "content": "Be brief"}, {"role": "user", "content": parts}]
    grown = [*begun, {"role": "assistant", "content": "Hello"}, {"role": "user", "content": "More"}]
    other = [begun[0], {"role": "user", "content": "Ho"}]
    assert conversation_of(None, begun, PREFIX) == conversation_of(None, grown, PREFIX)
    assert conversation_of(None, begun, PREFIX) != conversation_of(None, other, PREFIX)


def test_a_session_is_one_conversation_for_each_beginning_of_its_prompts() -> None:
    hello, other = [{"role": "user", "content": "Hello"}], [{"role": "user", "content": "Other"}]
    assert conversation_of("s", hello, PREFIX) == conversation_of("s", other, PREFIX)
    assert conversation_of("s", hello, PREFIX) != conversation_of("t", hello, PREFIX)
    assert conversation_of("s", hello, PREFIX) != conversation_of("s", hello, b"a helper's")
