"""Every kind of answer of `chat`: behind API Gateway, where streams are whole answers too, and behind the adapter."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from atom_llm.domain.tenancy.rate_limit import RateLimit
from testing.lambda_runtime.account import STREAMING_CHAT, Account, CallingTenant
from testing.lambda_runtime.events import Event, api_event
from tests.runtime.answer_kinds import AnswerKind, Events, Misbehaviour
from tests.runtime.call_trace import MODEL, CallTrace, trace

OPENAI: Final = f"openai/{MODEL}"
ANTHROPIC: Final = "anthropic/claude-haiku-4-5"
CHAIN: Final = f"{OPENAI},{ANTHROPIC}"
CHAT: Final = "/v1/chat/completions"
SAYING: Final = {"messages": [{"role": "user", "content": "Say hello"}]}
TOOL: Final = {"type": "function", "function": {"name": "look_up", "parameters": {"type": "object", "properties": {}}}}
SHORT: Final = {"ATOM_ANSWER_S": "1", "ATOM_FIRST_BYTE_S": "1", "ATOM_FIRST_TOKEN_S": "1", "ATOM_IDLE_S": "1"}

ONE_ANSWER: Final = CallTrace(("succeeded",), answered=1, key="valid")
NOTHING: Final = CallTrace()


def asked(model: str = OPENAI, times: int = 1, headers: Mapping[str, str] | None = None, **more: Any) -> Events:
    """So many chat calls of the same words."""

    def events(_: Account, tenant: CallingTenant) -> Sequence[Event]:
        return [tenant.asks("POST", CHAT, {"model": model, **SAYING, **more}, headers) for _ in range(times)]

    return events


def raw(body: object, path: str = CHAT, method: str = "POST", headers: Mapping[str, str] | None = None) -> Events:
    """One request with exactly this body."""
    return lambda _, tenant: [tenant.asks(method, path, body, headers)]


def kind(name: str, status: int, events: Events, expected: CallTrace, *faults: Misbehaviour, **more: Any) -> AnswerKind:
    """A kind of answer of `chat`."""
    return AnswerKind(name, "chat", status, events, trace, expected, faults, **more)


def of_openai(name: str, times: int | None = None, **more: Any) -> Misbehaviour:
    """A fault of OpenAI's stand-in."""
    return Misbehaviour(name, "openai", times, more)


def failed(*, attempts: int = 1, circuit: int = 0, limited: int = 0, key: str = "untested") -> CallTrace:
    """A call of which every attempt failed; what counts at the circuit counts in health."""
    return CallTrace(("failed",) * attempts, failed=circuit, circuit=circuit, limited=limited, key=key)


def once(key: str, model: str = OPENAI) -> Mapping[str, str]:
    """The header of a request that is carried out once."""
    return {"Idempotency-Key": f"{key}-{model}"}


def other_words(_: Account, tenant: CallingTenant) -> Sequence[Event]:
    """A key that was used for another request."""
    first = tenant.asks("POST", CHAT, {"model": OPENAI, **SAYING}, once("mismatch"))
    return [first, tenant.asks("POST", CHAT, {"model": OPENAI, **SAYING, "max_tokens": 9}, once("mismatch"))]


def a_stranger(_: Account, tenant: CallingTenant) -> Sequence[Event]:
    """A call with a service key that nobody has issued."""
    body = {"model": OPENAI, **SAYING}
    return [api_event("POST", CHAT, body, {"Authorization": f"Bearer {tenant.service_key[:-1]}!"})]


EMPTY_ANSWER: Final = (
    '{"id":"x","object":"chat.completion","created":1,"model":"m","usage":{"prompt_tokens":25,"completion_tokens":0,'
    '"total_tokens":25},"choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":""}}]}'
)
EMPTY: Final = Misbehaviour("body", "", 1, {"status": 200, "body": EMPTY_ANSWER})

ANSWERS: Final = (
    kind("a whole answer", 200, asked(), ONE_ANSWER),
    kind("a streamed answer", 200, asked(stream=True), ONE_ANSWER),
    kind("a call of a tool", 200, asked(tools=[TOOL]), ONE_ANSWER),
    kind(
        "embeddings",
        200,
        raw({"model": "openai/text-embedding-3-small", "input": "Hello"}, "/v1/embeddings"),
        ONE_ANSWER,
    ),
    kind(
        "an answer behind a refused key",
        200,
        asked(CHAIN),
        CallTrace(("failed", "succeeded"), answered=1, key="invalid"),
        of_openai("invalid_key"),
    ),
    kind(
        "an answer behind a failure and its retry",
        200,
        asked(CHAIN),
        CallTrace(("failed", "failed", "succeeded"), answered=1, failed=2, circuit=2),
        of_openai("status", status=500),
    ),
    kind(
        "a streamed answer behind a cut",
        200,
        asked(CHAIN, stream=True),
        CallTrace(("failed", "failed", "succeeded"), answered=1, failed=2, circuit=2),
        of_openai("reset"),
    ),
    kind(
        "an answer of the next tier",
        200,
        asked("auto"),
        CallTrace(("succeeded", "succeeded"), 2, key="valid"),
        EMPTY,
        providers=("openai",),
    ),
    kind(
        "an answer whose next tier has none",
        200,
        asked("auto"),
        CallTrace(("succeeded", "failed"), 1, key="invalid"),
        EMPTY,
        of_openai("invalid_key"),
        providers=("openai",),
    ),
)

REFUSALS: Final = (
    kind("no room in the budget", 402, asked(), CallTrace(("refused",)), budget="0.000001"),
    kind(
        "no request left of the service key's",
        429,
        asked(times=2),
        CallTrace(("succeeded",), answered=1, key="valid"),
        limit=RateLimit(requests=1),
    ),
    kind("dearer than the caller allows", 402, asked(headers={"x-llm-max-cost-usd": "0.0000001"}), NOTHING),
    kind("no key of the provider", 402, asked("mistral/mistral-small-latest"), NOTHING),
    kind("a model that nobody knows", 404, asked("openai/no-such-model"), NOTHING),
    kind("a wrong field", 422, asked(max_tokens="many"), NOTHING),
    kind("no JSON", 400, raw('{"model": '), NOTHING),
    kind("another media type", 415, raw("hello", headers={"Content-Type": "text/plain"}), NOTHING),
    kind("no service key of ours", 401, a_stranger, NOTHING),
    kind("a route explained", 200, raw({"model": CHAIN, **SAYING}, "/v1/route"), NOTHING),
    kind("the models", 200, raw(None, "/v1/models", "GET"), NOTHING),
    kind(
        "a circuit that is open",
        503,
        asked(times=4),
        CallTrace(("failed",) * 5, failed=5, circuit=-1),
        of_openai("status", status=500),
    ),
)

FAILURES: Final = (
    kind("every attempt: key refused", 402, asked(), failed(key="invalid"), of_openai("invalid_key")),
    kind("every attempt: no credit", 402, asked(), failed(key="out_of_credit"), of_openai("out_of_credit")),
    kind(
        "every attempt: rate limit",
        429,
        asked(),
        failed(limited=1),
        of_openai("status", status=429, headers={"retry-after": "60"}),
    ),
    kind("every attempt: 500", 502, asked(), failed(attempts=2, circuit=2), of_openai("status", status=500)),
    kind("every attempt: 529", 503, asked(), failed(attempts=2, circuit=2), of_openai("status", status=529)),
    kind("every attempt: silent", 504, asked(), failed(circuit=1), of_openai("silence"), variables=SHORT),
    kind(
        "every attempt: silent until the caller's deadline",
        504,
        asked(headers={"x-llm-timeout-ms": "1500"}),
        failed(),
        of_openai("silence"),
    ),
    kind("every attempt: cut before the answer", 502, asked(), failed(attempts=2, circuit=2), of_openai("reset")),
    kind("every attempt: half of the answer", 502, asked(), failed(attempts=2, circuit=2), of_openai("truncated")),
    kind("every attempt: a web page", 502, asked(), failed(attempts=2, circuit=2), of_openai("html")),
    kind("every attempt: an error as 200", 502, asked(), failed(attempts=2, circuit=2), of_openai("error_200")),
    kind("every attempt: prompt too long", 400, asked(), failed(), of_openai("context_length")),
    kind("every attempt: filtered", 400, asked(), failed(), of_openai("content_filter")),
    kind("every attempt: refused request", 400, asked(), failed(), of_openai("status", status=400)),
    kind("every attempt: no such model there", 404, asked(), failed(), of_openai("status", status=404)),
    kind(
        "every attempt of two providers",
        502,
        asked(CHAIN),
        CallTrace(("failed",) * 4, failed=4, circuit=2),
        Misbehaviour("status", "", None, {"status": 500}),
    ),
    kind(
        "embeddings: every attempt failed",
        502,
        raw({"model": "openai/text-embedding-3-small", "input": "Hello"}, "/v1/embeddings"),
        CallTrace(("failed", "failed"), failed=2),
        of_openai("status", status=500),
    ),
    kind(
        "a stream of which every attempt failed",
        502,
        asked(stream=True),
        failed(attempts=2, circuit=2),
        of_openai("status", status=500),
    ),
    kind("a stream that broke off", 200, asked(stream=True), failed(circuit=1), of_openai("cut", after=3)),
    kind(
        "a stream that fell silent",
        200,
        asked(stream=True),
        failed(circuit=1),
        of_openai("stall", after=3),
        variables=SHORT,
    ),
)

ONCE: Final = (
    kind("carried out once", 200, asked(headers=once("first")), ONE_ANSWER),
    kind("carried out once, and repeated", 200, asked(times=2, headers=once("repeat")), ONE_ANSWER),
    kind("the key of another request", 422, other_words, ONE_ANSWER),
    kind(
        "carried out once, and failed",
        502,
        asked(headers=once("failed")),
        failed(attempts=2, circuit=2),
        of_openai("status", status=500),
    ),
)

STREAMS: Final = tuple(
    replace(each, function=STREAMING_CHAT)
    for each in (
        kind("a whole answer", 200, asked(), ONE_ANSWER),
        kind("a streamed answer", 200, asked(stream=True), ONE_ANSWER),
        kind(
            "a streamed answer, held back until it is whole",
            200,
            asked(stream=True, headers={"x-llm-stream-guard": "buffer"}),
            ONE_ANSWER,
        ),
        kind(
            "a streamed answer behind a refused key",
            200,
            asked(CHAIN, stream=True),
            CallTrace(("failed", "succeeded"), answered=1, key="invalid"),
            of_openai("invalid_key"),
        ),
        kind("a streamed answer carried out once", 200, asked(stream=True, headers=once("stream")), ONE_ANSWER),
        kind(
            "a stream of which every attempt failed",
            502,
            asked(stream=True),
            failed(attempts=2, circuit=2),
            of_openai("status", status=500),
        ),
        kind("a stream that broke off", 200, asked(stream=True), failed(circuit=1), of_openai("cut", after=3)),
        kind(
            "a stream that ended with an error",
            200,
            asked(stream=True),
            failed(circuit=1),
            of_openai("error_event", after=3),
        ),
        kind(
            "a stream that fell silent",
            200,
            asked(stream=True),
            failed(circuit=1),
            of_openai("stall", after=3),
            variables=SHORT,
        ),
        kind("a stream without its usage", 200, asked(stream=True), ONE_ANSWER, of_openai("no_usage")),
        kind("every attempt: key refused", 402, asked(), failed(key="invalid"), of_openai("invalid_key")),
        kind("no room in the budget", 402, asked(stream=True), CallTrace(("refused",)), budget="0.000001"),
    )
)

CHAT_ANSWERS: Final = ANSWERS + REFUSALS + FAILURES + ONCE + STREAMS
