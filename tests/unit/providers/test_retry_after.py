"""Every form in which a provider says when to come back, and none that breaks anything."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atom_llm.domain.providers.retry_after import MAX_WAIT_S, reset_after_s, retry_after_s, told_retry_s

NOW = datetime(1994, 11, 6, 8, 49, 0, tzinfo=UTC)  # RFC 9110's example is 37 s later


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7),
        (" 7 ", 7),
        ("0", 0),
        ("1.5", 1.5),
        ("0.25", 0.25),
        ("86400", MAX_WAIT_S),
        ("86401", MAX_WAIT_S),
        ("999999999", MAX_WAIT_S),
        ("30s", 30),
        ("2m59.56s", 179.56),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 37),
        ("Sunday, 06-Nov-94 08:49:37 GMT", 37),
        ("Sun Nov  6 08:49:37 1994", 37),
        ("Sun, 06 Nov 1994 09:49:37 +0100", 37),
        ("1994-11-06T08:49:37Z", 37),
        ("Sun, 06 Nov 1994 08:49:00 GMT", 0),
        ("Sun, 06 Nov 1994 08:48:59 GMT", 0),
        ("Sun, 06 Nov 2094 08:49:37 GMT", MAX_WAIT_S),
    ],
)
def test_a_form_of_retry_after_is_read(value: str, seconds: float) -> None:
    assert retry_after_s({"retry-after": value}, NOW) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "value",
    [
        *("", " ", "-1", "-0.5", "+5", "1e3", "nan", "inf", "Infinity", "0x10", "1_000", "٧", "soon", "5 minutes"),
        *("9" * 5_000, "1.2.3", ".", "1994-13-45", "Sun, 99 Nov 1994 08:49:37 GMT", "Sun, 06 Nov", "GMT", "s", "5x"),
    ],
)
def test_what_is_none_of_them_says_nothing(value: str) -> None:
    assert retry_after_s({"retry-after": value}, NOW) is None
    assert retry_after_s({}, NOW) is None


def test_milliseconds_go_before_seconds() -> None:
    assert retry_after_s({"retry-after-ms": "1500", "retry-after": "7"}, NOW) == 1.5
    assert retry_after_s({"retry-after-ms": "garbage", "retry-after": "7"}, NOW) == 7
    assert retry_after_s({"retry-after-ms": "1e400"}, NOW) is None
    assert retry_after_s({"retry-after-ms": "99999999999"}, NOW) == MAX_WAIT_S


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("1s", 1),
        ("6m0s", 360),
        ("120ms", 0.12),
        ("1h2m3s", 3723),
        ("8.64s", 8.64),
        ("250us", 0.00025),
        ("2d", MAX_WAIT_S),
    ],
)
def test_a_reset_in_gos_form_is_read(value: str, seconds: float) -> None:
    assert reset_after_s({"x-ratelimit-reset-requests": value}, NOW) == pytest.approx(seconds)


def test_the_limit_that_is_used_up_counts() -> None:
    headers = {
        "x-ratelimit-limit-requests": "500",
        "x-ratelimit-remaining-requests": "0",
        "x-ratelimit-reset-requests": "120ms",
        "x-ratelimit-remaining-tokens": "29000",
        "x-ratelimit-reset-tokens": "6m0s",
    }
    assert reset_after_s(headers, NOW) == pytest.approx(0.12)
    assert reset_after_s(headers | {"x-ratelimit-remaining-tokens": "0"}, NOW) == 360


def test_without_one_that_is_used_up_the_longest_counts() -> None:
    headers = {"x-ratelimit-reset-requests": "120ms", "x-ratelimit-reset-tokens": "6m0s"}
    assert reset_after_s(headers, NOW) == 360
    more = {"x-ratelimit-remaining-requests": "1", "x-ratelimit-remaining-tokens": "1"}
    assert reset_after_s(headers | more, NOW) == 360


def test_anthropics_resets_count_only_where_a_limit_is_used_up() -> None:
    headers = {
        "anthropic-ratelimit-requests-remaining": "49",
        "anthropic-ratelimit-requests-reset": "1994-11-06T08:49:37Z",
        "anthropic-ratelimit-input-tokens-remaining": "0",
        "anthropic-ratelimit-input-tokens-reset": "1994-11-06T08:49:05Z",
    }
    assert reset_after_s(headers, NOW) == 5
    assert reset_after_s(headers | {"anthropic-ratelimit-input-tokens-remaining": "1000"}, NOW) is None


def test_other_vendors_resets_are_seconds_or_moments() -> None:
    assert reset_after_s({"ratelimitbysize-reset": "42"}, NOW) == 42
    now = NOW.timestamp()
    later = datetime(2026, 1, 1, tzinfo=UTC)
    assert reset_after_s({"x-ratelimit-reset": "42"}, NOW) == 42
    assert now < 1e9  # before that a moment cannot be told from a wait
    assert reset_after_s({"x-ratelimit-reset": str(int(later.timestamp()) + 9)}, later) == 9
    assert reset_after_s({"x-ratelimit-reset": str(int(later.timestamp() + 9) * 1_000)}, later) == 9
    assert reset_after_s({"x-ratelimit-reset": str(int(later.timestamp()) - 9)}, later) == 0


def test_headers_that_are_no_resets_say_nothing() -> None:
    headers = {"x-ratelimit-limit-requests": "5", "x-reset": "5", "x-ratelimit-reset-tokens": "soon", "date": "now"}
    assert reset_after_s(headers, NOW) is None


def told(delay: Any) -> Any:
    return {"error": {"details": [{"@type": "…ErrorInfo"}, {"@type": "…RetryInfo", "retryDelay": delay}]}}


def test_googles_delay_is_read_from_the_body() -> None:
    assert told_retry_s(told("37s")) == 37
    assert told_retry_s(told("21599.960323804s")) == pytest.approx(21_599.96, abs=0.01)


@pytest.mark.parametrize(
    "content", [None, [], {}, {"error": "x"}, {"error": {"details": {}}}, told(37), told("x"), told(None)]
)
def test_a_body_without_a_delay_says_nothing(content: Any) -> None:
    assert told_retry_s(content) is None


NAMES = st.sampled_from(
    [
        *("retry-after", "retry-after-ms", "x-ratelimit-reset-tokens", "x-ratelimit-remaining-tokens"),
        *("anthropic-ratelimit-tokens-reset", "anthropic-ratelimit-tokens-remaining", "ratelimitbysize-reset"),
    ]
)
VALUES = (
    st.text(max_size=80)
    | st.from_regex(r"\A\d{0,70}\.?\d{0,9}[smhd]{0,2}\Z")
    | st.datetimes().map(lambda moment: moment.strftime("%a, %d %b %Y %H:%M:%S GMT"))
    | st.datetimes(timezones=st.timezones()).map(lambda moment: moment.isoformat())
    | st.floats().map(str)
)


@given(st.dictionaries(NAMES, VALUES))
def test_no_header_whatever_raises_or_is_out_of_bounds(headers: dict[str, str]) -> None:
    for wait_s in (retry_after_s(headers, NOW), reset_after_s(headers, NOW)):
        assert wait_s is None or 0 <= wait_s <= MAX_WAIT_S


@given(
    st.recursive(
        st.none() | st.text() | st.floats(),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["error", "details", "retryDelay"]), inner),
    )
)
def test_no_body_whatever_raises(content: Any) -> None:
    told_retry_s(content)
