"""How large a finished task's picture is: from the task, else from the first bytes of its file."""

from __future__ import annotations

from mjflow.api import Api
from mjflow.engine.links import gateway_link, links_of
from mjflow.errors import DownloadFailed, TransportError
from mjflow.media.sizes import HEADER_BYTES, Size, size_from_header, size_of_task
from mjflow.protocol.task import Task


async def size_of_picture(api: Api, task: Task) -> Size | None:
    """Return width and height in pixels; `None` when nobody can tell. Costs no money."""
    if size := size_of_task(task):
        return size
    # A gateway may name a link that leads nowhere, and serves the picture itself all the same.
    for link in (*links_of(task), gateway_link(task)):
        if size := size_from_header(await _first_bytes(api, link)):
            return size
    return None


async def _first_bytes(api: Api, link: str) -> bytes:
    head = bytearray()
    try:
        async with api.transport.download(link) as stream:
            if stream.status == 200:
                async for chunk in stream.chunks():
                    head += chunk
                    if len(head) >= HEADER_BYTES:
                        break
    except (DownloadFailed, TransportError):
        pass  # what came before it broke off may be enough
    return bytes(head[:HEADER_BYTES])
