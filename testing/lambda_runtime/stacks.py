"""The deployed functions, as the synthesised templates have them: handler, variables, timeout, code and layers."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import boto3
from aws_cdk import App

from infra.app import build_app
from infra.build_assets import build
from infra.environments import ENVIRONMENTS, Environment
from local.emulator import ACCOUNT, REGION

ENVIRONMENT: Final = "local"
_NAME: Final = re.compile(r"(?<!^)(?=[A-Z])")
_FUNCTION_OUTPUT: Final = "FunctionName"


@dataclass(frozen=True, slots=True)
class DeployedFunction:
    """A function of the service stack. `code` and `layers` are the folders that the deployment would upload."""

    name: str
    handler: str
    variables: Mapping[str, str]
    timeout_s: int
    memory_mb: int
    snap_start: bool
    code: Path
    layers: tuple[Path, ...]

    @property
    def arn(self) -> str:
        """What it is called by."""
        return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{self.name}"

    def with_variables(self, **changed: str) -> "DeployedFunction":
        """The same function with other values of some variables."""
        return replace(self, variables={**self.variables, **changed})


@dataclass(frozen=True, slots=True)
class Assembly:
    """A cloud assembly: templates and assets, ready to be deployed."""

    folder: Path
    environment: str

    def template(self, stack: str) -> dict[str, Any]:
        """The template of the `data` or the `service` stack."""
        found: dict[str, Any] = json.loads(self._file(stack, "template").read_text())
        return found

    def asset(self, stack: str, hash_: str) -> Path:
        """The folder of an asset."""
        files = json.loads(self._file(stack, "assets").read_text())["files"]
        return self.folder / str(files[hash_]["source"]["path"])

    def _file(self, stack: str, kind: str) -> Path:
        return self.folder / f"atom-llm-{self.environment}-{stack}.{kind}.json"


def synthesise(folder: Path, changed: Mapping[str, Any], name: str = ENVIRONMENT) -> Assembly:
    """Build the assets for this machine and synthesise an environment, some of whose settings are `changed`."""
    build("native", report=lambda _: None)
    environment: Environment = replace(ENVIRONMENTS[name], **changed)
    app = App(outdir=str(folder), context={"env": name}, analytics_reporting=False)
    build_app(app, environments={name: environment}).synth()
    return Assembly(folder, name)


def deploy_data(assembly: Assembly) -> dict[str, str]:
    """Put the data stack onto the emulator that AWS clients find; answers its exports by name."""
    template = assembly.template("data")
    for of_the_bootstrap in ("Parameters", "Rules"):  # only that the account was prepared for the CDK
        template.pop(of_the_bootstrap, None)
    client: Any = boto3.client("cloudformation")
    stack = f"atom-llm-{assembly.environment}-data"
    client.create_stack(StackName=stack, TemplateBody=json.dumps(template))
    client.get_waiter("stack_create_complete").wait(StackName=stack, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
    outputs = client.describe_stacks(StackName=stack)["Stacks"][0]["Outputs"]
    return {
        template["Outputs"][each["OutputKey"]]["Export"]["Name"]: each["OutputValue"]
        for each in outputs
        if "Export" in template["Outputs"][each["OutputKey"]]
    }


def functions_of(assembly: Assembly, exports: Mapping[str, str]) -> dict[str, DeployedFunction]:
    """Every function of the service stack by its name (`chat`, `byok-ledger` …), imports taken from `exports`."""
    template = assembly.template("service")
    found = {}
    for output, said in template["Outputs"].items():
        if not output.endswith(_FUNCTION_OUTPUT):
            continue
        name = _NAME.sub("-", output.removesuffix(_FUNCTION_OUTPUT)).lower()
        properties = template["Resources"][said["Value"]["Ref"]]["Properties"]
        layers = [template["Resources"][each["Ref"]]["Properties"] for each in properties["Layers"] if "Ref" in each]
        found[name] = DeployedFunction(
            name=name,
            handler=properties["Handler"],
            variables={
                variable: _value(value, exports) for variable, value in properties["Environment"]["Variables"].items()
            },
            timeout_s=properties["Timeout"],
            memory_mb=properties["MemorySize"],
            snap_start=properties.get("SnapStart", {}).get("ApplyOn") == "PublishedVersions",
            code=_uploaded(assembly, properties["Code"]),
            layers=tuple(_uploaded(assembly, layer["Content"]) for layer in layers),
        )
    return found


def _uploaded(assembly: Assembly, content: Mapping[str, Any]) -> Path:
    return assembly.asset("service", content["S3Key"].removesuffix(".zip"))


def _value(value: Any, exports: Mapping[str, str]) -> str:
    """A variable's value; raises `ValueError` for what CloudFormation would have to work out otherwise."""
    match value:
        case str():
            return value
        case {"Fn::ImportValue": name}:
            return exports[name]
        case _:
            raise ValueError(f"no value is known for {value}")
