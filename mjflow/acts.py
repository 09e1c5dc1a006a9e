"""The acts that build on no task of ours: what `Client` offers to begin with."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any

from mjflow.engine import roots
from mjflow.engine.act import Act, Options, changed
from mjflow.engine.roots import NO_EXTRA
from mjflow.errors import InvalidInput
from mjflow.handle import TaskHandle
from mjflow.media import inputs
from mjflow.media.inputs import ImageLike
from mjflow.media.masks import MaskLike
from mjflow.protocol import codec
from mjflow.protocol.checks import check_id
from mjflow.protocol.requests import (
    Blend,
    Describe,
    Edits,
    Imagine,
    Root,
    Shorten,
    SwapFace,
    Video,
)
from mjflow.protocol.task import Task
from mjflow.protocol.token import check_state


class Acts(ABC):
    """
    The acts that start a task from a prompt or from pictures.

    Each returns at once with a handle to await, and raises `InvalidInput` for what cannot work;
    then nothing is sent.  A picture is a path, a file's bytes or a data URL, and where it says so
    an http(s) link.  Files are read at once, which blocks: in a program that serves others, read
    them in a thread and give their bytes.
    """

    _options: Options

    @abstractmethod
    def _begin(self, act: Act, key: str | None) -> TaskHandle:
        """Take on an act and return its handle."""

    def imagine(
        self,
        prompt: str,
        *,
        images: Iterable[ImageLike] = (),
        bot_type: str | None = None,
        account_filter: Mapping[str, Any] | None = None,
        key: str | None = None,
        state: str = "",
        notify_hook: str | None = None,
        extra: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> TaskHandle:
        """
        Draw a grid of four from a prompt; returns at once with a handle to await.

        Args:
            images: Pictures to draw after: paths, bytes of files, or data URLs.  Of those on the
                web, put the links in front of the prompt instead.
            bot_type: `"MID_JOURNEY"` or `"NIJI_JOURNEY"`; the server's default if `None`.
            account_filter: Chooses among the server's accounts, as `{"modes": ["FAST"]}` does; many
                gateways drop it.
            key: Makes the call idempotent: the same key is the same task, never a second one.
            state: Your own text, echoed by the server as `task.state`.
            notify_hook: A URL for the server to call; many gateways drop it.
            extra: Fields of one vendor, passed on as they are; they replace none that mjflow sets.
            options: `mode`, `deadline`, `admission_timeout`, `stall_after`, `on_dialog`,
                `spill_over`, `caller`: as of the client.

        Raises:
            InvalidInput: The prompt is empty, a picture cannot be used, or an option is wrong.
            KeyConflict: The key stands for another request.
        """
        request = Imagine(
            prompt=roots.tidied(prompt),
            base64_array=inputs.images(images, "reference picture"),
            bot_type=bot_type,
            account_filter=account_filter,
            notify_hook=notify_hook,
            extra=extra or NO_EXTRA,
        )
        return self._start(request, key, state, options)

    def blend(
        self,
        images: Iterable[ImageLike],
        *,
        dimensions: str | None = None,
        bot_type: str | None = None,
        account_filter: Mapping[str, Any] | None = None,
        key: str | None = None,
        state: str = "",
        notify_hook: str | None = None,
        extra: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> TaskHandle:
        """
        Blend two to five pictures into a grid of four.

        Args:
            dimensions: `"portrait"` (2:3), `"square"` (1:1, the default) or `"landscape"` (3:2).
            bot_type, account_filter, key, state, notify_hook, extra, options: As of `imagine`.

        Raises:
            InvalidInput: There are too few or too many pictures, or one cannot be used.
        """
        given = inputs.images(images, "picture to blend")
        if not roots.FEWEST <= len(given) <= roots.MOST:
            raise InvalidInput(
                f"a blend takes {roots.FEWEST} to {roots.MOST} pictures, not {len(given)}"
            )
        shape = (
            None if dimensions is None else roots.one_of(roots.DIMENSIONS, dimensions, "dimensions")
        )
        request = Blend(
            base64_array=given,
            dimensions=shape,
            bot_type=bot_type,
            account_filter=account_filter,
            notify_hook=notify_hook,
            extra=extra or NO_EXTRA,
        )
        return self._start(request, key, state, options)

    def describe(
        self,
        image: ImageLike,
        *,
        language: str | None = None,
        bot_type: str | None = None,
        account_filter: Mapping[str, Any] | None = None,
        key: str | None = None,
        state: str = "",
        notify_hook: str | None = None,
        extra: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> TaskHandle:
        """
        Find four prompts that could have drawn a picture; they are in `task.final_prompt`.

        Args:
            image: An http(s) link will do at a trueai server; others want the picture itself.
            language: `"zh"` to have the prompts translated too, at a trueai server.
            bot_type, account_filter, key, state, notify_hook, extra, options: As of `imagine`.

        Raises:
            InvalidInput: The picture cannot be used.
        """
        given = inputs.image(image, "picture to describe", links=True)
        linked = inputs.is_link(given)
        request = Describe(
            base64=None if linked else given,
            link=given if linked else None,
            language=language,
            bot_type=bot_type,
            account_filter=account_filter,
            notify_hook=notify_hook,
            extra=extra or NO_EXTRA,
        )
        return self._start(request, key, state, options)

    def shorten(
        self,
        prompt: str,
        *,
        bot_type: str | None = None,
        account_filter: Mapping[str, Any] | None = None,
        key: str | None = None,
        state: str = "",
        notify_hook: str | None = None,
        extra: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> TaskHandle:
        """
        Find up to five shorter prompts that mean the same; they are in `task.final_prompt`.

        Args:
            bot_type, account_filter, key, state, notify_hook, extra, options: As of `imagine`.

        Raises:
            InvalidInput: The prompt is empty.
        """
        request = Shorten(
            prompt=roots.tidied(prompt),
            bot_type=bot_type,
            account_filter=account_filter,
            notify_hook=notify_hook,
            extra=extra or NO_EXTRA,
        )
        return self._start(request, key, state, options)

    def video(
        self,
        prompt: str = "",
        *,
        image: ImageLike | None = None,
        end_image: ImageLike | None = None,
        loop: bool | None = None,
        motion: str = "low",
        extend: TaskHandle | Task | str | None = None,
        index: int | None = None,
        video_type: str | None = None,
        batch_size: int | None = None,
        account_filter: Mapping[str, Any] | None = None,
        key: str | None = None,
        state: str = "",
        notify_hook: str | None = None,
        extra: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> TaskHandle:
        """
        Set a picture in motion, or make a clip longer; four clips of about five seconds.

        Args:
            prompt: What is to happen; some servers insist on one.
            image: The first frame of a new clip, also as an http(s) link.
            end_image: The last frame, also as a link.
            loop: Let the last frame be the first one.
            motion: `"low"` or `"high"`.
            extend: The finished video, as its handle, its task or its id, of which to make a clip
                longer; then `index` says which one, from 0 to 3, and there is no `image`.
            video_type: `"vid_1.1_i2v_480"` (the default) or `"vid_1.1_i2v_720"`.
            batch_size: Clips to make, 1, 2 or 4 (the default).
            account_filter, key, state, notify_hook, extra, options: As of `imagine`.

        Raises:
            InvalidInput: There is neither a picture nor a video to go on from, or both; or one
                cannot be used.
        """
        roots.check_video(image, extend, index, batch_size)
        request = Video(
            prompt=roots.tidied(prompt) if prompt.strip() else "",
            motion=roots.one_of(roots.MOTIONS, motion, "motion"),
            image=roots.frame(image, "first frame"),
            end_image=roots.frame(end_image, "last frame"),
            loop=loop,
            extend=None if extend is None else "extend",
            task_id=None if extend is None else id_of(extend),
            index=index,
            video_type=video_type,
            batch_size=batch_size,
            account_filter=account_filter,
            notify_hook=notify_hook,
            extra=extra or NO_EXTRA,
        )
        inputs.check_together([request.image, request.end_image])
        return self._start(request, key, state, options)

    def edits(
        self,
        image: ImageLike,
        prompt: str,
        *,
        mask: MaskLike | None = None,
        account_filter: Mapping[str, Any] | None = None,
        key: str | None = None,
        state: str = "",
        notify_hook: str | None = None,
        extra: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> TaskHandle:
        """
        Redraw the transparent part of any picture, or the part that a mask has white.

        Args:
            image: Without a mask also an http(s) link.
            mask: As of `click`; it is cut out of the picture, which takes Pillow (extra `images`),
                and sent beside it for those servers that read masks.
            account_filter, key, state, notify_hook, extra, options: As of `imagine`.

        Raises:
            InvalidInput: The prompt is empty, the picture cannot be used, or the mask does not
                fit it.
        """
        given, drawn = inputs.cut(image, mask)
        request = Edits(
            prompt=roots.tidied(prompt),
            image=given,
            mask_base64=drawn,
            account_filter=account_filter,
            notify_hook=notify_hook,
            extra=extra or NO_EXTRA,
        )
        inputs.check_together([given, drawn])
        return self._start(request, key, state, options)

    def swap_face(
        self,
        source: ImageLike,
        target: ImageLike,
        *,
        account_filter: Mapping[str, Any] | None = None,
        key: str | None = None,
        state: str = "",
        notify_hook: str | None = None,
        extra: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> TaskHandle:
        """
        Put the face of one picture into another.

        Args:
            source: Whose face.
            target: Where it goes.
            account_filter, key, state, notify_hook, extra, options: As of `imagine`.

        Raises:
            InvalidInput: A picture cannot be used, or both are the same.
        """
        request = SwapFace(
            source_base64=inputs.image(source, "picture with the face"),
            target_base64=inputs.image(target, "picture to put the face into"),
            account_filter=account_filter,
            notify_hook=notify_hook,
            extra=extra or NO_EXTRA,
        )
        if request.source_base64 == request.target_base64:
            raise InvalidInput("the picture with the face and the one to put it into are the same")
        inputs.check_together([request.source_base64, request.target_base64])
        return self._start(request, key, state, options)

    def _start(
        self, request: Root, key: str | None, state: str, options: Mapping[str, Any]
    ) -> TaskHandle:
        codec.check_extra(request)
        check_state(state)
        act = Act(what=request, options=changed(self._options, options), state=state)
        return self._begin(act, key)


def id_of(task: TaskHandle | Task | str) -> str:
    """
    Return the server's id of a task.

    Raises:
        InvalidInput: There is none yet.
    """
    task_id = task if isinstance(task, str) else task.id
    if task_id is None:
        raise InvalidInput("the task has no id yet", advice="Await it first.")
    check_id(task_id)
    return task_id
