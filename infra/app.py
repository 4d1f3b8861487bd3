"""The CDK app: `cdk synth -c env=dev|staging|prod|local [-c arch=arm64|x86_64]`."""

from dataclasses import replace
from pathlib import Path
from typing import get_args

from aws_cdk import App, Tags, Validations
from cdk_nag import AwsSolutionsChecks

from infra.environments import ENVIRONMENTS, Architecture, Environment
from infra.stacks.data import DataStack
from infra.stacks.service import ServiceStack

ASSETS = Path(__file__).resolve().parents[1] / "build"


def build_app(app: App, assets: Path = ASSETS) -> App:
    """Both stacks of the environment that the context names, with the nag on them."""
    environment = environment_of(app)
    arch = app.node.try_get_context("arch") or "arm64"
    if arch not in get_args(Architecture):
        raise SystemExit(f"-c arch must be one of {', '.join(get_args(Architecture))}; it is {arch!r}.")
    data = DataStack(app, f"atom-llm-{environment.name}-data", environment=environment)
    ServiceStack(
        app, f"atom-llm-{environment.name}-service", environment=environment, data=data, assets=assets, arch=arch
    )
    Tags.of(app).add("service", "atom-llm")
    Tags.of(app).add("environment", environment.name)
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    return app


def environment_of(app: App) -> Environment:
    """The named environment, with the price sources that the context gives."""
    name = app.node.try_get_context("env")
    if name not in ENVIRONMENTS:
        raise SystemExit(f"Say which environment: -c env={'|'.join(ENVIRONMENTS)}.")
    given = {
        field: app.node.try_get_context(field)
        for field in ("litellm_prices_url", "openrouter_models_url")
        if app.node.try_get_context(field)
    }
    return replace(ENVIRONMENTS[name], **given)


if __name__ == "__main__":
    build_app(App()).synth()
