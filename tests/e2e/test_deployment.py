"""The stacks deploy as they are, answer through the gateway, and survive a night."""

import pytest

from local.front_door import GROUPS
from tests.e2e.conftest import RunningService


@pytest.mark.parametrize("prefix", GROUPS)
def test_every_group_answers_for_its_health_without_a_key(deployment: RunningService, prefix: str) -> None:
    with deployment.http() as caller:
        answer = caller.get(f"{prefix}/health", headers={"Authorization": ""})
    assert answer.status_code == 200, answer.text
    assert answer.headers["x-request-id"]


@pytest.mark.parametrize("prefix", GROUPS)
def test_every_group_describes_itself(deployment: RunningService, prefix: str) -> None:
    with deployment.http() as caller:
        document = caller.get(f"{prefix}/openapi.json").json()
    assert document["paths"]
    assert all(path.startswith(prefix) for path in document["paths"])


@pytest.mark.parametrize("path", ["/api/ai/pricing/no/such/route", "/api/no-such-group", "/nowhere"])
def test_an_unknown_path_is_not_found(deployment: RunningService, path: str) -> None:
    with deployment.http() as caller:
        answer = caller.get(path)
    assert answer.status_code == 404, answer.text
    assert answer.json()["success"] is False


def test_an_unknown_path_of_the_openai_dialect_speaks_that_dialect(deployment: RunningService) -> None:
    with deployment.http() as caller:
        answer = caller.get("/v1/no/such/route")
    assert answer.status_code == 404, answer.text
    assert set(answer.json()["error"]) == {"message", "type", "param", "code"}


@pytest.mark.parametrize("function", ["pricing", "pricing-refresh"])
def test_the_addresses_of_the_price_sources_reach_the_functions(
    deployment: RunningService, price_source_addresses: dict[str, str], function: str
) -> None:
    name = deployment.function_names[function]
    variables = deployment.client("lambda").get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    assert price_source_addresses.items() <= variables.items()


def test_a_stop_and_a_start_keep_the_data_and_the_api(deployment: RunningService) -> None:
    key = {"pk": {"S": "test#restart"}, "sk": {"S": "before"}}
    table = deployment.table_names["runtime"]
    deployment.client("dynamodb").put_item(TableName=table, Item=key | {"kept": {"BOOL": True}})

    deployment.restart()

    found = deployment.client("dynamodb").get_item(TableName=table, Key=key)
    assert found["Item"]["kept"] == {"BOOL": True}
    with deployment.http() as caller:
        assert caller.get("/api/ai/pricing/health").status_code == 200
        assert caller.get("/api/ai/pricing").status_code == 200  # the service key is still known
