"""The pepper: read once in a while, and refused when it is not of its form."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from atom_llm.adapters.aws.json_client import Refused
from atom_llm.adapters.pepper import LOOKED_FOR_EVERY, SecretsManagerPepper
from atom_llm.domain.core.errors import Unavailable
from atom_llm.domain.tenancy.peppers import NOTICED_WITHIN
from testing.fakes.service_keys import SetClock

LONG = "0123456789abcdef0123456789abcdef"


class Secrets:
    """Secrets Manager with one secret, or a failure."""

    def __init__(self, text: str | None) -> None:
        self.text = text
        self.reads = 0

    def ask(self, operation: str, request: Mapping[str, Any], *, repeats: bool = True) -> dict[str, str]:
        assert (operation, request) == ("GetSecretValue", {"SecretId": "pepper-id"})
        self.reads += 1
        if self.text is None:
            raise Refused(operation, "AccessDeniedException", {})
        return {"SecretString": self.text}


def vault(secrets: Secrets, clock: SetClock | None = None) -> SecretsManagerPepper:
    return SecretsManagerPepper(secrets, "pepper-id", clock or SetClock())


def test_the_current_version_and_each_other_are_given() -> None:
    peppers = vault(Secrets(f'{{"current": "v2", "v1": "{LONG}1", "v2": "{LONG}2"}}'))
    assert peppers.current() == ("v2", f"{LONG}2".encode())
    assert peppers.pepper("v1") == f"{LONG}1".encode()
    assert peppers.pepper("v0") is None
    assert peppers.pepper("current") is None
    assert peppers.of_names() == f"{LONG}2".encode()


def test_the_pepper_of_names_is_another_one_after_a_rotation_and_no_version_of_keys() -> None:
    peppers = vault(Secrets(f'{{"current": "v2", "v2": "{LONG}2", "end_users": "{LONG}1"}}'))
    assert peppers.current() == ("v2", f"{LONG}2".encode())
    assert peppers.of_names() == f"{LONG}1".encode()
    assert peppers.pepper("end_users") is None


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "no json",
        "[]",
        "{}",
        '{"current": "v1"}',
        f'{{"current": "v1", "v1": "{LONG[:-1]}"}}',
        f'{{"current": "v1", "v1": "{LONG}", "v2": 3}}',
        f'{{"current": "v1", "v1": "{LONG}", "v0": "short"}}',
        f'{{"current": "v1", "v1": "{LONG}", "end_users": "short"}}',
        f'{{"current": "end_users", "v1": "{LONG}", "end_users": "{LONG}"}}',
        f'{{"current": "current", "v1": "{LONG}"}}',
        f'{{"current": ["v1"], "v1": "{LONG}"}}',
    ],
)
def test_a_secret_that_is_not_of_its_form_opens_nothing(text: str | None) -> None:
    with pytest.raises(Unavailable) as refusal:
        vault(Secrets(text)).current()
    assert LONG[:8] not in refusal.value.message


def test_a_rotation_is_noticed_within_minutes() -> None:
    clock, secrets = SetClock(), Secrets(f'{{"current": "v1", "v1": "{LONG}"}}')
    peppers = vault(secrets, clock)
    assert [peppers.current()[0] for _ in range(3)] == ["v1"] * 3
    assert secrets.reads == 1
    secrets.text = f'{{"current": "v2", "v1": "{LONG}", "v2": "{LONG}"}}'
    clock.pass_s((NOTICED_WITHIN - timedelta(milliseconds=1)).total_seconds())
    assert peppers.current()[0] == "v1"
    clock.pass_s(0.001)
    assert peppers.current()[0] == "v2"


def test_while_the_secret_cannot_be_read_what_it_held_goes_on_opening_keys() -> None:
    clock, secrets = SetClock(), Secrets(f'{{"current": "v1", "v1": "{LONG}"}}')
    peppers = vault(secrets, clock)
    peppers.current()
    secrets.text = None
    clock.pass_s(NOTICED_WITHIN.total_seconds())
    assert peppers.current() == ("v1", LONG.encode())
    assert secrets.reads == 2


def test_a_version_that_is_not_known_yet_is_looked_for_at_once_and_not_at_every_question() -> None:
    clock, secrets = SetClock(), Secrets(f'{{"current": "v1", "v1": "{LONG}"}}')
    peppers = vault(secrets, clock)
    peppers.current()
    secrets.text = f'{{"current": "v2", "v1": "{LONG}", "v2": "{LONG}2"}}'
    assert peppers.pepper("v2") == f"{LONG}2".encode()
    assert peppers.current()[0] == "v2"
    assert [peppers.pepper("v9") for _ in range(3)] == [None] * 3
    assert secrets.reads == 2
    clock.pass_s(LOOKED_FOR_EVERY.total_seconds())
    assert peppers.pepper("v9") is None
    assert secrets.reads == 3
