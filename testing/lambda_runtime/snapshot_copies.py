"""Run a function as SnapStart does: started once, then so many copies of it go on from the same state.

`python snapshot_copies.py COPIES HANDLER`, on the runtime's own Python; it imports nothing of ours. The copies are made
by fork, behind the function's own hooks: their memory is the same to the byte. No thread beside the main one would live
on in them, as it would in a snapshot of the whole machine, so that a process that has one is refused.
"""

import asyncio
import os
import sys
import threading

from awslambdaric.__main__ import main
from snapshot_restore_py import register_before_snapshot

# A copy makes a loop of its own; collecting the one from before would take the first process's wake-up pipe from the
# epoll that both have open.
LOOPS: list[asyncio.AbstractEventLoop] = []


def become_copies(copies: int) -> None:
    """Go on as so many processes; raises `RuntimeError` where a thread would be lost."""
    if threading.active_count() != 1:
        raise RuntimeError(f"threads at the snapshot: {', '.join(each.name for each in threading.enumerate())}")
    LOOPS.append(asyncio.get_event_loop())
    for _ in range(copies - 1):
        if os.fork() == 0:
            return


if __name__ == "__main__":
    register_before_snapshot(become_copies, int(sys.argv[1]))  # hooks run last first: this one behind all others
    main(["awslambdaric", sys.argv[2]])
