"""Other addresses of providers: what their names resolve to is judged before a key goes there."""

from decimal import Decimal

import pytest

from atom_llm.adapters.providers.other_addresses import JUDGED_EVERY_S, OtherAddresses
from atom_llm.adapters.providers.probe import HttpKeyProber
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure

pytestmark = pytest.mark.anyio

OURS = {"openai": "https://gateway.example/v1"}
PUBLIC, PRIVATE = "93.184.216.34", "10.1.2.3"


class Names:
    """A resolver whose answer can be changed, and the seconds of a clock."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = list(addresses)
        self.asked: list[str] = []
        self.seconds = Decimal(0)

    def resolve(self, host: str) -> list[str]:
        self.asked.append(host)
        return self.addresses

    def now(self) -> float:
        return float(self.seconds)


def judged(names: Names, base_urls: dict[str, str] = OURS) -> OtherAddresses:
    return OtherAddresses(base_urls, names.resolve, names.now)


async def test_a_name_of_a_public_address_is_resolved_once_a_minute() -> None:
    names = Names(PUBLIC, "2606:2800:220:1::")
    addresses = judged(names)
    for seconds in ("0", "59.9", "0.2"):
        names.seconds += Decimal(seconds)
        await addresses.judge("openai")
    assert names.asked == ["gateway.example"] * 2
    assert JUDGED_EVERY_S == 60


@pytest.mark.parametrize(
    "found", [PRIVATE, "127.0.0.1", "169.254.1.1", "::1", "fe80::1%eth0", "::ffff:10.1.2.3", "fd00::1"]
)
async def test_one_private_address_among_a_name_s_is_enough_to_call_nobody(found: str) -> None:
    names = Names(PUBLIC, found)
    with pytest.raises(ProviderFailure) as failed:
        await judged(names).judge("openai")
    assert (failed.value.kind, failed.value.was_sent) == (FailureKind.TRANSIENT, False)
    assert found not in failed.value.message


async def test_a_name_that_moves_to_a_private_address_is_noticed_within_a_minute() -> None:
    names = Names(PUBLIC)
    addresses = judged(names)
    await addresses.judge("openai")
    names.addresses = [PRIVATE]
    names.seconds += Decimal(60)
    for _ in range(2):
        with pytest.raises(ProviderFailure):
            await addresses.judge("openai")
    names.addresses = [PUBLIC]
    await addresses.judge("openai")


async def test_published_addresses_and_loopback_of_a_local_run_are_not_looked_up() -> None:
    names = Names(PRIVATE)
    addresses = judged(names, {"openai": "http://127.0.0.1:8090/v1", "groq": "http://localhost:8090/v1"})
    for provider in ("openai", "groq", "anthropic"):
        await addresses.judge(provider)
        addresses.judge_now(provider)
    assert names.asked == []


def test_a_key_is_not_tested_at_a_private_address() -> None:
    names = Names(PRIVATE)
    prober = HttpKeyProber(judged(names))
    assert prober.probe("openai", "sk-a-key-of-nobody") == (
        "unreachable",
        "the provider's address is not on the public internet",
    )


async def test_a_name_that_has_no_address_is_left_to_the_client_to_tell() -> None:
    await judged(Names()).judge("openai")
