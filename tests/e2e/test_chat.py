"""Calls of models in the deployed stack: through the emulated gateway, and by the script that streams them."""

import json
import os
from collections.abc import Iterator

import httpx
import pytest

from infra.build_assets import BUILD
from local.emulator import client_environment
from local.processes import Server, free_port
from local.workspace import PYTHON
from testing.chat_world import HELLO, Streamed, asking
from testing.stand_in.said import WORD
from testing.stand_in.server import StandIn
from tests.e2e.conftest import RunningService
from tests.infra.conftest import Templates, of_type, templates

ANTHROPIC, GOOGLE, MISTRAL = "anthropic/claude-haiku-4-5", "google/gemini-2.5-flash", "mistral/mistral-medium-latest"
TEXT = WORD * 20
ADAPTER = "arn:aws:lambda:eu-central-1:753240598075:layer:LambdaAdapterLayerArm64:25"
# The doors that stream: what is asked there beside the model, and how a stream ends that is whole.
STREAMED: dict[str, tuple[dict[str, object], bytes]] = {
    "/chat/completions": ({"messages": HELLO}, b"data: [DONE]\n\n"),
    "/responses": ({"input": "Say hello"}, b"event: response.completed"),
    "/messages": ({"messages": HELLO, "max_tokens": 100}, b"event: message_stop"),
}

__all__ = ["templates"]  # a fixture of the infrastructure's tests


@pytest.fixture(scope="module")
def gateway(deployment: RunningService, front_door: str) -> Iterator[httpx.Client]:
    """A caller through the emulated gateway, whose tenant has keys (the front door's fixture stored them)."""
    with deployment.http() as client:
        yield client


@pytest.fixture(autouse=True)
def well_behaved(stand_in: StandIn) -> None:
    stand_in.behave()


@pytest.mark.parametrize("model", [ANTHROPIC, GOOGLE, MISTRAL])
def test_a_whole_answer_comes_through_the_gateway_and_is_in_the_ledger(gateway: httpx.Client, model: str) -> None:
    answer = gateway.post("/v1/chat/completions", json=asking(model), headers={"x-llm-tags": "team=e2e"})
    assert (answer.status_code, answer.json()["choices"][0]["message"]["content"]) == (200, TEXT)
    call = gateway.get(f"/api/byok/usage/calls/{answer.headers['x-llm-call-id']}").json()["data"]
    [attempt] = call["attempts"]
    assert (attempt["status"], attempt["model"]) == ("succeeded", model)
    assert attempt["cost_usd"] == answer.headers["x-llm-cost-usd"]


def test_a_chain_falls_back_in_the_deployed_stack(gateway: httpx.Client, stand_in: StandIn) -> None:
    stand_in.fault("status", provider="anthropic", status=529, times=2)
    answer = gateway.post("/v1/chat/completions", json=asking(f"{ANTHROPIC},{MISTRAL}"))
    assert (answer.headers["x-llm-model"], answer.headers["x-llm-attempts"]) == (MISTRAL, "3")


def test_a_stream_comes_whole_where_answers_are_not_streamed(gateway: httpx.Client) -> None:
    answer = gateway.post("/v1/chat/completions", json=asking(ANTHROPIC, stream=True))
    told = Streamed(answer)
    assert (told.text, told.is_done) == (TEXT, True)


@pytest.mark.parametrize("model", [ANTHROPIC, MISTRAL])
def test_messages_are_answered_in_anthropics_dialect_whole_and_in_events(gateway: httpx.Client, model: str) -> None:
    body = {"model": model, "max_tokens": 100, "messages": HELLO}
    whole = gateway.post("/v1/messages?beta=true", json=body, headers={"anthropic-version": "2023-06-01"})
    assert (whole.status_code, whole.json()["content"][0]["text"]) == (200, TEXT)
    told = gateway.post("/v1/messages", json={**body, "stream": True}).text
    names = [line.removeprefix("event: ") for line in told.splitlines() if line.startswith("event: ")]
    assert (names[0], names[-1]) == ("message_start", "message_stop")
    counted = gateway.post("/v1/messages/count_tokens", json={"model": model, "messages": HELLO})
    assert counted.headers["x-llm-token-count"] == ("provider" if model == ANTHROPIC else "estimate")


@pytest.mark.parametrize("model", [ANTHROPIC, MISTRAL])
def test_responses_are_answered_in_their_dialect_whole_and_in_events(gateway: httpx.Client, model: str) -> None:
    body = {"model": model, "input": "Say hello"}
    whole = gateway.post("/v1/responses", json=body)
    assert whole.status_code == 200, whole.text
    assert (whole.json()["status"], whole.json()["output"][-1]["content"][0]["text"]) == ("completed", TEXT)
    told = gateway.post("/v1/responses", json={**body, "stream": True}).text
    names = [line.removeprefix("event: ") for line in told.splitlines() if line.startswith("event: ")]
    assert (names[0], names[-1]) == ("response.created", "response.completed")
    counted = gateway.post("/v1/responses/input_tokens", json=body)
    assert (counted.headers["x-llm-token-count"], counted.json()["input_tokens"] > 0) == ("estimate", True)


def test_failures_come_in_openais_words(gateway: httpx.Client) -> None:
    unknown = gateway.post("/v1/chat/completions", json=asking("no-such-model"))
    assert (unknown.status_code, unknown.json()["error"]["code"]) == (404, "model_not_found")
    wrong = gateway.post("/v1/chat/completions", json={"model": ANTHROPIC, "messages": []})
    assert (wrong.status_code, wrong.json()["error"]["param"]) == (422, "messages")


def test_models_embeddings_and_routes_answer(gateway: httpx.Client) -> None:
    assert ANTHROPIC in {each["id"] for each in gateway.get("/v1/models").json()["data"]}
    assert gateway.get(f"/v1/models/{ANTHROPIC}").json()["owned_by"] == "anthropic"
    embedded = gateway.post("/v1/embeddings", json={"model": "cohere/embed-v4.0", "input": ["one"]})
    assert len(embedded.json()["data"]) == 1
    routed = gateway.post("/v1/route", json=asking(f"{ANTHROPIC},{MISTRAL}")).json()
    assert (routed["chosen"], routed["runner_up"]["model"]) == (ANTHROPIC, MISTRAL)


def test_run_sh_streams_under_the_variables_of_the_template(
    deployment: RunningService, stand_in: StandIn, templates: Templates, front_door: str
) -> None:
    """Run the script from the asset as Lambda does with the adapter layer, with the template's variables.

    Tables, addresses and credentials are the emulator's.
    """
    _, service = templates("dev", adapter_layer_arn=ADAPTER)
    functions = [each["Properties"] for each in of_type(service, "AWS::Lambda::Function").values()]
    [chat] = [each for each in functions if each["Handler"].endswith("run.sh")]
    given = {name: value for name, value in chat["Environment"]["Variables"].items() if isinstance(value, str)}
    assert given["AWS_LWA_INVOKE_MODE"] == "response_stream"
    addresses = {"ATOM_PROVIDER_BASE_URLS": json.dumps(stand_in.addresses())}
    environment = given | client_environment(deployment.endpoint_url) | deployment.function_environment(addresses)
    port = free_port()
    environment |= {"AWS_LWA_PORT": str(port), "PATH": f"{PYTHON.parent}:{os.environ['PATH']}"}
    script = BUILD / "functions" / "chat" / "functions" / "chat" / "run.sh"
    assert os.access(script, os.X_OK)
    log = deployment.folder / "logs" / "run-sh.log"
    health = given["AWS_LWA_READINESS_CHECK_PATH"]
    with Server("run.sh", [script], environment, port=port, health=health, log=log) as server:
        stand_in.fault("slow_chunks", provider="anthropic", ms=20)
        headers = {"authorization": f"Bearer {deployment.service_key}"}
        with httpx.Client(base_url=f"{server.url}/v1", headers=headers, trust_env=False, timeout=60) as client:
            streams = {path: _pieces(client, path, body) for path, (body, _) in STREAMED.items()}
    for path, (_, end) in STREAMED.items():
        assert len(streams[path]) > 10
        assert end in streams[path][-1]


def _pieces(client: httpx.Client, path: str, body: dict[str, object]) -> list[bytes]:
    with client.stream("POST", path, json={"model": ANTHROPIC, "stream": True, **body}) as answer:
        return list(answer.iter_raw())
