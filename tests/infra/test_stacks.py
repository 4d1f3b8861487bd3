"""The promises of the stacks, read from the synthesised templates."""

import json

import pytest

from atom_llm.http.own_events import KEEP_AWAKE
from functions.pricing.refresh import FORCED
from infra.constructs.api import CONSOLE_PREFIX, PREFIXES, SIGNED_PATH
from infra.environments import ENVIRONMENTS
from local.front_door import GROUPS
from tests.infra.conftest import Templates, of_type
from tests.infra.templates import DEPLOYED, function_of, rules_of, trigger_of

SERVED = {
    "functions/chat/run.sh",
    *(f"functions.{group}.main.handler" for group in ("byok", "console", "pricing", "registry", "tiers")),
}


def test_production_keeps_and_protects_its_tables_and_their_key(templates: Templates) -> None:
    data, _ = templates("prod")
    kept = (
        of_type(data, "AWS::DynamoDB::Table")
        | of_type(data, "AWS::KMS::Key")
        | of_type(data, "AWS::SecretsManager::Secret")
    )
    assert {each["DeletionPolicy"] for each in kept.values()} == {"Retain"}
    assert all(
        each["Properties"]["DeletionProtectionEnabled"] for each in of_type(data, "AWS::DynamoDB::Table").values()
    )


def test_tenant_data_can_be_restored_to_a_point_in_time_in_production(templates: Templates) -> None:
    data, _ = templates("prod")
    recoverable = {
        name.partition("Table")[0]
        for name, table in of_type(data, "AWS::DynamoDB::Table").items()
        if table["Properties"]["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"]
    }
    assert recoverable == {"Keys", "Usage"}


@pytest.mark.parametrize("environment", DEPLOYED)
def test_every_table_is_on_demand_encrypted_with_our_key_and_expires_by_ttl(
    templates: Templates, environment: str
) -> None:
    data, _ = templates(environment)
    tables = of_type(data, "AWS::DynamoDB::Table")
    assert len(tables) == 4
    for table in tables.values():
        properties = table["Properties"]
        assert properties["BillingMode"] == "PAY_PER_REQUEST"
        assert properties["SSESpecification"]["SSEType"] == "KMS"
        assert properties["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}


def test_the_schedule_calls_the_refresh_every_24_hours_with_a_trigger_that_the_handler_knows(
    templates: Templates,
) -> None:
    _, service = templates("prod")
    rule = next(r for r in rules_of(service) if "ScheduleExpression" in r)
    assert rule["ScheduleExpression"] in ("rate(1 day)", "rate(24 hours)")
    assert rule["State"] == "ENABLED"
    assert FORCED[trigger_of(rule)] is True
    assert "PricingRefresh" in json.dumps(rule["Targets"][0]["Arn"])


def test_the_scores_are_synced_every_week_and_after_a_deployment(templates: Templates) -> None:
    _, service = templates("prod")
    rules = [rule for rule in rules_of(service) if "RegistrySync" in json.dumps(rule["Targets"][0]["Arn"])]
    assert {rule.get("ScheduleExpression") for rule in rules} == {"rate(7 days)", None}
    assert all(rule["State"] == "ENABLED" for rule in rules)


def test_a_finished_deployment_of_this_stack_calls_the_refresh(templates: Templates) -> None:
    _, service = templates("prod")
    rule = next(r for r in rules_of(service) if "EventPattern" in r)
    assert rule["EventPattern"]["source"] == ["aws.cloudformation"]
    assert rule["EventPattern"]["detail"]["stack-id"] == [{"Ref": "AWS::StackId"}]
    assert FORCED[trigger_of(rule)] is False


def test_a_refresh_that_cannot_be_delivered_or_keeps_failing_ends_in_the_dead_letter_queue(
    templates: Templates,
) -> None:
    _, service = templates("prod")
    assert all("DeadLetterConfig" in rule["Targets"][0] for rule in rules_of(service) if trigger_of(rule) != KEEP_AWAKE)
    refresh = function_of(service, "functions.pricing.refresh.handler")
    assert "RefreshGivenUp" in json.dumps(refresh["DeadLetterConfig"])
    retries = of_type(service, "AWS::Lambda::EventInvokeConfig")
    assert [each["Properties"]["MaximumRetryAttempts"] for each in retries.values()] == [2, 2, 2]


@pytest.mark.parametrize("environment", DEPLOYED)
def test_every_log_group_is_encrypted_and_forgets_in_time(templates: Templates, environment: str) -> None:
    _, service = templates(environment)
    groups = of_type(service, "AWS::Logs::LogGroup")
    assert (
        len(groups) == len(PREFIXES) + 5
    )  # the functions', the console's, the refresh's, the sync's, the ledger's and the access log
    assert all(each["Properties"]["RetentionInDays"] and each["Properties"]["KmsKeyId"] for each in groups.values())


def test_every_prefix_and_everything_below_it_goes_to_its_function(templates: Templates) -> None:
    _, service = templates("prod")
    parents = {name: each["Properties"] for name, each in of_type(service, "AWS::ApiGateway::Resource").items()}

    def path(name: str) -> str:
        parent = parents[name]["ParentId"].get("Ref")
        return f"{path(parent) if parent in parents else ''}/{parents[name]['PathPart']}"

    routed = {
        path(method["Properties"]["ResourceId"]["Ref"]): json.dumps(method["Properties"]["Integration"]["Uri"])
        for method in of_type(service, "AWS::ApiGateway::Method").values()
    }
    prefixes = {**PREFIXES, "console": CONSOLE_PREFIX}
    expected = {f"/{prefix}{below}" for prefix in prefixes.values() for below in ("", "/{proxy+}")}
    assert routed.keys() == expected | {"/docs", "/openapi.json", f"/{SIGNED_PATH}"}
    assert all("ConsoleFunction" in routed[each] for each in ("/console", "/docs", "/openapi.json"))
    for group, prefix in PREFIXES.items():
        starts_from_a_snapshot = group in ENVIRONMENTS["prod"].snap_start
        assert f"{group.capitalize()}{'Live' if starts_from_a_snapshot else 'Function'}" in routed[f"/{prefix}"]


def test_signatures_are_checked_at_the_one_path_that_goes_by_them(templates: Templates) -> None:
    _, service = templates("prod")
    resources, methods = (of_type(service, f"AWS::ApiGateway::{kind}") for kind in ("Resource", "Method"))
    (signed,) = [
        each["Properties"] for each in methods.values() if each["Properties"].get("AuthorizationType") == "AWS_IAM"
    ]
    assert signed["HttpMethod"] == "POST"
    assert resources[signed["ResourceId"]["Ref"]]["Properties"]["PathPart"] == SIGNED_PATH.rpartition("/")[2]


def test_paths_may_be_put_behind_the_address_of_the_api(templates: Templates) -> None:
    _, service = templates("dev")
    *_, last = service["Outputs"]["ApiUrl"]["Value"]["Fn::Join"][1]
    assert "Stage" in str(last)


def test_the_front_door_has_the_same_prefixes_as_the_api() -> None:
    assert {group: f"/{prefix}" for group, prefix in PREFIXES.items()} == {
        group: path for path, group in GROUPS.items()
    }


def test_the_access_log_holds_no_header_and_no_body(templates: Templates) -> None:
    _, service = templates("prod")
    stage = next(iter(of_type(service, "AWS::ApiGateway::Stage").values()))["Properties"]
    written = stage["AccessLogSetting"]["Format"]
    assert "$context.requestId" in written
    assert "header" not in written.lower()
    assert stage["TracingEnabled"] is True
    assert stage["MethodSettings"][0]["DataTraceEnabled"] is False
    assert stage["MethodSettings"][0]["ThrottlingRateLimit"] == ENVIRONMENTS["prod"].throttle_rate


def test_everything_that_runs_by_itself_ends_in_the_dead_letter_queue_that_the_alarm_watches(
    templates: Templates,
) -> None:
    _, service = templates("prod")
    by_itself = [
        each["Properties"]
        for each in of_type(service, "AWS::Lambda::Function").values()
        if each["Properties"]["Handler"] not in SERVED
    ]
    assert len(by_itself) == 3
    assert all("RefreshGivenUp" in json.dumps(each["DeadLetterConfig"]) for each in by_itself)


def test_a_share_of_the_api_s_requests_is_traced_and_nothing_that_runs_by_itself(templates: Templates) -> None:
    _, service = templates("prod")
    (rule,) = of_type(service, "AWS::XRay::SamplingRule").values()
    sampled = rule["Properties"]["SamplingRule"]
    assert (sampled["FixedRate"], sampled["ReservoirSize"]) == (0.01, 0)
    (stage,) = of_type(service, "AWS::ApiGateway::Stage").values()
    assert sampled["ServiceName"] == f"atom-llm-prod/{stage['Properties']['StageName']}"
    traced = {
        each["Properties"]["Handler"]
        for each in of_type(service, "AWS::Lambda::Function").values()
        if each["Properties"].get("TracingConfig")
    }
    assert traced == SERVED


def test_metrics_of_each_method_which_are_charged_for_are_off(templates: Templates) -> None:
    _, service = templates("prod")
    (stage,) = of_type(service, "AWS::ApiGateway::Stage").values()
    assert stage["Properties"]["MethodSettings"][0]["MetricsEnabled"] is False


def test_calls_alone_start_from_a_snapshot_and_none_does_in_dev(templates: Templates) -> None:
    for environment, expected in (("prod", ["functions/chat/run.sh"]), ("dev", [])):
        _, service = templates(environment)
        assert expected == [
            each["Properties"]["Handler"]
            for each in of_type(service, "AWS::Lambda::Function").values()
            if "SnapStart" in each["Properties"]
        ]


def test_a_dashboard_is_there_where_the_environment_wants_one(templates: Templates) -> None:
    for environment in ("dev", "prod"):
        _, service = templates(environment)
        assert len(of_type(service, "AWS::CloudWatch::Dashboard")) == ENVIRONMENTS[environment].dashboard


@pytest.mark.parametrize("environment", DEPLOYED)
def test_chat_streams_under_the_adapter_layer_for_as_long_as_lambda_lives(
    templates: Templates, environment: str
) -> None:
    _, service = templates(environment)
    chat = function_of(service, "functions/chat/run.sh")
    assert chat["Environment"]["Variables"]["AWS_LAMBDA_EXEC_WRAPPER"] == "/opt/bootstrap"
    assert chat["Environment"]["Variables"]["AWS_LWA_INVOKE_MODE"] == "response_stream"
    assert "LambdaAdapterLayerArm64:26" in json.dumps(chat["Layers"])
    streamed = [
        method
        for method in of_type(service, "AWS::ApiGateway::Method").values()
        if method["Properties"]["Integration"].get("ResponseTransferMode") == "STREAM"
    ]
    assert [each["Properties"]["Integration"]["TimeoutInMillis"] for each in streamed] == [15 * 60 * 1000] * 2
    assert chat["Timeout"] == 15 * 60


def test_another_layer_may_be_named_and_without_one_answers_are_whole(templates: Templates) -> None:
    arn = "arn:aws:lambda:eu-central-1:123456789012:layer:Ours:1"
    _, ours = templates("dev", adapter_layer_arn=arn)
    assert arn in function_of(ours, "functions/chat/run.sh")["Layers"]
    _, whole = templates("dev", adapter_layer_arn=None)
    assert function_of(whole, "functions.chat.main.handler")["Timeout"] == 29
    assert "STREAM" not in json.dumps(of_type(whole, "AWS::ApiGateway::Method"))


def test_each_environment_has_metrics_of_its_own_and_its_alarms_look_at_them(templates: Templates) -> None:
    for environment in ("dev", "prod"):
        _, service = templates(environment)
        written = {
            each["Properties"]["Environment"]["Variables"]["POWERTOOLS_METRICS_NAMESPACE"]
            for each in of_type(service, "AWS::Lambda::Function").values()
            if "Environment" in each["Properties"]
        }
        alarms = of_type(service, "AWS::CloudWatch::Alarm").values()
        watched = {each["Properties"].get("Namespace", "AWS/") for each in alarms}
        assert written == {space for space in watched if not space.startswith("AWS/")} == {f"AtomLLM/{environment}"}


def test_a_log_group_that_is_kept_does_not_stand_in_the_way_of_the_next_deployment(templates: Templates) -> None:
    _, service = templates("prod")
    for group in of_type(service, "AWS::Logs::LogGroup").values():
        assert group["DeletionPolicy"] == "RetainExceptOnCreate"  # none is left of a first deployment that failed
        assert "AWS::StackId" in json.dumps(group["Properties"]["LogGroupName"])
    _, short_lived = templates("dev")
    assert {each["DeletionPolicy"] for each in of_type(short_lived, "AWS::Logs::LogGroup").values()} == {"Delete"}


@pytest.mark.parametrize("environment", DEPLOYED)
def test_the_accounts_role_for_the_gateways_logs_stays_when_an_environment_goes(
    templates: Templates, environment: str
) -> None:
    _, service = templates(environment)
    (account,) = of_type(service, "AWS::ApiGateway::Account").values()
    role = service["Resources"][account["Properties"]["CloudWatchRoleArn"]["Fn::GetAtt"][0]]
    assert (account["DeletionPolicy"], role["DeletionPolicy"]) == ("Retain", "Retain")


def test_calls_cannot_starve_the_ledger_and_the_refresh_of_the_accounts_quota(templates: Templates) -> None:
    _, service = templates("prod")
    reserved = {
        each["Properties"]["Handler"]: each["Properties"]["ReservedConcurrentExecutions"]
        for each in of_type(service, "AWS::Lambda::Function").values()
        if "ReservedConcurrentExecutions" in each["Properties"]
    }
    assert set(reserved) == {
        "functions.byok.ledger.handler",
        "functions.pricing.refresh.handler",
        "functions.registry.sync.handler",
        "functions/chat/run.sh",
    }
    assert sum(reserved.values()) <= 900  # of a quota of 1,000, of which Lambda leaves 100 to the others


def test_a_web_acl_bounds_a_key_and_who_shows_none_and_reads_no_prompt(templates: Templates) -> None:
    _, service = templates("prod")
    (acl,) = of_type(service, "AWS::WAFv2::WebACL").values()
    rules = {rule["Name"]: rule for rule in acl["Properties"]["Rules"]}
    by_key = {name: rule["Statement"]["RateBasedStatement"] for name, rule in rules.items() if "one-key" in name}
    assert {each["AggregateKeyType"] for each in by_key.values()} == {"CUSTOM_KEYS"}
    assert [each["CustomKeys"][0]["Header"]["Name"] for each in by_key.values()] == ["authorization", "x-api-key"]
    without = rules["one-address-without-a-key"]["Statement"]["RateBasedStatement"]
    assert without["ScopeDownStatement"]["AndStatement"]["Statements"]
    common = rules["common"]["Statement"]["ManagedRuleGroupStatement"]
    assert "EC2MetaDataSSRF_BODY" in {rule["Name"] for rule in common["RuleActionOverrides"]}
    assert len({rule["Priority"] for rule in rules.values()}) == len(rules)


def test_every_snapshot_is_used_within_the_fortnight_after_which_lambda_puts_it_aside(templates: Templates) -> None:
    _, service = templates("prod")
    (weekly,) = (rule for rule in rules_of(service) if trigger_of(rule) == KEEP_AWAKE)
    assert weekly["ScheduleExpression"] == "rate(7 days)"
    aliases = set(of_type(service, "AWS::Lambda::Alias"))
    assert {target["Arn"]["Ref"] for target in weekly["Targets"]} == aliases
    assert {target["Input"] for target in weekly["Targets"]} == {
        json.dumps({"trigger": KEEP_AWAKE}, separators=(",", ":"))
    }


def test_an_alarm_address_is_subscribed_and_a_budget_is_watched_where_the_environment_has_them(
    templates: Templates,
) -> None:
    _, silent = templates("dev")
    _, told = templates("dev", alarm_email="on-call@example.org")
    assert of_type(silent, "AWS::SNS::Subscription") == of_type(silent, "AWS::Budgets::Budget") == {}
    assert [each["Properties"]["Endpoint"] for each in of_type(told, "AWS::SNS::Subscription").values()] == [
        "on-call@example.org"
    ]
    assert len(of_type(told, "AWS::Budgets::Budget")) == 1


def test_the_emulator_s_environment_has_nothing_that_the_emulator_lacks(templates: Templates) -> None:
    _, service = templates("local")
    kinds = {each["Type"] for each in service["Resources"].values()}
    assert not kinds & {
        "AWS::Lambda::Version",
        "AWS::Lambda::Alias",
        "AWS::WAFv2::WebACL",
        "AWS::Budgets::Budget",
        "AWS::XRay::SamplingRule",
    }
