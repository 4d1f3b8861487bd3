"""A network of this process's own with nothing but loopback: one of the gateways listens on every address it finds."""

import fcntl
import os
import socket
import struct
from typing import Final

UP: Final = 0x1 | 0x40  # IFF_UP | IFF_RUNNING, netdevice(7)
SET_FLAGS: Final = 0x8914  # SIOCSIFFLAGS


def enter_own_network() -> bool:
    """Leave the machine's network with all processes that are started from here; False where that cannot be had."""
    if not hasattr(os, "unshare"):
        return False
    kinds = os.CLONE_NEWNET if os.geteuid() == 0 else os.CLONE_NEWUSER | os.CLONE_NEWNET
    try:
        os.unshare(kinds)
    except OSError:
        return False
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SET_FLAGS, struct.pack("16sH14x", b"lo", UP))
    return True
