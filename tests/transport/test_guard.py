"""Where pictures may come from."""

from __future__ import annotations

import traceback

import pytest
from yarl import URL

from mjflow.errors import DownloadFailed, Unreachable
from mjflow.transport.aiohttp import AiohttpTransport
from mjflow.transport.guard import Guard

from .conftest import Connect
from .names import Names
from .servers import answers, http, serve

WORLD, NETWORK, MACHINE, LINK = "93.184.216.34", "10.1.2.3", "127.0.0.1", "169.254.169.254"
#: What the names of these tests stand for.
TABLE = {
    "api.example": [WORLD],
    "gateway.intern": [NETWORK],
    "torn.example": [WORLD, NETWORK],
    "rebound.example": [MACHINE],
    "world.example": [WORLD],
    "network.example": [NETWORK],
    "machine.example": [MACHINE],
    "link.example": [LINK],
    "six.example": ["fd00:ec2::254"],
}
EVERYWHERE = (WORLD, NETWORK, MACHINE, LINK)
#: Base URLs, and the last of `EVERYWHERE` that their pictures may come from.
BASES = [
    ("https://api.example", WORLD),
    ("https://torn.example", WORLD),
    ("https://unknown.example", WORLD),
    ("https://8.8.8.8", WORLD),
    ("https://gateway.intern", NETWORK),
    ("https://192.168.1.1:8080", NETWORK),
    # Who owns a name may let it lead anywhere.
    ("https://rebound.example", NETWORK),
    ("https://link.example", NETWORK),
    ("http://localhost:8080", MACHINE),
    ("http://127.0.0.1:8080", MACHINE),
    ("http://[::1]:8080", MACHINE),
    ("http://169.254.1.1", LINK),
    ("http://[fe80::1]", LINK),
]


async def _passes_link(guard: Guard, address: str) -> bool:
    try:
        await guard.check(URL(f"https://{address}/a.png"))
    except DownloadFailed:
        return False
    return True


async def _passes_name(guard: Guard, name: str) -> bool:
    try:
        # Not the base URL's own port.
        return bool(await guard.resolve(name, 8443))
    except DownloadFailed:
        return False


@pytest.mark.parametrize(("base", "last"), BASES)
async def test_pictures_come_from_as_far_in_as_the_base_url(
    names: Names, base: str, last: str
) -> None:
    """What a link names and what a name stands for are judged alike, by the base URL."""
    names.update(TABLE)
    guard = Guard(URL(base))
    expected = [EVERYWHERE.index(one) <= EVERYWHERE.index(last) for one in EVERYWHERE]
    assert [await _passes_link(guard, one) for one in EVERYWHERE] == expected
    hosts = [f"{word}.example" for word in ("world", "network", "machine", "link")]
    assert [await _passes_name(guard, host) for host in hosts] == expected


async def test_base_urls_own_place_is_good_wherever_it_leads(names: Names) -> None:
    """The host and port of the base URL are asked for tasks, so they may be for pictures."""
    names.update(TABLE)
    guard = Guard(URL("http://rebound.example:8080"))
    assert await _passes_name(guard, "rebound.example") is False
    assert [one["host"] for one in await guard.resolve("rebound.example", 8080)] == [MACHINE]


async def test_of_many_addresses_the_bad_ones_are_left_out(names: Names) -> None:
    """A name that stands for good and bad addresses is only connected to by the good ones."""
    names["mixed.example"] = ["::1", MACHINE, "::ffff:169.254.169.254", NETWORK, WORLD, "fd00::1"]
    found = await Guard(URL("https://8.8.8.8")).resolve("mixed.example", 443)
    assert [one["host"] for one in found] == [WORLD]


@pytest.mark.parametrize(
    ("link", "words"),
    [
        ("http://network.example/a.png", "into a private network: network.example"),
        ("http://machine.example/a.png", "into this machine: machine.example"),
        ("http://six.example/a.png", "to a link-local or metadata address: six.example"),
        ("http://169.254.169.254/latest", "metadata address: 169.254.169.254"),
        ("http://[fe80::1%25eth0]/", "metadata address: fe80::1"),
        ("http://[::ffff:a9fe:a9fe]/", "metadata address: ::ffff:a9fe:a9fe"),
        ("http://192.168.0.1/", "private network: 192.168.0.1"),
    ],
)
async def test_links_into_the_network_are_refused_with_their_reason(
    connect: Connect, names: Names, link: str, words: str
) -> None:
    """The error says where the link leads, and holds nothing of what it was found out with."""
    names.update(TABLE)
    transport = connect("https://api.example")
    with pytest.raises(DownloadFailed) as caught:
        await _open(transport, link)
    assert words in str(caught.value)
    assert caught.value.__cause__ is None
    # Frames of the library have the request's headers.
    frames = [frame.f_code.co_filename for frame, _ in traceback.walk_tb(caught.tb)]
    assert [name for name in frames if "aiohttp/" in name.replace("\\", "/")] == []


async def _open(transport: AiohttpTransport, link: str) -> None:
    async with transport.download(link):
        pass


async def test_name_that_turns_inward_is_not_connected_to(connect: Connect, names: Names) -> None:
    """A picture's host that comes to stand for this machine is not spoken to, by link or by hop."""
    async with serve(answers(http())) as inner:
        port = URL(inner.url).port
        link = f"http://turning.example:{port}/secret"
        async with serve(answers(http(302, b"", Location=link))) as own:
            names |= {"api.example": [MACHINE], "turning.example": [MACHINE]}
            transport = connect(f"http://api.example:{URL(own.url).port}")
            for first in (link, "/mj/image/17"):
                with pytest.raises(DownloadFailed, match=r"into this machine: turning\.example"):
                    await _open(transport, first)
            # The link's way is open: it is the guard that keeps it shut.
            names["turning.example"] = []
            with pytest.raises(Unreachable, match="there is no host"):
                await _open(transport, link)
            assert (inner.connections, len(own.requests)) == (0, 1)


async def test_each_hop_is_checked_for_addresses(connect: Connect, names: Names) -> None:
    """A redirect to an address in this network is refused, however it is written."""
    async with serve(answers(http())) as inner:
        port = URL(inner.url).port
        names["api.example"] = [MACHINE]
        for host in ("127.0.0.1", "localhost", "127.1", "0x7f.1", "2130706433", "[::1]", "0"):
            moved = http(302, b"", Location=f"http://{host}:{port}/secret")
            async with serve(answers(moved)) as own:
                transport = connect(f"http://api.example:{URL(own.url).port}")
                with pytest.raises(DownloadFailed, match="leads into this machine"):
                    await _open(transport, "/mj/image/17")
        assert inner.connections == 0


async def test_numbers_that_are_no_address_are_no_host(connect: Connect) -> None:
    """A short form of an address in the world is not guessed at, and nothing else comes of it."""
    with pytest.raises(Unreachable, match=r"there can be no host 8\.8"):
        await _open(connect("https://api.example"), "http://8.8/a.png")


async def test_names_that_no_server_knows_are_unreachable(connect: Connect) -> None:
    """A name with a part that is too long is told of like any unknown one."""
    with pytest.raises(Unreachable, match="there can be no host"):
        await _open(connect("https://api.example"), f"http://{'a' * 64}.example/a.png")
