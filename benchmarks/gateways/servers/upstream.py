"""`PORT`: the fake provider, as fast as Python gets: constant bytes, whole or in 22 events, from one protocol class."""

import asyncio
import json
import sys

SLOWLY = b"slowly"  # what the request of a stream says that is to come as a model writes
PACE_S = 0.5
TEXT = "hello " * 60
USAGE = {"prompt_tokens": 20, "completion_tokens": 60, "total_tokens": 80}
HEAD = {"id": "chatcmpl-1", "created": 1762000000, "model": "gpt-4o-mini-2024-07-18", "system_fingerprint": "fp_1"}


def _event(choices: list[object], **more: object) -> bytes:
    return (
        b"data: "
        + json.dumps({**HEAD, "object": "chat.completion.chunk", "choices": choices, **more}).encode()
        + b"\n\n"
    )


def _choice(delta: dict[str, str], finish: str | None = None) -> dict[str, object]:
    return {"index": 0, "delta": delta, "finish_reason": finish}


MESSAGE = {"role": "assistant", "content": TEXT}
WHOLE = json.dumps(
    {
        **HEAD,
        "object": "chat.completion",
        "choices": [{"index": 0, "message": MESSAGE, "finish_reason": "stop"}],
        "usage": USAGE,
    }
).encode()
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s" % (len(WHOLE), WHOLE)
EVENTS = [_event([_choice({"role": "assistant", "content": ""})])]
EVENTS += [_event([_choice({"content": "token "})]) for _ in range(20)]
EVENTS += [_event([_choice({}, "stop")]), _event([], usage=USAGE), b"data: [DONE]\n\n"]
STREAM = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n"
CHUNKS = [b"%x\r\n%s\r\n" % (len(event), event) for event in EVENTS]


class Provider(asyncio.Protocol):
    """A provider that answers each request as soon as it is whole."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._came = b""

    def data_received(self, data: bytes) -> None:
        self._came += data
        while (end := self._came.find(b"\r\n\r\n")) >= 0:
            head = self._came[:end].lower()
            at = head.find(b"content-length:")
            length = int(head[at + 15 :].split(b"\r", 1)[0]) if at >= 0 else 0
            if len(self._came) < end + 4 + length:
                return
            body, self._came = self._came[end + 4 : end + 4 + length], self._came[end + 4 + length :]
            if b'"stream":true' in body.replace(b" ", b""):
                self._streaming = asyncio.ensure_future(self._stream(PACE_S if SLOWLY in body else 0))
            else:
                self._transport.write(ANSWER)  # type: ignore[attr-defined]

    async def _stream(self, pause_s: float) -> None:
        write = self._transport.write  # type: ignore[attr-defined]
        write(STREAM)
        for chunk in CHUNKS:
            write(chunk)
            await asyncio.sleep(pause_s)  # each by itself, as tokens come
        write(b"0\r\n\r\n")


async def serve(port: int) -> None:
    """Serve until the process is ended."""
    server = await asyncio.get_running_loop().create_server(Provider, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    import uvloop

    uvloop.run(serve(int(sys.argv[1])))
