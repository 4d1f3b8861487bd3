"""Recognisable secrets through every route, in every place of a request: no log, metric or answer has one."""

import io
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from atom_llm.domain.core.errors import StoreUnavailable
from atom_llm.domain.core.ids import ServiceKeyId
from atom_llm.domain.tenancy.service_keys import ALL_SCOPES, spelt
from atom_llm.observability import logger
from tests.functions.pricing.pricing_world import PREFIX, PricingWorld

pytestmark = pytest.mark.anyio

PROVIDER_KEYS = [
    "sk-proj-CANARY0123456789abcdef",
    "sk-ant-api03-CANARY_0123-456789",
    "AIzaSyCANARY0123456789abcdefghijklm",
    "gsk_CANARY0123456789abcdef",
    "xai-CANARY0123456789abcdef",
    spelt("prod", ServiceKeyId("CANARY123456"), "S" * 32),
]
ROUTES = [
    ("GET", ""),
    ("POST", "/refresh"),
    ("GET", "/model/gpt-4o"),
    ("GET", "/provider/openai"),
    ("POST", "/estimate"),
    ("GET", "/changes"),
    ("GET", "/history/gpt-4o"),
    ("GET", "/quarantine"),
    ("GET", "/health"),
    ("GET", "/openapi.json"),
    ("GET", "/nowhere"),
    ("DELETE", ""),
]
of_every_route = pytest.mark.parametrize(("method", "path"), ROUTES, ids=[f"{verb} {path}" for verb, path in ROUTES])


@pytest.fixture
def talkative(log: io.StringIO) -> Iterator[io.StringIO]:
    """The log at its most verbose."""
    before = logger().log_level
    logger().setLevel(logging.DEBUG)
    yield log
    logger().setLevel(before)


@pytest.fixture(params=["sound", "a table is silent", "a route breaks"])
def faulty(request: pytest.FixtureRequest, priced: PricingWorld) -> PricingWorld:
    if request.param == "a table is silent":
        priced.book.fails_with = StoreUnavailable("catalogue-table: Query: Throttling")
    if request.param == "a route breaks":
        priced.book.fails_with = RuntimeError("index out of range")
    return priced


@of_every_route
async def test_the_callers_key_is_in_no_log_metric_or_answer(
    faulty: PricingWorld, talkative: io.StringIO, capsys: pytest.CaptureFixture[str], method: str, path: str
) -> None:
    key = faulty.key(*ALL_SCOPES)
    secret = key.split("_")[3]
    client = faulty.client()
    for headers in ({"authorization": f"Bearer {key}"}, {"authorization": "", "x-api-key": key}):
        answer = await client.request(method, PREFIX + path, headers=headers)
        assert secret not in answer.text + str(answer.headers)
    assert secret not in talkative.getvalue() + "".join(capsys.readouterr())
    assert talkative.getvalue()


@of_every_route
async def test_a_key_in_the_wrong_place_is_in_no_log_or_metric(
    faulty: PricingWorld, talkative: io.StringIO, capsys: pytest.CaptureFixture[str], method: str, path: str
) -> None:
    keys = " ".join(PROVIDER_KEYS)
    asked: list[dict[str, Any]] = [
        {"params": dict.fromkeys(("key", "api_key", "cursor", "model", "at"), keys)},
        {"headers": {"x-goog-api-key": keys, "user-agent": keys, "x-amzn-request-context": keys}},
        {"json": {"model": keys, "prompt": keys, "api_key": keys, keys: keys}},
    ]
    for each in asked:
        await faulty.client(*ALL_SCOPES).request(method, PREFIX + path, **each)
    assert "CANARY" not in talkative.getvalue() + "".join(capsys.readouterr())


@pytest.mark.parametrize("key", PROVIDER_KEYS)
@pytest.mark.parametrize("path", ["/model/", "/provider/", "/history/", "/"])
async def test_a_key_in_the_path_is_in_no_log_or_metric(
    faulty: PricingWorld, talkative: io.StringIO, capsys: pytest.CaptureFixture[str], path: str, key: str
) -> None:
    await faulty.get(path + key)
    assert "CANARY" not in talkative.getvalue() + "".join(capsys.readouterr())


@pytest.mark.parametrize("key", PROVIDER_KEYS)
async def test_a_rejected_value_is_not_in_the_answer(priced: PricingWorld, key: str) -> None:
    for body in ({"model": "gpt-4o", "input_tokens": key}, {"model": "gpt-4o", "input_tokens": 1, "service_tier": key}):
        answer = await priced.post("/estimate", body)
        assert answer.status_code == 422
        assert key not in answer.text
    for params in ({"at": key}, {"at": f"2026-01-01{key}"}):
        assert key not in (await priced.get("/model/gpt-4o", **params)).text
