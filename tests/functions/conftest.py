"""Fixtures that the tests of apps share."""

from collections.abc import Iterator

import httpx
import pytest

from testing.chat_world import ChatWorld
from testing.fakes.service_keys import NOON
from testing.stand_in.server import StandIn
from tests.functions.byok.byok_world import ByokWorld
from tests.functions.http.sample_app import World
from tests.functions.pricing.pricing_world import DAY, PricingWorld, prices


@pytest.fixture
def world() -> World:
    """A process of its own."""
    return World()


@pytest.fixture
def pricing() -> PricingWorld:
    """A pricing function without a price, but for the packaged ones."""
    return PricingWorld()


@pytest.fixture
def priced() -> PricingWorld:
    """A pricing function that fetched its prices yesterday."""
    world = PricingWorld()
    world.puts_in_force(prices(), at=NOON - DAY)
    return world


@pytest.fixture
def byok() -> ByokWorld:
    """A byok function with three tenants and nothing else."""
    return ByokWorld()


@pytest.fixture(scope="module")
def stand_in() -> Iterator[StandIn]:
    """The providers, for the tests of one module."""
    with StandIn() as standing_in:
        yield standing_in


@pytest.fixture
def caller(world: ChatWorld) -> Iterator[httpx.Client]:
    """A caller of the tenant in a module's own world of calls."""
    with world.client() as client:
        yield client
