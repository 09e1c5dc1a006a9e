"""Nothing is left behind: no socket, no warning, no trace of a task."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from .servers import PEM

# Its server is a thread that answers, and keeps its side of every connection open: the worst peer
# for a client that wants to be gone.
SCRIPT = """
import asyncio, contextlib, gc, socket, ssl, sys, threading
from mjflow.transport.aiohttp import AiohttpTransport

PEM, TLS = sys.argv[1], sys.argv[2] == "https"
GOOD = b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\n{}"
kept, hanging = [], []

def serve(raw):
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(PEM)
    with contextlib.suppress(OSError):
        peer = server.wrap_socket(raw, server_side=True) if TLS else raw
        kept.append(peer)
        while data := peer.recv(65536):
            if b"/hang" in data:
                hanging.append(data)
            else:
                peer.sendall(GOOD)

def accept(listener):
    while True:
        raw, _ = listener.accept()
        kept.append(raw)
        threading.Thread(target=serve, args=(raw,), daemon=True).start()

async def main(url):
    trusted = ssl.create_default_context(cafile=PEM)
    transport = AiohttpTransport(url, "sk-0123456789", ssl_context=trusted)
    assert (await transport.submit("/a", b"")).status == 200
    assert (await transport.look(transport.target("/a"))).status == 200
    async with transport.download("/a") as stream:
        assert stream.status == 200
    looks = [asyncio.ensure_future(transport.look(transport.target("/hang"))) for _ in range(3)]
    torn = asyncio.ensure_future(transport.submit("/hang", b""))
    while len(hanging) < 4:
        await asyncio.sleep(0.001)
    looks[0].cancel()
    looks.append(asyncio.ensure_future(transport.look(transport.target("/connecting"))))
    await asyncio.sleep(0)
    await transport.aclose()
    await transport.aclose()
    assert "Unanswered" in repr(await torn)
    print([type(e).__name__ for e in await asyncio.gather(*looks, return_exceptions=True)])

listener = socket.create_server(("127.0.0.1", 0))
threading.Thread(target=accept, args=(listener,), daemon=True).start()
asyncio.run(main(f"{sys.argv[2]}://127.0.0.1:{listener.getsockname()[1]}"))
gc.collect()
"""


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_closing_leaves_nothing_behind(scheme: str, tmp_path: Path) -> None:
    """With every warning an error and in development mode, a closed transport is silent."""
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    command = [sys.executable, "-W", "error", "-X", "dev", str(script), str(PEM), scheme]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip() == "['CancelledError', 'NoReply', 'NoReply', 'NoReply']"


def test_may_be_made_outside_of_a_loop() -> None:
    """A transport needs no event loop until its first request."""
    script = "from mjflow.transport.aiohttp import AiohttpTransport as T; T('http://localhost', '')"
    command = [sys.executable, "-W", "error", "-X", "dev", "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
