"""What `video` is to make, checked in the command line's own words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import evolve, frozen

from mjflow.acts import Acts
from mjflow.errors import InvalidInput
from mjflow.handle import TaskHandle
from mjflow.media.inputs import image


@frozen(kw_only=True)
class Film:
    """A clip to be made, or to be made longer."""

    prompt: str = ""
    #: The first and the last frame: as typed, or as `loaded` gives them.
    image: str | None = None
    end_image: str | None = None
    loop: bool = False
    motion: str = "low"
    #: The id of the video task of which a clip is to be made longer.
    extend: str | None = None
    index: int | None = None
    video_type: str | None = None
    batch_size: int | None = None

    def checked(self) -> None:
        """
        Refuse what does not go together.

        Raises:
            InvalidInput: Says which options are missing or too many.
        """
        if self.extend is None and self.image is None:
            raise InvalidInput(
                "there is nothing to set in motion",
                advice="Give --image, the first frame, or --extend, the id of a video task.",
            )
        if self.extend is not None and self.image is not None:
            raise InvalidInput("--image and --extend exclude each other: a clip goes on by itself")
        if self.extend is not None and self.index not in range(4):
            raise InvalidInput("--extend wants --index, which of the four clips: 0, 1, 2 or 3")
        if self.extend is None and self.index is not None:
            raise InvalidInput("--index says which clip is made longer, and wants --extend")
        if self.loop and self.end_image is not None:
            raise InvalidInput("--loop and --end-image exclude each other: a loop has no other end")

    def loaded(self) -> Film:
        """
        Read the frames, whose files are not looked at again.

        Raises:
            InvalidInput: One is missing, or no whole picture.
        """
        return evolve(
            self,
            image=_frame(self.image, "first frame"),
            end_image=_frame(self.end_image, "last frame"),
        )

    def begin(self, client: Acts, more: Mapping[str, Any]) -> TaskHandle:
        """Submit it, with what all acts take."""
        return client.video(
            self.prompt,
            image=self.image,
            end_image=self.end_image,
            loop=self.loop or None,
            motion=self.motion,
            extend=self.extend,
            index=self.index,
            video_type=self.video_type,
            batch_size=self.batch_size,
            **more,
        )


def _frame(source: str | None, what: str) -> str | None:
    return None if source is None else image(source, what, links=True)
