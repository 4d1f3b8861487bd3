"""The ledger's function: its triggers, the path of its alerts, and the permissions on tenants' secrets."""

import json
from typing import Any

import pytest

from atom_llm.adapters.dynamodb import keys
from atom_llm.adapters.events import BUDGET_THRESHOLD, PRICES_CHANGED
from infra.constructs.grants import WRITE_SECRETS
from infra.environments import ENVIRONMENTS
from tests.infra.conftest import Templates, listed, of_type, statements


def test_the_usage_table_alone_has_a_stream_of_keys(templates: Templates) -> None:
    data, _ = templates("prod")
    streams = {
        name.removesuffix(name[-8:]): table["Properties"].get("StreamSpecification")
        for name, table in of_type(data, "AWS::DynamoDB::Table").items()
    }
    assert {name for name, stream in streams.items() if stream} == {"UsageTable"}
    assert streams["UsageTable"]["StreamViewType"] == "KEYS_ONLY"


def test_the_stream_wakes_the_ledger_for_the_very_rows_that_it_knows(templates: Templates) -> None:
    _, service = templates("prod")
    (mapping,) = of_type(service, "AWS::Lambda::EventSourceMapping").values()
    (wanted,) = mapping["Properties"]["FilterCriteria"]["Filters"]
    pattern = json.loads(wanted["Pattern"])
    (prefix,) = (each["prefix"] for each in pattern["dynamodb"]["Keys"]["pk"]["S"])
    assert pattern["eventName"] == ["INSERT"]
    assert keys.is_ledger(prefix)


def test_a_batch_that_keeps_failing_is_halved_tried_again_and_then_given_up(templates: Templates) -> None:
    _, service = templates("prod")
    (mapping,) = (each["Properties"] for each in of_type(service, "AWS::Lambda::EventSourceMapping").values())
    assert mapping["StartingPosition"] == "TRIM_HORIZON"
    assert (mapping["BatchSize"], mapping["MaximumBatchingWindowInSeconds"]) == (100, 20)
    assert mapping["BisectBatchOnFunctionError"]
    assert (mapping["MaximumRetryAttempts"], mapping["MaximumRecordAgeInSeconds"]) == (5, 3600)
    (queue,) = of_type(service, "AWS::SQS::Queue")
    assert mapping["DestinationConfig"]["OnFailure"]["Destination"] == {"Fn::GetAtt": [queue, "Arn"]}


def test_the_ledger_is_swept_each_minute_checked_each_day_and_tells_of_prices_each_quarter_of_an_hour(
    templates: Templates,
) -> None:
    _, service = templates("prod")
    schedules = {}
    for rule in of_type(service, "AWS::Events::Rule").values():
        target = rule["Properties"]["Targets"][0]
        if "ByokLedger" in json.dumps(target["Arn"]):
            schedules[json.loads(target["Input"])["trigger"]] = rule["Properties"]["ScheduleExpression"]
    assert schedules == {"sweep": "rate(1 minute)", "check": "rate(15 minutes)", "prices": "rate(15 minutes)"}


@pytest.mark.parametrize("detail_type", [BUDGET_THRESHOLD, PRICES_CHANGED])
def test_an_alert_goes_to_its_topic_by_the_words_that_the_code_says(templates: Templates, detail_type: str) -> None:
    _, service = templates("prod")
    (rule,) = (
        each["Properties"]
        for each in of_type(service, "AWS::Events::Rule").values()
        if each["Properties"].get("EventPattern", {}).get("detail-type") == [detail_type]
    )
    assert rule["EventPattern"]["source"] == [_variables(service)["ATOM_EVENT_SOURCE"]]
    assert "BudgetAlerts" in json.dumps(rule["Targets"][0]["Arn"])


def test_eventbridge_may_use_the_key_for_topics_without_a_condition_that_it_cannot_meet(templates: Templates) -> None:
    """AWS: `aws:SourceAccount` and `aws:SourceArn` are not there when EventBridge publishes to an encrypted topic."""
    data, _ = templates("prod")
    (statement,) = (
        each for each in statements(data) if each.get("Principal", {}).get("Service") == "events.amazonaws.com"
    )
    assert set(listed(statement["Action"])) == {"kms:Decrypt", "kms:GenerateDataKey"}
    (keys_of_conditions,) = (condition.keys() for condition in statement["Condition"].values())
    assert keys_of_conditions == {"kms:EncryptionContext:aws:sns:topicArn"}


def test_budget_alerts_reach_the_addresses_that_the_environment_names(templates: Templates) -> None:
    _, service = templates("prod", budget_alert_email="a@example.com", budget_alert_webhook="https://example.com/hook")
    subscribed = {
        (each["Properties"]["Protocol"], each["Properties"]["Endpoint"])
        for each in of_type(service, "AWS::SNS::Subscription").values()
    }
    assert subscribed == {("email", "a@example.com"), ("https", "https://example.com/hook")}


def test_only_the_ledger_publishes_events_and_only_in_this_deployments_name(templates: Templates) -> None:
    _, service = templates("prod")
    (statement,) = (each for each in statements(service) if "events:PutEvents" in listed(each["Action"]))
    assert statement["Condition"] == {"StringEquals": {"events:source": ENVIRONMENTS["prod"].event_source}}


def test_tenants_secrets_are_touched_by_byok_alone_and_under_their_prefix(templates: Templates) -> None:
    _, service = templates("prod")
    ((function, statement),) = (
        (name.partition("Role")[0], statement)
        for name, policy in of_type(service, "AWS::IAM::Policy").items()
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        if "secretsmanager:PutSecretValue" in listed(statement["Action"])
    )
    assert function == "Byok"
    assert set(listed(statement["Action"])) == set(WRITE_SECRETS)
    assert json.dumps(statement["Resource"]).endswith(':secret:atom-llm/prod/tenants/*"]]}')


def test_a_function_that_administers_no_keys_may_write_nothing_of_them_but_what_it_learns(templates: Templates) -> None:
    of_use = ["last_used_at", "lapses_at", "pepper_version", "secret_hash"]
    of_a_call = [*of_use, "deleted_at", "material", "status", "status_at", "status_reason"]
    _, service = templates("prod")
    for name, policy in of_type(service, "AWS::IAM::Policy").items():
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]:
            writes_keys = "KeysTable" in json.dumps(statement["Resource"]) and "dynamodb:UpdateItem" in listed(
                statement["Action"]
            )
            if writes_keys and not name.startswith("ByokRole"):
                told = of_a_call if name.startswith("ChatRole") else of_use
                assert statement["Condition"] == {
                    "ForAllValues:StringEquals": {"dynamodb:Attributes": ["pk", "sk", *told]}
                }


def test_calls_read_tenants_secrets_and_change_none(templates: Templates) -> None:
    _, service = templates("prod")
    of_secrets = [
        listed(statement["Action"])
        for name, policy in of_type(service, "AWS::IAM::Policy").items()
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        if name.startswith("ChatRole") and "/tenants/*" in json.dumps(statement["Resource"])
    ]
    assert of_secrets == [["secretsmanager:GetSecretValue"]]


def _variables(service: dict[str, Any]) -> dict[str, Any]:
    (function,) = (
        each["Properties"]
        for each in of_type(service, "AWS::Lambda::Function").values()
        if each["Properties"].get("Handler") == "functions.byok.ledger.handler"
    )
    variables: dict[str, Any] = function["Environment"]["Variables"]
    return variables
