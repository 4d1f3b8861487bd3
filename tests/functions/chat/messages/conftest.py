"""Anthropic's own SDK as the caller, unmodified, against the chat function behind a server on loopback."""

from collections.abc import Iterator

import anthropic
import httpx
import pytest

from testing.chat_world import ChatWorld, served
from testing.stand_in.server import StandIn


@pytest.fixture
def world(stand_in: StandIn) -> Iterator[ChatWorld]:
    stand_in.behave()
    with served(ChatWorld(stand_in)) as served_world:
        for provider in ("openai", "anthropic", "google"):
            served_world.provider_key(provider)
        yield served_world


@pytest.fixture
def client(world: ChatWorld) -> Iterator[anthropic.Anthropic]:
    with sdk(world, world.service_key()) as made:
        yield made


def sdk(world: ChatWorld, key: str) -> anthropic.Anthropic:
    """Return the SDK as an application makes it: base URL and key are all that is set, and nothing is retried."""
    base_url = world.url.removesuffix("/v1")
    return anthropic.Anthropic(base_url=base_url, api_key=key, max_retries=0, timeout=20)


@pytest.fixture
def caller(world: ChatWorld) -> Iterator[httpx.Client]:
    headers = {"x-api-key": world.service_key(), "anthropic-version": "2023-06-01"}
    with httpx.Client(base_url=world.url, headers=headers, timeout=20, trust_env=False) as made:
        yield made
