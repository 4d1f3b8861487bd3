"""Look-ups in a stack's template."""

import json
from typing import Any

from tests.infra.conftest import of_type

DEPLOYED = ("dev", "staging", "prod")


def rules_of(service: dict[str, Any]) -> list[dict[str, Any]]:
    return [each["Properties"] for each in of_type(service, "AWS::Events::Rule").values()]


def trigger_of(rule: dict[str, Any]) -> str:
    """Return the trigger that a rule says; one that only passes an event on says none."""
    return str(json.loads(rule["Targets"][0].get("Input", "{}")).get("trigger"))


def function_of(service: dict[str, Any], handler: str) -> dict[str, Any]:
    return next(
        dict(each["Properties"])
        for each in of_type(service, "AWS::Lambda::Function").values()
        if each["Properties"]["Handler"] == handler
    )
