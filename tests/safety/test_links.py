"""Links of pictures that lead where they should not, followed by a whole client."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from yarl import URL

from mjflow import DownloadFailed
from tests.transport.names import Names, name_server
from tests.transport.servers import http
from tests.virtual import virtual_time

from .towns import client_of, row, town

#: Where a link leads, with `PORT` for that of a service on this machine, and what is said of it.
INWARD = {
    "http://inward.example:PORT/secret": "into this machine",
    "http://mixed.example:PORT/secret": "to a link-local or metadata address",
    "http://metadata.example/latest/meta-data": "to a link-local or metadata address",
    "http://169.254.169.254/latest/meta-data/iam": "to a link-local or metadata address",
    "http://[fd00:ec2::254]/latest": "to a link-local or metadata address",
    "file:///etc/passwd": "no web address",
    "gopher://127.0.0.1:PORT/": "no web address",
    "data:image/png;base64,iVBORw0KGgo=": "no web address",
    "javascript:alert(1)": "no web address",
    "\\\\127.0.0.1\\share": "404",  # a path like any other
}


@pytest.fixture(autouse=True)
def names(monkeypatch: pytest.MonkeyPatch) -> None:
    known: Names = {
        "gateway.example": ["127.0.0.1"],
        "inward.example": ["127.0.0.1"],
        "mixed.example": ["127.0.0.1", "169.254.169.254", "::1"],
        "metadata.example": ["169.254.169.254"],
    }
    monkeypatch.setattr(socket, "getaddrinfo", name_server(known))


@pytest.mark.parametrize("hop", [False, True], ids=["as a link", "as a redirect"])
@pytest.mark.parametrize("link", INWARD)
def test_links_inward_are_not_followed(names: Names, tmp_path: Path, link: str, hop: bool) -> None:
    """
    A task's picture is not fetched from this machine, or from a cloud's secret service.

    Be it named by its link, by a redirect, or by a name that has come to stand for it; the error
    says where it leads, nobody there is connected to, and nothing is written.
    """
    connections = _follow(link, tmp_path, INWARD[link], hop=hop)
    assert (connections, list(tmp_path.iterdir())) == (0, [])


@virtual_time
async def _follow(link: str, folder: Path, words: str, *, hop: bool) -> int:
    async with town() as own, town() as inner:
        link = link.replace("PORT", str(URL(inner.url).port))
        inner.gives("/secret", http(200, b"the secret"))
        own.accepts("imagine", "1001")
        moved = http(302, b"", Location=link)
        own.gives("/mj/image/1001", moved)
        own.gives("/picture", moved)
        own.shows("1001", row("1001", imageUrl="/picture" if hop else link))
        base = f"http://gateway.example:{URL(own.url).port}"
        async with client_of(base) as client:
            with pytest.raises(DownloadFailed, match=words):
                await client.imagine("a cat").download(folder)
        return inner.peer.connections
