"""The acts that begin a chain: from a prompt or pictures to a first result."""

from __future__ import annotations

from mjflow.cli import options
from mjflow.cli.bundles import COURSE, Course


def imagine(
    prompt: options.Prompt, /, *, image: options.References = (), course: Course = COURSE
) -> int:
    """Draw a grid of four from a prompt, press buttons on it, and save the last result.

    Everything that can be checked is checked before the first request, so that no act is paid in
    vain. `--prompt` and `--mask` go to the last button that opens a dialog: Vary (Region) and
    Custom Zoom always do, others in remix mode.
    """
    from mjflow.cli import acts, run

    return run.run(lambda report: acts.imagine(report, prompt, image, course), json=course.json)


def blend(
    *image: options.Images, dimensions: options.Dimensions = None, course: Course = COURSE
) -> int:
    """Blend two to five pictures into a grid of four.

    There is no prompt: the pictures say it all.
    """
    from mjflow.cli import acts, run

    return run.run(lambda report: acts.blend(report, image, dimensions, course), json=course.json)


def describe(
    image: options.Image, /, *, language: options.Language = None, course: Course = COURSE
) -> int:
    """Find four prompts that could have drawn a picture, and print them.

    `--click 1` draws the first of them, `--prompt` words it anew; nothing is saved otherwise.
    """
    from mjflow.cli import acts, run

    return run.run(lambda report: acts.describe(report, image, language, course), json=course.json)


def shorten(prompt: options.LongPrompt, /, *, course: Course = COURSE) -> int:
    """Find up to five shorter prompts that mean the same, and print them.

    `--click 1` draws the first of them, `--prompt` words it anew; nothing is saved otherwise.
    """
    from mjflow.cli import acts, run

    return run.run(lambda report: acts.shorten(report, prompt, course), json=course.json)


def video(
    prompt: options.Motion = "",
    /,
    *,
    image: options.FirstFrame = None,
    end_image: options.EndFrame = None,
    loop: options.Loop = False,
    motion: options.Speed = "low",
    extend: options.Extend = None,
    index: options.Clip = None,
    video_type: options.VideoType = None,
    batch_size: options.Batch = None,
    course: Course = COURSE,
) -> int:
    """Set a picture in motion, or make a clip longer, and save all clips.

    A new clip wants `--image`, its first frame; a longer one `--extend` and `--index`.
    """
    from mjflow.cli import acts, films, run

    film = films.Film(
        prompt=prompt,
        image=image,
        end_image=end_image,
        loop=loop,
        motion=motion,
        extend=extend,
        index=index,
        video_type=video_type,
        batch_size=batch_size,
    )
    return run.run(lambda report: acts.video(report, film, course), json=course.json)


def edits(image: options.Image, prompt: options.Change, /, *, course: Course = COURSE) -> int:
    """Paint a part of any picture anew, into a grid of four.

    Here `--mask` says which part; without one it is what is transparent in the picture.
    """
    from mjflow.cli import acts, run

    return run.run(lambda report: acts.edits(report, image, prompt, course), json=course.json)


def swap_face(source: options.Source, target: options.Target, /, *, course: Course = COURSE) -> int:
    """Put the face of one picture into another, and save the result."""
    from mjflow.cli import acts, run

    return run.run(lambda report: acts.swap_face(report, source, target, course), json=course.json)
