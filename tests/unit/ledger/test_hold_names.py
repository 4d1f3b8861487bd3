"""The names of holds: short, told apart, found by id, as are those that an earlier build named by their ids."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atom_llm.domain.core.ids import RANDOM_BYTES, ulid
from atom_llm.domain.ledger.hold_names import begun_by, hold_name, named_in

NOON = datetime(2026, 11, 30, 12, 34, 56, tzinfo=UTC)

instants = st.integers(0, 10**13).map(lambda each: datetime.fromtimestamp(each / 1000, UTC))
randomness = st.binary(min_size=RANDOM_BYTES, max_size=RANDOM_BYTES)
labels = st.sampled_from(["", ".2", ".1p", ".1-late"])


@given(at=instants, chance=randomness, label=labels)
def test_a_name_is_half_as_long_as_its_id_and_its_own_name(at: datetime, chance: bytes, label: str) -> None:
    name = hold_name(ulid(at, chance) + label)
    assert len(name) == 14 + len(label)
    assert hold_name(name) == name


@given(at=instants, chance=randomness, label=labels)
def test_the_call_of_a_name_began_within_the_hour_before_the_instant_that_it_tells(
    at: datetime, chance: bytes, label: str
) -> None:
    assert at < begun_by(hold_name(ulid(at, chance) + label)) <= at + timedelta(hours=1)


def test_holds_that_differ_in_sixty_bits_a_label_or_an_hour_have_different_names() -> None:
    first = ulid(NOON, bytes(RANDOM_BYTES))
    others = [ulid(NOON, (1 << bit).to_bytes(RANDOM_BYTES, "big")) for bit in (0, 59)]
    others += [f"{first}.2", ulid(NOON + timedelta(hours=1), bytes(RANDOM_BYTES))]
    assert len({hold_name(each) for each in [first, *others]}) == 5


def test_a_hold_is_found_by_its_id_whichever_build_has_named_it() -> None:
    own, other = (f"{ulid(NOON, bytes([number] * RANDOM_BYTES))}.2" for number in (1, 2))
    assert named_in(own, {hold_name(own): 1, other: 1}) == hold_name(own)
    assert named_in(own, {own: 1, hold_name(other): 1}) == own
    assert named_in(own, {other: 1, hold_name(other): 1}) is None
    assert begun_by(own) == NOON


def test_what_is_no_name_tells_no_instant() -> None:
    with pytest.raises(ValueError, match="substring not found"):
        begun_by("not a name!")
