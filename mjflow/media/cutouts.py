"""Pictures with a hole in them: what the `edits` route takes instead of a mask (P§2.11)."""

from __future__ import annotations

from io import BytesIO

from mjflow.errors import InvalidInput
from mjflow.media.given import PictureLike, decode, read
from mjflow.media.masks import Mask
from mjflow.media.pixels import encoded, to_grey, to_rgba
from mjflow.media.rasters import MOST_SENT


def cut_out(picture: PictureLike, mask: Mask) -> bytes:
    """
    Make transparent what a mask has white, and give the picture as PNG.

    The PNG is exactly as large as the picture is seen: one that a camera has marked as turned is
    set upright, and of a moving one the first frame is taken.  What was transparent before stays
    so; a soft edge becomes half transparent; of what is wholly cut out, no colour is left.

    Takes Pillow (extra `images`).  Blocking, up to seconds for a large picture: in an event loop,
    run it in a thread.

    Args:
        picture: A path, or the bytes of a picture file.

    Raises:
        InvalidInput: The picture can't be used or is too large to be sent, or the mask does not
            fit it.
    """
    given = read(picture, "picture", wanted="Give a PNG, JPEG or WebP.")
    whole = to_rgba(decode(given, "cutting a part out"))
    from PIL import Image, ImageChops

    hole = to_grey(Image.open(BytesIO(mask.png(*whole.size))))
    whole.putalpha(ImageChops.darker(whole.getchannel("A"), ImageChops.invert(hole)))
    whole.paste((0, 0, 0, 0), mask=hole.point(_ONLY_WHITE))
    png = encoded(whole)
    if len(png) > MOST_SENT:
        raise InvalidInput(
            f"{given.name} is {len(png) / 1e6:.0f} MB large as a PNG with a hole, "
            f"and no server takes more than {MOST_SENT // 1_000_000}",
            advice="Scale the picture down first.",
        )
    return png


# What a soft edge leaves of a pixel keeps its colour.
_ONLY_WHITE = [0] * 255 + [255]
