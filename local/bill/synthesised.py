"""What the bill needs to know of synthesised templates: resources by type, schedules, and who runs when."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

Template = Mapping[str, Any]

HOURS_A_MONTH: Final = Decimal(730)
_RATE: Final = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_HOURS: Final = {"minute": Decimal(1) / 60, "hour": Decimal(1), "day": Decimal(24)}


@dataclass(frozen=True, slots=True)
class ScheduledRun:
    """A function that a rule runs so many times a month with a trigger; `memory_gb` is in GB."""

    function: str
    trigger: str
    runs: Decimal
    memory_gb: Decimal
    architecture: str
    is_traced: bool


def templates_in(folder: Path) -> list[Template]:
    """Read all templates of a synthesised app; raises `FileNotFoundError` where there are none."""
    found = [json.loads(file.read_text()) for file in sorted(folder.glob("*.template.json"))]
    if not found:
        raise FileNotFoundError(f"{folder} holds no template")
    return found


def properties_of(templates: Sequence[Template], kind: str) -> dict[str, dict[str, Any]]:
    """Return the properties of the resources of a type, by logical id."""
    return {
        name: resource.get("Properties", {})
        for template in templates
        for name, resource in template["Resources"].items()
        if resource["Type"] == kind
    }


def function_with(templates: Sequence[Template], handler: str) -> dict[str, Any]:
    """Return the properties of the function whose handler contains some words; raises `LookupError` if none has."""
    for properties in properties_of(templates, "AWS::Lambda::Function").values():
        if handler in properties["Handler"].replace("/", "."):
            return properties
    raise LookupError(f"no function has a handler with {handler!r}")


def memory_gb(function: Mapping[str, Any]) -> Decimal:
    """Return a function's memory in GB, of 1,024 MB."""
    return Decimal(function["MemorySize"]) / 1024


def scheduled_runs(templates: Sequence[Template]) -> Iterator[ScheduledRun]:
    """Iterate over what the rules with a rate run; raises `ValueError` for a schedule that is no rate."""
    functions = properties_of(templates, "AWS::Lambda::Function")
    aliases = properties_of(templates, "AWS::Lambda::Alias")
    for rule in properties_of(templates, "AWS::Events::Rule").values():
        if "ScheduleExpression" not in rule:
            continue
        for target in rule["Targets"]:
            reference = target["Arn"].get("Ref") or target["Arn"]["Fn::GetAtt"][0]
            function = aliases[reference]["FunctionName"]["Ref"] if reference in aliases else reference
            properties = functions[function]
            yield ScheduledRun(
                function=properties["Handler"],
                trigger=json.loads(target["Input"])["trigger"],
                runs=HOURS_A_MONTH / _hours(rule["ScheduleExpression"]),
                memory_gb=memory_gb(properties),
                architecture=properties["Architectures"][0],
                is_traced=properties.get("TracingConfig", {}).get("Mode") == "Active",
            )


def _hours(expression: str) -> Decimal:
    rate = _RATE.fullmatch(expression)
    if rate is None:
        raise ValueError(f"a schedule that is no rate: {expression}")
    return int(rate[1]) * _HOURS[rate[2]]
