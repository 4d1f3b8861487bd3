"""Verdicts on keys: the bodies are the providers' own, and nothing in them comes through."""

import json
from typing import Any

import pytest

from atom_llm.domain.core.providers import PROVIDERS
from atom_llm.domain.providers.key_verdict import ProbeResult, is_list_of_models, lacks_scope, verdict
from testing.fakes.provider_origin import LISTS, anthropic_error, google_error, openai_error

BILLING = "You exceeded your current quota, please check your plan and billing details."
QUOTA = openai_error(BILLING, "insufficient_quota", "insufficient_quota")
SPENT = openai_error("Project spend limit", "insufficient_quota", "project_spend_limit_exceeded")
TOO_FAST = openai_error("Rate limit reached; see https://platform.openai.com/account/billing", "requests", None)
ABROAD = openai_error("Country not supported", "request_forbidden", "unsupported_country_region_territory")
LOW = anthropic_error("invalid_request_error", "Your credit balance is too low to access the Anthropic API.")
MALFORMED = anthropic_error("invalid_request_error", "messages: at least one message is required")
NOT_A_KEY = google_error(400, "INVALID_ARGUMENT", "API key not valid.", "API_KEY_INVALID")
NOT_HERE = google_error(400, "FAILED_PRECONDITION", "User location is not supported for the API use.")
SUSPENDED = google_error(403, "PERMISSION_DENIED", "Consumer 'api_key:AIza' has been suspended.", "CONSUMER_SUSPENDED")
UNPAID = google_error(403, "PERMISSION_DENIED", "This API method requires billing", "BILLING_DISABLED")
MONTH = {"message": "You are using a Trial key, which is limited to 1000 API calls / month."}
MINUTE = {"message": "You are using a Trial key, which is limited to 20 API calls / minute."}

CASES: list[tuple[str, int, Any, ProbeResult]] = [
    ("openai", 200, LISTS["openai"], "valid"),
    ("openai", 401, openai_error("Incorrect API key provided", "invalid_request_error", "invalid_api_key"), "invalid"),
    ("openai", 403, ABROAD, "unreachable"),
    ("openai", 429, QUOTA, "out_of_credit"),
    ("openai", 429, SPENT, "out_of_credit"),
    ("openai", 429, TOO_FAST, "valid"),
    ("openai", 500, {}, "unreachable"),
    ("anthropic", 400, LOW, "out_of_credit"),
    ("anthropic", 400, MALFORMED, "unreachable"),
    ("anthropic", 401, anthropic_error("authentication_error", "invalid x-api-key"), "invalid"),
    ("anthropic", 402, anthropic_error("billing_error", "billing"), "out_of_credit"),
    ("anthropic", 403, anthropic_error("permission_error", "not allowed"), "invalid"),
    ("anthropic", 429, anthropic_error("rate_limit_error", "slow down"), "valid"),
    ("anthropic", 529, anthropic_error("overloaded_error", "Overloaded"), "unreachable"),
    ("google", 400, NOT_A_KEY, "invalid"),
    ("google", 400, NOT_HERE, "unreachable"),
    ("google", 403, SUSPENDED, "invalid"),
    ("google", 403, UNPAID, "out_of_credit"),
    # A limit by the minute, in the words that are an empty account elsewhere.
    ("google", 429, google_error(429, "RESOURCE_EXHAUSTED", BILLING), "valid"),
    ("meta", 401, {"title": "Unauthorized", "detail": "Invalid API key", "status": 401}, "invalid"),
    ("mistral", 401, {"detail": "Unauthorized"}, "invalid"),
    ("cohere", 401, {"message": "invalid api token"}, "invalid"),
    ("cohere", 429, MONTH, "out_of_credit"),
    ("cohere", 429, MINUTE, "valid"),
    ("deepseek", 402, openai_error("Insufficient Balance", "unknown_error", "invalid_request_error"), "out_of_credit"),
    ("minimax", 200, {"base_resp": {"status_code": 1004, "status_msg": "not authorized"}}, "invalid"),
    ("minimax", 200, {"base_resp": {"status_code": 1008, "status_msg": "insufficient balance"}}, "out_of_credit"),
    ("qwen", 400, openai_error("Access denied", "Arrearage", "Arrearage"), "out_of_credit"),
    ("qwen", 403, openai_error("used up", "x", "AllocationQuota.FreeTierOnly"), "out_of_credit"),
    ("qwen", 429, QUOTA, "valid"),
    ("zhipu", 401, {"error": {"code": "1000", "message": "authentication failed"}}, "invalid"),
    ("zhipu", 429, {"error": {"code": "1113", "message": "insufficient balance"}}, "out_of_credit"),
    ("zhipu", 429, {"error": {"code": "1112", "message": "locked"}}, "invalid"),
    ("zhipu", 429, {"error": {"code": "1302", "message": "too many"}}, "valid"),
    ("groq", 400, openai_error("restricted", "invalid_request_error", "organization_restricted"), "invalid"),
]
of_every_case = pytest.mark.parametrize(
    ("provider", "status", "body", "result"), CASES, ids=[f"{each[0]} {each[1]} {each[3]}" for each in CASES]
)


@of_every_case
def test_an_answer_is_judged_by_the_providers_own_codes(
    provider: str, status: int, body: Any, result: ProbeResult
) -> None:
    assert verdict(provider, status, json.dumps(body).encode()).result == result


@of_every_case
def test_the_reason_is_in_our_words(provider: str, status: int, body: Any, result: ProbeResult) -> None:
    reason = verdict(provider, status, json.dumps(body).encode()).reason
    assert reason.startswith(f"the provider answered {status}")
    assert "AIza" not in reason
    assert "{" not in reason


@pytest.mark.parametrize("provider", [provider.id for provider in PROVIDERS])
@pytest.mark.parametrize(
    ("status", "result"),
    [(200, "valid"), (401, "invalid"), (402, "out_of_credit"), (403, "invalid"), (429, "valid"), (404, "unreachable")],
)
@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"null", b'{"error": "text"}', b'{"err', b"[" * 100_000])
def test_a_body_that_says_nothing_leaves_it_to_the_status(
    provider: str, status: int, result: ProbeResult, body: bytes
) -> None:
    assert verdict(provider, status, body).result == result


def test_the_rule_of_one_provider_is_not_applied_to_another() -> None:
    body = json.dumps({"error": {"code": "1113"}}).encode()
    assert verdict("openai", 429, body).result == "valid"


def test_a_restricted_key_is_told_from_a_bad_one() -> None:
    message = "You have insufficient permissions for this operation. Missing scopes: api.model.read."
    assert lacks_scope(json.dumps(openai_error(message, "invalid_request_error", None)).encode())
    assert not lacks_scope(json.dumps(openai_error("Incorrect API key", "invalid_request_error", None)).encode())


@pytest.mark.parametrize("body", LISTS.values())
def test_every_providers_list_is_one(body: Any) -> None:
    assert is_list_of_models(json.dumps(body).encode())


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"<html>", b'{"code": 401, "success": false}', b'{"data": null}'])
def test_whatever_else_comes_with_a_200_is_none(body: bytes) -> None:
    assert not is_list_of_models(body)
