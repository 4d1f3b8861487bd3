"""Any request that a document allows, and any that it does not: never a 5xx, never an undocumented answer."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from atom_llm.domain.registry.board import Board, BoardRow
from atom_llm.domain.tenancy.service_keys import ALL_SCOPES
from atom_llm.observability import logger
from local.processes import free_port
from testing.chat_world import ChatWorld
from testing.fakes.service_keys import NOON
from testing.stand_in.server import StandIn
from tests.functions.byok.byok_world import OPERATOR, ByokWorld
from tests.functions.byok.byok_world import PREFIX as BYOK_PREFIX
from tests.functions.pricing.pricing_world import DAY, PREFIX, PricingWorld, lent, prices
from tests.functions.registry.registry_world import PREFIX as REGISTRY_PREFIX
from tests.functions.registry.registry_world import RegistryWorld
from tests.functions.tiers.tiers_world import PREFIX as TIERS_PREFIX
from tests.functions.tiers.tiers_world import TiersWorld

schemathesis = pytest.importorskip("schemathesis", reason="needs schemathesis of requirements/dev.in")
openapi_checks = pytest.importorskip("schemathesis.specs.openapi.checks")
CHECKS = [
    schemathesis.checks.not_a_server_error,
    openapi_checks.status_code_conformance,
    openapi_checks.content_type_conformance,
    openapi_checks.response_schema_conformance,
]


def _world() -> PricingWorld:
    world = PricingWorld()
    world.puts_in_force(prices(), at=NOON - DAY)
    world.says(prices())
    world.lends(lent("acme/only-there"))
    return world


def _byok() -> ByokWorld:
    world = ByokWorld()
    world.money.budget("100")
    world.called()
    world.money.spending.hold(world.money.attempt())
    return world


WORLD = _world()
KEY = WORLD.key(*ALL_SCOPES)
schema = schemathesis.openapi.from_asgi(f"{PREFIX}/openapi.json", WORLD.app)
BYOK = _byok()
BYOK_KEY = BYOK.key(OPERATOR)
TIERS = TiersWorld()
TIERS_KEY = TIERS.key()
tiers_schema = schemathesis.openapi.from_asgi(f"{TIERS_PREFIX}/openapi.json", TIERS.app)
byok_schema = schemathesis.openapi.from_asgi(f"{BYOK_PREFIX}/openapi.json", BYOK.app)


REGISTRY = RegistryWorld()
REGISTRY.board = Board((BoardRow("gpt-5", 999.0), *(BoardRow(f"model-{n}", 1000.0 + n) for n in range(60))))
REGISTRY.told("openai", "gpt-5", 9)
REGISTRY_KEY = REGISTRY.key(*ALL_SCOPES)
registry_schema = schemathesis.openapi.from_asgi(f"{REGISTRY_PREFIX}/openapi.json", REGISTRY.app)
STAND_IN = StandIn(free_port())
CHAT = ChatWorld(STAND_IN)
for provider in ("openai", "anthropic", "google"):  # natively in each dialect, and translated
    CHAT.provider_key(provider)
CHAT_KEY = CHAT.service_key()
chat_schema = schemathesis.openapi.from_asgi("/v1/openapi.json", CHAT.app)


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    before = logger().log_level
    logger().setLevel(logging.CRITICAL)
    yield
    logger().setLevel(before)


@schema.parametrize()  # type: ignore[untyped-decorator]  # imported or skipped, hence Any
@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_any_request_has_a_documented_answer(case: Any) -> None:
    case.call_and_validate(headers={"authorization": f"Bearer {KEY}"}, checks=CHECKS)


@byok_schema.parametrize()  # type: ignore[untyped-decorator]  # imported or skipped, hence Any
@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_any_request_to_byok_has_a_documented_answer(case: Any) -> None:
    case.call_and_validate(headers={"authorization": f"Bearer {BYOK_KEY}"}, checks=CHECKS)


@tiers_schema.parametrize()  # type: ignore[untyped-decorator]  # imported or skipped, hence Any
@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_any_request_to_tiers_has_a_documented_answer(case: Any) -> None:
    case.call_and_validate(headers={"authorization": f"Bearer {TIERS_KEY}"}, checks=CHECKS)


@registry_schema.parametrize()  # type: ignore[untyped-decorator]  # imported or skipped, hence Any
@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_any_request_to_the_registry_has_a_documented_answer(case: Any) -> None:
    case.call_and_validate(headers={"authorization": f"Bearer {REGISTRY_KEY}"}, checks=CHECKS)


@pytest.fixture(scope="module")
def providers() -> Iterator[None]:
    with STAND_IN:
        yield


@chat_schema.parametrize()  # type: ignore[untyped-decorator]  # imported or skipped, hence Any
@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_any_request_for_a_call_has_a_documented_answer(case: Any, providers: None) -> None:
    case.call_and_validate(headers={"authorization": f"Bearer {CHAT_KEY}"}, checks=CHECKS)
