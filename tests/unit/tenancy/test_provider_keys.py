"""Provider keys as values: their fingerprints, their shapes, which of them are used, and how their status changes."""

from datetime import timedelta
from typing import Any

import pytest

from atom_llm.domain.core.ids import ProviderKeyId, TenantId
from atom_llm.domain.core.providers import PROVIDERS
from atom_llm.domain.providers.key_verdict import ProbeResult
from atom_llm.domain.tenancy.provider_keys import (
    AFTER_A_CALL,
    FINGERPRINT_DIGITS,
    SHAPES,
    KeyStatus,
    ProviderKey,
    fingerprint,
    in_order,
    shape_warnings,
    status_after,
    usable,
    why_not,
)
from testing.fakes.service_keys import NOON

OURS, THEIRS = TenantId("tenant-a"), TenantId("tenant-b")
PEPPER = b"a pepper of thirty-two characters"


def key(identity: str = "01", **more: Any) -> ProviderKey:
    fields: dict[str, Any] = {"provider": "openai", "last4": "last", "fingerprint": "f" * 16, "created_at": NOON} | more
    return ProviderKey(key_id=ProviderKeyId(identity), tenant=OURS, **fields)


def ids(keys: list[ProviderKey]) -> list[str]:
    return [str(each.key_id) for each in keys]


def test_a_fingerprint_is_sixteen_hex_digits_and_the_same_every_time() -> None:
    print_ = fingerprint(PEPPER, OURS, "sk-one-11111111")
    assert print_ == fingerprint(PEPPER, OURS, "sk-one-11111111")
    assert (len(print_), set(print_) <= set("0123456789abcdef")) == (FINGERPRINT_DIGITS, True)


def test_another_tenant_pepper_or_key_has_another_fingerprint() -> None:
    prints = {
        fingerprint(PEPPER, OURS, "sk-one-11111111"),
        fingerprint(PEPPER, THEIRS, "sk-one-11111111"),
        fingerprint(b"another one, just about as long..", OURS, "sk-one-11111111"),
        fingerprint(PEPPER, OURS, "sk-one-11111112"),
    }
    assert len(prints) == 4


@pytest.mark.parametrize(
    ("provider", "plaintext"),
    [
        ("openai", "sk-proj-0123456789abcdefABCD"),
        ("openai", "sk-svcacct-0123456789abcdef_-AB"),
        ("anthropic", "sk-ant-api03-0123456789abcdef-_A"),
        ("google", "AIza" + "0" * 35),
        ("groq", "gsk_0123456789abcdefABCD"),
        ("deepseek", "sk-0123456789abcdef0123456789abcdef"),
        ("qwen", "sk-0123456789abcdef0123456789abcdef"),
        ("meta", "LLM|0123456789|abcdefgh-0123"),
        ("zhipu", "0123456789abcdef0123456789abcdef.0123456789abcdef"),
    ],
)
def test_a_key_of_the_usual_shape_is_stored_without_a_warning(provider: str, plaintext: str) -> None:
    assert shape_warnings(provider, plaintext) == []


@pytest.mark.parametrize(
    ("provider", "plaintext"),
    [
        ("openai", "sk-ant-api03-0123456789abcdef-_A"),  # Anthropic's, in the wrong place
        ("openai", '"sk-proj-0123456789abcdefABCD"'),  # with the quotes of a configuration file
        ("openai", "Bearer+sk-proj-0123456789abcdef"),
        ("anthropic", "sk-proj-0123456789abcdefABCD"),
        ("google", "AIza" + "0" * 34),
        ("google", "AIza" + "0" * 36),
        ("groq", "gsk-0123456789abcdefABCD"),
    ],
)
def test_an_unusual_one_comes_with_a_warning_that_does_not_repeat_it(provider: str, plaintext: str) -> None:
    (warning,) = shape_warnings(provider, plaintext)
    assert provider in warning
    assert plaintext not in warning


def test_of_a_provider_whose_keys_have_no_shape_nothing_is_unusual() -> None:
    for provider in ("mistral", "cohere", "minimax", "nobody"):
        assert shape_warnings(provider, "anything at all") == []


def test_every_shape_belongs_to_a_provider_of_ours() -> None:
    assert SHAPES.keys() <= {provider.id for provider in PROVIDERS}


@pytest.mark.parametrize(
    ("status", "is_usable"),
    [
        (KeyStatus.UNTESTED, True),
        (KeyStatus.VALID, True),
        (KeyStatus.INVALID, False),
        (KeyStatus.OUT_OF_CREDIT, False),
    ],
)
def test_a_key_is_used_while_nothing_speaks_against_it(status: KeyStatus, is_usable: bool) -> None:
    assert key(status=status).is_usable is is_usable
    assert not key(status=status, deleted_at=NOON).is_usable


@pytest.mark.parametrize("model", ["openai/gpt-4o", "gpt-4o"])
def test_a_key_allows_a_model_by_its_id_and_by_the_providers_own_name(model: str) -> None:
    assert key(allowed_models=None).allows("openai/gpt-4o")
    assert key(allowed_models=(model,)).allows("openai/gpt-4o")
    assert not key(allowed_models=(model,)).allows("openai/gpt-4o-mini")
    assert not key(allowed_models=()).allows("openai/gpt-4o")


def test_keys_come_by_order_and_those_of_one_order_by_age() -> None:
    keys = [key("03", order=1), key("01", order=2), key("02", order=1)]
    assert ids(in_order(keys)) == ["02", "03", "01"]


def test_only_usable_keys_of_the_provider_for_the_model_are_candidates() -> None:
    keys = [
        key("01", status=KeyStatus.INVALID),
        key("02", provider="groq"),
        key("03", allowed_models=("gpt-4.1",)),
        key("04", deleted_at=NOON),
        key("05"),
    ]
    assert ids(usable(keys, "openai", "openai/gpt-4o")) == ["05"]
    assert why_not(keys[:4], "openai", "openai/gpt-4o") == {"01": "invalid", "03": "model_not_allowed"}


@pytest.mark.parametrize("before", list(KeyStatus))
@pytest.mark.parametrize("result", ["valid", "invalid", "out_of_credit", "unreachable"])
def test_a_test_has_the_last_word_unless_the_provider_said_nothing(before: KeyStatus, result: ProbeResult) -> None:
    assert status_after(result, before) == (before if result == "unreachable" else result)


def test_a_call_brings_no_failed_key_back_and_says_nothing_that_is_known() -> None:
    for status, news_for in AFTER_A_CALL.values():
        assert status not in news_for
    assert AFTER_A_CALL["valid"][1] == {KeyStatus.UNTESTED}
    assert "unreachable" not in AFTER_A_CALL


def test_a_keys_repr_holds_what_is_known_and_no_material() -> None:
    assert "last" in repr(key(rotated_at=NOON + timedelta(days=1)))
    assert not any("plain" in name or "secret" in name for name in ProviderKey.__slots__)
