"""Fetching a price source from a real server on loopback that misbehaves as told."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from atom_llm.adapters.sources.fetch import USER_AGENT, FetchLimits, HttpPriceSource
from atom_llm.domain.catalogue.errors import SourceUnavailable
from atom_llm.domain.catalogue.refresh import Validators
from atom_llm.ports.catalogue import FetchedSource, NotModified
from testing.fakes.price_origin import Origin, price_origin

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
LIMITS = FetchLimits(connect_s=1.0, read_s=0.2, total_s=2.0, first_pause_s=0.5, max_body=10_000, max_content=100_000)
UNCONDITIONAL = Validators()
BODY = b'{"a": 1}' * 100


@pytest.fixture
def origin() -> Iterator[Origin]:
    with price_origin() as served:
        served.serve(BODY)
        yield served


def fetch(
    origin: Origin, validators: Validators = UNCONDITIONAL, pauses: list[float] | None = None
) -> FetchedSource | NotModified:
    async def sleep(seconds: float) -> None:
        if pauses is not None:
            pauses.append(seconds)

    source = HttpPriceSource("litellm", origin.url, lambda: NOW, LIMITS, sleep=sleep, chance=lambda: 1.0)
    return asyncio.run(source.fetch(validators))


def refusal(origin: Origin, pauses: list[float] | None = None) -> SourceUnavailable:
    with pytest.raises(SourceUnavailable) as raised:
        fetch(origin, pauses=pauses)
    return raised.value


def test_a_whole_answer_comes_with_what_to_ask_conditionally_with(origin: Origin) -> None:
    answer = fetch(origin)
    assert isinstance(answer, FetchedSource)
    assert (answer.body, answer.fetched_at) == (BODY, NOW)
    assert isinstance(fetch(origin, answer.validators), NotModified)
    assert origin.last_headers["user-agent"] == USER_AGENT


def test_a_compressed_answer_is_the_same_answer(origin: Origin) -> None:
    origin.serve_compressed(BODY)
    answer = fetch(origin)
    assert isinstance(answer, FetchedSource)
    assert answer.body == BODY


def test_not_modified_for_a_question_without_condition_is_a_failure(origin: Origin) -> None:
    origin.fail(304)
    assert refusal(origin).status == 304


@pytest.mark.parametrize(("status", "asked"), [(500, 3), (503, 3), (429, 3), (404, 1), (403, 1)])
def test_what_may_pass_is_asked_again_and_what_will_not_is_not(origin: Origin, status: int, asked: int) -> None:
    origin.fail(status)
    assert refusal(origin).status == status
    assert origin.hits == asked


def test_the_pause_doubles_from_attempt_to_attempt(origin: Origin) -> None:
    pauses: list[float] = []
    origin.fail(500)
    refusal(origin, pauses)
    assert pauses == [0.5, 1.0]


@pytest.mark.parametrize("spelling", ["2", "Mon, 23 Nov 2026 09:00:02 GMT"])
def test_a_source_s_wish_to_be_left_alone_is_honoured_in_seconds_and_as_a_date(origin: Origin, spelling: str) -> None:
    pauses: list[float] = []
    origin.fail(429, Retry_After=spelling)
    refusal(origin, pauses)
    assert pauses == [2.0, 2.0]


def test_a_wish_beyond_the_deadline_ends_the_fetch_at_once(origin: Origin) -> None:
    origin.fail(429, Retry_After="3600")
    refusal(origin)
    assert origin.hits == 1


def test_an_answer_that_is_cut_off_is_no_answer(origin: Origin) -> None:
    origin.cut()
    assert refusal(origin).reason == "connection"


def test_silence_is_a_timeout(origin: Origin) -> None:
    origin.stall(0.4)
    assert refusal(origin).reason == "timeout"


@pytest.mark.parametrize(("size", "fits"), [(10_000, True), (10_001, False)])
def test_a_body_may_have_its_limit_and_not_a_byte_more(origin: Origin, size: int, fits: bool) -> None:
    origin.serve(b" " * size)
    if fits:
        assert isinstance(fetch(origin), FetchedSource)
    else:
        assert refusal(origin).reason == "too_large"


def test_a_small_body_that_inflates_without_end_is_stopped(origin: Origin) -> None:
    origin.serve_compressed(b" " * 100_001)
    assert refusal(origin).reason == "too_large"


def test_a_web_page_is_no_price_list(origin: Origin) -> None:
    origin.conduct = lambda handler, body: handler.page()
    assert refusal(origin).reason == "content"


def test_redirects_end_and_lead_to_no_other_host_without_encryption(origin: Origin) -> None:
    origin.fail(302, Location=origin.url)
    assert refusal(origin).reason == "redirect"
    assert origin.hits == LIMITS.max_redirects + 1
    for elsewhere in (
        "http://192.0.2.1/prices",
        "https://192.168.0.1/prices",
        "https://prices.internal/",
        "https:///x",
    ):
        origin.fail(302, Location=elsewhere)
        assert refusal(origin).reason == "redirect"
