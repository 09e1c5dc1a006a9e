"""From a step with its texts filled in to an act: built off the event loop, pictures and all."""

from __future__ import annotations

from typing import Any

from attrs import evolve

from mjflow.acts import Acts
from mjflow.engine.act import Act, Classic, Options
from mjflow.engine.act import Click as Press
from mjflow.errors import InvalidInput
from mjflow.flow import steps
from mjflow.flow.running.library import Library
from mjflow.flow.steps import Submitting
from mjflow.handle import TaskHandle, answer
from mjflow.media.inputs import ImageLike


class _Drafts(Acts):
    """The client's own acts, as far as they can be made without an event loop."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self.act: Act | None = None

    def _begin(self, act: Act, key: str | None) -> TaskHandle:
        self.act = act
        return None  # type: ignore[return-value]  # nobody holds it


def act_of(
    step: Submitting,
    options: Options,
    library: Library,
    current: bytes | None,
) -> Act:
    """
    Build the act that a step asks for; blocking.

    Args:
        current: The picture that the branch has come to, where the step names it.

    Raises:
        InvalidInput: It can never work: a picture or a mask cannot be used, or a word is wrong.
    """
    options = evolve(options, mode=step.mode or options.mode)
    match step:
        case steps.Click(buttons=(button,)):
            what = Press(button=button, enable_remix=step.enable_remix)
            given = answer(step.prompt, library.mask(step.mask))
            return Act(what=what, answer=given, options=options, extra=step.extra)
        case steps.Change():
            classic = Classic(action=step.action.upper(), index=step.index)
            return Act(what=classic, options=options, extra=step.extra)
        case root:
            drafts = _Drafts(options)
            _draft(root, drafts, library, current)
            assert drafts.act is not None
            return drafts.act


def _draft(step: Submitting, drafts: Acts, library: Library, current: bytes | None) -> None:
    def picture(named: str) -> ImageLike:
        return library.picture(named, current)

    common: dict[str, Any] = {"extra": step.extra}
    match step:
        case steps.Imagine():
            images = [picture(one) for one in step.images]
            drafts.imagine(step.prompt, images=images, bot_type=step.bot_type, **common)
        case steps.Blend():
            drafts.blend(
                [picture(one) for one in step.images],
                dimensions=step.dimensions,
                bot_type=step.bot_type,
                **common,
            )
        case steps.Describe():
            image = picture(step.image)
            drafts.describe(image, language=step.language, bot_type=step.bot_type, **common)
        case steps.Shorten():
            drafts.shorten(step.prompt, bot_type=step.bot_type, **common)
        case steps.Video():
            drafts.video(
                step.prompt,
                image=picture(step.image),
                end_image=None if step.end_image is None else picture(step.end_image),
                loop=step.loop,
                motion=step.motion,
                video_type=step.video_type,
                batch_size=step.batch_size,
                **common,
            )
        case steps.Edits():
            mask = library.mask(step.mask)
            drafts.edits(picture(step.image), step.prompt, mask=mask, **common)
        case steps.SwapFace():
            drafts.swap_face(picture(step.source), picture(step.target), **common)
        case _:
            raise InvalidInput(f"there is no act for the step {type(step).__name__}")
