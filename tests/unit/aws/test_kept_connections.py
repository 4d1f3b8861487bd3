"""The transport on real sockets: connections that are kept, that die, that are silent; TLS, and a proxy."""

import ssl
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from socket import create_server, socket
from time import monotonic

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from atom_llm.adapters.aws.connection import BlockingConnection
from atom_llm.adapters.aws.http import KeptConnections, Unanswered

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Amz-Crc32: 1\r\n\r\n{}"


class Origin:
    """A server of one answer; counts connections and requests, and how many are under way."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.connections = 0
        self.requests: list[bytes] = []
        self.after = "kept"
        self.at_once = self.most_at_once = 0
        self.slow_s = 0.0
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._tls = tls
        self._listener = create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while not self._stopped.is_set():
            try:
                plain, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(plain,), daemon=True).start()

    def _serve(self, connection: socket) -> None:
        try:
            if self._tls is not None:
                connection = self._tls.wrap_socket(connection, server_side=True)
            with self._lock:
                self.connections += 1
            with connection:
                while request := connection.recv(65536):
                    with self._lock:
                        self.requests.append(request)
                        self.at_once += 1
                        self.most_at_once = max(self.most_at_once, self.at_once)
                    self._stopped.wait(self.slow_s)
                    with self._lock:
                        self.at_once -= 1
                    if self.after == "dies":
                        return
                    if self.after != "silent":
                        connection.sendall(ANSWER)
                    if self.after == "closes":
                        return
        except OSError:
            return

    def stop(self) -> None:
        self._stopped.set()
        self._listener.close()


@contextmanager
def serving(tls: ssl.SSLContext | None = None) -> Iterator[Origin]:
    origin = Origin(tls)
    try:
        yield origin
    finally:
        origin.stop()


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)


def to(origin: Origin, most: int = 4) -> KeptConnections:
    return KeptConnections(f"http://127.0.0.1:{origin.port}/", most)


def test_a_connection_is_kept_and_the_body_and_headers_come_through() -> None:
    with serving() as origin:
        wire = to(origin)
        answers = [wire.post({"x-amz-target": "T.GetItem"}, b'{"a":1}', 3.0) for _ in range(3)]
        assert origin.connections == 1
    assert {(each.status, each.body, each.headers.get("x-amz-crc32")) for each in answers} == {(200, b"{}", "1")}
    assert b"x-amz-target: T.GetItem" in origin.requests[0].replace(b"X-Amz-Target", b"x-amz-target")
    assert origin.requests[0].endswith(b'{"a":1}')


def test_one_that_was_closed_while_idle_is_no_failure() -> None:
    with serving() as origin:
        wire = to(origin)
        origin.after = "closes"
        wire.post({}, b"{}", 3.0)
        origin.after = "kept"
        threading.Event().wait(0.1)
        assert wire.post({}, b"{}", 3.0).status == 200


def test_one_that_dies_behind_a_request_leaves_open_whether_it_arrived() -> None:
    with serving() as origin:
        origin.after = "dies"
        with pytest.raises(Unanswered) as raised:
            to(origin).post({}, b"{}", 3.0)
        assert len(origin.requests) == 1
    assert raised.value.was_sent


def test_silence_ends_with_the_time_that_was_given() -> None:
    with serving() as origin:
        origin.after = "silent"
        began = monotonic()
        with pytest.raises(Unanswered) as raised:
            to(origin).post({}, b"{}", 0.2)
    assert 0.2 <= monotonic() - began < 2
    assert raised.value.was_sent


def test_no_more_are_under_way_than_it_may_have_connections() -> None:
    with serving() as origin, ThreadPoolExecutor(8) as pool:
        origin.slow_s = 0.02
        wire = to(origin, most=2)
        assert {each.status for each in pool.map(lambda _: wire.post({}, b"{}", 5.0), range(16))} == {200}
    assert origin.most_at_once == 2
    assert origin.connections <= 2


def test_a_connection_that_another_thread_takes_at_once_is_no_failure() -> None:
    class TakenAtOnce(list[BlockingConnection]):
        def append(self, connection: BlockingConnection) -> None:
            connection.close()

    with serving() as origin:
        wire = to(origin)
        wire._idle = TakenAtOnce()
        assert {wire.post({}, b"{}", 3.0).status for _ in range(2)} == {200}


def test_a_certificate_of_the_given_bundle_is_trusted_and_no_other_one(tmp_path: Path) -> None:
    bundle, key = _certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(bundle, key)
    with serving(context) as origin:
        url = f"https://127.0.0.1:{origin.port}/"
        assert KeptConnections(url, 1, str(bundle)).post({}, b"{}", 3.0).body == b"{}"
        with pytest.raises(Unanswered):
            KeptConnections(url, 1).post({}, b"{}", 3.0)


def test_a_proxy_of_the_environment_is_gone_through(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving() as proxy:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.port}")
        assert KeptConnections("http://dynamodb.example/", 1).post({}, b"{}", 3.0).status == 200
    assert proxy.requests[0].startswith(b"POST http://dynamodb.example/ ")


def _certificate(folder: Path) -> tuple[Path, Path]:
    """Make a certificate for 127.0.0.1, signed by itself, behind another one in its bundle."""
    now, key = datetime.now(UTC), ec.generate_private_key(ec.SECP256R1())

    def made(name: str) -> bytes:
        names = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        builder = x509.CertificateBuilder().subject_name(names).issuer_name(names).public_key(key.public_key())
        builder = builder.serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        own = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
        builder = builder.add_extension(own, critical=False)
        return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    bundle, keys = folder / "bundle.pem", folder / "key.pem"
    bundle.write_bytes(made("first") + made("second"))
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    keys.write_bytes(key.private_bytes(*form))
    return bundle, keys
