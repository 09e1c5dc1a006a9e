"""The files that a flow names: on disk, or kept by the run, so that it outlives them; blocking."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from attrs import define, field

from mjflow.errors import InvalidInput
from mjflow.flow import templates
from mjflow.flow.language.forms import pictures_of
from mjflow.flow.steps import CURRENT, Fork, Step
from mjflow.media.given import PictureLike
from mjflow.media.inputs import ImageLike, is_link
from mjflow.media.masks import Mask


@define
class Library:
    """Finds files by the paths that a flow has for them."""

    #: What relative paths begin at.
    folder: Path
    #: Contents of files, by the path as it is written.
    kept: Mapping[str, bytes] = field(factory=dict, repr=False)

    def picture(self, named: str, current: bytes | None) -> ImageLike:
        """
        Return a picture that a step names.

        Args:
            current: The one that the branch has come to, where it is asked for.
        """
        if named == CURRENT:
            if current is None:
                raise InvalidInput("there is no current picture: no step above has drawn one")
            return current
        return named if _is_no_path(named) else self._find(named)

    def mask(self, mask: str | Mask | None) -> Mask | None:
        """
        Return a mask that a step names.

        Raises:
            InvalidInput: It is malformed, or a file in it can't be used.
        """
        return Mask.found(mask, self._find) if isinstance(mask, str) else mask

    def _find(self, named: str) -> PictureLike:
        kept = self.kept.get(named)
        return self.folder / named if kept is None else kept


def kept_for(steps: Sequence[Step], folder: Path) -> dict[str, bytes]:
    """
    Read the files that are the same for all items; those that cannot be read are left out.

    What is wrong with one is said where it is used.
    """
    kept: dict[str, bytes] = {}

    def keep(named: str) -> PictureLike:
        path = folder / named
        try:
            kept[named] = path.read_bytes()
        except (OSError, ValueError):
            return path
        return kept[named]

    for named in _names(steps):
        if named not in kept:
            keep(named)
    for mask in _masks(steps):
        try:
            Mask.found(mask, keep)
        except InvalidInput:
            continue
    return kept


def _names(steps: Sequence[Step]) -> Iterator[str]:
    for step in _every(steps):
        for named in pictures_of(step):
            if named != CURRENT and not _is_no_path(named) and not templates.fields(named):
                yield named


def _masks(steps: Sequence[Step]) -> Iterator[str]:
    for step in _every(steps):
        mask = getattr(step, "mask", None)
        if isinstance(mask, str) and not templates.fields(mask):
            yield mask


def _every(steps: Sequence[Step]) -> Iterator[Step]:
    for step in steps:
        yield step
        if isinstance(step, Fork):
            for tail in step.tails.values():
                yield from _every(tail)


def _is_no_path(named: str) -> bool:
    return is_link(named) or named[:5].lower() == "data:"
