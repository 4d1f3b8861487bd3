"""Alarms: on what, by which dimensions, and whom they tell."""

import json

from atom_llm.services.catalogue.observed_refresh import DIMENSIONS
from functions.byok import ledger
from tests.infra.conftest import Templates, of_type

OF_PRICES = {"CatalogueAgeSeconds"}
OF_CALLS = {"RuntimeTableUnreachable", "UsageBeyondBounds", "UnknownUsageCounters"}
OF_THE_LEDGER = {
    "LedgerDrift",
    "SettlementsNotWritten",
    "SpendAboveHold",
    "BudgetAlertsFailed",
    "PriceAlertsFailed",
    "OpenAttemptAgeSeconds",
}


OF_AWS = {"ApproximateNumberOfMessagesVisible", "5XXError", "IteratorAge"}


def test_the_alarms_on_our_metrics_look_for_the_dimensions_that_the_code_writes(templates: Templates) -> None:
    _, service = templates("prod")
    ours = [
        a["Properties"]
        for a in of_type(service, "AWS::CloudWatch::Alarm").values()
        if a["Properties"].get("Namespace") == "AtomLLM/prod"
    ]
    assert {alarm["MetricName"] for alarm in ours} == OF_PRICES | OF_CALLS | OF_THE_LEDGER
    for alarm in ours:
        expected = DIMENSIONS if alarm["MetricName"] in OF_PRICES else ledger.DIMENSIONS
        if alarm["MetricName"] in OF_CALLS:
            expected = {"group": "chat"}
        assert {each["Name"]: each["Value"] for each in alarm["Dimensions"]} == expected


def test_prices_that_nobody_confirmed_for_48_hours_raise_an_alarm_also_when_nothing_reports(
    templates: Templates,
) -> None:
    _, service = templates("prod")
    alarm = next(
        a["Properties"]
        for a in of_type(service, "AWS::CloudWatch::Alarm").values()
        if a["Properties"].get("MetricName") == "CatalogueAgeSeconds"
    )
    assert alarm["Threshold"] == 48 * 3600
    assert alarm["Period"] * alarm["EvaluationPeriods"] == 48 * 3600
    assert alarm["TreatMissingData"] == "breaching"


def test_every_alarm_tells_the_topic(templates: Templates) -> None:
    _, service = templates("prod")
    alarms = of_type(service, "AWS::CloudWatch::Alarm")
    assert len(alarms) == len(OF_PRICES | OF_CALLS | OF_THE_LEDGER | OF_AWS)
    assert all(each["Properties"]["AlarmActions"] for each in alarms.values())


def test_alarms_may_publish_to_the_topic_though_its_policy_is_not_the_one_that_sns_gives(templates: Templates) -> None:
    _, service = templates("prod")
    topics = {json.dumps(a["Properties"]["AlarmActions"]) for a in of_type(service, "AWS::CloudWatch::Alarm").values()}
    policies = of_type(service, "AWS::SNS::TopicPolicy").values()
    (policy,) = (each["Properties"] for each in policies if json.dumps(each["Properties"]["Topics"]) in topics)
    (allowed,) = (each for each in policy["PolicyDocument"]["Statement"] if each["Effect"] == "Allow")
    assert (allowed["Principal"], allowed["Action"]) == ({"Service": "cloudwatch.amazonaws.com"}, "sns:Publish")


def test_of_aws_s_own_metrics_an_alarm_watches_dead_letters_answers_with_5xx_and_rows_that_wait(
    templates: Templates,
) -> None:
    _, service = templates("prod")
    watched = {
        each["Properties"]["MetricName"]: json.dumps(each["Properties"]["Dimensions"])
        for each in of_type(service, "AWS::CloudWatch::Alarm").values()
        if each["Properties"]["Namespace"].startswith("AWS/")
    }
    assert watched.keys() == OF_AWS
    assert "ByokLedgerFunction" in watched["IteratorAge"]
