"""What comes over a connection to a service: whole in any pieces, or known not to be."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from socket import create_server, socket
from time import monotonic

import pytest

from atom_llm.adapters.aws.http import KeptConnections, Unanswered
from atom_llm.adapters.network.answer import HttpAnswer

BODY = b'{"Item":{"pk":{"S":"a"}}}'
WHOLE = b"HTTP/1.1 200 OK\r\ncontent-length: 25\r\n\r\n" + BODY
Answering = Callable[[socket], None]


@contextmanager
def answering(*answers: Answering) -> Iterator[tuple[int, list[bytes]]]:
    """Answer one connection after the other, each as it is given; yields the port and what was asked."""
    asked: list[bytes] = []

    def serve() -> None:
        for answer in answers:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection:
                asked.append(connection.recv(65536))
                answer(connection)

    with create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1], asked
    thread.join(5)


def pieces(*sent: bytes) -> Answering:
    def answer(connection: socket) -> None:
        for piece in sent:
            connection.sendall(piece)
            threading.Event().wait(0.01)

    return answer


def posted(port: int, headers: dict[str, str] | None = None, timeout_s: float = 3.0) -> HttpAnswer:
    return KeptConnections(f"http://127.0.0.1:{port}/", 1).post(headers or {}, b"{}", timeout_s)


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param([b"HTTP/1.1 200 OK\r\ncontent-length: 25\r\n\r\n" + BODY], id="in one piece"),
        pytest.param(
            [bytes([each]) for each in b"HTTP/1.1 200 OK\r\ncontent-length: 25\r\n\r\n" + BODY], id="by bytes"
        ),
        pytest.param(
            [b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n19\r\n", BODY, b"\r\n0\r\n\r\n"], id="in chunks"
        ),
        pytest.param([b"HTTP/1.1 200 OK\r\n\r\n", BODY], id="to the connection's end"),
        pytest.param(
            [b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 25\r\n\r\n", BODY],
            id="behind a provisional one",
        ),
    ],
)
def test_an_answer_is_whole_however_it_comes(sent: list[bytes]) -> None:
    with answering(pieces(*sent)) as (port, _):
        answer = posted(port)
    assert (answer.status, answer.body) == (200, BODY)


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param([b"HTTP/1.1 200 OK\r\ncontent-length: 26\r\n\r\n" + BODY], id="short of its length"),
        pytest.param([b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n19\r\n" + BODY], id="short of a chunk"),
        pytest.param([b"HTTP/1.1 200 OK\r\ncontent-le"], id="short of its headers"),
        pytest.param([b"SSH-2.0-OpenSSH_9.6\r\n"], id="of another protocol"),
        pytest.param([], id="nothing"),
    ],
)
def test_an_answer_that_is_not_whole_is_none_and_may_have_been_acted_on(sent: list[bytes]) -> None:
    with answering(pieces(*sent)) as (port, _), pytest.raises(Unanswered) as raised:
        posted(port)
    assert raised.value.was_sent


def test_an_answer_that_trickles_ends_with_the_time_that_was_given() -> None:
    def trickling(connection: socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n")
        try:
            for _ in range(200):
                connection.sendall(b" ")
                threading.Event().wait(0.02)
        except OSError:
            return

    began = monotonic()
    with answering(trickling) as (port, _), pytest.raises(Unanswered) as raised:
        posted(port, timeout_s=0.2)
    assert 0.2 <= monotonic() - began < 1
    assert raised.value.was_sent


def test_where_nobody_listens_nothing_was_sent() -> None:
    with create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with pytest.raises(Unanswered) as raised:
        posted(port)
    assert not raised.value.was_sent


def test_a_connection_that_the_answer_ends_or_that_says_more_is_not_used_again() -> None:
    ends = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}"
    kept = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"
    with answering(pieces(ends), pieces(kept + kept), pieces(kept)) as (port, asked):
        wire = KeptConnections(f"http://127.0.0.1:{port}/", 1)
        assert [wire.post({}, b"{}", 3.0).body for _ in range(3)] == [b"{}"] * 3
    assert len(asked) == 3


@pytest.mark.parametrize("value", ["a\r\nx-other: b", "a\nb", "ü"])
def test_what_no_header_can_hold_is_not_sent(value: str) -> None:
    with pytest.raises(Unanswered) as raised:
        posted(9, {"x-amz-security-token": value})
    assert not raised.value.was_sent


def test_a_secure_service_is_reached_through_a_proxy_that_leads_there(monkeypatch: pytest.MonkeyPatch) -> None:
    with answering(pieces(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n")) as (port, asked):
        monkeypatch.setenv("https_proxy", f"http://me:secret@127.0.0.1:{port}")
        with pytest.raises(Unanswered, match="the proxy answered 403") as raised:
            KeptConnections("https://dynamodb.example/", 1).post({}, b"{}", 3.0)
    assert asked[0].startswith(b"CONNECT dynamodb.example:443 HTTP/1.1\r\n")
    assert b"proxy-authorization: Basic bWU6c2VjcmV0\r\n" in asked[0]
    assert not raised.value.was_sent
