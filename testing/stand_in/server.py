"""The stand-ins' server: HTTP/1.1 by hand, for nothing else sends what is broken in the ways that are needed here."""

import asyncio
import json
import threading
import time
from collections.abc import Mapping
from dataclasses import asdict
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import parse_qs

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from atom_llm.domain.core.providers import PROVIDERS
from testing.stand_in.conduct import FAULTS, Fault, Received
from testing.stand_in.exchange import Exchange, Gone, key_shown, write_whole
from testing.stand_in.media import form_of
from testing.stand_in.responses import ResponsesWire
from testing.stand_in.script import Script
from testing.stand_in.wire import STATUS, Json
from testing.stand_in.wires import AZURE, VERTEX, VERTEX_PATH, WIRES

HOST: Final = "127.0.0.1"


class StandIn:
    """The server: `async with` it on a loop, or `with` it in a thread of its own."""

    def __init__(self, port: int = 0) -> None:
        self.port = port
        self.faults: list[Fault] = []
        self.calls: list[Received] = []
        self.dead_keys: set[str] = set()
        self.tokens_asked = 0
        self.service_account = ""  # the public key of the account that tokens are given to, as PEM
        self.output_tokens: int | None = None  # of the next answers, whose prompts are then counted by their length
        self.responses = ResponsesWire()
        self.script: Script | None = None  # of a job that the models work through
        self._server: asyncio.Server | None = None
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._open: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """The address at which it listens."""
        return f"http://{HOST}:{self.port}"

    def addresses(self) -> dict[str, str]:
        """Return the base URL of each published provider."""
        return {provider.id: f"{self.url}/{provider.id}" for provider in PROVIDERS}

    def fault(
        self, name: str, *, provider: str = "", model: str = "", key: str = "", times: int | None = None, **more: Any
    ) -> None:
        """Misbehave from now on, or once `skip` calls have passed."""
        self.faults.append(Fault(name, provider, model, key, times, more, more.pop("skip", 0)))

    def behave(self) -> None:
        """Forget every fault and every call."""
        self.faults.clear()
        self.calls.clear()
        self.dead_keys.clear()
        self.responses.kept.clear()
        self.script = None

    def seen(self, provider: str = "") -> list[Received]:
        """Return the calls that a provider got, in order."""
        return [call for call in self.calls if not provider or call.provider == provider]

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, HOST, self.port, limit=64 * 1024 * 1024)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()
        for task in list(self._open):
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    def __enter__(self) -> Self:
        ready = threading.Event()

        def run() -> None:
            self._loop = asyncio.new_event_loop()
            self._stop = asyncio.Event()

            async def serve() -> None:
                async with self:
                    ready.set()
                    await self._stop.wait()

            self._loop.run_until_complete(serve())
            self._loop.close()

        self._thread = threading.Thread(target=run, name="stand-in", daemon=True)
        self._thread.start()
        ready.wait(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._loop is not None and self._thread is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(10)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._open.add(task)
        try:
            while await self._exchange(reader, writer):
                pass
        except (Gone, ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            if task is not None:
                self._open.discard(task)
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = await reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        method, path, _ = first.split(" ")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
        raw = await reader.readexactly(int(headers.get("content-length", "0")))
        if path == "/oauth/token":
            await write_whole(writer, *self._token(raw))
            return True
        if path.startswith("/_control/"):
            await write_whole(writer, *self._control(method, path, json.loads(raw or b"{}")))
            return True
        provider, _, rest = path.removeprefix("/").partition("/")
        rest = rest.removeprefix(VERTEX_PATH if provider == VERTEX else "openai/v1/" if provider == AZURE else "")
        if provider == "openai" and rest.startswith("responses/") and not rest.endswith("input_tokens"):
            await write_whole(writer, *self._kept(method, rest, headers))
            return True
        if method == "GET":
            status, listed = self._models(provider, rest, headers)
            await write_whole(writer, status, listed)
            return True
        kind = headers.get("content-type", "")
        body = form_of(kind, raw) if kind.startswith("multipart/form-data") else json.loads(raw)
        return await Exchange(self, provider, rest, headers, body, writer, reader).answer()

    def _models(self, provider: str, rest: str, headers: Mapping[str, str]) -> tuple[int, Json]:
        key = key_shown(provider if provider in WIRES else "cohere", headers)
        if self.is_dead(key):
            wire = WIRES.get(provider, WIRES["cohere"])
            return STATUS.get((provider, "invalid_key"), 401), wire.error(401, "invalid_key")
        if provider == "google":
            return 200, {"models": [{"name": "models/gemini-2.5-flash"}]}
        return 200, {"object": "list", "data": [{"id": "a-model", "object": "model"}], "models": []}

    def _token(self, raw: bytes) -> tuple[int, Json]:
        """Exchange what a service account has signed for a token, as Google does."""
        self.tokens_asked += 1
        assertion = parse_qs(raw.decode()).get("assertion", [""])[0]
        try:
            claims = jwt.decode(assertion, RSAKey.import_key(self.service_account), algorithms=["RS256"]).claims
        except (JoseError, ValueError):
            return 400, {"error": "invalid_grant", "error_description": "Invalid JWT Signature."}
        if claims["aud"] != f"{self.url}/oauth/token" or not 0 < claims["exp"] - claims["iat"] <= 3_600:
            return 400, {"error": "invalid_grant", "error_description": "Invalid JWT."}
        return 200, {"access_token": "ya29.of-the-stand-in", "expires_in": 3_599, "token_type": "Bearer"}

    def _kept(self, method: str, path: str, headers: Mapping[str, str]) -> tuple[int, Json]:
        key = key_shown("openai", headers)
        received = Received("openai", path, "", key, dict(headers), {"method": method}, False, time.monotonic())
        self.calls.append(received)
        if self.is_dead(key):
            return 401, self.responses.error(401, "invalid_key")
        status, answered = self.responses.of_kept(method, path, key)
        received.answered = status
        return status, answered

    def is_dead(self, key: str) -> bool:
        """Return whether a key is none, or was killed."""
        return len(key) < 8 or "invalid" in key or key in self.dead_keys

    def _control(self, method: str, path: str, body: Json) -> tuple[int, Any]:
        match method, path.removeprefix("/_control/"):
            case "GET", "health":
                return 200, {"status": "ok", "faults": FAULTS}
            case "POST", "faults":
                try:
                    name, times = body.pop("fault"), body.pop("times", None)
                    provider, model, key = (str(body.pop(each, "")) for each in ("provider", "model", "key"))
                    fault = Fault(name, provider, model, key, times, body)
                except (KeyError, ValueError) as error:
                    return 422, {"error": str(error)}
                self.faults.append(fault)
                return 200, {"faults": len(self.faults)}
            case "DELETE", "faults":
                self.faults.clear()
                return 200, {"faults": 0}
            case "GET", "calls":
                return 200, {"calls": [{**asdict(call), "key": call.key[-4:]} for call in self.calls]}
            case "DELETE", "calls":
                self.calls.clear()
                return 200, {"calls": 0}
            case "POST", "keys":
                (self.dead_keys.add if body["dead"] else self.dead_keys.discard)(body["key"])
                return 200, {"dead": len(self.dead_keys)}
            case _:
                return 404, {"error": "nothing is controlled there"}
