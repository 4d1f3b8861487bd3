"""`chat` as the Lambda Web Adapter starts it: `run.sh`, from the task's folder and the layers alone."""

import json
from collections.abc import Iterator

import pytest

from atom_llm.http.own_events import KEEP_AWAKE
from infra.constructs.api import STAGE
from testing.lambda_runtime.account import Account, CallingTenant
from testing.lambda_runtime.events import api_event
from testing.lambda_runtime.web_adapter import WebAdapter
from tests.runtime.chat_answers import CHAT, OPENAI, SAYING


@pytest.fixture(scope="module")
def server(account: Account) -> Iterator[WebAdapter]:
    with account.streaming_chat() as started:
        yield started


@pytest.fixture
def tenant(account: Account) -> CallingTenant:
    account.stand_in.behave()
    return account.tenant("openai")


def test_the_template_starts_a_program_that_the_function_brings(account: Account) -> None:
    function = account.functions["chat-streaming"]
    program = function.code / function.handler
    assert program.read_bytes().startswith(b"#!/bin/sh\n")
    assert program.stat().st_mode & 0o111
    assert function.variables["AWS_LAMBDA_EXEC_WRAPPER"] == "/opt/bootstrap"
    assert function.variables["AWS_LWA_INVOKE_MODE"] == "response_stream"


def test_an_answer_streams(server: WebAdapter, account: Account, tenant: CallingTenant) -> None:
    account.stand_in.fault("slow_chunks", provider="openai", ms=40)
    pieces = list(server.pieces(tenant.asks("POST", CHAT, {"model": OPENAI, **SAYING, "stream": True})))
    assert b"".join(piece for _, piece in pieces).endswith(b"data: [DONE]\n\n")
    assert pieces[-1][0] - pieces[0][0] > 0.4  # twenty pieces of content, and none was kept back
    assert len(pieces) > 10


def test_the_gateways_id_of_a_request_is_the_answers(server: WebAdapter) -> None:
    event = api_event("GET", "/v1/health")
    assert server.invoke(event).json()["headers"]["x-request-id"] == event["requestContext"]["requestId"]


@pytest.mark.parametrize(("base_path", "named"), [("", f"/{STAGE}"), ("llm", "/llm")])
def test_the_document_names_the_stage_or_the_base_path_as_its_server(
    server: WebAdapter, base_path: str, named: str
) -> None:
    answer = server.invoke(api_event("GET", "/v1/openapi.json", base_path=base_path)).json()
    assert json.loads(answer["body"])["servers"] == [{"url": named}]


def test_a_body_in_base64_is_read(server: WebAdapter, tenant: CallingTenant) -> None:
    event = tenant.asks("POST", CHAT, {"model": OPENAI, **SAYING}, base64=True)
    assert server.invoke(event).json()["statusCode"] == 200


def test_an_event_that_is_no_request_is_answered_where_the_adapter_posts_it(server: WebAdapter) -> None:
    kept, other = (server.invoke({"trigger": trigger}).json() for trigger in (KEEP_AWAKE, "lunch"))
    assert (kept["statusCode"], json.loads(kept["body"])) == (200, {"awake": True})
    assert other["statusCode"] == 400
    assert "trigger" in other["body"]
