"""The steps, in their order."""

import json
from typing import Any, Final

import boto3
from botocore.config import Config

from local.front_door import GROUPS
from local.smoke.alarms import Alarm
from local.smoke.calls import TryingTenant
from local.smoke.inbox import Inbox
from local.smoke.place import Place
from local.smoke.report import Report, Step
from local.smoke.service import TriedService
from local.smoke.tenant import operators_service_key, own_tenant

# The refresh may take two minutes, and a second try of ours would be a second refresh.
PATIENT: Final = Config(read_timeout=180, retries={"total_max_attempts": 1})
ALARM_S: Final = 120


def walk(place: Place, report: Report, *, name: str, stream_s: float) -> None:
    """Take every step; raises what the first one that failed raised. `name` is the tenant's and the queue's."""
    with report.step("The service answers") as step:
        _answers(place, step)
    with report.step("Refreshing the prices") as step:
        _refresh(place, step)
    with report.step("Making a tenant") as step:
        operator = TriedService(place.api_url, operators_service_key(place, report))
        key = own_tenant(operator, name, report)
        step.saw(name)
    with report.step("Subscribing to what alarms and budgets tell") as step:
        alarm, inbox = Alarm(place.service_stack), Inbox(name, report)
        inbox.subscribe([*alarm.topics, place.outputs["BudgetAlertsTopicArn"]])
        step.saw(alarm.name)
    caller = TryingTenant(place, TriedService(place.api_url, key), TriedService(place.stream_url, key))
    with report.step("Storing a provider key") as step:
        caller.store_key(step)
    with report.step("Setting a budget") as step:
        caller.set_budget(step)
    with report.step("Calling") as step:
        caller.call(step)
    with report.step(f"Streaming for {stream_s:g} s") as step:
        caller.stream(step, stream_s)
    with report.step("Crossing a budget") as step:
        caller.cross_a_budget(step, inbox, name)
    with report.step("Rotating the provider key") as step:
        caller.rotate(step)
    with report.step("Forcing an alarm") as step:
        _force(alarm, inbox, report, step)


def _answers(place: Place, step: Step) -> None:
    nobody = TriedService(place.api_url, "")
    for prefix in GROUPS:
        nobody.ask("GET", f"{prefix}/health")
    step.saw(f"{', '.join(GROUPS)} are well")


def _refresh(place: Place, step: Step) -> None:
    client: Any = boto3.client("lambda", config=PATIENT)
    called = client.invoke(
        FunctionName=place.outputs["PricingRefreshFunctionName"], Payload=json.dumps({"trigger": "deploy"})
    )
    report = json.loads(called["Payload"].read() or b"null")
    step.must("FunctionError" not in called, f"the refresh says {report.get('outcome', report)}")
    sources = ", ".join(f"{name} {state}" for name, state in report.get("sources", {}).items())
    step.saw(f"sources: {sources or 'asked less than a day ago'}")


def _force(alarm: Alarm, inbox: Inbox, report: Report, step: Step) -> None:
    report.afterwards("Putting the alarm back", lambda: alarm.put("OK"))
    alarm.put("ALARM")
    told = inbox.wait_for("The alarm", lambda each: alarm.is_told_by(each, "ALARM"), within_s=ALARM_S)
    step.saw(f"{told['AlarmName']} arrived as {told['NewStateValue']}")
    alarm.put("OK")
    inbox.wait_for("Its end", lambda each: alarm.is_told_by(each, "OK"), within_s=ALARM_S)
    step.saw("and its end")
