"""The reference of the API, in a browser: the document of all groups, shown by a renderer that is our own host's."""

from collections.abc import Iterable

import httpx
from playwright.sync_api import expect

from tests.e2e.conftest import RunningService
from tests.e2e.through_the_console.conftest import NARROW, PATIENCE_MS, Opener

# How the renderer builds its page; what it shows and in which colours is ours.
OF_THE_RENDERER = {"heading-order", "nested-interactive", "region", "select-name"}


def kinds(faults: Iterable[str]) -> set[str]:
    return {each.split(":")[0] for each in faults}


def test_every_operation_is_shown_and_no_other_host_is_asked(opened: Opener) -> None:
    console = opened(NARROW)
    asked: list[str] = []
    console.page.on("request", lambda request: asked.append(request.url))
    console.page.goto(f"{console.address}/docs")
    paths = httpx.get(f"{console.address}/openapi.json", timeout=PATIENCE_MS / 1000).json()["paths"]
    shown = sum(len(operation["tags"]) for verbs in paths.values() for operation in verbs.values())  # under each tag
    expect(console.page.locator(".opblock")).to_have_count(shown, timeout=PATIENCE_MS)
    assert all(url.startswith((console.address, "data:")) for url in asked)
    assert kinds(console.faults()) <= OF_THE_RENDERER
    assert console.is_as_wide_as_its_window()


def test_the_gateway_answers_the_same_document(deployment: RunningService, front_door: str) -> None:
    through = httpx.get(f"{deployment.api_url.rstrip('/')}/openapi.json", timeout=PATIENCE_MS / 1000).json()
    beside = httpx.get(f"{front_door}/openapi.json", timeout=PATIENCE_MS / 1000).json()
    assert through["paths"].keys() == beside["paths"].keys()
