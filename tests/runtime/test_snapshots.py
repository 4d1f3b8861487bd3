"""Functions as SnapStart restores them: started once, and then several copies of one state, later and elsewhere."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from infra.constructs.api import PREFIXES
from testing.lambda_runtime.account import Account
from testing.lambda_runtime.credentials import AFTER_RESTORE, ServedCredentials
from testing.lambda_runtime.events import api_event
from testing.lambda_runtime.sandbox import Sandbox
from tests.runtime.chat_answers import CHAT, OPENAI, SAYING

COPIES = 2


@pytest.fixture
def credentials() -> Iterator[ServedCredentials]:
    with ServedCredentials() as served:
        yield served


def answers(sandbox: Sandbox, *events: object) -> list[dict[str, Any]]:
    """What the copies answer, one after the other in turn."""
    found = [sandbox.invoke(event) for event in events]
    assert not any(each.is_error for each in found), [each.body for each in found]
    return [each.json() for each in found]


@pytest.mark.thorough
@pytest.mark.parametrize("group", list(PREFIXES))
def test_every_copy_of_a_function_answers(account: Account, credentials: ServedCredentials, group: str) -> None:
    with account.copies(group, COPIES, credentials) as sandbox:
        credentials.restored = True
        sandbox.restore()
        health = api_event("GET", f"/{PREFIXES[group]}/health")
        assert [each["statusCode"] for each in answers(sandbox, *[health] * COPIES)] == [200] * COPIES


def test_a_snapshot_is_taken_without_a_call_to_aws_and_its_copies_use_the_credentials_of_their_own_time(
    account: Account, credentials: ServedCredentials
) -> None:
    tenant = account.tenant("openai")
    account.relay.forget()
    with account.copies("chat", COPIES, credentials) as sandbox:
        assert account.relay.access_keys == set()
        credentials.restored = True
        sandbox.restore()
        answers(sandbox, *[tenant.asks("GET", "/v1/models")] * COPIES)
        assert account.relay.access_keys == {AFTER_RESTORE}


def test_no_two_copies_make_the_same_call(account: Account, credentials: ServedCredentials) -> None:
    account.stand_in.behave()
    tenant = account.tenant("openai")
    with account.copies("chat", COPIES, credentials) as sandbox:
        credentials.restored = True
        sandbox.restore()
        ask = tenant.asks("POST", CHAT, {"model": OPENAI, **SAYING})
        told = answers(sandbox, *[ask] * COPIES * 2)
    assert {each["statusCode"] for each in told} == {200}
    assert len({each["headers"]["x-llm-call-id"] for each in told}) == COPIES * 2
    ledger, today = account.services.ports.ledger, datetime.now(UTC).date()
    rows = list(ledger.rows_of_day(tenant.id, today, behind=None, page_size=100))
    assert len({row.attempt.call_id for row in rows}) == COPIES * 2


@pytest.mark.thorough
def test_no_two_copies_issue_the_same_service_key(account: Account, credentials: ServedCredentials) -> None:
    operator = account.operator()
    with account.copies("byok", COPIES, credentials) as sandbox:
        credentials.restored = True
        sandbox.restore()
        ask = operator.asks("POST", "/api/byok/service-keys", {"scopes": ["chat"]})
        issued = [each["body"] for each in answers(sandbox, *[ask] * COPIES)]
    assert len(set(issued)) == COPIES
