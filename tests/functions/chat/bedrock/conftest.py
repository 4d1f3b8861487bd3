"""Bedrock's stand-in, a process of its own, and a world that calls it by a role."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest

from testing.chat_world import Bedrock, ChatWorld, served
from testing.stand_in.server import StandIn


class StandInOfBedrock:
    """The process, as a test speaks with it."""

    def __init__(self, url: str) -> None:
        self.url = url

    def behave(self, **conduct: Any) -> None:
        """Forget what was asked, and do otherwise from now on."""
        httpx.post(f"{self.url}/control", json=conduct, trust_env=False).raise_for_status()

    def asked(self) -> list[Mapping[str, Any]]:
        """Return what it was asked, in order."""
        found: list[Mapping[str, Any]] = httpx.get(self.url, trust_env=False).json()["asked"]
        return found


@pytest.fixture(scope="session")
def bedrock_process() -> Iterator[str]:
    command = [sys.executable, "-m", "testing.bedrock"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.terminate()


@pytest.fixture
def bedrock(bedrock_process: str, monkeypatch: pytest.MonkeyPatch) -> StandInOfBedrock:
    for name in ("AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN", "AWS_CREDENTIAL_EXPIRATION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIASTANDIN")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "stand-in-secret")
    found = StandInOfBedrock(bedrock_process)
    found.behave()
    return found


@pytest.fixture
def world(stand_in: StandIn, bedrock: StandInOfBedrock) -> Iterator[ChatWorld]:
    stand_in.behave()
    with served(ChatWorld(stand_in, bedrock=Bedrock(bedrock.url))) as served_world:
        yield served_world
