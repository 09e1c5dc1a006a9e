"""How far in an address lies, from the wide world to the secrets of a cloud: pure arithmetic."""

from __future__ import annotations

import socket
from enum import IntEnum
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

Address = IPv4Address | IPv6Address


class Reach(IntEnum):
    """How far in an address lies; the higher, the less may a stranger lead us there."""

    #: The internet, and what is let stand for it: proxies give names made-up addresses
    #: (198.18.0.0/15).
    WORLD = 0
    #: A private network: a company's, a home's, that of a group of containers.
    NETWORK = 1
    #: This machine.
    MACHINE = 2
    #: What has no router between it and us, where clouds keep their machines' credentials.
    LINK = 3


# fmt: off
_RANGES = tuple(
    (ip_network(network), reach)
    for reach, networks in (
        (Reach.NETWORK, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10",
                         "fc00::/7", "fec0::/10")),
        (Reach.MACHINE, ("0.0.0.0/8", "127.0.0.0/8", "::/128", "::1/128")),
        (Reach.LINK, ("169.254.0.0/16", "fe80::/10")),
        # Services that tell a machine its credentials, at addresses of other ranges: AWS and
        # Google over IPv6, Alibaba, Oracle, Azure.
        (Reach.LINK, ("fd00:ec2::254/128", "fd20:ce::254/128", "100.100.100.200/32",
                      "192.0.0.192/32", "168.63.129.16/32")),
    )
    for network in networks
)
# IPv6 networks whose last 32 bits are an IPv4 address, which a gateway or the system goes to.
_CARRIERS = tuple(map(ip_network, ("::ffff:0:0/96", "::/96", "::ffff:0:0:0/96", "64:ff9b::/96")))
# fmt: on


def reach_of(address: Address) -> Reach:
    """Return how far in an address lies; one with another inside, as far as the further one."""
    return max(_own_reach(each) for each in (address, _inner(address)) if each is not None)


def reach_of_host(host: str) -> Reach | None:
    """Return how far in a host of a URL lies; `None` for a name that only a resolver can tell."""
    address = address_of(host)
    if address is not None:
        return reach_of(address)
    name = host.lower().rstrip(".")
    return Reach.MACHINE if name == "localhost" or name.endswith(".localhost") else None


def address_of(host: str) -> Address | None:
    """Return the address that a host is, without its zone (`%eth0`); `None` for a name."""
    host = host.partition("%")[0].rstrip(".")
    try:
        return ip_address(host)
    except ValueError:
        return _short_address(host)


def _own_reach(address: Address) -> Reach:
    return max((reach for network, reach in _RANGES if address in network), default=Reach.WORLD)


def _inner(address: Address) -> IPv4Address | None:
    if isinstance(address, IPv4Address):
        return None
    if any(address in network for network in _CARRIERS):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.sixtofour


def _short_address(host: str) -> IPv4Address | None:
    """Return the address behind `127.1`, `0x7f.1` or `2130706433`: resolvers know them too."""
    try:
        return IPv4Address(socket.inet_aton(host))
    except (OSError, ValueError):  # ValueError: a null character, or no text
        return None
