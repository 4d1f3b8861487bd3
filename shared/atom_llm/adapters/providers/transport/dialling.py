"""New connections: names are resolved, addresses tried, proxies passed, and TLS is spoken with the one that answers."""

import asyncio
import encodings.idna  # noqa: F401 - uvloop spells addresses by it: loaded with the process, not by its first call
import socket
import ssl
from collections.abc import Mapping
from typing import Final

from aiohappyeyeballs import start_connection

from atom_llm.adapters.network.origin import Origin
from atom_llm.adapters.network.proxies import Proxy, proxies_of
from atom_llm.adapters.network.sockets import keep_alive
from atom_llm.adapters.network.trust import trust_of
from atom_llm.adapters.providers.transport.connection import Broken, Connection

NEXT_ADDRESS_S: Final = 0.25  # after which another address of a name is tried beside the first (RFC 8305)


class Unreachable(Exception):
    """No connection could be made; the message says why, without the address."""


class Dialler:
    """Makes connections as the environment says: through its proxies, with its trust."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        """Take the environment; raises `UnknownProxy`. Certificates are read before the first connection over TLS."""
        self._environ = environ
        self._proxies = proxies_of(environ)

    def proxy_of(self, origin: Origin) -> Proxy | None:
        """Return the proxy through which an origin is reached; None where it is reached directly."""
        return self._proxies.of(origin)

    async def dial(self, origin: Origin, until: float) -> Connection:
        """Return a new connection to an origin; raises `Unreachable`.

        It is up to its caller how long that may take; `until`, of the loop's clock, is for a proxy's word alone.
        """
        loop = asyncio.get_running_loop()
        proxy = self.proxy_of(origin)
        there = await _connected(loop, origin if proxy is None else proxy.origin)
        connection = Connection(loop)
        try:
            if proxy is None and origin.is_secure:
                trust = trust_of(self._environ)
                await loop.create_connection(lambda: connection, sock=there, ssl=trust, server_hostname=origin.host)
                return connection
            await loop.create_connection(lambda: connection, sock=there)
            if proxy is not None and origin.is_secure:
                await self._through(connection, origin, proxy, until)
        except ssl.SSLCertVerificationError:
            connection.close()
            raise Unreachable("its certificate is not one for its name") from None
        except (OSError, Broken) as error:
            connection.close()
            raise Unreachable(type(error).__name__) from error
        except BaseException:
            connection.close()
            raise
        return connection

    async def _through(self, connection: Connection, origin: Origin, proxy: Proxy, until: float) -> None:
        """Have a proxy lead to an origin, and speak TLS with that one, past the proxy."""
        asked = f"CONNECT {origin.authority} HTTP/1.1\r\nhost: {origin.authority}\r\n"
        if proxy.authorization is not None:
            asked += f"proxy-authorization: {proxy.authorization}\r\n"
        await connection.ask(f"{asked}\r\n".encode(), until)
        if connection.status != 200:
            raise Unreachable(f"the proxy answered {connection.status}")
        loop = asyncio.get_running_loop()
        inner = await loop.start_tls(
            connection.transport, connection, trust_of(self._environ), server_hostname=origin.host
        )
        if inner is None:
            raise Unreachable("the proxy hung up")
        connection.speak_through(inner)


async def _connected(loop: asyncio.AbstractEventLoop, origin: Origin) -> socket.socket:
    try:
        found = await loop.getaddrinfo(origin.host, origin.port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
        there = await start_connection(found, happy_eyeballs_delay=NEXT_ADDRESS_S, loop=loop)
    except socket.gaierror:
        raise Unreachable("its name is not known") from None
    except OSError as error:
        raise Unreachable(type(error).__name__) from error
    return keep_alive(there)
