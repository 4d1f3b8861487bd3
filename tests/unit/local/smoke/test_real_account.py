"""`make smoke` in a real account: what it wants before it does anything there."""

import pytest

from local.smoke import real_account
from local.smoke.__main__ import main
from local.steps import CannotGoOn


def test_without_a_providers_key_nothing_is_deployed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(real_account.KEY, raising=False)
    monkeypatch.setattr(real_account, "_deploy", lambda environment: pytest.fail(f"deployed {environment}"))
    with pytest.raises(CannotGoOn, match=real_account.KEY):
        real_account.place("dev", is_deployed=False)


def test_a_second_key_is_what_the_first_is_rotated_to_and_the_first_itself_where_there_is_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(real_account.KEY, "sk-one")
    monkeypatch.setattr(real_account, "outputs_of", lambda environment: {"ApiUrl": "https://api.example.org/live/"})
    assert real_account.place("dev", is_deployed=True).provider_keys == ("sk-one", "sk-one")
    monkeypatch.setenv(real_account.SECOND_KEY, "sk-two")
    found = real_account.place("dev", is_deployed=True)
    assert (found.provider_keys, found.api_url) == (("sk-one", "sk-two"), "https://api.example.org/live")


@pytest.mark.parametrize("environment", ["prod", ""])
def test_where_alarms_wake_people_it_is_not_run(environment: str) -> None:
    with pytest.raises(SystemExit):
        main([environment])
