"""
Pictures that go out with an act: read, found whole, and written as the wire wants them.

Servers look at a picture only after the task was paid, so all that can be wrong with one is found
out here.  Files are read at once, on the caller's thread, as masks are: a program that serves
others reads them itself, in a thread, and gives the bytes.
"""

from __future__ import annotations

import os
from base64 import b64decode, b64encode
from collections.abc import Iterable

from mjflow.errors import InvalidInput
from mjflow.media.cutouts import cut_out
from mjflow.media.given import Given, PictureLike, read
from mjflow.media.kinds import GIF, JPEG, PNG, WEBP, Kind
from mjflow.media.masks import MaskLike, load_mask
from mjflow.media.whole import check

#: A picture's path, its bytes, a data URL or, where an act takes one, an http(s) link.
ImageLike = str | os.PathLike[str] | bytes

#: Bytes of a request: servers take 30 MB (P§1), and the prompt and the like need some of it.
MOST_TOGETHER = 29_900_000
#: What Midjourney takes as a picture to start from.
TAKEN = (PNG, JPEG, WEBP, GIF)

_WANTED = "Give a PNG, JPEG, WebP or GIF."
_DATA = "data:"
_BASE64 = ";base64"
#: Longer texts are neither paths nor links.
_LONGEST_PATH = 4096


def image(source: ImageLike, what: str, *, links: bool = False) -> str:
    """
    Make a data URL of a picture, in the format that it has; blocking for a path.

    Args:
        what: What it is for the user, such as `"picture to describe"`.
        links: Whether an http(s) link will do as well; it is returned as it is, unread.

    Raises:
        InvalidInput: It is missing, unreadable, too large, of another format, or no whole picture;
            or it is a link, and only pictures will do.
    """
    if is_link(source):
        return _link(str(source), what, allowed=links)
    given = load(source, what)
    return _written(given.whole.kind, given.data)


def images(sources: Iterable[ImageLike], what: str) -> tuple[str, ...]:
    """
    Make data URLs of several pictures of one request; blocking for paths.

    Raises:
        InvalidInput: As of `image`; or they are too large together.
    """
    if isinstance(sources, str | bytes | os.PathLike):
        raise InvalidInput("this takes a list of pictures, not one", advice="Write [picture].")
    found = tuple(image(source, f"{what} {n}") for n, source in enumerate(sources, start=1))
    check_together(found)
    return found


def cut(source: ImageLike, mask: MaskLike | None) -> tuple[str, str | None]:
    """
    Make data URLs of a picture to be edited, and of its mask if there is one; blocking for paths.

    The picture comes with the masked part transparent, the mask in the picture's size (P§2.11).

    Raises:
        InvalidInput: As of `image`, or the mask does not fit it, or there is no Pillow to cut it.
    """
    what = "picture to edit"
    if mask is None:
        return image(source, what, links=True), None
    if is_link(source):
        raise _not_by_link(what)
    shape = load_mask(mask)
    holed = cut_out(load(source, what).data, shape)
    width, height = check(holed).width, check(holed).height
    return _written(PNG, holed), shape.data_url(width, height)


def load(source: ImageLike, what: str) -> Given:
    """
    Read a picture and make sure that it is whole and can be sent; blocking for a path.

    Raises:
        InvalidInput: As of `image`; a link is none that can be read.
    """
    given = read(_opened(source, what), what, wanted=_WANTED)
    if given.whole.kind not in TAKEN:
        raise InvalidInput(f"{given.name} is of the format {given.whole.kind.name}", advice=_WANTED)
    _check_size(4 * len(given.data) / 3, given.name)
    return given


def check_together(pictures: Iterable[str | None]) -> None:
    """
    Make sure that pictures as `image` gives them fit into one request.

    Raises:
        InvalidInput: They are too large together; says how large.
    """
    sizes = [len(picture) for picture in pictures if picture]
    _check_size(sum(sizes), "the picture" if len(sizes) == 1 else "the pictures")


def is_link(source: ImageLike) -> bool:
    """Whether it is an http(s) link."""
    return isinstance(source, str) and source[:8].lower().startswith(("http://", "https://"))


def _written(kind: Kind, data: bytes) -> str:
    return f"{_DATA}{kind.media_type}{_BASE64},{b64encode(data).decode('ascii')}"


def _not_by_link(what: str) -> InvalidInput:
    return InvalidInput(
        f"the {what} is a link, and here only a picture itself will do",
        advice="Fetch it first, and give its path or its bytes.",
    )


def _link(link: str, what: str, *, allowed: bool) -> str:
    if not allowed:
        raise _not_by_link(what)
    if not link.isprintable() or " " in link:
        raise InvalidInput(
            f"the {what} is no link: {link[:80]!r}",
            advice="Write blanks and the like as a browser's address line does: %20.",
        )
    return link


def _opened(source: ImageLike, what: str) -> PictureLike:
    """Take a picture out of a data URL; a path and bytes are left as they are."""
    if not isinstance(source, str):
        return source
    if source[: len(_DATA)].lower() == _DATA:
        return _decoded(source, what)
    if len(source) > _LONGEST_PATH:
        raise InvalidInput(
            f"the {what} is neither a path nor a data URL; it begins with {source[:20]!r}",
            advice="Before bare base64 put 'data:image/png;base64,', or give the bytes.",
        )
    return source


_AS_A_FILE = "Give the picture's path or its bytes: mjflow encodes it."


def _decoded(url: str, what: str) -> bytes:
    head, _, content = url.partition(",")
    if not head.lower().endswith(_BASE64):
        raise InvalidInput(
            f"the {what} is a data URL without base64: {head[:80]!r}", advice=_AS_A_FILE
        )
    try:
        return b64decode(content, validate=True)
    except ValueError as error:  # characters beyond ASCII, or `binascii.Error`
        raise InvalidInput(
            f"the {what} is a data URL whose base64 is damaged: {error}", advice=_AS_A_FILE
        ) from None


def _check_size(size: float, name: str) -> None:
    """Make sure that so many bytes of base64 fit into a request."""
    if size > MOST_TOGETHER:
        raise InvalidInput(
            f"{name} would make a request of {size / 1e6:.1f} MB, and servers take 30 MB",
            advice="Scale it down, or save it as JPEG: base64 takes a third more than the file.",
        )
