"""Ids: a pure function of an instant and of randomness, sorted by time."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ulid import ULID

from atom_llm.domain.core.ids import ulid

instants = st.datetimes(datetime(1990, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
randomness = st.binary(min_size=10, max_size=10)


@given(instants, randomness)
def test_it_is_what_the_reference_implementation_reads_back(at: datetime, random: bytes) -> None:
    read = ULID.from_str(ulid(at, random))
    assert read.bytes[6:] == random
    assert abs(read.datetime - at) <= timedelta(milliseconds=1)


@given(instants, randomness, randomness)
def test_a_later_millisecond_sorts_after(at: datetime, one: bytes, other: bytes) -> None:
    assert ulid(at, one) < ulid(at + timedelta(milliseconds=2), other)


@pytest.mark.parametrize("random", [b"", bytes(9), bytes(11)])
def test_less_randomness_is_refused(random: bytes) -> None:
    with pytest.raises(ValueError, match="10 random bytes"):
        ulid(datetime(2026, 11, 23, tzinfo=UTC), random)
