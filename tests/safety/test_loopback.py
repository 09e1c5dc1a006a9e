"""Servers of our own: for this machine alone."""

from __future__ import annotations

import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from mjflow.simulator import Simulator
from tests.transport.servers import answers, http, serve


def _listens(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as one:
        try:
            one.connect((host, port))
        except OSError:
            return False
    return True


async def test_simulator_listens_at_loopback_only() -> None:
    """A simulator takes any key, so nobody else on the network may reach it."""
    async with Simulator() as simulator:
        assert _everywhere(simulator.base_url) == ["127.0.0.1"]


async def test_test_servers_listen_at_loopback_only() -> None:
    """Nor may anybody reach the servers of these tests."""
    async with serve(answers(http())) as peer:
        assert _everywhere(peer.url) == ["127.0.0.1"]


def _everywhere(url: str) -> list[str]:
    """Return the addresses of this machine at which a server listens."""
    port = urlsplit(url).port
    assert port is not None
    # What listens everywhere listens at every address of the loopback network, too.
    return [host for host in ("127.0.0.1", "127.0.0.2", "::1") if _listens(host, port)]


@pytest.mark.parametrize("folder", ["mjflow/cli", "mjflow/testing", "mjflow/simulator"])
def test_nobody_asks_for_another_address(folder: str) -> None:
    """No command and no fixture has a simulator listen elsewhere."""
    sources = sorted((Path(__file__).parents[2] / folder).rglob("*.py"))
    assert [path.name for path in sources if "0.0.0.0" in path.read_text()] == []
