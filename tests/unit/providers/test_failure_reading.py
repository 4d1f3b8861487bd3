"""Providers' errors, read from real answers; sentences are shortened, ids are made up."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atom_llm.domain.core.providers import PROVIDERS
from atom_llm.domain.providers.error_body import MAX_SENTENCE
from atom_llm.domain.providers.failure_reading import classified, error_within, unreadable
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure
from testing.fakes.provider_origin import anthropic_error, google_error, openai_error

NOW = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
K = FailureKind
REQUEST = "invalid_request_error"


def openai(message: str, kind: str = REQUEST, code: str | None = None, param: str | None = None) -> Any:
    error = openai_error(message, kind, code)
    error["error"]["param"] = param
    return error


def minimax(kind: str, message: str, status: int) -> Any:
    return {"type": "error", "error": {"type": kind, "message": message, "http_code": str(status)}, "request_id": "05"}


def mistral(message: Any, kind: str, code: str | None) -> Any:
    return {"object": "error", "message": message, "type": kind, "param": None, "code": code}


def zhipu(code: str, message: str) -> Any:
    return {"error": {"code": code, "message": message}}


def qwen(code: str, message: str, kind: str | None = None) -> Any:
    return {"error": {"code": code, "param": None, "message": message, "type": kind or code}, "request_id": "7f"}


TPM = "on tokens per minute (TPM): Limit 6000, Requested 12328, please reduce your message size and try again."
INPUT_TOKENS = "The input token count (1196265) exceeds the maximum number of tokens allowed (1048576)."
WINDOW = "This model's maximum context length is 65536 tokens. However, you requested 69648 tokens."
MISTRAL_WINDOW = (
    "Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length"
)
NO_ACCESS = "Project `proj_x` does not have access to model `gpt-4o`"
NOT_HERE = "Country, region, or territory not supported"
NOT_ENABLED = "Generative Language API has not been used in project 1 before or it is disabled."
FILE_DENIED = "You do not have permission to access the File abc or it may not exist."
RESUMES = "You will regain access on 2026-04-01 at 00:00 UTC."
ORGANIZATION_LIMIT = f"You have reached your specified API usage limits. {RESUMES}"
WORKSPACE_LIMIT = f"You have reached your specified workspace API usage limits. {RESUMES}"
CAPPED = {"type": "rate_limit_error", "message": "Capped", "details": {"error_code": "enforced_spend_limit_reached"}}

CASES: list[tuple[str, int, Any, FailureKind]] = [
    # OpenAI: developers.openai.com/api/docs/guides/error-codes, and its threads of errors.
    ("openai", 400, openai(WINDOW, code="context_length_exceeded", param="messages"), K.CONTEXT_LENGTH),
    ("openai", 400, openai("Input tokens exceed the configured limit of 272000 tokens."), K.CONTEXT_LENGTH),
    ("openai", 400, openai("Unsupported parameter: 'top_p'", code="unsupported_parameter"), K.UNSUPPORTED),
    ("openai", 400, openai("'role' does not support 'system'", code="unsupported_value"), K.UNSUPPORTED),
    ("openai", 400, openai("Invalid content type. image_url is only supported by certain models."), K.UNSUPPORTED),
    ("openai", 400, openai("max_tokens is too large: 6000. This model supports at most 4096"), K.UNSUPPORTED),
    ("openai", 400, openai("Invalid prompt: it was flagged", code="invalid_prompt"), K.CONTENT_FILTER),
    ("openai", 400, openai("Your request was rejected", code="content_policy_violation"), K.CONTENT_FILTER),
    ("openai", 400, openai("Missing required parameter: 'messages'."), K.REQUEST),
    ("openai", 401, openai("Incorrect API key provided: sk-x", code="invalid_api_key"), K.KEY_INVALID),
    ("openai", 403, openai(NO_ACCESS, code="model_not_found"), K.UNSUPPORTED),
    ("openai", 403, openai("You are not allowed to sample from this model"), K.UNSUPPORTED),
    ("openai", 403, openai(NOT_HERE, "request_forbidden", "unsupported_country_region_territory"), K.UNSUPPORTED),
    ("openai", 404, openai("The model `gpt-9` does not exist", code="model_not_found"), K.UNSUPPORTED),
    ("openai", 429, openai("You exceeded your quota", "insufficient_quota", "insufficient_quota"), K.OUT_OF_CREDIT),
    ("openai", 429, openai("Usage", "insufficient_quota", "organization_usage_limit_exceeded"), K.OUT_OF_CREDIT),
    ("openai", 429, openai("Rate limit reached for gpt-4o", "tokens", "rate_limit_exceeded"), K.RATE_LIMITED),
    ("openai", 429, openai(f"Request too large for gpt-4o {TPM}", "tokens", "rate_limit_exceeded"), K.UNSUPPORTED),
    ("openai", 500, openai("The server had an error", "server_error"), K.TRANSIENT),
    # Anthropic: platform.claude.com/docs/en/api/errors.
    ("anthropic", 400, anthropic_error(REQUEST, "prompt is too long: 213462 tokens > 200000"), K.CONTEXT_LENGTH),
    (
        "anthropic",
        400,
        anthropic_error(REQUEST, "input length and `max_tokens` exceed context limit"),
        K.CONTEXT_LENGTH,
    ),
    ("anthropic", 400, anthropic_error(REQUEST, "Output blocked by content filtering policy"), K.CONTENT_FILTER),
    ("anthropic", 400, anthropic_error(REQUEST, "Your credit balance is too low"), K.OUT_OF_CREDIT),
    ("anthropic", 400, anthropic_error(REQUEST, ORGANIZATION_LIMIT), K.OUT_OF_CREDIT),
    ("anthropic", 400, anthropic_error(REQUEST, WORKSPACE_LIMIT), K.OUT_OF_CREDIT),
    ("anthropic", 400, anthropic_error(REQUEST, "messages: at least one message is required"), K.REQUEST),
    ("anthropic", 401, anthropic_error("authentication_error", "invalid x-api-key"), K.KEY_INVALID),
    ("anthropic", 403, anthropic_error("permission_error", "Your API key has no permission"), K.KEY_INVALID),
    ("anthropic", 403, anthropic_error("forbidden", "Request not allowed"), K.UNSUPPORTED),
    ("anthropic", 404, anthropic_error("not_found_error", "model: claude-9"), K.UNSUPPORTED),
    ("anthropic", 413, anthropic_error("request_too_large", "Request exceeds the maximum size"), K.REQUEST),
    (
        "anthropic",
        429,
        anthropic_error("rate_limit_error", "This request would exceed your rate limit"),
        K.RATE_LIMITED,
    ),
    ("anthropic", 429, {"type": "error", "error": CAPPED}, K.OUT_OF_CREDIT),
    (
        "anthropic",
        429,
        anthropic_error("rate_limit_error", "Usage credits are required for long context"),
        K.UNSUPPORTED,
    ),
    ("anthropic", 529, anthropic_error("overloaded_error", "Overloaded"), K.TRANSIENT),
    # Google: ai.google.dev/gemini-api/docs/troubleshooting.
    ("google", 400, google_error(400, "INVALID_ARGUMENT", INPUT_TOKENS), K.CONTEXT_LENGTH),
    ("google", 400, [google_error(400, "INVALID_ARGUMENT", INPUT_TOKENS)], K.CONTEXT_LENGTH),
    ("google", 400, google_error(400, "INVALID_ARGUMENT", "API key not valid.", "API_KEY_INVALID"), K.KEY_INVALID),
    ("google", 400, google_error(400, "FAILED_PRECONDITION", "User location is not supported"), K.UNSUPPORTED),
    ("google", 400, google_error(400, "INVALID_ARGUMENT", "Please use a valid role: user, model."), K.REQUEST),
    ("google", 403, google_error(403, "PERMISSION_DENIED", NOT_ENABLED, "SERVICE_DISABLED"), K.KEY_INVALID),
    ("google", 403, google_error(403, "PERMISSION_DENIED", "Your API key was reported as leaked."), K.KEY_INVALID),
    ("google", 403, google_error(403, "PERMISSION_DENIED", FILE_DENIED), K.REQUEST),
    ("google", 404, google_error(404, "NOT_FOUND", "models/gemini-9 is not found"), K.UNSUPPORTED),
    ("google", 429, google_error(429, "RESOURCE_EXHAUSTED", "You exceeded your current quota"), K.RATE_LIMITED),
    ("google", 429, google_error(429, "RESOURCE_EXHAUSTED", "Your prepayment credits are depleted."), K.OUT_OF_CREDIT),
    ("google", 499, google_error(499, "CANCELLED", "The operation was cancelled."), K.TRANSIENT),
    ("google", 503, google_error(503, "UNAVAILABLE", "The model is overloaded."), K.TRANSIENT),
    # Meta's Llama API: the shape of its own client, llama-api-python.
    ("meta", 400, {"title": "Bad Request", "detail": WINDOW, "status": 400}, K.CONTEXT_LENGTH),
    ("meta", 401, {"title": "Unauthorized", "detail": "Invalid API key", "status": 401}, K.KEY_INVALID),
    ("meta", 429, {"title": "Too Many Requests", "detail": "Slow down", "status": 429}, K.RATE_LIMITED),
    # Mistral
    ("mistral", 400, mistral(MISTRAL_WINDOW, REQUEST, "3051"), K.CONTEXT_LENGTH),
    ("mistral", 400, mistral("Invalid model: mistral-9", "invalid_model", "1500"), K.UNSUPPORTED),
    ("mistral", 401, {"detail": "Unauthorized"}, K.KEY_INVALID),
    ("mistral", 422, mistral({"detail": [{"type": "missing", "loc": ["body"], "msg": "x"}]}, REQUEST, None), K.REQUEST),
    ("mistral", 429, mistral("Rate limit exceeded", "rate_limited", "1300"), K.RATE_LIMITED),
    ("mistral", 429, mistral("Service tier capacity exceeded for this model.", REQUEST, None), K.RATE_LIMITED),
    # Cohere: docs.cohere.com/v2/reference/errors.
    ("cohere", 400, {"message": "too many tokens: total number of tokens in the prompt cannot"}, K.CONTEXT_LENGTH),
    ("cohere", 400, {"message": "too many tokens: max tokens must be less than or equal to 4096"}, K.UNSUPPORTED),
    ("cohere", 400, {"message": "invalid request: response_format is not supported with RAG."}, K.UNSUPPORTED),
    ("cohere", 400, {"message": "invalid request: message must be at least 1 token long"}, K.REQUEST),
    ("cohere", 401, {"message": "invalid api token"}, K.KEY_INVALID),
    ("cohere", 402, {"message": "Please add or update your payment method"}, K.OUT_OF_CREDIT),
    ("cohere", 404, {"message": "model 'xyz' not found"}, K.UNSUPPORTED),
    ("cohere", 429, {"message": "trial token rate limit exceeded, limit is 100000 tokens per minute"}, K.RATE_LIMITED),
    ("cohere", 498, {"message": "invalid token"}, K.CONTENT_FILTER),
    ("cohere", 499, {"message": "request cancelled"}, K.TRANSIENT),
    # DeepSeek: api-docs.deepseek.com/quick_start/error_codes.
    ("deepseek", 400, openai(WINDOW, code=REQUEST), K.CONTEXT_LENGTH),
    ("deepseek", 400, openai("Content Exists Risk", code=REQUEST), K.CONTENT_FILTER),
    ("deepseek", 400, openai("Model Not Exist", code=REQUEST), K.UNSUPPORTED),
    ("deepseek", 402, openai("Insufficient Balance", "unknown_error", REQUEST), K.OUT_OF_CREDIT),
    ("deepseek", 422, {"detail": [{"loc": ["body"], "msg": "field required"}]}, K.REQUEST),
    ("deepseek", 503, openai("Service is too busy", "service_unavailable_error"), K.TRANSIENT),
    # MiniMax: platform.minimax.io/docs/api-reference/errorcode; credit is a 500 on one path and a 429 on the other.
    (
        "minimax",
        400,
        minimax("bad_request_error", "invalid params, context window exceeds limit (2013)", 400),
        K.CONTEXT_LENGTH,
    ),
    ("minimax", 400, minimax("bad_request_error", "invalid params, unknown model 'x' (2013)", 400), K.UNSUPPORTED),
    ("minimax", 400, minimax("bad_request_error", "invalid params, empty field (2013)", 400), K.REQUEST),
    ("minimax", 401, minimax("authorized_error", "login fail (1004)", 401), K.KEY_INVALID),
    ("minimax", 429, minimax("insufficient_balance_error", "insufficient balance (1008)", 429), K.OUT_OF_CREDIT),
    ("minimax", 500, anthropic_error("api_error", "insufficient balance (1008)"), K.OUT_OF_CREDIT),
    ("minimax", 500, minimax("api_error", "input new_sensitive (1026)", 500), K.CONTENT_FILTER),
    ("minimax", 500, minimax("api_error", "usage limit exceeded (2056)", 500), K.RATE_LIMITED),
    ("minimax", 500, minimax("api_error", "system error (1033)", 500), K.TRANSIENT),
    # Alibaba: help.aliyun.com/en/model-studio/error-code.
    (
        "qwen",
        400,
        qwen("invalid_parameter_error", "<400> Range of input length should be [1, 98304]"),
        K.CONTEXT_LENGTH,
    ),
    ("qwen", 400, qwen("data_inspection_failed", "Input data may contain inappropriate content."), K.CONTENT_FILTER),
    ("qwen", 400, qwen("Arrearage", "Access denied"), K.OUT_OF_CREDIT),
    ("qwen", 400, qwen("invalid_parameter_error", "Required parameter is missing"), K.REQUEST),
    ("qwen", 401, qwen("invalid_api_key", "Incorrect API key provided."), K.KEY_INVALID),
    ("qwen", 403, qwen("Model.AccessDenied", "Model access denied."), K.UNSUPPORTED),
    ("qwen", 403, qwen("AccessDenied", "Access denied."), K.KEY_INVALID),
    ("qwen", 403, qwen("AllocationQuota.FreeTierOnly", "The free quota has been exhausted."), K.UNSUPPORTED),
    ("qwen", 404, qwen("model_not_found", "The model `qwen-9` does not exist"), K.UNSUPPORTED),
    ("qwen", 429, qwen("insufficient_quota", "You exceeded your current quota"), K.RATE_LIMITED),
    # Zhipu: docs.z.ai/api-reference/api-code.
    ("zhipu", 400, zhipu("1261", "Prompt exceeds max length"), K.CONTEXT_LENGTH),
    ("zhipu", 400, zhipu("1301", "System detected potentially unsafe or sensitive content"), K.CONTENT_FILTER),
    ("zhipu", 400, zhipu("1211", "Model does not exist, please check the model code"), K.UNSUPPORTED),
    ("zhipu", 400, zhipu("1214", "Invalid messages parameter."), K.REQUEST),
    ("zhipu", 401, zhipu("1000", "Authentication Failed"), K.KEY_INVALID),
    ("zhipu", 429, zhipu("1113", "Your account is in arrears"), K.OUT_OF_CREDIT),
    ("zhipu", 429, zhipu("1302", "High concurrency usage of this API"), K.RATE_LIMITED),
    ("zhipu", 434, {}, K.UNSUPPORTED),
    ("zhipu", 500, zhipu("1234", "Network error, error id: 7"), K.TRANSIENT),
    # Groq: console.groq.com/docs/errors.
    (
        "groq",
        400,
        openai("Please reduce the length of the messages or completion.", param="messages"),
        K.CONTEXT_LENGTH,
    ),
    ("groq", 400, openai("`llama3` has been decommissioned", code="model_decommissioned"), K.UNSUPPORTED),
    ("groq", 400, openai("Failed to call a function.", code="tool_use_failed"), K.UNSUPPORTED),
    ("groq", 400, openai("API access is blocked", code="blocked_api_access"), K.OUT_OF_CREDIT),
    ("groq", 403, {"error": {"message": "Access denied. Please check your network settings."}}, K.UNSUPPORTED),
    ("groq", 413, openai(f"Request too large for model `x` {TPM}", "tokens", "rate_limit_exceeded"), K.UNSUPPORTED),
    ("groq", 413, {"error": {"message": "Request Entity Too Large"}}, K.REQUEST),
    ("groq", 429, openai("Rate limit reached for model `x`", "tokens", "rate_limit_exceeded"), K.RATE_LIMITED),
    ("groq", 498, openai("Flex tier capacity exceeded", "capacity_exceeded"), K.RATE_LIMITED),
]


def failure(provider: str, status: int, body: Any, headers: dict[str, str] | None = None) -> ProviderFailure:
    return classified(provider, status, headers or {}, json.dumps(body).encode(), NOW)


@pytest.mark.parametrize(
    ("provider", "status", "body", "kind"),
    CASES,
    ids=[f"{each[0]} {each[1]} {each[3]} {n}" for n, each in enumerate(CASES)],
)
def test_a_recorded_error_is_of_its_kind(provider: str, status: int, body: Any, kind: FailureKind) -> None:
    found = failure(provider, status, body)
    assert (found.kind, found.status) == (kind, status)


def test_every_provider_has_recorded_errors() -> None:
    assert {case[0] for case in CASES} == {provider.id for provider in PROVIDERS}


BY_STATUS = {
    **dict.fromkeys((400, 405, 422, 431, 451), K.REQUEST),
    **dict.fromkeys((401, 403), K.KEY_INVALID),
    402: K.OUT_OF_CREDIT,
    **dict.fromkeys((404, 410), K.UNSUPPORTED),
    413: K.CONTEXT_LENGTH,
    429: K.RATE_LIMITED,
    **dict.fromkeys((408, 409, 425, 499, 500, 501, 502, 503, 504, 529, 599), K.TRANSIENT),
    **dict.fromkeys((201, 204, 302), K.TRANSIENT),
}


@pytest.mark.parametrize("provider", [provider.id for provider in PROVIDERS])
@pytest.mark.parametrize("status", BY_STATUS)
@pytest.mark.parametrize(
    "body", [b"", b"null", b"[]", b"{}", b'{"error": null}', b'{"err', b"\xff\xfe", b"[" * 100_000]
)
def test_a_body_that_says_nothing_leaves_it_to_the_status(provider: str, status: int, body: bytes) -> None:
    found = classified(provider, status, {}, body, NOW)
    assert found.kind is BY_STATUS[status]
    assert found.message == f"the provider answered {status}"


@pytest.mark.parametrize(
    ("status", "kind"), [(403, K.UNSUPPORTED), (413, K.REQUEST), (502, K.TRANSIENT), (429, K.RATE_LIMITED)]
)
def test_a_page_of_a_firewall_says_nothing_about_a_key(status: int, kind: FailureKind) -> None:
    page = b"\n<!DOCTYPE html><html><title>Attention Required! | Cloudflare</title></html>"
    found = classified("groq", status, {}, page, NOW)
    assert found.kind is kind
    assert "Cloudflare" not in found.message


@pytest.mark.parametrize("provider", ["mistral", "groq"])
def test_the_codes_of_one_provider_are_not_anothers(provider: str) -> None:
    assert failure(provider, 400, zhipu("1261", "…")).kind is K.REQUEST
    assert failure(provider, 400, zhipu("2013", "…")).kind is K.REQUEST


def test_words_about_length_in_a_rate_limit_are_a_rate_limit() -> None:
    found = failure("cohere", 429, {"message": "too many tokens in this minute"})
    assert found.kind is K.RATE_LIMITED


def test_what_was_sent_decides_nothing() -> None:
    echo = {
        "type": "missing",
        "loc": ["body", "n"],
        "msg": "field required",
        "input": {"message": "prompt is too long"},
    }
    found = failure("mistral", 422, {"detail": [echo]})
    assert (found.kind, found.message) == (K.REQUEST, "field required")


@pytest.mark.parametrize(
    ("provider", "body", "message", "code", "param"),
    [
        ("openai", openai("Bad value", code="invalid_value", param="top_p"), "Bad value", "invalid_value", "top_p"),
        ("openai", openai("Bad value"), "Bad value", REQUEST, None),
        ("anthropic", anthropic_error(REQUEST, "Bad value"), "Bad value", REQUEST, None),
        ("google", google_error(400, "INVALID_ARGUMENT", "Bad value"), "Bad value", "INVALID_ARGUMENT", None),
        ("google", [google_error(400, "INVALID_ARGUMENT", "Bad value")], "Bad value", "INVALID_ARGUMENT", None),
        ("zhipu", zhipu("1214", "Bad value"), "Bad value", "1214", None),
        ("cohere", {"id": "1", "message": "Bad value"}, "Bad value", None, None),
        ("meta", {"title": "Bad Request", "detail": "Bad value", "status": 400}, "Bad value", None, None),
        ("mistral", mistral("Bad value", REQUEST, "3230"), "Bad value", "3230", None),
        ("groq", {"error": "Bad value"}, "Bad value", None, None),
    ],
)
def test_the_providers_own_sentence_and_code_are_passed_on(
    provider: str, body: Any, message: str, code: str | None, param: str | None
) -> None:
    found = failure(provider, 400, body)
    assert (found.message, found.provider_code, found.param) == (message, code, param)


def test_a_sentence_is_one_bounded_line_without_control_characters() -> None:
    found = failure("openai", 400, openai("a\r\nb\x00\x1b[31m\u202ec " + "x" * 10_000))
    assert found.message.startswith("a b [31m c xxx")
    assert len(found.message) == MAX_SENTENCE
    assert found.message.isprintable()
    assert len(failure("openai", 400, openai("x" * MAX_SENTENCE)).message) == MAX_SENTENCE


def test_what_a_model_made_is_not_in_the_sentence() -> None:
    body = openai("Failed to call a function.", code="tool_use_failed")
    body["error"]["failed_generation"] = {"message": "the patient's name is"}
    assert failure("groq", 400, body).message == "Failed to call a function."


# Inside of a success

WITHIN: list[tuple[str, Any, FailureKind, int]] = [
    ("openai", openai("The server had an error", "server_error"), K.TRANSIENT, 500),
    ("openai", openai("Rate limit reached", "tokens", "rate_limit_exceeded"), K.RATE_LIMITED, 429),
    ("openai", openai("You exceeded", "insufficient_quota", "insufficient_quota"), K.OUT_OF_CREDIT, 429),
    ("openai", openai("Incorrect API key provided", code="invalid_api_key"), K.KEY_INVALID, 401),
    ("mistral", mistral({"detail": [{"type": "missing", "msg": "no model"}]}, REQUEST, None), K.REQUEST, 400),
    ("openai", openai(WINDOW, code="context_length_exceeded"), K.CONTEXT_LENGTH, 400),
    ("openai", {"error": {"message": "Something"}}, K.TRANSIENT, 502),
    ("openai", {"error": "Something"}, K.TRANSIENT, 502),
    ("openai", {"error": "The model is overloaded in this region"}, K.TRANSIENT, 502),
    ("openai", {"error": {"message": WINDOW}}, K.CONTEXT_LENGTH, 502),
    ("anthropic", anthropic_error("overloaded_error", "Overloaded"), K.TRANSIENT, 529),
    ("anthropic", anthropic_error("api_error", "Internal server error"), K.TRANSIENT, 500),
    ("anthropic", anthropic_error("rate_limit_error", "Slow down"), K.RATE_LIMITED, 429),
    ("anthropic", anthropic_error("authentication_error", "invalid x-api-key"), K.KEY_INVALID, 401),
    ("anthropic", anthropic_error(REQUEST, "messages: empty"), K.REQUEST, 400),
    ("google", google_error(503, "UNAVAILABLE", "The model is overloaded."), K.TRANSIENT, 503),
    ("google", google_error(429, "RESOURCE_EXHAUSTED", "Quota"), K.RATE_LIMITED, 429),
    ("google", [google_error(503, "UNAVAILABLE", "The model is overloaded.")], K.TRANSIENT, 503),
    ("cohere", {"id": "1", "message": "internal server error"}, K.TRANSIENT, 502),
    (
        "mistral",
        mistral("Service unavailable", "internal_server_error", "3000") | {"raw_status_code": 503},
        K.TRANSIENT,
        503,
    ),
    ("minimax", {"base_resp": {"status_code": 1002, "status_msg": "rate limit"}}, K.RATE_LIMITED, 429),
    ("minimax", {"base_resp": {"status_code": 1004, "status_msg": "not authorized"}}, K.KEY_INVALID, 401),
    ("minimax", {"base_resp": {"status_code": 1008, "status_msg": "insufficient balance"}}, K.OUT_OF_CREDIT, 429),
    ("minimax", {"base_resp": {"status_code": 1027, "status_msg": "output new_sensitive"}}, K.CONTENT_FILTER, 400),
    ("minimax", {"base_resp": {"status_code": 2013, "status_msg": "invalid params"}}, K.REQUEST, 400),
    ("minimax", {"base_resp": {"status_code": 1000, "status_msg": "unknown error"}, "choices": None}, K.TRANSIENT, 502),
    ("minimax", minimax("overloaded_error", "overloaded (2064)", 529), K.TRANSIENT, 529),
    ("qwen", {"code": "InvalidApiKey", "message": "Invalid API-key provided.", "request_id": "7f"}, K.KEY_INVALID, 401),
    ("zhipu", {"code": 500, "msg": "404 NOT_FOUND", "success": False}, K.TRANSIENT, 500),
    ("zhipu", zhipu("1301", "unsafe or sensitive content"), K.CONTENT_FILTER, 400),
    ("zhipu", zhipu("1113", "in arrears"), K.OUT_OF_CREDIT, 429),
    ("groq", {"x_groq": {"id": "req_1", "error": "over capacity"}, "choices": []}, K.TRANSIENT, 502),
]


@pytest.mark.parametrize(("provider", "body", "kind", "status"), WITHIN)
def test_an_error_within_a_success_is_found(provider: str, body: Any, kind: FailureKind, status: int) -> None:
    found = error_within(provider, body)
    assert found is not None
    assert (found.kind, found.status) == (kind, status)
    assert found.message != f"the provider answered {status}"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"choices": [{"delta": {"content": "an error"}}], "error": None},
        {"id": "x", "choices": [{"message": {"role": "assistant", "content": "hi"}}], "error": {}},
        {"choices": [], "error": {"code": None, "message": None}},
        {"choices": [], "base_resp": {"status_code": 0, "status_msg": ""}},
        {"choices": [], "message": "beside an answer"},
        {"type": "message_start", "message": {"content": []}},
        {"type": "content_block_delta", "delta": {"type": "text_delta", "text": "x"}},
        {"type": "ping"},
        {"candidates": [{"finishReason": "STOP"}], "usageMetadata": {}},
        {"id": "1", "finish_reason": "COMPLETE", "message": {"role": "assistant", "content": []}},
        {"type": "message-end", "delta": {"finish_reason": "COMPLETE"}},
        {"object": "list", "data": []},
        {"x_groq": {"id": "req_1", "usage": {}}, "choices": []},
    ],
)
@pytest.mark.parametrize("provider", ["openai", "anthropic", "google", "cohere", "minimax", "groq"])
def test_an_answer_has_no_error_within(provider: str, body: Any) -> None:
    assert error_within(provider, body) is None


def test_what_cannot_be_read_may_be_asked_again() -> None:
    found = unreadable("the provider's answer is no JSON")
    assert (found.kind, found.status, found.message) == (K.TRANSIENT, 502, "the provider's answer is no JSON")


# When to come back


def google_limit(delay: str) -> Any:
    error = google_error(429, "RESOURCE_EXHAUSTED", "Quota", "RATE_LIMIT_EXCEEDED")
    error["error"]["details"].append({"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay})
    return error


def test_a_rate_limit_says_when_it_ends() -> None:
    assert failure("openai", 429, {}, {"retry-after": "7"}).retry_after_s == 7
    assert failure("google", 429, google_limit("37s")).retry_after_s == 37
    assert failure("google", 429, [google_limit("37s")]).retry_after_s == 37
    assert failure("groq", 429, {}, {"x-ratelimit-reset-tokens": "7.66s"}).retry_after_s == 7.66
    assert failure("openai", 429, {}).retry_after_s is None


def test_the_header_goes_before_the_body_and_the_body_before_a_vendors_header() -> None:
    headers = {"retry-after": "7", "x-ratelimit-reset-tokens": "9s"}
    assert failure("google", 429, google_limit("37s"), headers).retry_after_s == 7
    assert failure("google", 429, google_limit("37s"), {"x-ratelimit-reset-tokens": "9s"}).retry_after_s == 37
    assert failure("google", 429, google_limit("garbage"), {"x-ratelimit-reset-tokens": "9s"}).retry_after_s == 9


def test_the_reset_of_a_limit_that_was_not_met_delays_nothing() -> None:
    headers = {"x-ratelimit-reset-tokens": "6m0s"}
    assert failure("openai", 503, {}, headers).retry_after_s is None
    assert failure("openai", 503, {}, headers | {"retry-after": "2"}).retry_after_s == 2


def test_a_wrong_request_is_not_to_come_back() -> None:
    assert failure("openai", 400, {}, {"retry-after": "7"}).retry_after_s is None


def test_a_limit_within_a_stream_says_when_it_ends() -> None:
    found = error_within("google", google_limit("37s"))
    assert found is not None
    assert found.retry_after_s == 37


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["error", "message", "code", "type", "detail", "details", "base_resp", "status_code", "param"]
            )
            | st.text(),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
IDS = st.sampled_from([provider.id for provider in PROVIDERS])


@given(IDS, st.integers(100, 999), st.binary() | JSON.map(lambda value: json.dumps(value).encode()))
def test_no_body_whatever_raises(provider: str, status: int, body: bytes) -> None:
    found = classified(provider, status, {}, body, NOW)
    assert found.message
    assert len(found.message) <= MAX_SENTENCE


@given(IDS, JSON)
def test_nothing_within_a_success_raises(provider: str, body: Any) -> None:
    found = error_within(provider, body)
    assert found is None or found.message
