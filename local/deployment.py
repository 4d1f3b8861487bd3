"""The real stacks on the emulator, put there by the real CDK client; skipped when nothing has changed since."""

import hashlib
import json
import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from infra.build_assets import FUNCTION_GROUPS, build
from local.emulator import ACCOUNT, REGION, Emulator, client_environment
from local.steps import run, step
from local.workspace import CDK, ROOT

ENVIRONMENT: Final = "local"
STACKS: Final = (f"atom-llm-{ENVIRONMENT}-data", f"atom-llm-{ENVIRONMENT}-service")
SETTLED: Final = ("CREATE_COMPLETE", "UPDATE_COMPLETE")
MACHINES: Final = {"aarch64": "arm64", "arm64": "arm64", "x86_64": "x86_64", "amd64": "x86_64"}

# A caller's variable → the CDK context that carries it into the functions' own environment.
SOURCE_ADDRESSES: Final = {
    "ATOM_LITELLM_PRICES_URL": "litellm_prices_url",
    "ATOM_OPENROUTER_MODELS_URL": "openrouter_models_url",
    "ATOM_GENAI_PRICES_URL": "genai_prices_url",
    "ATOM_MODELS_DEV_URL": "models_dev_url",
    "ATOM_ARENA_ROWS_URL": "arena_rows_url",
    "ATOM_PROVIDER_BASE_URLS": "provider_base_urls",
    "ATOM_DECLARED_PROVIDERS": "declared_providers",
    "ATOM_BEDROCK_REGION": "bedrock_region",
    "OTEL_EXPORTER_OTLP_ENDPOINT": "otlp_endpoint",
}


@dataclass(frozen=True, slots=True)
class Deployment:
    """The stacks that are deployed, by their outputs."""

    endpoint_url: str
    outputs: Mapping[str, str]

    @property
    def api_url(self) -> str:
        """The address of the emulated API Gateway; the stage is the last part of the address it would have on AWS."""
        stage = self.outputs["ApiUrl"].rstrip("/").rpartition("/")[2]
        return f"{self.endpoint_url}/restapis/{self.outputs['ApiId']}/{stage}/_user_request_"

    @property
    def function_names(self) -> dict[str, str]:
        """Function name by group, and those that no route leads to by their own."""
        names = {group: self.outputs[f"{group.capitalize()}FunctionName"] for group in FUNCTION_GROUPS}
        return names | {
            "pricing-refresh": self.outputs["PricingRefreshFunctionName"],
            "registry-sync": self.outputs["RegistrySyncFunctionName"],
            "byok-ledger": self.outputs["ByokLedgerFunctionName"],
        }

    @property
    def table_names(self) -> dict[str, str]:
        """Table name by what the table holds."""
        return {
            table: self.outputs[f"{table.capitalize()}TableName"] for table in ("keys", "usage", "catalogue", "runtime")
        }

    def function_environment(self, addresses: Mapping[str, str]) -> dict[str, str]:
        """Return the environment that the functions' code reads, for running that code outside of Lambda."""
        tables = {f"ATOM_{table.upper()}_TABLE": name for table, name in self.table_names.items()}
        return {
            **tables,
            **addresses,
            "ATOM_ENVIRONMENT": ENVIRONMENT,
            "ATOM_PEPPER_SECRET_ID": self.outputs["PepperSecretArn"],
            "ATOM_EVENT_SOURCE": f"atom-llm.{ENVIRONMENT}",
            "ATOM_TENANT_SECRETS_PREFIX": f"atom-llm/{ENVIRONMENT}/tenants",
            "POWERTOOLS_METRICS_NAMESPACE": "AtomLLM",
            "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "shared"))),
        }

    def client(self, service: str, **options: Any) -> Any:
        """Make an AWS client of this deployment, whatever account the environment speaks of."""
        return _client(self.endpoint_url, service, **options)

    def invoke(self, function: str, event: Mapping[str, object]) -> tuple[Any, str | None]:
        """Call a function and wait: what it returned, and the error's kind when it raised instead."""
        # The refresh may take two minutes, and a second try of ours would be a second refresh.
        patient = Config(read_timeout=180, retries={"total_max_attempts": 1})
        client = self.client("lambda", config=patient)
        answer = client.invoke(FunctionName=self.function_names[function], Payload=json.dumps(event))
        return json.loads(answer["Payload"].read() or b"null"), answer.get("FunctionError")


def source_addresses() -> dict[str, str]:
    """Return the sources' addresses that the caller of `make run` gave; the others keep their defaults."""
    return {name: os.environ[name] for name in SOURCE_ADDRESSES if os.environ.get(name)}


def deploy(emulator: Emulator, folder: Path, addresses: Mapping[str, str]) -> Deployment:
    """Bring the stacks on the emulator up to date; the folder remembers what was deployed last."""
    with step("Building what is deployed"):
        assets = build("native", report=lambda built: None)
    context = {"env": ENVIRONMENT, "arch": MACHINES[platform.machine()]}
    context |= {SOURCE_ADDRESSES[name]: address for name, address in addresses.items()}
    digest = _digest(assets, context)
    stamp = folder / "deployed"
    outputs = _outputs(emulator.url)
    if outputs is None or not stamp.exists() or stamp.read_text() != digest:
        stamp.unlink(missing_ok=True)
        _put(emulator.url, folder, context)
        outputs = _outputs(emulator.url)
        if outputs is None:
            raise RuntimeError(f"cdk deploy ended well, and yet {' and '.join(STACKS)} are not there")
        stamp.write_text(digest)
    return Deployment(emulator.url, outputs)


def _put(endpoint_url: str, folder: Path, context: Mapping[str, str]) -> None:
    environment = client_environment(endpoint_url) | {
        "CDK_DISABLE_CLI_TELEMETRY": "true",
        "NO_COLOR": "1",
        "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20",
        "PYTHONPATH": os.pathsep.join((".", "shared")),
    }
    given = [part for name, value in context.items() for part in ("-c", f"{name}={value}")]
    if _stack(endpoint_url, "CDKToolkit") is None:
        # In a folder without cdk.json: it would read the stacks, for 10 s, only to ignore them.
        bootstrap: list[str | Path] = [CDK, "bootstrap", f"aws://{ACCOUNT}/{REGION}", "--no-notices", "--ci"]
        run(
            "Preparing the emulated account for the CDK",
            bootstrap,
            log=folder / "logs" / "cdk-bootstrap.log",
            cwd=folder,
            env=environment,
        )
    put: list[str | Path] = [CDK, "deploy", "--all", "--require-approval", "never", "--no-notices", "--ci"]
    put += ["--output", folder / "cdk.out", *given]
    run("Deploying the stacks on the emulator", put, log=folder / "logs" / "cdk-deploy.log", cwd=ROOT, env=environment)


def _outputs(endpoint_url: str) -> dict[str, str] | None:
    """Return the outputs of all stacks together; None unless each of them is there and settled."""
    outputs: dict[str, str] = {}
    for name in STACKS:
        stack = _stack(endpoint_url, name)
        if stack is None or stack["StackStatus"] not in SETTLED:
            return None
        outputs |= {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
    return outputs


def _stack(endpoint_url: str, name: str) -> Any:
    """Return CloudFormation's description of one stack; None when there is none of that name."""
    try:
        return _client(endpoint_url, "cloudformation").describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as error:
        if error.response["Error"]["Code"] == "ValidationError":  # its word for "does not exist"
            return None
        raise


def _client(endpoint_url: str, service: str, **options: Any) -> Any:
    settings = client_environment(endpoint_url)
    session: Any = boto3.Session(
        aws_access_key_id=settings["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=settings["AWS_SECRET_ACCESS_KEY"],
        region_name=REGION,
    )
    return session.client(service, endpoint_url=endpoint_url, **options)


def _digest(assets: str, context: Mapping[str, str]) -> str:
    digest = hashlib.sha256(json.dumps([assets, dict(context)], sort_keys=True).encode())
    files = [ROOT / "cdk.json", ROOT / "package-lock.json", ROOT / "requirements" / "dev.txt"]
    for file in sorted([*files, *(ROOT / "infra").rglob("*.py")]):
        digest.update(f"\0{file.relative_to(ROOT)}\0".encode() + file.read_bytes())
    return digest.hexdigest()
