"""`python -m testing.stand_in --port N`: the stand-ins until they are stopped; port 0 chooses one and says which."""

import argparse
import asyncio
import signal

from testing.stand_in.server import StandIn


async def serve(port: int) -> None:
    """Serve until SIGINT or SIGTERM."""
    stop = asyncio.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(each, stop.set)
    async with StandIn(port) as standing_in:
        print(standing_in.url, flush=True)
        await stop.wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    asyncio.run(serve(parser.parse_args().port))
