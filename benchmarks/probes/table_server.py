"""A server that answers every request with one item, as DynamoDB does, and prints its port: no network is in it."""

import asyncio
import json
from zlib import crc32

ITEM = {
    "pk": {"S": "tenant#acme"},
    "sk": {"S": "window#2026-11"},
    **{f"field_{number}": {"S": "what a row of the ledger holds"} for number in range(8)},
    **{f"amount_{number}": {"N": f"0.00{number}1234567"} for number in range(6)},
}
BODY = json.dumps({"Item": ITEM, "Attributes": ITEM}).encode()
HEAD = "HTTP/1.1 200 OK\r\ncontent-type: application/x-amz-json-1.0\r\nx-amz-crc32: {}\r\ncontent-length: {}\r\n\r\n"
ANSWER = HEAD.format(crc32(BODY), len(BODY)).encode() + BODY


class Table(asyncio.Protocol):
    """One connection."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep what answers are written to."""
        self._transport = transport
        self._came = b""

    def data_received(self, data: bytes) -> None:
        """Answer each request as soon as it is whole."""
        self._came += data
        while (end := self._came.find(b"\r\n\r\n")) >= 0:
            head = self._came[:end].lower()
            length = int(head.partition(b"content-length:")[2].partition(b"\r")[0])
            if len(self._came) < end + 4 + length:
                return
            self._came = self._came[end + 4 + length :]
            self._transport.write(ANSWER)  # type: ignore[attr-defined]


async def _main() -> None:
    server = await asyncio.get_running_loop().create_server(Table, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_main())
