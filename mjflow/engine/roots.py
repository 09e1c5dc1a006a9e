"""What goes into the requests of acts that build on nothing, checked and tidied before it does."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from mjflow.errors import InvalidInput
from mjflow.media import inputs
from mjflow.media.inputs import ImageLike
from mjflow.protocol import codec
from mjflow.protocol.prompts import tidy
from mjflow.protocol.requests import Upload

logger = logging.getLogger("mjflow")

#: The shapes that a blend comes in (P§2.7).
DIMENSIONS = ("PORTRAIT", "SQUARE", "LANDSCAPE")
#: Pictures that can be blended (P§2.7).
FEWEST, MOST = 2, 5
#: How much moves in a clip, and how many clips are made at once (P§2.10).
MOTIONS = ("low", "high")
BATCHES = (1, 2, 4)
#: Clips of a video task, counted from 0 (P§11.4).
CLIPS = range(4)

#: One for all requests that have none.
NO_EXTRA: Mapping[str, Any] = MappingProxyType({})


def tidied(prompt: str) -> str:
    """
    Return a prompt as it should be sent; what was mended is logged.

    Raises:
        InvalidInput: Nothing is left of it, or it is not text.
    """
    clean, notes = tidy(prompt)
    for note in notes:
        logger.warning("%s", note)
    return clean


def one_of(words: Sequence[str], given: str, name: str) -> str:
    """
    Find a word in any case among those there are.

    Raises:
        InvalidInput: It is not among them.
    """
    for word in words:
        if given.strip().lower() == word.lower():
            return word
    there = ", ".join(word.lower() for word in words)
    raise InvalidInput(f"{name} is one of: {there}; not {given!r}")


def frame(image: ImageLike | None, what: str) -> str | None:
    """Make a data URL of a picture that may be missing, or be a link; as of `inputs.image`."""
    return None if image is None else inputs.image(image, what, links=True)


def check_video(
    image: ImageLike | None, extend: object, index: int | None, batch_size: int | None
) -> None:
    """
    Make sure that it is one clear wish: a new clip, or a longer one.

    Raises:
        InvalidInput: It is neither, or both, or a number is none of those there are.
    """
    if batch_size is not None and batch_size not in BATCHES:
        raise InvalidInput(f"batch_size is 1, 2 or 4, not {batch_size!r}")
    if extend is None:
        if image is None:
            raise InvalidInput(
                "there is nothing to set in motion",
                advice="Give image=, the first frame, or extend=, a finished video.",
            )
        if index is not None:
            raise InvalidInput("index says which clip to make longer, and wants extend=")
        return
    if image is not None:
        raise InvalidInput("a clip that is made longer goes on from itself and takes no image=")
    if isinstance(index, bool) or index not in CLIPS:
        raise InvalidInput(
            f"index is {index!r}; it says which of the clips to make longer, from 0 to 3"
        )


def upload_of(images: Iterable[ImageLike], extra: Mapping[str, Any] | None) -> Upload:
    """
    Build the request that stores pictures; blocking for paths.

    Raises:
        InvalidInput: There is none, or one cannot be used.
    """
    given = inputs.images(images, "picture to upload")
    if not given:
        raise InvalidInput(
            "there is no picture to upload", advice="Give at least one path, link or bytes."
        )
    request = Upload(base64_array=given, extra=extra or NO_EXTRA)
    codec.check_extra(request)
    return request
