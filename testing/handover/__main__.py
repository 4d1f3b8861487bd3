"""`make handover`: every conversation from any provider to any other, tools and thinking in its history."""

import asyncio
import sys

from testing.handover.conversation import PROVIDERS, handed_over
from testing.stand_in.server import StandIn


async def _matrix() -> int:
    failed = 0
    async with StandIn() as stand_in:
        print("begun at \\ goes on at".ljust(24) + " ".join(each[:5].ljust(5) for each in PROVIDERS))
        for first in PROVIDERS:
            faults = [await handed_over(stand_in, first, second) for second in PROVIDERS]
            print(first.ljust(24) + " ".join("ok   " if fault is None else "FAIL " for fault in faults))
            for second, fault in zip(PROVIDERS, faults, strict=True):
                if fault is not None:
                    failed += 1
                    print(f"  {first} to {second}: {fault}")
    print(f"{len(PROVIDERS) ** 2 - failed} passed, {failed} failed")
    return failed


if __name__ == "__main__":
    sys.exit(1 if asyncio.run(_matrix()) else 0)
