"""A task's picture as bytes, for whoever builds on it or judges it."""

from __future__ import annotations

from collections.abc import AsyncIterator

from mjflow.engine.downloads import Downloads
from mjflow.engine.record import Record
from mjflow.engine.threads import in_thread
from mjflow.media.whole import check


async def picture_of(downloads: Downloads, record: Record) -> bytes:
    """
    Fetch the picture of a task that ended well; of a video, its first clip.

    Raises:
        DownloadFailed: It could not be fetched whole.
    """

    async def take(_: str, chunks: AsyncIterator[bytes]) -> bytes:
        data = bytearray()
        async for chunk in chunks:
            data += chunk
        await in_thread(check, bytes(data))
        return bytes(data)

    return await downloads.fetch(await downloads.linked(record), 0, take)
