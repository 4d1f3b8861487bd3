"""The front door chooses the app by the path's prefix and touches nothing."""

import httpx
import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from local.front_door import FrontDoor

pytestmark = pytest.mark.anyio


def app_called(name: str) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": f"{name} {scope['path']}".encode()})

    return app


@pytest.fixture
def caller() -> httpx.AsyncClient:
    door = FrontDoor({"/api/byok": app_called("byok"), "/v1": app_called("chat")}, app_called("elsewhere"))
    return httpx.AsyncClient(transport=httpx.ASGITransport(door), base_url="http://door")


@pytest.mark.parametrize(
    ("path", "answered_by"),
    [
        ("/api/byok", "byok"),
        ("/api/byok/keys/1", "byok"),
        ("/api/byokay", "elsewhere"),
        ("/v1/models", "chat"),
        ("/v10", "elsewhere"),
        ("/", "elsewhere"),
    ],
)
async def test_the_prefix_chooses_the_app_and_the_path_stays_whole(
    caller: httpx.AsyncClient, path: str, answered_by: str
) -> None:
    assert (await caller.get(path)).text == f"{answered_by} {path}"


async def test_an_answer_passes_piece_by_piece() -> None:
    sent: list[bytes] = []

    async def streaming(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for piece in (b"one", b"two"):
            await send({"type": "http.response.body", "body": piece, "more_body": True})
            assert sent[-1] == piece  # it has left before the next one is made
        await send({"type": "http.response.body", "body": b""})

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.body":
            sent.append(message["body"])

    door = FrontDoor({"/v1": streaming}, streaming)
    await door({"type": "http", "path": "/v1/chat/completions"}, receive, send)
    assert sent == [b"one", b"two", b""]
