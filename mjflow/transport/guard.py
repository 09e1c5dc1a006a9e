"""
Where pictures may come from: as far in as the base URL itself lies, and no further.

Whoever writes a picture's link, or the name server behind it, must not lead us to what only we can
reach.  So nothing that is told of a picture's host counts, only the addresses that are about to be
connected to:

* The host and port of the base URL are as good for pictures as for all the rest.
* Anything on the internet is let pass.
* Private networks are let pass where the base URL leads into one: a server inside a company, or in
  the next container, may keep its pictures on the machine beside.
* This machine is let pass where the base URL says in so many words that the server is on it
  (`localhost`, `127.0.0.1`).  For a name that merely leads there it is refused: who owns
  the name may let it lead anywhere.
* Link-local addresses, among them those that tell a cloud machine its credentials, are let pass
  where the base URL is such an address.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable, Sequence
from ipaddress import ip_address

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from mjflow.errors import DownloadFailed
from mjflow.transport.reach import Reach, reach_of, reach_of_host

_WORDS = {
    Reach.NETWORK: "into a private network",
    Reach.MACHINE: "into this machine",
    Reach.LINK: "to a link-local or metadata address",
}


class Guard(AbstractResolver):
    """
    Refuses hosts of pictures by their addresses, and names by the addresses they stand for.

    It is the resolver of the pictures' connections, which connect to what it returns and ask for
    the name no second time.  Addresses in a link never come to a resolver: `check` is for these.

    Args:
        base: The base URL.
        resolver: Who knows the names; `None` for the system.
    """

    def __init__(self, base: URL, resolver: AbstractResolver | None = None) -> None:
        self._base = base
        self._resolver = resolver or aiohttp.DefaultResolver()

    async def check(self, url: URL) -> None:
        """
        Let a link or redirect pass, unless it names an address that pictures may not come from.

        Raises:
            DownloadFailed: It does.
        """
        host = url.raw_host or ""
        reach = reach_of_host(host)
        if reach and not self._is_base(host, url.port) and reach > await self._bound():
            raise _refusal(host, reach)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """
        Return those addresses of a host that pictures may come from.

        Raises:
            DownloadFailed: It has none but others.
            OSError: It has none at all.
        """
        found = await self._resolver.resolve(host, port, family)
        if self._is_base(host, port):
            return found
        nearest = max(_reaches(found), default=Reach.WORLD)
        if nearest is Reach.WORLD:
            return found
        bound = await self._bound()
        passed = [one for one in found if _reach(one) <= bound]
        if not passed:
            raise _refusal(host, nearest)
        return passed

    async def close(self) -> None:
        """Let the resolver go."""
        await self._resolver.close()

    def _is_base(self, host: str, port: int | None) -> bool:
        own = (self._base.raw_host or "").rstrip("."), self._base.port
        return (host.lower().rstrip("."), port) == own

    async def _bound(self) -> Reach:
        """Tell how far in pictures may come from."""
        host = self._base.raw_host or ""
        told = reach_of_host(host)
        if told is not None:
            return told
        try:
            found = await self._resolver.resolve(host, self._base.port or 0, socket.AF_UNSPEC)
        except OSError:
            return Reach.WORLD
        return min(Reach.NETWORK, *_reaches(found)) if found else Reach.WORLD


def _reaches(found: Sequence[ResolveResult]) -> Iterable[Reach]:
    return map(_reach, found)


def _reach(one: ResolveResult) -> Reach:
    return reach_of(ip_address(one["host"].partition("%")[0]))


def _refusal(host: str, reach: Reach) -> DownloadFailed:
    return DownloadFailed(f"the link to the picture leads {_WORDS[reach]}: {host}")
