"""Pictures, from whichever host has them."""

from __future__ import annotations

import gzip

import pytest

from mjflow.errors import DownloadFailed, NoReply, Unreachable
from mjflow.transport.aiohttp import AiohttpTransport
from mjflow.transport.base import Timeouts
from mjflow.transport.pictures import MOST_REDIRECTS

from .conftest import KEY, Connect
from .servers import answers, breaks_off, http, serve, silent

LINK = "/mj/image/17"
PNG = b"\x89PNG" + bytes(500_000)


async def _fetch(transport: AiohttpTransport, link: str) -> bytes:
    async with transport.download(link) as stream:
        return b"".join([chunk async for chunk in stream.chunks()])


async def test_picture_comes_in_chunks(connect: Connect) -> None:
    """Status, type, length and bytes of a picture come through."""
    reply = http(200, PNG, Content_Type="Image/PNG; charset=binary", Retry_After="3")
    async with serve(answers(reply)) as peer:
        async with connect(peer.url).download(LINK) as stream:
            seen = stream.status, stream.content_type, stream.length, stream.retry_after
            chunks = [chunk async for chunk in stream.chunks()]
        assert seen == (200, "image/png", len(PNG), 3.0)
        assert b"".join(chunks) == PNG
        assert peer.requests[0].path == LINK


async def test_bad_status_is_the_callers_to_judge(connect: Connect) -> None:
    """A 404 is a stream like any other."""
    async with (
        serve(answers(http(404, b"gone"))) as peer,
        connect(peer.url).download(LINK) as stream,
    ):
        assert (stream.status, stream.content_type, stream.length) == (404, "", 4)


async def test_forced_compression_is_undone(connect: Connect) -> None:
    """Compressed bytes are unpacked, and their length is not passed off as the picture's."""
    packed = http(200, gzip.compress(PNG), Content_Encoding="gzip")
    async with serve(answers(packed)) as peer:
        async with connect(peer.url).download(LINK) as stream:
            assert stream.length is None
        assert await _fetch(connect(peer.url), LINK) == PNG


async def test_key_goes_to_the_own_origin_only(connect: Connect) -> None:
    """A link to another host, or to another port, is fetched without the key."""
    async with serve(answers(http())) as own, serve(answers(http())) as other:
        transport = connect(own.url)
        for link in (LINK, own.url + LINK, other.url + LINK):
            await _fetch(transport, link)
        keys = [request.headers.get("authorization") for request in own.requests]
        assert keys == [f"Bearer {KEY}"] * 2
        assert KEY not in str(other.requests)


async def test_redirect_leaves_the_key_behind(connect: Connect) -> None:
    """A redirect is followed, and the key does not go along to another origin."""
    async with serve(answers(http(200, PNG))) as other:
        moved = http(302, b"", Location=other.url + "/a.png?sig=a%2Bb")
        async with serve(answers(moved)) as own:
            assert await _fetch(connect(own.url), LINK) == PNG
        assert other.requests[0].path == "/a.png?sig=a%2Bb"
        assert KEY not in str(other.requests)


async def test_key_is_picked_up_again_on_the_way_back(connect: Connect) -> None:
    """What counts is where a request goes, not where the chain of redirects began."""
    async with serve(answers(http(302, b"", Location="/b"), http(200, PNG))) as own:
        async with serve(answers(http(301, b"", Location=own.url + "/a"))) as other:
            assert await _fetch(connect(own.url), other.url) == PNG
        assert [request.path for request in own.requests] == ["/a", "/b"]
        assert all(request.headers["authorization"] for request in own.requests)


async def test_endless_redirects_are_given_up(connect: Connect) -> None:
    """A circle of redirects ends after a few."""
    async with serve(answers(http(307, b"", Location="/again"))) as peer:
        with pytest.raises(DownloadFailed, match="redirected over 5 times"):
            await _fetch(connect(peer.url), LINK)
        assert len(peer.requests) == 1 + MOST_REDIRECTS


@pytest.mark.parametrize("location", ["file:///etc/passwd", "gopher://127.0.0.1/", "http://["])
async def test_redirect_out_of_the_web_is_refused(connect: Connect, location: str) -> None:
    """A redirect to another scheme is an error."""
    async with serve(answers(http(302, b"", Location=location))) as peer:
        with pytest.raises(DownloadFailed):
            await _fetch(connect(peer.url), LINK)


async def test_cut_picture_is_no_reply(connect: Connect) -> None:
    """Bytes that end before the announced length are an error while they are read."""
    async with (
        serve(breaks_off(http(200, PNG, length=len(PNG) + 1))) as peer,
        connect(peer.url).download(LINK) as stream,
    ):
        with pytest.raises(NoReply, match="broke off"):
            [chunk async for chunk in stream.chunks()]


async def test_stalled_picture_is_no_reply(connect: Connect) -> None:
    """Nothing for the idle limit is an error, at the head and within the body."""
    timeouts = Timeouts(idle=0.03)
    async with serve(silent) as peer:
        with pytest.raises(NoReply, match="in time"):
            await _fetch(connect(peer.url, timeouts=timeouts), LINK)
    async with serve(answers(http(200, b"half", length=8))) as peer:
        with pytest.raises(NoReply, match="in time"):
            await _fetch(connect(peer.url, timeouts=timeouts), LINK)


async def test_unfinished_picture_is_closed(connect: Connect) -> None:
    """Leaving the block before the end closes the connection."""
    async with serve(answers(http(200, PNG))) as peer:
        async with connect(peer.url).download(LINK) as stream:
            assert await anext(aiter(stream.chunks()))
        await peer.left.wait()


async def test_nobody_there_is_unreachable(connect: Connect) -> None:
    """A host of pictures that refuses the connection is named."""
    async with serve(silent) as peer:
        url = peer.url
    with pytest.raises(Unreachable, match=url.removeprefix("http://")):
        await _fetch(connect("http://127.0.0.1:1"), url + "/a.png")
