"""HTTP behaviour of every function: ids, envelopes, limits, and answers to malformed requests."""

import asyncio
import gzip
import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from atom_llm.http.middleware import MAX_PIECE, RequestMiddleware
from atom_llm.http.problems import Dialect
from atom_llm.http.route_group import MAX_CHAT_BODY, MAX_CONTROL_BODY
from atom_llm.settings import Settings
from tests.functions.http.sample_app import PREFIX, ErrorOf, World, error_of, openai_error_of

pytestmark = pytest.mark.anyio

DIALECTS: list[tuple[Dialect, ErrorOf]] = [("control", error_of), ("openai", openai_error_of)]
in_both_dialects = pytest.mark.parametrize(("dialect", "read"), DIALECTS, ids=["control", "openai"])
JSON = {"content-type": "application/json"}


async def test_an_answer_stands_in_its_envelope(world: World) -> None:
    world.clock.now = datetime(2026, 11, 23, 8, tzinfo=UTC)
    answer = await world.client().post("/bodies", json={"name": "x"})
    assert answer.json() == {
        "success": True,
        "data": {"name": "x"},
        "error": None,
        "message": None,
        "timestamp": "2026-11-23T08:00:00.000Z",
    }


@pytest.mark.parametrize("path", ["/health", "/openapi.json", "/numbers?value=0", "/failure", "/nowhere", "/me"])
async def test_every_answer_has_an_id_of_its_own_and_is_kept_by_nobody(world: World, path: str) -> None:
    world.raised = RuntimeError("unforeseen")
    client = world.client()
    one, other = await client.get(path), await client.get(path)
    assert len(one.headers["x-request-id"]) == 26
    assert one.headers["x-request-id"] != other.headers["x-request-id"]
    assert (one.headers["cache-control"], one.headers["x-content-type-options"]) == ("no-store", "nosniff")


async def test_a_response_that_is_given_again_has_each_header_once_and_of_this_request(world: World) -> None:
    client = world.client()
    one, other = await client.get("/again"), await client.get("/again")
    ours = ("x-request-id", "x-content-type-options", "cache-control")
    assert [len(other.headers.get_list(name)) for name in ours] == [1, 1, 1]
    assert len(other.headers["x-request-id"]) == 26
    assert one.headers["x-request-id"] != other.headers["x-request-id"]


async def test_the_id_that_the_web_adapter_hands_on_is_the_gateways(world: World) -> None:
    context = {"x-amzn-request-context": '{"requestId": "0f6b1c1e-6d1c-4a0e-9c5e-000000000001"}'}
    answer = await world.client().get("/health", headers=context)
    assert answer.headers["x-request-id"] == "0f6b1c1e-6d1c-4a0e-9c5e-000000000001"


@pytest.mark.parametrize(
    "context", ["{", "[]", "null", '{"requestId": 7}', '{"requestId": "a b\\r\\nx: y"}', "[" * 9999]
)
async def test_an_id_of_another_shape_is_not_taken_over(world: World, context: str) -> None:
    answer = await world.client().get("/health", headers={"x-amzn-request-context": context})
    assert answer.status_code == 200
    assert len(answer.headers["x-request-id"]) == 26


# Fields


@in_both_dialects
async def test_a_wrong_field_is_named_and_its_value_not_repeated(world: World, dialect: Dialect, read: ErrorOf) -> None:
    body = {"name": "n", "parts": [{"count": 1}, {"count": "hunter2"}]}
    answer = await world.client(dialect).post("/bodies", json=body)
    error = read(answer)
    assert (answer.status_code, error["code"]) == (422, "invalid_request")
    assert "parts.1.count" in error["message"]
    assert "hunter2" not in answer.text
    if dialect == "openai":
        assert (error["param"], error["type"]) == ("parts.1.count", "invalid_request_error")
    else:
        assert [each["field"] for each in error["details"]["fields"]] == ["parts.1.count"]


async def test_every_wrong_field_is_named(world: World) -> None:
    answer = await world.client().post("/bodies", json={"parts": 3, "nmae": "x"})
    named = {each["field"] for each in error_of(answer)["details"]["fields"]}
    assert (answer.status_code, named) == (422, {"name", "parts", "nmae"})


async def test_a_thousand_wrong_fields_do_not_make_a_long_answer(world: World) -> None:
    answer = await world.client().post("/bodies", json={"x" * 900 + str(number): 1 for number in range(1000)})
    assert answer.status_code == 422
    assert len(answer.content) < 20_000


@pytest.mark.parametrize("query", ["", "?value=0", "?value=x", "?value=1&value=2", "?value=1&value=1"])
async def test_a_wrong_parameter_is_named(world: World, query: str) -> None:
    answer = await world.client().get(f"/numbers{query}")
    assert (answer.status_code, error_of(answer)["details"]["fields"][0]["field"]) == (422, "value")


async def test_a_parameter_that_has_several_values_is_told_several_times(world: World) -> None:
    answer = await world.client().get("/several?value=1&value=2")
    assert (answer.status_code, answer.json()) == (200, {"value": [1, 2]})


async def test_a_service_key_behind_another_in_a_second_header_is_none(world: World) -> None:
    """Headers of one name are one header: neither of two keys may stand for both."""
    client = world.client()
    own = client.headers["authorization"]
    assert (await client.get("/me")).status_code == 200
    for keys in ([own, "Bearer another"], ["Bearer another", own]):
        client.headers = httpx.Headers([("authorization", key) for key in keys])
        answer = await client.get("/me")
        assert (answer.status_code, error_of(answer)["code"]) == (401, "unauthenticated")


# Bodies


@in_both_dialects
@pytest.mark.parametrize(
    "body", [b"{", b'{"name": }', b"\xff\xfe", b'{"name": "\xff"}', b'{"name": ' + b"9" * 5000 + b"}"]
)
async def test_malformed_json_is_said_to_be_that(world: World, dialect: Dialect, read: ErrorOf, body: bytes) -> None:
    answer = await world.client(dialect).post("/bodies", content=body, headers=JSON)
    assert (answer.status_code, read(answer)["code"]) == (400, "malformed_json")


@in_both_dialects
@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "application/jsonish", ""])
async def test_a_body_of_another_type_is_said_to_be_that(
    world: World, dialect: Dialect, read: ErrorOf, content_type: str
) -> None:
    headers = {"content-type": content_type} if content_type else {}
    answer = await world.client(dialect).post("/bodies", content=b'{"name": "x"}', headers=headers)
    assert (answer.status_code, read(answer)["code"]) == (415, "unsupported_media_type")


@in_both_dialects
@pytest.mark.parametrize("coding", ["gzip", "GZIP", "br", "deflate", "zstd", "identity, gzip", "compress"])
async def test_a_compressed_body_is_refused_by_its_header(
    world: World, dialect: Dialect, read: ErrorOf, coding: str
) -> None:
    headers = {**JSON, "content-encoding": coding}
    answer = await world.client(dialect).post("/bodies", content=gzip.compress(b'{"name": "x"}'), headers=headers)
    assert (answer.status_code, read(answer)["code"]) == (415, "unsupported_media_type")
    assert answer.headers["accept-encoding"] == "identity"
    assert "content-encoding must be identity" in read(answer)["message"]
    named = read(answer)["details"]["fields"][0]["field"] if dialect == "control" else read(answer)["param"]
    assert named == "content-encoding"


async def test_a_body_in_no_coding_is_taken_and_so_is_none_in_any(world: World) -> None:
    plain = await world.client().post("/bodies", json={"name": "x"}, headers={"content-encoding": "Identity"})
    bodiless = await world.client().get("/numbers?value=1", headers={"content-encoding": "gzip"})
    assert (plain.status_code, bodiless.status_code) == (200, 200)


@pytest.mark.parametrize("content_type", ["application/json", "Application/JSON; charset=utf-8", "application/x+json"])
async def test_json_is_taken_under_each_of_its_names(world: World, content_type: str) -> None:
    headers = {"content-type": content_type}
    assert (await world.client().post("/bodies", content=b'{"name": "x"}', headers=headers)).status_code == 200


async def test_a_missing_body_is_a_missing_field(world: World) -> None:
    answer = await world.client().post("/bodies")
    assert (answer.status_code, error_of(answer)["details"]["fields"][0]["field"]) == (422, "body")


@in_both_dialects
async def test_deep_nesting_is_refused(world: World, dialect: Dialect, read: ErrorOf) -> None:
    body = b'{"name": ' + b"[" * 1000 + b"]" * 1000 + b"}"
    answer = await world.client(dialect).post("/bodies", content=body, headers=JSON)
    assert (answer.status_code, read(answer)["code"]) == (422, "invalid_request")
    assert "nests deeper" in answer.text


async def test_half_of_a_character_is_refused_rather_than_tripped_over(world: World) -> None:
    answer = await world.client().post("/bodies", content=b'{"name": "\\ud800"}', headers=JSON)
    assert (answer.status_code, error_of(answer)["code"]) == (422, "invalid_request")


@pytest.mark.parametrize(("dialect", "limit"), [("control", MAX_CONTROL_BODY), ("openai", MAX_CHAT_BODY)])
@pytest.mark.parametrize("declared", [True, False], ids=["declared", "in pieces"])
async def test_a_body_passes_up_to_its_limit_whether_its_length_is_declared_or_not(
    world: World, dialect: Dialect, limit: int, declared: bool
) -> None:
    async def pieces(body: bytes) -> AsyncIterator[bytes]:
        for start in range(0, len(body), 256 * 1024):
            yield body[start : start + 256 * 1024]

    empty = b'{"name": ""}'
    fits = b'{"name": "' + b"x" * (limit - len(empty)) + b'"}'
    client, statuses = world.client(dialect), []
    for body in (fits, fits + b" "):
        answer = await client.post("/bodies", content=body if declared else pieces(body), headers=JSON)
        statuses.append(answer.status_code)
    assert statuses == [200, 413]
    read = error_of if dialect == "control" else openai_error_of
    assert read(answer)["code"] == "too_large"


@in_both_dialects
async def test_a_body_that_drips_is_ended_with_408_and_its_connection_with_it(
    world: World, dialect: Dialect, read: ErrorOf
) -> None:
    async def drops() -> AsyncIterator[bytes]:
        while True:  # each drop by itself is quick; it is the whole that has a limit
            yield b" "
            await asyncio.sleep(0.001)

    answer = await world.client(dialect, max_body_s=0.05).post("/bodies", content=drops(), headers=JSON)
    assert (answer.status_code, read(answer)["code"]) == (408, "request_timeout")
    assert answer.headers["connection"] == "close"


@in_both_dialects
@pytest.mark.parametrize("number", [b"NaN", b"-Infinity", b"1e309"])
async def test_a_number_that_json_cannot_carry_is_a_400_naming_its_field(
    world: World, dialect: Dialect, read: ErrorOf, number: bytes
) -> None:
    answer = await world.client(dialect).post("/bodies", content=b'{"parts": [{"count": %b}]}' % number, headers=JSON)
    assert (answer.status_code, read(answer)["code"]) == (400, "malformed_json")
    assert "parts.0.count" in answer.text


@in_both_dialects
async def test_raw_surrogate_bytes_are_a_400(world: World, dialect: Dialect, read: ErrorOf) -> None:
    answer = await world.client(dialect).post("/bodies", content=b'{"name": "\xed\xa0\x80"}', headers=JSON)
    assert (answer.status_code, read(answer)["code"]) == (400, "malformed_json")


async def test_a_body_that_breaks_off_reaches_no_route_and_is_no_failure(world: World, log: io.StringIO) -> None:
    arriving: list[Message] = [
        {"type": "http.request", "body": b'{"name": "x"}', "more_body": True},
        {"type": "http.disconnect"},
    ]
    sent: list[Message] = []

    async def receive() -> Message:
        return arriving.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    path = f"{PREFIX}/bodies"
    scope = {"type": "http", "method": "POST", "path": path, "query_string": b"", "headers": []}
    await world.app()(scope, receive, send)
    assert sent == []
    assert '"Failures":0' in log.getvalue()


async def test_a_caller_who_left_before_the_answer_was_written_is_no_failure_of_ours(
    world: World, log: io.StringIO
) -> None:
    """Who sends many requests at once and hangs up: the server then writes answers to a closed connection."""

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        raise RuntimeError("unable to perform operation on <TCPTransport closed=True>; the handler is closed")

    scope = {"type": "http", "method": "GET", "path": f"{PREFIX}/nowhere", "query_string": b"", "headers": []}
    await world.app()(scope, receive, send)
    assert '"Failures":0' in log.getvalue()
    assert "unforeseen" not in log.getvalue()


async def test_a_large_answer_is_handed_to_the_server_in_pieces(world: World) -> None:
    """The server copies what it is handed before it writes it: a large answer would be there twice."""
    told = b"0123456789" * (MAX_PIECE // 4)
    sent: list[Message] = []

    async def answering(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": told, "more_body": False})

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    app = RequestMiddleware(answering, "sample", PREFIX, "control", 1, 1.0, lambda: world.container)
    await app({"type": "http", "method": "GET", "path": PREFIX, "headers": []}, receive, send)
    pieces = sent[1:]
    assert b"".join(piece["body"] for piece in pieces) == told
    assert [len(piece["body"]) <= MAX_PIECE for piece in pieces] == [True] * 3
    assert [piece["more_body"] for piece in pieces] == [True, True, False]


# Verbs and paths


@in_both_dialects
async def test_a_path_that_there_is_not(world: World, dialect: Dialect, read: ErrorOf) -> None:
    answer = await world.client(dialect).get("/nowhere")
    assert (answer.status_code, read(answer)["code"]) == (404, "not_found")
    assert f"nothing is served at {PREFIX}/nowhere; these are: " in read(answer)["message"]
    for served in (f"GET {PREFIX}/numbers", f"POST {PREFIX}/bodies", f"GET {PREFIX}/health"):
        assert served in read(answer)["message"]


async def test_a_path_that_cannot_be_shown_is_told_bounded_and_escaped(world: World) -> None:
    answer = await world.client().get("/%0d%0ax-forged:%201" + "a" * 500)
    assert answer.status_code == 404
    assert f"nothing is served at {PREFIX}/\\r\\nx-forged: 1aaa" in error_of(answer)["message"]
    assert "a" * 100 not in answer.text


@in_both_dialects
@pytest.mark.parametrize("verb", ["DELETE", "OPTIONS", "TRACE"])
async def test_a_verb_that_a_path_does_not_take(world: World, dialect: Dialect, read: ErrorOf, verb: str) -> None:
    answer = await world.client(dialect).request(verb, "/numbers")
    assert (answer.status_code, read(answer)["code"]) == (405, "method_not_allowed")
    assert answer.headers["allow"] == "GET"
    assert read(answer)["message"] == f"{verb} is not served at {PREFIX}/numbers; GET is"


@pytest.mark.parametrize("path", ["/health", "/numbers?value=1", "/numbers?value=0", "/nowhere"])
async def test_head_answers_what_get_would_without_the_body(world: World, path: str) -> None:
    client = world.client()
    got, headed = await client.get(path), await client.head(path)
    assert (headed.status_code, headed.content) == (got.status_code, b"")
    assert headed.headers["content-length"] == got.headers["content-length"]


async def test_a_slash_at_the_end_is_another_path(world: World) -> None:
    assert (await world.client().get("/me/")).status_code == 404


async def test_other_origins_get_no_permission_unless_the_environment_names_them(world: World) -> None:
    asked = {"origin": "https://app.example", "access-control-request-method": "GET"}
    assert (await world.client().options("/me", headers=asked)).status_code == 405
    assert "access-control-allow-origin" not in (await world.client().get("/health", headers=asked)).headers

    named = World(Settings("dev", "k", "u", "c", "r", "p", cors_origins=("https://app.example",))).client()
    preflight = await named.options("/me", headers=asked)
    assert preflight.headers["access-control-allow-origin"] == "https://app.example"
    assert "x-request-id" in preflight.headers
    allowed = await named.get("/health", headers={"origin": "https://app.example"})
    assert allowed.headers["access-control-expose-headers"] == "*"
    foreign = await named.get("/health", headers={"origin": "https://evil.example"})
    assert "access-control-allow-origin" not in foreign.headers


# Money and time


@pytest.mark.parametrize(
    ("amount", "rendered"),
    [
        ("1E-10", "0.0000000001"),
        ("0E-8", "0"),
        ("1E+3", "1000"),
        ("0.000002500", "0.0000025"),
        ("-0", "0"),
        ("123456789012345678901234567890.123456789", "123456789012345678901234567890.123456789"),
    ],
)
async def test_money_is_an_exact_string_without_an_exponent(world: World, amount: str, rendered: str) -> None:
    world.amounts = [Decimal(amount)]
    data = (await world.client().get("/money")).json()["data"]
    assert Decimal(data["amounts"][0]) == Decimal(rendered)
    assert data["amounts"] == [rendered]


async def test_times_are_rfc_3339_in_utc(world: World) -> None:
    data = (await world.client().get("/money")).json()["data"]
    assert data["at"] == "2026-11-23T12:00:00Z"


async def test_the_log_line_names_caller_and_route_and_neither_key_nor_value(
    world: World, capsys: pytest.CaptureFixture[str], log: io.StringIO
) -> None:
    key = world.key()
    await world.client(key=key).get("/numbers?value=4711&note=hunter2")
    line = next(each for each in log.getvalue().splitlines() if '"message":"request"' in each)
    assert '"tenant":"tenant-a"' in line
    assert '"route":"/numbers"' in line
    assert '"group":"sample"' in line
    assert key.split("_")[3] not in line
    assert "hunter2" not in line + capsys.readouterr().out


@pytest.mark.parametrize("path", ["/health", "/nowhere", "/failure"])
async def test_the_log_has_a_request_before_its_last_byte_goes_out_and_once(
    world: World, log: io.StringIO, path: str
) -> None:
    world.raised = RuntimeError("unforeseen")
    app, logged = world.app(), []

    async def sent(scope: Scope, receive: Receive, send: Send) -> None:
        async def seen(message: Message) -> None:
            if not message.get("more_body", message["type"] != "http.response.body"):
                logged.append(log.getvalue().count('"message":"request"'))
            await send(message)

        await app(scope, receive, seen)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(sent), base_url=f"http://sample{PREFIX}") as client:
        await client.get(path)
    assert logged == [1]
    assert log.getvalue().count('"message":"request"') == 1
