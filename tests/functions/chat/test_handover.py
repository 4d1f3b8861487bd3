"""Conversations with thinking and tools in their history, handed from any provider to any other over HTTP.

The stand-ins hold to the providers' published schemas, closed ones included (`testing/stand_in/schemas.py`).
"""

import asyncio

import pytest

from testing.handover.conversation import PROVIDERS, handed_over
from testing.stand_in.schemas import fault_of
from testing.stand_in.server import StandIn


@pytest.mark.parametrize("first", PROVIDERS)
@pytest.mark.parametrize("second", PROVIDERS)
def test_a_conversation_goes_on_at_any_other_provider(stand_in: StandIn, first: str, second: str) -> None:
    assert asyncio.run(handed_over(stand_in, first, second)) is None


@pytest.mark.parametrize("provider", ["mistral", "groq"])
def test_the_stand_in_of_a_closed_schema_refuses_a_field_that_it_does_not_know(provider: str) -> None:
    message = {"role": "assistant", "content": "a", "reasoning_content": "hm"}
    question = {"role": "user", "content": "q"}
    assert fault_of(provider, {"messages": [message, question]}) is not None
    del message["reasoning_content"]
    assert fault_of(provider, {"messages": [message, question]}) is None
