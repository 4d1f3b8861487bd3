"""The templates of every environment, each synthesised once a run."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App
from aws_cdk.assertions import Template

from infra.app import build_app
from infra.build_assets import FUNCTION_GROUPS

Templates = Callable[[str], tuple[dict[str, Any], dict[str, Any]]]


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Templates:
    """Environment name → (data template, service template), with small assets instead of the real ones."""
    assets = tmp_path_factory.mktemp("assets")
    for folder in ("layer-dependencies", "layer-code", *(f"functions/{group}" for group in FUNCTION_GROUPS)):
        (assets / folder).mkdir(parents=True)
        (assets / folder / "code.py").write_text("")

    @lru_cache
    def synthesised(name: str) -> tuple[dict[str, Any], dict[str, Any]]:
        return _synthesised(name, assets)

    return synthesised


def _synthesised(name: str, assets: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    app = build_app(App(context={"env": name, "aws:cdk:bundling-stacks": []}), assets)
    data, service = (app.node.find_child(f"atom-llm-{name}-{stack}") for stack in ("data", "service"))
    return dict(Template.from_stack(data).to_json()), dict(Template.from_stack(service).to_json())


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
