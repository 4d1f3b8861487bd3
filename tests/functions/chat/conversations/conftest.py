"""A tenant with a key of every provider."""

from collections.abc import Iterator
from typing import Final

import pytest

from testing.chat_world import ChatWorld, served
from testing.stand_in.server import StandIn

PROVIDERS: Final = (
    "openai",
    "anthropic",
    "google",
    "mistral",
    "groq",
    "deepseek",
    "zhipu",
    "qwen",
    "minimax",
    "cohere",
)


@pytest.fixture
def world(stand_in: StandIn) -> Iterator[ChatWorld]:
    stand_in.behave()
    with served(ChatWorld(stand_in)) as served_world:
        for provider in PROVIDERS:
            served_world.provider_key(provider)
        yield served_world
