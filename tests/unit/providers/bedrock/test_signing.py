"""Requests are signed by the function's role, or by a tenant's under an external id that is that tenant's alone."""

from datetime import UTC, datetime

import pytest

from atom_llm.adapters.aws.credentials import CredentialsMissing
from atom_llm.adapters.aws.signature import Credentials
from atom_llm.adapters.providers.bedrock.signing import RENEWED_AFTER, BedrockSigner
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure
from atom_llm.domain.tenancy.external_ids import external_id
from testing.bedrock.server import KEYS, REGION
from testing.bedrock.signatures import fault_of
from testing.fakes.service_keys import SetClock

URL = "http://127.0.0.1:9/model/eu.amazon.nova-pro-v1%3A0/converse"
ROLE = "arn:aws:iam::123456789012:role/atom-llm-bedrock"
NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
pytestmark = pytest.mark.anyio


class Roles:
    """What STS would say, and what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    def __call__(self, role: str, external: str) -> Credentials:
        self.asked.append((role, external))
        return Credentials("ASIATENANT", KEYS["ASIATENANT"], "token")


def signer(roles: Roles, clock: SetClock) -> BedrockSigner:
    return BedrockSigner(REGION, lambda: Credentials("AKIASTANDIN", KEYS["AKIASTANDIN"]), roles, clock)


async def test_botocore_finds_the_same_signature() -> None:
    made = await signer(Roles(), SetClock(NOW)).signed(URL, {"content-type": "application/json"}, b"{}", "")
    assert fault_of(URL, made, b"{}", REGION, KEYS) is None
    assert fault_of(URL, made, b"{ }", REGION, KEYS) is not None
    assert fault_of(URL.replace("pro", "lite"), made, b"{}", REGION, KEYS) is not None


async def test_a_tenants_role_is_assumed_once_in_a_while_under_its_own_id() -> None:
    roles, clock = Roles(), SetClock(NOW)
    key = f"{ROLE} {external_id('prod', TenantId('acme'))}"
    found = signer(roles, clock)
    for _ in range(2):
        made = await found.signed(URL, {}, b"{}", key)
        assert fault_of(URL, made, b"{}", REGION, KEYS) is None
        assert made["x-amz-security-token"] == "token"
    assert roles.asked == [(ROLE, "atom-llm:prod:acme")]
    clock.now += RENEWED_AFTER
    await found.signed(URL, {}, b"{}", key)
    assert len(roles.asked) == 2


@pytest.mark.parametrize(
    "role",
    [
        "arn:aws:iam::123456789012:role/admin",
        "arn:aws:iam::123456789012:role/atom-llm-bedrock/../admin x",
        "sk-a-key-of-another-provider",
        "arn:aws:iam::123456789012:user/atom-llm-bedrock",
    ],
)
async def test_what_is_no_role_for_us_is_never_asked_for(role: str) -> None:
    roles = Roles()
    with pytest.raises(ProviderFailure) as failure:
        await signer(roles, SetClock(NOW)).signed(URL, {}, b"", f"{role} atom-llm:prod:acme")
    assert (failure.value.kind, roles.asked) == (FailureKind.KEY_INVALID, [])


async def test_without_credentials_nothing_is_sent() -> None:
    def none() -> Credentials:
        raise CredentialsMissing("none")

    with pytest.raises(ProviderFailure) as failure:
        await BedrockSigner(REGION, none, Roles(), SetClock(NOW)).signed(URL, {}, b"", "")
    assert (failure.value.kind, failure.value.was_sent) == (FailureKind.TRANSIENT, False)
