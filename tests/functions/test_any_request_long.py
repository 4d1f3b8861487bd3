"""Any request that the pricing document allows, and any that it does not: never a 5xx, never an undocumented answer."""

import json
import logging
from collections.abc import Iterator

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from atom_llm.domain.service_keys import ALL_SCOPES
from atom_llm.observability import logger
from tests.fakes.service_keys import NOON
from tests.functions.pricing_world import DAY, PREFIX, PricingWorld, lent, prices


def _world() -> PricingWorld:
    world = PricingWorld()
    world.believes(prices(), at=NOON - DAY)
    world.says(prices())
    world.lends(lent("acme/only-there"))
    return world


WORLD = _world()
KEY = WORLD.key(*ALL_SCOPES)
schema = schemathesis.openapi.from_asgi(f"{PREFIX}/openapi.json", WORLD.app)


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    before = logger().log_level
    logger().setLevel(logging.CRITICAL)
    yield
    logger().setLevel(before)


@schema.parametrize()
@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_request_has_a_documented_answer(case: schemathesis.Case) -> None:
    case.call_and_validate(
        headers={"authorization": f"Bearer {KEY}"},
        checks=[not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance],
    )
