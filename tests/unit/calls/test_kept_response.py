"""Ids of responses that a provider keeps: they bring back what was sealed, for the one tenant, and nothing else."""

from hypothesis import given
from hypothesis import strategies as st

from atom_llm.adapters.sealing import AesGcmSeal
from atom_llm.domain.calls.kept_response import MAX_ID, KeptResponse, parts_of
from atom_llm.domain.core.ids import ProviderKeyId, TenantId
from atom_llm.services.calls.kept_responses import IdSealer

KEPT = KeptResponse("openai", ProviderKeyId("01M844DZG0AD5WNQ0VF9ZREJAS"), "resp_" + "6" * 48)


def sealer(tenant: str, pepper: bytes = b"p" * 32) -> IdSealer:
    return IdSealer(TenantId(tenant), "v1", pepper, AesGcmSeal(), lambda: b"t" * 12)


def test_an_id_fits_into_an_address_and_shows_nothing_of_the_key() -> None:
    identity = sealer("a").sealed(KEPT)
    assert identity.startswith("resp_")
    assert identity.removeprefix("resp_").replace("-", "").replace("_", "").isalnum()
    assert len(identity) < MAX_ID / 3
    assert KEPT.key_id not in identity


@given(st.text() | st.text(alphabet="ABCabc019-_", max_size=300).map(lambda text: f"resp_{text}"))
def test_what_is_none_of_ours_is_told_apart_or_has_parts_that_open_nothing(identity: str) -> None:
    parts = parts_of(identity)
    assert parts is None or isinstance(parts.version, str)


def test_two_ids_of_one_response_differ_and_each_names_its_peppers_version() -> None:
    one, other = sealer("a").sealed(KEPT), sealer("a").sealed(KEPT)
    parts = parts_of(one)
    assert one != other
    assert parts is not None
    assert (parts.version, parts.token) == ("v1", b"t" * 12)
