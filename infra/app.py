"""The CDK app: `cdk synth -c env=dev|staging|prod|local [-c arch=arm64|x86_64]`."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from aws_cdk import App, Tags, Validations
from cdk_nag import AwsSolutionsChecks

from infra.environments import ENVIRONMENTS, Architecture, Environment
from infra.stacks.data import DataStack
from infra.stacks.service import ServiceStack

ASSETS = Path(__file__).resolve().parents[1] / "build"


def build_app(app: App, assets: Path = ASSETS, environments: Mapping[str, Environment] = ENVIRONMENTS) -> App:
    """Add both stacks of the environment that the context names, with the nag on them."""
    environment = environment_of(app, environments)
    arch = architecture_of(app)
    data = DataStack(app, f"atom-llm-{environment.name}-data", environment=environment)
    ServiceStack(
        app, f"atom-llm-{environment.name}-service", environment=environment, data=data, assets=assets, arch=arch
    )
    Tags.of(app).add("service", "atom-llm")
    Tags.of(app).add("environment", environment.name)
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    return app


def architecture_of(app: App) -> Architecture:
    """Return the machine that the layers are built for: the context's, or else AWS's cheaper one."""
    match app.node.try_get_context("arch"):
        case "x86_64":
            return "x86_64"
        case "arm64" | None:
            return "arm64"
        case other:
            raise SystemExit(f"-c arch must be arm64 or x86_64; it is {other!r}.")


SOURCE_FIELDS: Final = (
    "litellm_prices_url",
    "openrouter_models_url",
    "genai_prices_url",
    "models_dev_url",
    "arena_rows_url",
    "provider_base_urls",
    "declared_providers",
    "bedrock_region",
    "otlp_endpoint",
)


def environment_of(app: App, environments: Mapping[str, Environment]) -> Environment:
    """Return the named environment, with the sources that the context gives."""
    name = app.node.try_get_context("env")
    if name not in environments:
        raise SystemExit(f"Say which environment: -c env={'|'.join(environments)}.")
    given = {field: app.node.try_get_context(field) for field in SOURCE_FIELDS if app.node.try_get_context(field)}
    return replace(environments[name], **given)


if __name__ == "__main__":
    build_app(App()).synth()
