"""The dashboard for Grafana: the file in the repository is the one that is generated, and asks for what there is."""

import json
import re

import httpx
import pytest

from local.metrics.grafana import OVER_PROMETHEUS, WRITTEN, dashboard
from local.metrics.prometheus import LogMetrics
from local.workspace import ROOT
from tests.unit.local.metrics.test_prometheus import CALL, REQUEST


def test_the_file_is_as_generated() -> None:
    assert json.loads((ROOT / WRITTEN).read_text()) == dashboard(), "python -m local.metrics.grafana writes it"


@pytest.mark.anyio
async def test_every_series_that_it_asks_prometheus_for_is_one_that_the_front_door_has() -> None:
    metrics = LogMetrics()
    request = json.loads(json.dumps(REQUEST))
    request["_aws"]["CloudWatchMetrics"][0]["Metrics"].append({"Name": "Failures", "Unit": "Count"})
    metrics.read(json.dumps({**request, "Failures": 0}))
    metrics.read(json.dumps({**CALL, "error.type": "overloaded"}))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(metrics), base_url="http://door") as client:
        page = (await client.get("/metrics")).text
    asked = {name for _, _, expression in OVER_PROMETHEUS for name in re.findall(r"\(([a-z_]+)[\[{]", expression)}
    assert len(asked) >= 6
    assert {name for name in asked if not re.search(rf"^{name}{{", page, re.M)} == set()


def test_its_panels_stand_side_by_side_and_none_over_another() -> None:
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in dashboard()["panels"]]
    assert len(set(places)) == len(places)
    assert {x for x, _ in places} == {0, 8, 16}
