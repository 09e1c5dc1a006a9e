"""How much of a picture is taken in: no more than a picture of this family can have."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from mjflow.media.sizes import HEADER_BYTES
from mjflow.media.whole import check_bytes, check_head
from mjflow.transport.base import Stream


async def bounded(stream: Stream) -> AsyncGenerator[bytes, None]:
    """
    Yield a picture's chunks as they come, and give up as soon as it is known to be too large.

    Bytes are told by the announced length, else by counting; pixels by the header, which stands
    in front.  What has no header there is measured when it is whole.

    Raises:
        PictureTooLarge: It has more than 256 MB, or claims more than 200 megapixels.
        NoReply: As of `Stream.chunks`.
    """
    check_bytes(stream.length or 0)
    size, head = 0, b""
    async for chunk in stream.chunks():
        size += len(chunk)
        check_bytes(size)
        if len(head) < HEADER_BYTES:
            head += chunk[:HEADER_BYTES]
            check_head(head)
        yield chunk
