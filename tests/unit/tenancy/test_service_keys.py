"""Service keys: what a typo, a foreign environment and a repr must never get past."""

from dataclasses import replace
from datetime import timedelta
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atom_llm.domain.core.ids import ServiceKeyId, TenantId
from atom_llm.domain.tenancy.service_keys import (
    BASE62,
    ID_LENGTH,
    SECRET_LENGTH,
    PresentedKey,
    ServiceKey,
    presented,
    random_text,
    secret_hash,
    spelt,
)
from testing.fakes.service_keys import NOON

ids = st.text(BASE62, min_size=ID_LENGTH, max_size=ID_LENGTH).map(ServiceKeyId)
secrets = st.text(BASE62, min_size=SECRET_LENGTH, max_size=SECRET_LENGTH)
environments = st.sampled_from(["dev", "staging", "prod", "local"])


@given(environments, ids, secrets)
def test_a_key_reads_back_as_it_was_spelt(environment: str, key_id: ServiceKeyId, secret: str) -> None:
    assert presented(spelt(environment, key_id, secret), environment) == PresentedKey(key_id, secret)


@given(environments, ids, secrets, st.data())
def test_one_wrong_character_is_noticed_without_a_read(
    environment: str, key_id: ServiceKeyId, secret: str, data: st.DataObject
) -> None:
    key = spelt(environment, key_id, secret)
    place = data.draw(st.integers(0, len(key) - 1))
    wrong = data.draw(st.sampled_from([each for each in BASE62 + "_-é " if each != key[place]]))
    assert presented(key[:place] + wrong + key[place + 1 :], environment) is None


@given(environments, ids, secrets, st.data())
def test_two_swapped_neighbours_are_noticed(
    environment: str, key_id: ServiceKeyId, secret: str, data: st.DataObject
) -> None:
    key = spelt(environment, key_id, secret)
    place = data.draw(st.integers(0, len(key) - 2))
    swapped = key[:place] + key[place + 1] + key[place] + key[place + 2 :]
    assert swapped == key or presented(swapped, environment) is None


@given(st.text(max_size=100))
def test_any_other_text_is_no_key(text: str) -> None:
    assert presented(text, "dev") is None


def test_a_key_of_another_environment_is_no_key_here() -> None:
    key = spelt("prod", ServiceKeyId("a" * ID_LENGTH), "b" * SECRET_LENGTH)
    assert presented(key, "dev") is None


def test_the_shape_is_the_published_one() -> None:
    text = "atom_dev_" + "a" * 12 + "_" + "b" * 32
    key = spelt("dev", ServiceKeyId("a" * 12), "b" * 32)
    assert key[:-6] == text
    checksum = sum(BASE62.index(digit) * 62**place for place, digit in enumerate(reversed(key[-6:])))
    assert checksum == crc32(text.encode())


@pytest.mark.parametrize("blank", ["\n", " ", "\u2028"])
def test_white_space_around_a_key_is_a_typo(blank: str) -> None:
    key = spelt("dev", ServiceKeyId("a" * 12), "b" * 32)
    assert presented(key + blank, "dev") is None
    assert presented(blank + key, "dev") is None


def test_bytes_that_would_favour_some_characters_are_drawn_again() -> None:
    draws = iter([bytes([248, 255, 0, 61]), bytes([62, 247, 1, 1])])
    assert random_text(4, lambda _: next(draws)) == "0z0z"


def test_the_repr_of_a_presented_key_holds_no_secret() -> None:
    assert "s3cret" not in repr(PresentedKey(ServiceKeyId("id"), "s3cret"))


def test_another_pepper_gives_another_hash() -> None:
    assert secret_hash(b"one", "secret") != secret_hash(b"two", "secret")


KEY = ServiceKey(ServiceKeyId("a" * 12), TenantId("t"), frozenset(), b"", "v1", NOON)


def test_a_key_is_usable_until_the_instant_it_expires() -> None:
    key = replace(KEY, expires_at=NOON)
    assert key.is_usable(NOON - timedelta(microseconds=1))
    assert not key.is_usable(NOON)


def test_a_revoked_key_is_not_usable() -> None:
    assert KEY.is_usable(NOON)
    assert not replace(KEY, revoked_at=NOON).is_usable(NOON - timedelta(days=1))
