"""The judgement whether a host is on the public internet: no key and no request of ours goes anywhere else."""

import re
from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final

# Names that lead to this machine or network wherever they are asked for: RFC 6761, 6762, 8375, and those that clouds
# and routers give (`metadata.google.internal`, `ip-10-0-0-1.ec2.internal`).
LOCAL_NAMES: Final = frozenset({"localhost", "localdomain", "local", "internal", "intranet", "lan", "home.arpa"})

LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "[::1]"})

# Spelt so plainly that every client reads the same host: no user, no query, no fragment, no escapes in the host.
_PLAIN_ADDRESS: Final = re.compile(
    r"(?P<scheme>https?)://(?P<host>[a-z0-9.-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]*)?", re.ASCII
)

_METADATA: Final = IPv6Network("fd00:ec2::/32")  # AWS's services inside of a machine

_UNICAST: Final = IPv6Network("2000::/3")  # all of IPv6 that is given to anybody on the internet
# Addresses that hold one of IPv4 in their last 32 bits: a gateway, or the machine itself, goes there instead.
_OF_IPV4: Final = (IPv6Network("::ffff:0:0/96"), IPv6Network("64:ff9b::/96"))
# Relays between the two, and documentation that `ipaddress` does not know yet.
_NOWHERE: Final = (IPv6Network("2002::/16"), IPv6Network("2001::/32"), IPv6Network("3fff::/20"))


def is_public_address(address: IPv4Address | IPv6Address) -> bool:
    """Return whether an address is one host on the public internet, as IANA's registers have it."""
    if isinstance(address, IPv4Address):
        return address.is_global and not address.is_multicast and not address.is_reserved
    if any(address in network for network in _OF_IPV4):
        return is_public_address(IPv4Address(int(address) & 0xFFFFFFFF))
    return address.is_global and address in _UNICAST and not any(address in network for network in _NOWHERE)


@lru_cache(maxsize=1_024)
def is_public_host(host: str) -> bool:
    """Return whether a host, as an HTTP client reads it, is a public address or may be the name of one.

    A name without a dot is looked up in the network that one happens to be in, so it is none.
    """
    try:
        return is_public_address(ip_address(host.removeprefix("[").removesuffix("]").partition("%")[0]))
    except ValueError:
        labels = host.lower().removesuffix(".").split(".")
        ends = {".".join(labels[start:]) for start in range(len(labels))}
        return len(labels) > 1 and all(labels) and not ends & LOCAL_NAMES and not labels[-1].isdigit()


def all_public(addresses: Iterable[str]) -> bool:
    """Return whether every address that a name resolves to is public: a client may take any of them."""
    return all(is_public_address(ip_address(address.partition("%")[0])) for address in addresses)


def may_be_private(address: IPv4Address | IPv6Address) -> bool:
    """Return whether an address may be a server that an operator declares in its own network, or anywhere else.

    What a cloud tells a machine about itself, credentials included, is at a link-local address, or at one of AWS's own.
    """
    if isinstance(address, IPv6Address) and any(address in network for network in _OF_IPV4):
        return may_be_private(IPv4Address(int(address) & 0xFFFFFFFF))
    is_nobody = address.is_unspecified or address.is_multicast or (address.version == 4 and address.is_reserved)
    return not (is_nobody or address.is_link_local or address in _METADATA)


def private_address_fault(url: str) -> str | None:
    """Return what is wrong with the address of a server that may be in the operator's own network; None: nothing."""
    plain = _PLAIN_ADDRESS.fullmatch(url)
    if plain is None:
        return "must be a plain address in lower case without user, query or fragment"
    host = plain["host"].removeprefix("[").removesuffix("]")
    try:
        return None if may_be_private(ip_address(host)) else "must not be a link-local address or nobody's"
    except ValueError:
        is_name = all(host.removesuffix(".").split(".")) and not host.removesuffix(".").rpartition(".")[2].isdigit()
        return None if is_name and ":" not in host else "must name its host in the usual spelling"


def all_may_be_private(addresses: Iterable[str]) -> bool:
    """Return whether every address that a name resolves to may be such a server's."""
    return all(may_be_private(ip_address(address.partition("%")[0])) for address in addresses)


def address_fault(url: str, *, on_this_machine: bool) -> str | None:
    """Return what is wrong with an address that a caller gives for us to read, as the end of a sentence; None: nothing.

    It is https on the public internet, or loopback where `on_this_machine` lets it be. What its name resolves to is
    judged when it is read.
    """
    plain = _PLAIN_ADDRESS.fullmatch(url)
    if plain is None:
        return "must be an https address in lower case without user, query or fragment"
    host = plain["host"]
    if host in LOOPBACK:
        return None if on_this_machine else "must not be on this machine"
    if plain["scheme"] != "https":
        return "must be an https address"
    return None if is_public_host(host) else "must be on the public internet"
