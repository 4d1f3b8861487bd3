"""OpenAI's own SDK as the caller, unmodified, against the chat function behind a server on loopback."""

from collections.abc import Iterator

import httpx
import openai
import pytest
from openai.types.responses import ResponseIncludable

from testing.chat_world import ChatWorld, served
from testing.stand_in.server import StandIn

# What models that do not reason refuse: requests with it reach them in the words of chat completions.
TRANSLATED: list[ResponseIncludable] = ["reasoning.encrypted_content"]


@pytest.fixture
def world(stand_in: StandIn) -> Iterator[ChatWorld]:
    stand_in.behave()
    with served(ChatWorld(stand_in)) as served_world:
        for provider in ("openai", "anthropic", "google"):
            served_world.provider_key(provider)
        yield served_world


@pytest.fixture
def client(world: ChatWorld) -> Iterator[openai.OpenAI]:
    with sdk(world, world.service_key()) as made:
        yield made


def sdk(world: ChatWorld, key: str) -> openai.OpenAI:
    """Return the SDK as an application makes it: base URL and key are all that is set, and nothing is retried."""
    return openai.OpenAI(base_url=world.url, api_key=key, max_retries=0, timeout=20)


@pytest.fixture
def caller(world: ChatWorld) -> Iterator[httpx.Client]:
    with world.client() as made:
        yield made
