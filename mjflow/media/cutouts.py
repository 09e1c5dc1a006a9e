"""Pictures with a hole in them: what the `edits` route takes instead of a mask (P§2.11)."""

from __future__ import annotations

from io import BytesIO

from mjflow.errors import InvalidInput
from mjflow.media.given import PictureLike, decode, read
from mjflow.media.masks import Mask
from mjflow.media.rasters import MOST_SENT


def cut_out(picture: PictureLike, mask: Mask) -> bytes:
    """
    Make transparent what a mask has white, and give the picture as PNG.

    What was transparent before stays so; of what is wholly cut out, no colour is left.  A picture
    that a camera has marked as turned is set upright.  Takes Pillow (extra `images`); blocking.

    Args:
        picture: A path, or the bytes of a picture file.

    Raises:
        InvalidInput: The picture can't be used or is too large to be sent, or the mask does not
            fit it.
    """
    given = read(picture, "picture", wanted="Give a PNG, JPEG or WebP.")
    whole = decode(given, "cutting a part out").convert("RGBA")
    from PIL import Image, ImageChops

    hole = Image.open(BytesIO(mask.png(*whole.size))).convert("L")
    whole.putalpha(ImageChops.darker(whole.getchannel("A"), ImageChops.invert(hole)))
    whole.paste((0, 0, 0, 0), mask=hole.point(_ONLY_WHITE))
    target = BytesIO()
    whole.save(target, "PNG")
    if target.tell() > MOST_SENT:
        raise InvalidInput(
            f"{given.name} is {target.tell() / 1e6:.0f} MB large as a PNG with a hole, "
            f"and no server takes more than {MOST_SENT // 1_000_000}",
            advice="Scale the picture down first.",
        )
    return target.getvalue()


# What a soft edge leaves of a pixel keeps its colour.
_ONLY_WHITE = [0] * 255 + [255]
