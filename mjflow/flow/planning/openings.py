"""Steps that build on no task, as a plan sees them: their words, their pictures, their results."""

from __future__ import annotations

from attrs import frozen

from mjflow.engine.roots import BATCHES, FEWEST, MOST
from mjflow.errors import InvalidInput
from mjflow.flow.steps import (
    CURRENT,
    Blend,
    Describe,
    Edits,
    Imagine,
    Shorten,
    Submitting,
    SwapFace,
    Video,
)
from mjflow.media.masks import Mask
from mjflow.protocol import requests
from mjflow.protocol.grammar import Stage
from mjflow.protocol.requests import Root


@frozen(kw_only=True)
class Opening:
    """What a step that builds on no task is about."""

    request: type[Root]
    #: `None` if nobody knows before.
    gives: Stage | None
    #: Template of the prompt; `""` if there is none.
    prompt: str = ""
    #: Templates of its pictures' paths, `current` among them.
    pictures: tuple[str, ...] = ()
    #: What they are for.
    purpose: str = ""
    #: The argument that names them.
    argument: str = ""
    #: Whether links will do.
    links: bool = False
    mask: str | Mask | None = None

    @property
    def act(self) -> str:
        """The name of the client's method."""
        act: str = self.request.route.act
        return act

    @property
    def action(self) -> str:
        """The price list's word for it."""
        return self.request.action

    @property
    def on_current(self) -> int:
        """How many of its pictures are the branch's own."""
        return self.pictures.count(CURRENT)


def opened(step: Submitting) -> Opening | None:
    """
    Tell what a step is about that builds on no task; `None` of other steps.

    Raises:
        InvalidInput: Its pictures are too few, too many, or the same; or a number is none of those
            there are.
    """
    match step:
        case Imagine():
            return Opening(
                request=requests.Imagine,
                gives=Stage.GRID,
                prompt=step.prompt,
                pictures=step.images,
                purpose="reference picture",
                argument="images",
            )
        case Blend():
            return _blend(step)
        case Describe():
            return Opening(
                request=requests.Describe,
                gives=Stage.DESCRIBE,
                pictures=(step.image,),
                purpose="picture to describe",
                argument="image",
                links=True,
            )
        case Shorten():
            return Opening(request=requests.Shorten, gives=Stage.SHORTEN, prompt=step.prompt)
        case Video():
            return _video(step)
        case Edits():
            return Opening(
                request=requests.Edits,
                gives=Stage.GRID,
                prompt=step.prompt,
                pictures=(step.image,),
                purpose="picture to edit",
                argument="image",
                links=step.mask is None,
                mask=step.mask,
            )
        case SwapFace():
            return _swap(step)
    return None


def _blend(step: Blend) -> Opening:
    if not FEWEST <= len(step.images) <= MOST:
        raise InvalidInput(
            f"a blend takes {FEWEST} to {MOST} pictures, not {len(step.images)}",
            advice="List their paths under `images:`.",
        )
    return Opening(
        request=requests.Blend,
        gives=Stage.GRID,
        pictures=step.images,
        purpose="picture to blend",
        argument="images",
    )


def _video(step: Video) -> Opening:
    if step.batch_size is not None and step.batch_size not in BATCHES:
        raise InvalidInput(f"batch_size is 1, 2 or 4, not {step.batch_size}")
    frames = (step.image,) if step.end_image is None else (step.image, step.end_image)
    return Opening(
        request=requests.Video,
        gives=Stage.CLIPS,
        prompt=step.prompt,
        pictures=frames,
        purpose="frame",
        argument="image",
        links=True,
    )


def _swap(step: SwapFace) -> Opening:
    if step.source == step.target:
        raise InvalidInput("the picture with the face and the one to put it into are the same")
    return Opening(
        request=requests.SwapFace,
        gives=None,
        pictures=(step.source, step.target),
        purpose="picture to swap faces in",
        argument="source",
    )
