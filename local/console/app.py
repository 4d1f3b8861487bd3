"""Serve the built console at the front door, as its function does on AWS."""

from typing import Final

from starlette.types import Receive, Scope, Send

from functions.console.files import PREFIX, ConsoleFiles
from infra.build_console import BUILT

CONSOLE_PREFIX: Final = PREFIX


class ConsoleApp:
    """An ASGI app of the built console."""

    def __init__(self, files: ConsoleFiles) -> None:
        self._files = files

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; everything but HTTP passes."""
        if scope["type"] != "http":
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        answer = self._files.answer(scope["method"], scope["path"], headers)
        sent = [(name.encode(), value.encode("latin-1")) for name, value in answer.headers.items()]
        await send({"type": "http.response.start", "status": answer.status, "headers": sent})
        await send({"type": "http.response.body", "body": answer.body})


def console_app() -> ConsoleApp:
    """Return the app of the console as it is built; raises `FileNotFoundError` where it is not."""
    return ConsoleApp(ConsoleFiles(BUILT))
