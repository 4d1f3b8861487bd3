"""Sockets as clients of HTTP want them."""

import socket
from typing import Final

KEEP_ALIVE_S: Final = 20  # between two signs of life on a connection where nothing is said

_SIGNS_OF_LIFE: Final = ("TCP_KEEPIDLE", "TCP_KEEPINTVL")  # not every system has both


def keep_alive(there: socket.socket) -> socket.socket:
    """Have a connection send at once what is written, and show that it lives; return it."""
    there.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    there.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name in _SIGNS_OF_LIFE:
        if hasattr(socket, name):
            there.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), KEEP_ALIVE_S)
    return there
