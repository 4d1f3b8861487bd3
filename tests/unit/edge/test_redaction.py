"""Logs: whatever has the shape of a key does not get out, and what is left is still JSON."""

import io
import json

import pytest

from atom_llm.domain.core.ids import ServiceKeyId
from atom_llm.domain.tenancy.service_keys import spelt
from atom_llm.observability import emit, logger, redacted

SERVICE_KEY = spelt("prod", ServiceKeyId("a1B2c3D4e5F6"), "S" * 32)
OPAQUE = "0123456789abcdefCANARY"
SECRETS = [
    SERVICE_KEY,
    "sk-proj-CANARY0123456789abcdef",
    "sk-ant-api03-CANARY_0123-456789",
    "AIzaSyCANARY0123456789abcdefghijklm",
    "gsk_CANARY0123456789abcdef",
    "xai-CANARY0123456789abcdef",
]


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize(
    "template", ["{}", "key {}, again {}", '{{"k": "{}"}}', "https://host/path?key={}&x=1", "({})"]
)
def test_a_text_loses_the_shape_of_a_key(secret: str, template: str) -> None:
    assert secret not in redacted(template.replace("{}", secret))
    assert "CANARY" not in redacted(template.replace("{}", secret))


@pytest.mark.parametrize("header", ["Authorization", "x-api-key", "X-Goog-Api-Key", "api-key", "api_key"])
@pytest.mark.parametrize("scheme", ["", "Bearer ", "bearer ", "Basic "])
def test_a_header_loses_its_value_and_the_line_stays_json(header: str, scheme: str, log: io.StringIO) -> None:
    logger().info("sent", headers={header: scheme + OPAQUE, "accept": "*/*"}, repeated=f"{header}: {scheme}{OPAQUE}")
    assert "CANARY" not in log.getvalue()
    logged = json.loads(log.getvalue())
    assert logged["headers"] == {header: f"{scheme}[redacted]", "accept": "*/*"}
    assert logged["repeated"] == f"{header}: {scheme}[redacted]"


def test_a_header_inside_of_json_inside_of_a_message_loses_its_value(log: io.StringIO) -> None:
    logger().info(json.dumps({"authorization": f"Bearer {OPAQUE}", "x-api-key": OPAQUE}))
    assert "CANARY" not in log.getvalue()
    assert json.loads(log.getvalue())["message"]


@pytest.mark.parametrize("secret", [*SECRETS, f"Bearer {OPAQUE}"])
def test_a_traceback_loses_them_too(secret: str, log: io.StringIO) -> None:
    try:
        raise RuntimeError(f"upstream said: {secret}")
    except RuntimeError:
        logger().exception("failed")
    assert secret not in log.getvalue()
    assert "CANARY" not in log.getvalue()
    assert json.loads(log.getvalue())["exception_name"] == "RuntimeError"


def test_ordinary_words_stay() -> None:
    text = "the bearer of bad news; models task-force-1, gpt-4o and claude-sonnet-4-5; key: none"
    assert redacted(text) == text


def test_the_time_of_a_line_is_rfc_3339_utc(log: io.StringIO) -> None:
    logger().info("now")
    said = json.loads(log.getvalue())["timestamp"]
    assert "T" in said
    assert said.endswith(("Z", "+00:00"))


def test_a_metric_is_one_record_with_its_dimensions(capsys: pytest.CaptureFixture[str]) -> None:
    emit({"Requests": ("Count", 1), "Latency": ("Milliseconds", 2.5)}, {"group": "pricing"})
    record = json.loads(capsys.readouterr().out)
    directive = record["_aws"]["CloudWatchMetrics"][0]
    assert directive["Namespace"] == "AtomLLM"
    assert (record["group"], record["Latency"]) == ("pricing", [2.5])
    assert {each["Name"] for each in directive["Metrics"]} == {"Requests", "Latency"}
