"""Names for tests: the system's name server, as a table."""

from __future__ import annotations

import socket
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any

#: What a name stands for; changed while a test runs, it is a name server that changes its mind.
Names = dict[str, list[str]]


def name_server(names: Names) -> Callable[..., list[Any]]:
    """Return a `socket.getaddrinfo` that knows these names, and addresses."""

    def getaddrinfo(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        return [_info(address, port) for address in names.get(host) or _literal(host)]

    return getaddrinfo


def _literal(host: str) -> list[str]:
    try:
        return [str(ip_address(host))]
    except ValueError:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known") from None


def _info(address: str, port: int) -> tuple[Any, ...]:
    if ":" in address:
        return socket.AF_INET6, socket.SOCK_STREAM, 6, "", (address, port, 0, 0)
    return socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)
