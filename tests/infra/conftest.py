"""The templates of every environment, each synthesised once a run."""

from collections.abc import Hashable
from dataclasses import replace
from functools import cache
from typing import Any, Protocol

import pytest
from aws_cdk import App
from aws_cdk.assertions import Template

from infra.app import build_app
from infra.build_assets import names
from infra.environments import ENVIRONMENTS

Stacks = tuple[dict[str, Any], dict[str, Any]]


class Templates(Protocol):
    """Environment name, with settings of it changed → (data template, service template)."""

    def __call__(self, name: str, **changed: Hashable) -> Stacks:
        """Synthesise, or give what was synthesised before."""
        ...


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Templates:
    """The stacks of an environment, with small assets instead of the real ones."""
    assets = tmp_path_factory.mktemp("assets")
    for folder in names():
        (assets / folder).mkdir(parents=True)
        (assets / folder / "code.py").write_text("")

    @cache
    def synthesised(name: str, **changed: Hashable) -> Stacks:
        environment: Any = replace(ENVIRONMENTS[name], **changed)  # type: ignore[arg-type]
        app = build_app(App(context={"env": name, "aws:cdk:bundling-stacks": []}), assets, {name: environment})
        data, service = (app.node.find_child(f"atom-llm-{name}-{stack}") for stack in ("data", "service"))
        return dict(Template.from_stack(data).to_json()), dict(Template.from_stack(service).to_json())

    return synthesised


def of_type(template: dict[str, Any], kind: str) -> dict[str, dict[str, Any]]:
    """The resources of a type, by logical id."""
    return {name: each for name, each in template["Resources"].items() if each["Type"] == kind}


def statements(template: dict[str, Any]) -> list[dict[str, Any]]:
    """Every statement of every policy in a template: of roles, keys, queues and topics."""
    found: list[dict[str, Any]] = []

    def walk(value: object) -> None:
        if isinstance(value, dict):
            if "Effect" in value and "Action" in value:
                found.append(value)
            for each in value.values():
                walk(each)
        elif isinstance(value, list):
            for each in value:
                walk(each)

    walk(template["Resources"])
    return found


def listed(value: str | list[str]) -> list[str]:
    """IAM's one-or-many as a list."""
    return [value] if isinstance(value, str) else value
