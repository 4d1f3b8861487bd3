"""`make smoke` in its short form, on the deployment that all these tests share."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from local.emulator import client_environment
from local.smoke.place import Place, outputs_of
from local.smoke.price_list import write_price_list
from local.smoke.report import NotSeen, Report
from local.smoke.walk import walk
from testing.fakes.price_origin import price_origin
from testing.stand_in.server import StandIn
from tests.e2e.conftest import RunningService

MODEL, PIECES = "mistral/mistral-medium-latest", 20
FIRST, SECOND = "stand-in-mistral-0001", "stand-in-mistral-0002"


@pytest.fixture
def place(
    deployment: RunningService,
    front_door: str,
    stand_in: StandIn,
    price_source_addresses: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Place]:
    """The shared deployment, whose price source has a list."""
    for name, value in client_environment(deployment.endpoint_url).items():
        monkeypatch.setenv(name, value)
    write_price_list(tmp_path / "prices.json")
    stand_in.behave()
    with price_origin(urlsplit(price_source_addresses["ATOM_LITELLM_PRICES_URL"]).port or 0) as prices:
        prices.serve((tmp_path / "prices.json").read_bytes())
        yield Place(
            environment="local",
            outputs=outputs_of("local"),
            api_url=deployment.api_url,
            stream_url=front_door,
            model=MODEL,
            prompt="Speak for a while.",
            provider_keys=(FIRST, SECOND),
            stretch=lambda seconds: stand_in.fault("slow_chunks", provider="mistral", ms=int(seconds * 1000 / PIECES)),
            at_ease=stand_in.behave,
            end_of_key=stand_in.dead_keys.add,
        )
    stand_in.behave()


@pytest.mark.thorough  # it is a command of its own: make smoke ENV=local
def test_every_step_is_taken_and_nothing_is_left(place: Place, deployment: RunningService) -> None:
    report = Report()
    try:
        walk(place, report, name="smoke-short", stream_s=2)
    finally:
        left = report.clean_up()
    assert (left, [each.name for each in report.steps if not each.is_well]) == ([], [])
    with deployment.http() as operator:
        assert operator.get("/api/byok/tenants/smoke-short").json()["data"]["deleted_at"] is not None
    assert "smoke-short" not in str(deployment.client("sqs").list_queues())


def test_where_a_step_fails_what_was_made_before_it_is_gone_too(
    place: Place, deployment: RunningService, stand_in: StandIn
) -> None:
    stand_in.dead_keys.add(FIRST)
    report = Report()
    try:
        with pytest.raises(NotSeen):
            walk(place, report, name="smoke-failed", stream_s=2)
    finally:
        left = report.clean_up()
    assert left == []
    with deployment.http() as operator:
        assert operator.get("/api/byok/tenants/smoke-failed").json()["data"]["deleted_at"] is not None
    assert "smoke-failed" not in str(deployment.client("sqs").list_queues())
