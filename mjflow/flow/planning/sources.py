"""Files that a flow names, each looked into once: pictures and masks; blocking."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import define, field, frozen

from mjflow.errors import InvalidInput
from mjflow.flow.running.library import Library
from mjflow.media import inputs
from mjflow.media.masks import Mask

#: A mask of a size of its own may differ so much from the shape that a prompt asks for: servers
#: round the sides of their pictures.
_CLOSE = 0.03


@frozen
class Picture:
    """A file that is a picture."""

    #: Bytes.
    size: int
    #: Pixels, as far as its header tells.
    width: int | None
    height: int | None


@define
class Sources:
    """
    Looks into files, once each however many items name them.

    What is wrong with one is raised each time it is asked for.
    """

    library: Library
    _pictures: dict[tuple[str, str], Picture | InvalidInput] = field(factory=dict)
    _masks: dict[str, Mask | InvalidInput] = field(factory=dict)

    def picture(self, path: str, purpose: str) -> Picture:
        """
        Look into a picture file.

        Raises:
            InvalidInput: It is missing, unreadable, too large, of another format, or broken.
        """
        known = self._pictures.get((path, purpose))
        if known is None:
            known = self._pictures[path, purpose] = self._look(path, purpose)
        if isinstance(known, InvalidInput):
            raise known
        return known

    def _look(self, path: str, purpose: str) -> Picture | InvalidInput:
        found = self.library.picture(path, None)
        name = f"{purpose} {path!r}" if isinstance(found, bytes) else purpose
        try:
            given = inputs.load(found, name)
        except InvalidInput as error:
            return error
        return Picture(len(given.data), given.whole.width, given.whole.height)

    def together(self, paths: Iterable[str], purpose: str) -> None:
        """
        Make sure that the pictures of one request can be used, and fit into it.

        Raises:
            InvalidInput: As of `picture`, or they are too large together.
        """
        sizes = [self.picture(path, purpose).size for path in paths if not inputs.is_link(path)]
        sent = sum(4 * size / 3 for size in sizes)
        if sent > inputs.MOST_TOGETHER:
            raise InvalidInput(
                f"the pictures would make a request of {sent / 1e6:.1f} MB, and servers take 30 MB",
                advice="Scale them down, or save them as JPEG.",
            )

    def holes(self, path: str, purpose: str) -> None:
        """
        Make sure that something in a picture is transparent, and not all of it; takes Pillow.

        Raises:
            InvalidInput: As of `picture`; or nothing would change, or all of it would.
        """
        self.picture(path, purpose)
        self.mask(f"alpha:{path}")

    def mask(self, source: str | Mask) -> Mask:
        """
        Read a mask.

        Raises:
            InvalidInput: It is malformed, missing, no picture, or all of one colour.
        """
        if isinstance(source, Mask):
            return source
        known = self._masks.get(source)
        if known is None:
            try:
                known = self.library.mask(source)
                assert known is not None
            except InvalidInput as error:
                known = error
            self._masks[source] = known
        if isinstance(known, InvalidInput):
            raise known
        return known


def check_over(mask: Mask, picture: Picture) -> None:
    """
    Make sure that a mask fits the file it is laid over.

    Raises:
        InvalidInput: It has another size.
    """
    size, other = (mask.width, mask.height), (picture.width, picture.height)
    # A camera may have marked the picture as turned.
    if None in size or None in other or size in (other, other[::-1]):
        return
    raise InvalidInput(
        f"the mask has {size[0]} x {size[1]} pixels and the picture {other[0]} x {other[1]}",
        advice="Make it as large as the picture, or add +resized behind its path.",
    )


def misfit(mask: Mask, shape: tuple[int, int] | None) -> str:
    """Say so if a mask cannot fit a picture of this shape, width to height; `""` if it may."""
    if shape is None or mask.width is None or mask.height is None:
        return ""
    wanted, given = shape[0] / shape[1], mask.width / mask.height
    if abs(given / wanted - 1) <= _CLOSE:
        return ""
    return (
        f"the mask has {mask.width} x {mask.height} pixels, "
        f"and the picture will have the shape {shape[0]}:{shape[1]}"
    )
