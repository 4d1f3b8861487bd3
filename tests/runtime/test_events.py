"""Events as AWS makes them, into functions under AWS's own runtime client."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from atom_llm.http.own_events import KEEP_AWAKE
from infra.constructs.api import PREFIXES, STAGE
from testing.lambda_runtime.account import Account, CallingTenant
from testing.lambda_runtime.events import api_event, http_api_event, scheduled_event, stream_event
from testing.lambda_runtime.runtime_api import MAX_PAYLOAD
from testing.lambda_runtime.sandbox import EventTooLarge, Sandbox
from testing.lambda_runtime.started import SandboxFailed
from tests.runtime.chat_answers import CHAT, OPENAI

SCHEDULED = ("pricing-refresh", "registry-sync", "byok-ledger")
GROUPS = tuple(PREFIXES)


@pytest.fixture(scope="module")
def running(account: Account) -> Iterator[dict[str, Sandbox]]:
    """A process of every function, as the template describes it."""
    with ExitStack() as stack:
        yield {name: stack.enter_context(account.sandbox(name)) for name in (*GROUPS, *SCHEDULED)}


@pytest.fixture(scope="module")
def tenant(account: Account) -> CallingTenant:
    return account.tenant("openai")


@pytest.fixture(autouse=True)
def well_behaved(account: Account) -> None:
    account.stand_in.behave()


def said(sandbox: Sandbox, event: object) -> dict[str, Any]:
    """What a function answers to API Gateway."""
    answer = sandbox.invoke(event)
    assert not answer.is_error, answer.body
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.parametrize("group", GROUPS)
def test_every_function_starts_from_its_layers_alone_and_answers(running: dict[str, Sandbox], group: str) -> None:
    event = api_event("GET", f"/{PREFIXES[group]}/health")
    answer = said(running[group], event)
    assert (answer["statusCode"], answer["isBase64Encoded"]) == (200, False)
    assert answer["headers"]["x-request-id"] == event["requestContext"]["requestId"]


@pytest.mark.parametrize("group", GROUPS)
def test_the_event_that_keeps_a_snapshot_awake_is_answered_and_another_is_refused(
    running: dict[str, Sandbox], group: str
) -> None:
    assert running[group].invoke({"trigger": KEEP_AWAKE}).json() == {"awake": True}
    refused = running[group].invoke({"trigger": "lunch"})
    assert refused.is_error
    assert refused.json()["errorType"] == "InvalidRequest"


@pytest.mark.parametrize("group", GROUPS)
def test_a_custom_domain_may_put_a_base_path_in_front(running: dict[str, Sandbox], group: str) -> None:
    path = f"/{PREFIXES[group]}/openapi.json"
    answer = said(running[group], api_event("GET", path, base_path="v1/api", domain="llm.example.com"))
    assert answer["statusCode"] == 200
    assert '"servers":[{"url":"/v1/api"}]' in answer["body"].replace(" ", "")


@pytest.mark.parametrize("group", GROUPS)
def test_the_stage_names_the_server_in_the_document(running: dict[str, Sandbox], group: str) -> None:
    answer = said(running[group], api_event("GET", f"/{PREFIXES[group]}/openapi.json"))
    assert f'"servers":[{{"url":"/{STAGE}"}}]' in answer["body"].replace(" ", "")


@pytest.mark.parametrize("stage", ["$default", STAGE])
@pytest.mark.parametrize("group", GROUPS)
def test_an_http_api_may_stand_in_front(running: dict[str, Sandbox], group: str, stage: str) -> None:
    answer = said(running[group], http_api_event("GET", f"/{PREFIXES[group]}/health", stage))
    assert answer["statusCode"] == 200


@pytest.mark.parametrize("base64", [False, True])
def test_a_body_is_read_as_text_and_as_base64(
    running: dict[str, Sandbox], tenant: CallingTenant, account: Account, base64: bool
) -> None:
    words = [{"role": "user", "content": 'Grüße "in quotes", 世界 \N{PERSON WITH BALL}'}]
    event = tenant.asks("POST", CHAT, {"model": OPENAI, "messages": words}, base64=base64)
    assert said(running["chat"], event)["statusCode"] == 200
    assert account.stand_in.calls[-1].body["messages"] == words


def test_headers_and_queries_may_come_several_times(running: dict[str, Sandbox], tenant: CallingTenant) -> None:
    headers = {"Authorization": f"Bearer {tenant.service_key}", "Accept": ["application/json", "text/html"]}

    def models(*capabilities: str) -> set[str]:
        wanted = "&".join(f"capabilities={each}" for each in capabilities)
        event = api_event("GET", f"/api/llm-registry/models/search?limit=200&provider=openai&{wanted}", None, headers)
        answer = said(running["registry"], event)
        assert answer["statusCode"] == 200, answer["body"]
        return {each["id"] for each in json.loads(answer["body"])["data"]["items"]}

    both = models("vision", "reasoning")
    assert both == models("vision") & models("reasoning") != models("reasoning")


def test_a_parameter_of_one_value_that_comes_twice_is_refused_by_its_name(
    running: dict[str, Sandbox], tenant: CallingTenant
) -> None:
    event = tenant.asks("GET", "/api/ai/pricing/provider/openai?limit=200&limit=1")
    answer = said(running["pricing"], event)
    assert (answer["statusCode"], '"limit"' in answer["body"]) == (422, True)


def test_a_prompt_as_large_as_an_event_may_be_is_answered(running: dict[str, Sandbox], tenant: CallingTenant) -> None:
    words = "word " * ((MAX_PAYLOAD - 8_000) // 5)
    event = tenant.asks("POST", CHAT, {"model": OPENAI, "messages": [{"role": "user", "content": words}]})
    answer = said(running["chat"], event)
    assert (answer["statusCode"], '"context_length_exceeded"' in answer["body"]) == (400, True)


def test_what_json_escapes_counts_twice_against_lambdas_limit(
    running: dict[str, Sandbox], tenant: CallingTenant
) -> None:
    words = '"' * (MAX_PAYLOAD // 4)
    event = tenant.asks("POST", CHAT, {"model": OPENAI, "messages": [{"role": "user", "content": words}]})
    assert said(running["chat"], {**event, "body": event["body"][: MAX_PAYLOAD // 3]})["statusCode"] == 400
    with pytest.raises(EventTooLarge):
        running["chat"].invoke(event)


def test_an_answer_that_lambda_does_not_take_is_said_to_be_too_large(
    running: dict[str, Sandbox], tenant: CallingTenant
) -> None:
    body = {"model": "openai/text-embedding-3-large", "input": ["word"] * 600, "dimensions": 3072}
    answer = said(running["chat"], tenant.asks("POST", "/v1/embeddings", body))
    assert (answer["statusCode"], '"answer_too_large"' in answer["body"]) == (422, True)
    assert said(running["chat"], tenant.asks("GET", "/v1/models"))["statusCode"] == 200


@pytest.mark.parametrize(
    "event",
    [
        scheduled_event(),
        stream_event([("a", "b")], "usage"),
        {},
        [],
        "word",
        None,
        {"httpMethod": "GET"},
    ],
    ids=["schedule", "stream", "empty", "list", "text", "nothing", "part"],
)
@pytest.mark.parametrize("group", GROUPS)
def test_what_is_no_request_is_its_senders_error_and_the_process_goes_on(
    running: dict[str, Sandbox], group: str, event: object
) -> None:
    assert running[group].invoke(event).is_error
    assert said(running[group], api_event("GET", f"/{PREFIXES[group]}/health"))["statusCode"] == 200


@pytest.mark.parametrize("name", ["pricing-refresh", "byok-ledger"])
@pytest.mark.parametrize("event", [scheduled_event(), {}, {"trigger": "never"}], ids=["bare", "empty", "other"])
def test_a_schedule_that_says_no_known_trigger_fails_and_is_retried_by_lambda(
    running: dict[str, Sandbox], name: str, event: object
) -> None:
    answer = running[name].invoke(event)
    assert (answer.is_error, answer.json()["errorType"]) == (True, "ValueError")
    assert "trigger must be" in answer.json()["errorMessage"]


def test_a_stream_record_that_is_nothing_of_the_ledgers_wakes_nobody(
    running: dict[str, Sandbox], account: Account
) -> None:
    table = account.functions["byok-ledger"].variables["ATOM_USAGE_TABLE"]
    answer = running["byok-ledger"].invoke(stream_event([("SUMS#tenant", "2026-11-29")], table))
    assert (answer.is_error, answer.json()["posted"]) == (False, 0)


@pytest.mark.thorough
@pytest.mark.parametrize("name", [*GROUPS, *SCHEDULED])
def test_a_setting_that_is_missing_is_named_by_the_start_or_the_first_event(account: Account, name: str) -> None:
    sandbox = account.sandbox(name, {"ATOM_USAGE_TABLE": ""})
    try:
        sandbox.start()
        told = sandbox.invoke({"trigger": "schedule"}).body.decode()
    except SandboxFailed as failed:
        told = str(failed)
    finally:
        sandbox.kill()
    assert "ATOM_USAGE_TABLE is not set" in told
