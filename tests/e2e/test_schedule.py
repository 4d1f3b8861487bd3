"""The schedule fires the handler on the emulator, by itself."""

import json
import time
import zlib

from tests.e2e.conftest import RunningService

FIRES_WITHIN_S = 100  # a rule of one minute, and the emulator's own rhythm
POLL_S = 2.0


def test_the_rule_fires_the_refresh_without_anybody_s_call(deployment: RunningService) -> None:
    events, table = deployment.client("events"), deployment.client("dynamodb")
    rule = next(
        each
        for each in events.list_rules()["Rules"]
        if "ScheduleExpression" in each and _calls_the_refresh(deployment, each["Name"])
    )
    before = _last_attempt(table, deployment.table_names["catalogue"])
    events.put_rule(Name=rule["Name"], ScheduleExpression="rate(1 minute)", State="ENABLED")
    try:
        deadline = time.monotonic() + FIRES_WITHIN_S
        while (after := _last_attempt(table, deployment.table_names["catalogue"])) == before:
            assert time.monotonic() < deadline, "the schedule did not fire"
            time.sleep(POLL_S)
    finally:
        events.put_rule(Name=rule["Name"], ScheduleExpression=rule["ScheduleExpression"], State="ENABLED")
    assert after is not None


def _calls_the_refresh(deployment: RunningService, rule: str) -> bool:
    targets = deployment.client("events").list_targets_by_rule(Rule=rule)["Targets"]
    name = deployment.function_names["pricing-refresh"]
    return any(target["Arn"].endswith(f":function:{name}") and "schedule" in target["Input"] for target in targets)


def _last_attempt(table: object, name: str) -> str | None:
    key = {"pk": {"S": "refresh"}, "sk": {"S": "journal"}}
    item = table.get_item(TableName=name, Key=key, ConsistentRead=True).get("Item", {})  # type: ignore[attr-defined]
    if "refresh_state" not in item:
        return None
    return str(json.loads(zlib.decompress(item["refresh_state"]["B"]))["attempted_at"])
