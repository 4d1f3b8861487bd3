"""Inclusive counts are taken apart once: nothing is lost, nothing is counted twice, and impossible usage is refused."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atom_llm.domain.core.errors import InvalidUsage
from atom_llm.domain.pricing.units import RATES_OF_TOKENS, Unit
from atom_llm.domain.pricing.usage import MAX_COUNT, SMALLEST_PART, USAGE_FIELDS, disjoint

PROMPT = frozenset(
    {
        Unit.INPUT,
        Unit.CACHE_READ,
        Unit.CACHE_READ_EXPLICIT,
        Unit.CACHE_READ_AUDIO,
        Unit.CACHE_READ_IMAGE,
        Unit.CACHE_WRITE_5M,
        Unit.CACHE_WRITE_1H,
        Unit.CACHE_WRITE_12H,
        Unit.CACHE_WRITE_AUDIO,
        Unit.INPUT_AUDIO,
        Unit.INPUT_IMAGE,
        Unit.INPUT_VIDEO,
    }
)
COMPLETION = frozenset({Unit.OUTPUT, Unit.REASONING, Unit.OUTPUT_AUDIO, Unit.OUTPUT_IMAGE, Unit.OUTPUT_VIDEO})
COUNTS = st.fixed_dictionaries({unit: st.integers(0, 100_000) for unit in sorted(PROMPT | COMPLETION)})


def inclusive(parts: dict[Unit, int], *, additive: bool = False) -> dict[str, object]:
    """Return the report of a provider that counts every part within its whole."""
    of = parts.__getitem__
    read_audio, read_image, written_audio = (
        of(Unit.CACHE_READ_AUDIO),
        of(Unit.CACHE_READ_IMAGE),
        of(Unit.CACHE_WRITE_AUDIO),
    )
    output = sum(parts[unit] for unit in COMPLETION)
    return {
        "input_tokens": sum(parts[unit] for unit in PROMPT),
        "cache_read_tokens": of(Unit.CACHE_READ) + of(Unit.CACHE_READ_EXPLICIT) + read_audio + read_image,
        "explicit_cache_read_tokens": of(Unit.CACHE_READ_EXPLICIT),
        "cache_audio_read_tokens": read_audio,
        "cache_image_read_tokens": read_image,
        "cache_write_tokens": of(Unit.CACHE_WRITE_5M)
        + of(Unit.CACHE_WRITE_1H)
        + of(Unit.CACHE_WRITE_12H)
        + written_audio,
        "cache_write_1h_tokens": of(Unit.CACHE_WRITE_1H),
        "cache_write_12h_tokens": of(Unit.CACHE_WRITE_12H),
        "cache_audio_write_tokens": written_audio,
        "input_audio_tokens": of(Unit.INPUT_AUDIO) + read_audio + written_audio,
        "input_image_tokens": of(Unit.INPUT_IMAGE) + read_image,
        "input_video_tokens": of(Unit.INPUT_VIDEO),
        "output_tokens": output - (of(Unit.REASONING) if additive else 0),
        "reasoning_tokens": of(Unit.REASONING),
        "output_audio_tokens": of(Unit.OUTPUT_AUDIO),
        "output_image_tokens": of(Unit.OUTPUT_IMAGE),
        "output_video_tokens": of(Unit.OUTPUT_VIDEO),
    }


@given(COUNTS, st.booleans())
@settings(deadline=None)
def test_inclusive_counts_come_apart_into_the_very_parts_they_were_made_of(
    parts: dict[Unit, int], additive: bool
) -> None:
    usage = disjoint(inclusive(parts, additive=additive), additive=additive)
    assert dict(usage.counts) == {unit: count for unit, count in parts.items() if count}


REPORTED = st.fixed_dictionaries(
    {},
    optional={
        name: st.integers(0, 300)
        for name in sorted(USAGE_FIELDS)
        if name.endswith("_tokens") and name not in ("text_tokens", "citation_tokens")
    },
)


@given(REPORTED, st.booleans())
@settings(deadline=None, max_examples=400)
def test_whatever_is_reported_the_parts_add_up_to_the_totals_or_it_is_refused(
    reported: dict[str, int], additive: bool
) -> None:
    try:
        usage = disjoint(reported, additive=additive)
    except InvalidUsage:
        return
    assert all(count > 0 for count in usage.counts.values())
    assert sum(count for unit, count in usage.counts.items() if unit in PROMPT) == reported.get("input_tokens", 0)
    on_top = reported.get("reasoning_tokens", 0) if additive else 0
    given_out = sum(count for unit, count in usage.counts.items() if unit in COMPLETION)
    assert given_out == reported.get("output_tokens", 0) + on_top


def test_every_token_class_can_be_reported() -> None:
    parts = dict.fromkeys(sorted(PROMPT | COMPLETION), 1)
    usage = disjoint({**inclusive(parts), "citation_tokens": 1})
    assert usage.counts.keys() == RATES_OF_TOKENS.keys()


def test_the_whole_prompt_chooses_the_length_tier_cached_tokens_included() -> None:
    assert disjoint({"input_tokens": 300_000, "cache_read_tokens": 299_999}).context_tokens == 300_000


def test_nothing_used_is_nothing_counted() -> None:
    assert disjoint({}).counts == {}
    assert disjoint({"input_tokens": 0, "images": 0, "seconds": "0.0"}).counts == {}


def test_reasoning_is_inside_the_output_unless_the_provider_counts_it_on_top() -> None:
    reported = {"output_tokens": 100, "reasoning_tokens": 60}
    assert disjoint(reported).counts == {Unit.OUTPUT: 40, Unit.REASONING: 60}
    assert disjoint(reported, additive=True).counts == {Unit.OUTPUT: 100, Unit.REASONING: 60}


def test_a_cache_write_of_no_stated_lifetime_is_a_five_minute_one() -> None:
    usage = disjoint({"input_tokens": 10, "cache_write_tokens": 10, "cache_write_1h_tokens": 4})
    assert usage.counts == {Unit.CACHE_WRITE_5M: 6, Unit.CACHE_WRITE_1H: 4}


def test_cache_writes_may_be_stated_by_lifetime_alone() -> None:
    usage = disjoint({"input_tokens": 10, "cache_write_5m_tokens": 3, "cache_write_12h_tokens": 7})
    assert usage.counts == {Unit.CACHE_WRITE_5M: 3, Unit.CACHE_WRITE_12H: 7}


def test_media_that_do_not_fit_beside_the_cached_tokens_were_in_the_cache() -> None:
    usage = disjoint({"input_tokens": 100, "cache_read_tokens": 90, "input_audio_tokens": 30})
    assert usage.counts == {Unit.CACHE_READ: 90, Unit.INPUT_AUDIO: 10}


def test_citations_are_on_top_of_the_prompt() -> None:
    usage = disjoint({"input_tokens": 10, "citation_tokens": 500})
    assert usage.counts == {Unit.INPUT: 10, Unit.CITATION: 500}
    assert usage.context_tokens == 10


@pytest.mark.parametrize(
    ("part", "whole", "more"),
    [
        ("cache_read_tokens", "input_tokens", {}),
        ("cache_write_tokens", "input_tokens", {}),
        ("cache_write_1h_tokens", "cache_write_tokens", {"input_tokens": 1000}),
        ("cache_write_5m_tokens", "cache_write_tokens", {"input_tokens": 1000}),
        ("cache_write_12h_tokens", "cache_write_tokens", {"input_tokens": 1000}),
        ("input_audio_tokens", "input_tokens", {}),
        ("input_image_tokens", "input_tokens", {}),
        ("input_video_tokens", "input_tokens", {}),
        ("text_tokens", "input_tokens", {}),
        ("cache_audio_read_tokens", "input_audio_tokens", {"input_tokens": 1000, "cache_read_tokens": 1000}),
        ("cache_image_read_tokens", "input_image_tokens", {"input_tokens": 1000, "cache_read_tokens": 1000}),
        ("cache_audio_write_tokens", "cache_write_tokens", {"input_tokens": 1000, "input_audio_tokens": 1000}),
        ("explicit_cache_read_tokens", "cache_read_tokens", {"input_tokens": 1000}),
        ("reasoning_tokens", "output_tokens", {}),
        ("output_audio_tokens", "output_tokens", {}),
        ("output_image_tokens", "output_tokens", {}),
        ("output_video_tokens", "output_tokens", {}),
    ],
)
def test_a_part_may_be_all_of_its_whole_and_not_one_token_more(part: str, whole: str, more: dict[str, int]) -> None:
    assert disjoint({**more, whole: 100, part: 100}).counts
    with pytest.raises(InvalidUsage, match="is more than its whole"):
        disjoint({**more, whole: 100, part: 101})


def test_media_may_fill_the_prompt_together_and_no_more() -> None:
    half = {"input_audio_tokens": 50, "input_image_tokens": 50}
    assert disjoint({"input_tokens": 100, **half}).counts == {Unit.INPUT_AUDIO: 50, Unit.INPUT_IMAGE: 50}
    with pytest.raises(InvalidUsage):
        disjoint({"input_tokens": 99, **half})


@pytest.mark.parametrize("value", [-1, MAX_COUNT + 1, 1.0, "1", True, None, Decimal(1)])
@pytest.mark.parametrize("field", ["input_tokens", "output_tokens", "images"])
def test_a_count_that_is_none_is_refused_by_its_name(field: str, value: object) -> None:
    with pytest.raises(InvalidUsage) as refusal:
        disjoint({field: value})
    assert refusal.value.field == field


def test_the_largest_count_is_one() -> None:
    assert disjoint({"input_tokens": MAX_COUNT}).counts == {Unit.INPUT: MAX_COUNT}


@pytest.mark.parametrize("value", [12, "12.5", 12.5, Decimal("0.04")])
def test_seconds_may_be_fractions(value: object) -> None:
    assert disjoint({"audio_seconds": value}).counts == {Unit.AUDIO_SECONDS: Decimal(str(value))}


@pytest.mark.parametrize(
    "value", [-0.5, "NaN", float("inf"), "1_0", "", True, None, [], MAX_COUNT + 1, f"0.{'3' * 41}"]
)
def test_a_quantity_that_is_none_is_refused_by_its_name(value: object) -> None:
    with pytest.raises(InvalidUsage) as refusal:
        disjoint({"audio_seconds": value})
    assert refusal.value.field == "audio_seconds"


def test_a_fraction_may_begin_at_the_twelfth_digit_and_not_behind_it() -> None:
    assert disjoint({"credits": f"1e-{SMALLEST_PART}"}).counts
    with pytest.raises(InvalidUsage, match="credits is finer than anything is measured"):
        disjoint({"credits": f"1e-{SMALLEST_PART + 1}"})


def test_every_field_is_counted_as_something() -> None:
    wholes = {"input_tokens": 500, "output_tokens": 100, "cache_read_tokens": 30, "cache_write_tokens": 30}
    wholes |= {"input_audio_tokens": 20, "input_image_tokens": 20}
    for field in USAGE_FIELDS - wholes.keys() - {"cache_write_5m_tokens"}:  # what is written is 5 m unless it is said
        without, having = disjoint(wholes).counts, disjoint({**wholes, field: 1}).counts
        assert without != having, field


TEXT_FIELDS = (
    "input_tokens",
    "cache_read_tokens",
    "cache_write_tokens",
    "cache_write_1h_tokens",
    "output_tokens",
    "reasoning_tokens",
)


@given(
    st.fixed_dictionaries(
        {},
        optional=dict.fromkeys(TEXT_FIELDS, st.integers(0, 40)),
    ),
    st.booleans(),
)
def test_text_alone_is_taken_apart_as_it_is_beside_media(reported: dict[str, int], additive: bool) -> None:
    """The short way for text gives what the long way gives, which a field of media makes it take."""

    def outcome(fields: dict[str, int]) -> object:
        try:
            return disjoint(fields, additive=additive)
        except InvalidUsage as refusal:
            return refusal.field, refusal.fault

    assert outcome(reported) == outcome({**reported, "input_audio_tokens": 0})
