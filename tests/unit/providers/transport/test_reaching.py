"""How a provider is reached: by TLS with a name that is proven, and through the proxies that the environment names."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from atom_llm.adapters.network.origin import located
from atom_llm.adapters.network.proxies import UnknownProxy, proxies_of
from atom_llm.adapters.providers.http import Connections
from atom_llm.domain.providers.failures import FailureKind
from tests.unit.providers.transport.servers import HELLO, Told, saying, serving
from tests.unit.providers.transport.test_exchanges import LIMITS, failure_of, on_each_loop

VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 that is its own authority, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a provider")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "provider.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file


def tls(certificate: Path) -> ssl.SSLContext:
    """Return how a server speaks TLS with it."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    return context


@asynccontextmanager
async def client(environ: Mapping[str, str]) -> AsyncIterator[Connections]:
    """Make a client in an environment."""
    yield Connections(2.0, environ)


@asynccontextmanager
async def proxying(status: bytes = b"200 Connection established") -> AsyncIterator[Told]:
    """Serve a proxy: a tunnel where one is asked for, and HELLO for everything else."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = told.requests[-1].split()
        if asked[0] != b"CONNECT":
            writer.write(HELLO)
            return
        writer.write(b"HTTP/1.1 " + status + b"\r\n\r\n")
        if not status.startswith(b"200"):
            writer.close()
            return
        host, _, port = asked[1].decode().rpartition(":")
        inner_reader, inner_writer = await asyncio.open_connection(host, int(port))

        async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
            while piece := await source.read(65_536):
                sink.write(piece)
            sink.close()

        try:
            await asyncio.gather(pump(reader, inner_writer), pump(inner_reader, writer))
        finally:
            inner_writer.transport.abort()

    async with serving(answer) as told:
        yield told


def test_a_provider_proves_its_name_by_an_authority_that_the_environment_trusts(certificate: Path) -> None:
    async def work() -> None:
        async with (
            serving(saying(HELLO), tls=tls(certificate)) as told,
            client({"SSL_CERT_FILE": str(certificate)}) as connections,
        ):
            for _ in range(2):
                answer = await connections.post(f"https://127.0.0.1:{told.port}/", {}, b"{}", LIMITS)
                assert answer.body == b"hello"
            assert told.connections == 1

    on_each_loop(work)


@pytest.mark.parametrize(("host", "trusts"), [("localhost", True), ("127.0.0.1", False)], ids=["name", "authority"])
def test_a_certificate_of_another_name_or_of_nobody_known_is_told_no_key(
    certificate: Path, host: str, *, trusts: bool
) -> None:
    async def work() -> None:
        environ = {"SSL_CERT_FILE": str(certificate)} if trusts else {}
        async with serving(saying(HELLO), tls=tls(certificate)) as told, client(environ) as connections:
            failure = await failure_of(connections.post(f"https://{host}:{told.port}/", {"x": "key"}, b"{}", LIMITS))
            assert (failure.kind, "certificate" in failure.message) == (FailureKind.TRANSIENT, True)
            assert told.requests == []

    on_each_loop(work)


def test_a_provider_that_does_not_speak_tls_is_a_passing_failure(certificate: Path) -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")
        await reader.read()
        writer.transport.abort()

    async def work() -> None:
        server = await asyncio.start_server(refuse, "127.0.0.1", 0)
        url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        async with client({"SSL_CERT_FILE": str(certificate)}) as connections:
            assert (await failure_of(connections.post(url, {}, b"{}", LIMITS))).kind is FailureKind.TRANSIENT
        server.close()
        await asyncio.sleep(0.05)

    on_each_loop(work)


@pytest.mark.parametrize("word", ["", "someone:s%40cret@"], ids=["open", "with a word"])
def test_a_proxy_leads_to_a_provider_and_sees_none_of_what_is_said(certificate: Path, word: str) -> None:
    async def work() -> None:
        async with serving(saying(HELLO), tls=tls(certificate)) as told, proxying() as proxy:
            environ = {"SSL_CERT_FILE": str(certificate), "HTTPS_PROXY": f"http://{word}127.0.0.1:{proxy.port}"}
            async with client(environ) as connections:
                for _ in range(2):
                    answer = await connections.post(f"https://127.0.0.1:{told.port}/", {"x": "key"}, b"{}", LIMITS)
                    assert answer.body == b"hello"
            (heard,) = proxy.requests
            assert heard.startswith(f"CONNECT 127.0.0.1:{told.port} HTTP/1.1\r\n".encode())
            assert (b"proxy-authorization: Basic c29tZW9uZTpzQGNyZXQ=" in heard) == bool(word)
            assert all(b"proxy" not in request for request in told.requests)

    on_each_loop(work)


def test_a_proxy_that_refuses_is_a_passing_failure_which_says_its_status() -> None:
    async def work() -> None:
        async with (
            proxying(b"407 Proxy Authentication Required") as proxy,
            client({"ALL_PROXY": f"127.0.0.1:{proxy.port}"}) as connections,
        ):
            failure = await failure_of(connections.post("https://api.example/", {}, b"{}", LIMITS))
            assert (failure.kind, "407" in failure.message) == (FailureKind.TRANSIENT, True)

    on_each_loop(work)


def test_what_is_not_encrypted_is_passed_on_by_a_proxy_under_its_whole_address() -> None:
    async def work() -> None:
        async with proxying() as proxy:
            async with client({"http_proxy": f"http://a:b@127.0.0.1:{proxy.port}"}) as connections:
                assert (await connections.post("http://api.example/v1/chat", {}, b"{}", LIMITS)).body == b"hello"
            assert proxy.requests[0].startswith(b"POST http://api.example/v1/chat HTTP/1.1\r\nhost: api.example\r\n")
            assert b"proxy-authorization: Basic YTpi\r\n" in proxy.requests[0]

    on_each_loop(work)


@pytest.mark.parametrize(
    "given", ["socks5://127.0.0.1:1080", "https://127.0.0.1:3128", "http://127.0.0.1:x", "http://"]
)
def test_a_proxy_that_cannot_be_spoken_to_is_refused_at_the_start_by_its_variable(given: str) -> None:
    with pytest.raises(UnknownProxy, match="HTTPS_PROXY") as refused:
        Connections(2.0, {"HTTPS_PROXY": given})
    assert "127.0.0.1" not in str(refused.value)


URLS = [
    *("https://api.example.com/v1", "https://example.com/", "https://notexample.com/", "http://example.com/"),
    *("https://example.com:8443/", "https://127.0.0.1/", "http://localhost:9000/", "https://[2606:4700::1]/"),
]
ENVIRONMENTS = [
    {},
    {"HTTPS_PROXY": "http://p:1"},
    {"HTTP_PROXY": "http://p:1"},
    {"ALL_PROXY": "p:1"},
    *(
        {"HTTPS_PROXY": "http://p:1", "HTTP_PROXY": "http://q:1", "NO_PROXY": direct}
        for direct in (
            *("*", "example.com", ".example.com", "*.example.com", "EXAMPLE.com", "api.example.com, localhost", "com"),
            *("127.0.0.1", "10.0.0.0/8", "2606:4700::1", "https://example.com", "https://*.example.com", "other, *"),
            *("all://example.com:8443", "http://localhost:9000", ",, ,"),
        )
    ),
]


@pytest.mark.parametrize("environ", ENVIRONMENTS, ids=str)
def test_the_environment_is_read_as_httpx_reads_it(environ: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*VARIABLES, *map(str.lower, VARIABLES)):
        monkeypatch.delenv(name, raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    proxies = proxies_of(environ)
    with httpx.Client() as theirs:
        for url in URLS:
            has_proxy = theirs._transport_for_url(httpx.URL(url)) is not theirs._transport
            assert (url, proxies.of(located(url)[0]) is not None) == (url, has_proxy)
