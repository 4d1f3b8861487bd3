"""`PORT UPSTREAM httpx|aiohttp`: a FastAPI proxy that does nothing but pass on, whole and streamed."""

import sys
from collections.abc import AsyncIterator
from typing import Any

import uvicorn
from fastapi import FastAPI, Request
from starlette.responses import Response, StreamingResponse

app = FastAPI()
HEADERS = {"content-type": "application/json", "authorization": "Bearer sk-x"}


def over_httpx(url: str) -> None:
    """Add routes over httpx."""
    import httpx

    client = httpx.AsyncClient(limits=httpx.Limits(max_connections=200, max_keepalive_connections=200))

    @app.post("/v1/chat/completions")
    async def chat(request: Request) -> Response:
        body = await request.body()
        if b'"stream":true' not in body:
            answer = await client.post(url, content=body, headers=HEADERS)
            return Response(answer.content, answer.status_code, media_type="application/json")

        async def pieces() -> AsyncIterator[bytes]:
            async with client.stream("POST", url, content=body, headers=HEADERS) as answer:
                async for piece in answer.aiter_raw():
                    yield piece

        return StreamingResponse(pieces(), media_type="text/event-stream")


def over_aiohttp(url: str) -> None:
    """Add routes over aiohttp."""
    import aiohttp

    sessions: list[Any] = []

    @app.post("/v1/chat/completions")
    async def chat(request: Request) -> Response:
        if not sessions:
            sessions.append(aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), auto_decompress=False))
        body = await request.body()
        if b'"stream":true' not in body:
            async with sessions[0].post(url, data=body, headers=HEADERS) as answer:
                return Response(await answer.read(), answer.status, media_type="application/json")

        async def pieces() -> AsyncIterator[bytes]:
            async with sessions[0].post(url, data=body, headers=HEADERS) as answer:
                async for piece in answer.content.iter_any():
                    yield piece

        return StreamingResponse(pieces(), media_type="text/event-stream")


@app.get("/health")
async def health() -> dict[str, str]:
    """Answer that the server is ready."""
    return {"status": "ok"}


if __name__ == "__main__":
    (over_httpx if sys.argv[3] == "httpx" else over_aiohttp)(f"{sys.argv[2]}/v1/chat/completions")
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), access_log=False, log_level="warning")
