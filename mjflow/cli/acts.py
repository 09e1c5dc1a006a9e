"""The acts that begin a chain: each is checked whole, submitted, clicked on, and saved."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from attrs import evolve, frozen

from mjflow.acts import Acts
from mjflow.cli.bundles import SAVING, Course, Dialog
from mjflow.cli.chain import see_through
from mjflow.cli.checks import Chain, chained
from mjflow.cli.disk import check_saving
from mjflow.cli.extras import read_extras
from mjflow.cli.films import Film
from mjflow.cli.journal.place import read_key
from mjflow.cli.possible import check_possible
from mjflow.cli.report import Report
from mjflow.cli.session import Session
from mjflow.engine.act import Act, Options
from mjflow.errors import InvalidInput
from mjflow.handle import TaskHandle
from mjflow.media import inputs
from mjflow.media.masks import Mask
from mjflow.protocol.grammar import Stage
from mjflow.protocol.order import TEXTS
from mjflow.protocol.prompts import tidy

_Begin = Callable[[Acts, Mapping[str, Any]], TaskHandle]


@frozen(kw_only=True)
class _Root:
    """An act that begins a chain, with all that it needs at hand."""

    #: As it is typed.
    name: str
    #: What it ends with; `None` if nobody knows before.
    gives: Stage | None
    begin: _Begin
    #: Text that tells it from others, in a simulator.
    seed: str


async def imagine(report: Report, prompt: str, images: Sequence[str], course: Course) -> None:
    """Draw a prompt."""
    text = clean(report, prompt)
    given = [inputs.image(source, "reference picture", links=True) for source in images]
    pictures = [picture for picture in given if not inputs.is_link(picture)]
    # Those on the web are named in the prompt: nothing is uploaded for them.
    text = " ".join([*(link for link in given if inputs.is_link(link)), text])
    await _carry_out(
        report,
        _Root(
            name="imagine",
            gives=Stage.GRID,
            begin=lambda client, more: client.imagine(text, images=pictures, **more),
            seed=text,
        ),
        course,
    )


async def blend(
    report: Report, images: Sequence[str], dimensions: str | None, course: Course
) -> None:
    """Blend pictures."""
    pictures = inputs.images(images, "picture to blend")
    await _carry_out(
        report,
        _Root(
            name="blend",
            gives=Stage.GRID,
            begin=lambda client, more: client.blend(pictures, dimensions=dimensions, **more),
            seed=" ".join(images),
        ),
        course,
    )


async def describe(report: Report, image: str, language: str | None, course: Course) -> None:
    """Find prompts for a picture."""
    picture = inputs.image(image, "picture to describe", links=True)
    await _carry_out(
        report,
        _Root(
            name="describe",
            gives=Stage.DESCRIBE,
            begin=lambda client, more: client.describe(picture, language=language, **more),
            seed=image,
        ),
        course,
    )


async def shorten(report: Report, prompt: str, course: Course) -> None:
    """Find shorter prompts."""
    text = clean(report, prompt)
    await _carry_out(
        report,
        _Root(
            name="shorten",
            gives=Stage.SHORTEN,
            begin=lambda client, more: client.shorten(text, **more),
            seed=text,
        ),
        course,
    )


async def video(report: Report, film: Film, course: Course) -> None:
    """Make a clip, or make one longer."""
    film.checked()
    film = evolve(film, prompt=clean(report, film.prompt) if film.prompt else "").loaded()
    await _carry_out(
        report,
        _Root(
            name="video",
            gives=Stage.CLIPS,
            begin=film.begin,
            seed=" ".join(filter(None, (film.prompt, film.extend))),
        ),
        course,
    )


async def edits(report: Report, image: str, prompt: str, course: Course) -> None:
    """Paint a part of a picture anew; the mask is the act's own."""
    text, mask = clean(report, prompt), course.dialog.mask
    picture = inputs.image(image, "picture to edit", links=True)
    if mask is None and not inputs.is_link(picture):
        _check_holes(picture)
    await _carry_out(
        report,
        _Root(
            name="edits",
            gives=Stage.GRID,
            begin=lambda client, more: client.edits(picture, text, mask=mask, **more),
            seed=text,
        ),
        evolve(course, dialog=evolve(course.dialog, mask=None)),
    )


def _check_holes(picture: str) -> None:
    """Refuse a picture of which nothing would change, or all of it."""
    try:
        # Read as a mask it tells what is transparent in it.
        Mask.alpha(inputs.load(picture, "picture to edit").data)
    except InvalidInput as error:
        raise InvalidInput(
            error.message,
            advice="Say what is to change by --mask, or give a PNG in which that is transparent.",
        ) from error


async def swap_face(report: Report, source: str, target: str, course: Course) -> None:
    """Put a face into a picture."""
    face = inputs.image(source, "picture with the face")
    scene = inputs.image(target, "picture to put the face into")
    await _carry_out(
        report,
        _Root(
            name="swap-face",
            gives=None,
            begin=lambda client, more: client.swap_face(face, scene, **more),
            seed=f"{source} {target}",
        ),
        course,
    )


# --- all of them --------------------------------------------------------------------------


async def _carry_out(report: Report, root: _Root, course: Course) -> None:
    """
    Begin an act, press buttons, and save or print what the last one gives.

    Raises:
        InvalidInput: Something cannot work; nothing was sent.
    """
    chain = chained(course.click, clean_dialog(report, course.dialog), root.gives)
    saving = None if _gives_texts(chain, course) else course.saving
    more = {"extra": read_extras(course.extra), "key": read_key(course.keeping.key)}
    _rehearse(root, more)
    session = Session(
        report,
        course.terms,
        course.sandbox,
        out=saving.out if saving else None,
        chained=True,
        seed=root.seed,
        keeping=course.keeping,
    )
    async with session as client:
        if saving is not None:
            await check_saving(saving)
        check_possible(await client.dialect(), root.name.replace("-", "_"), chain.presses)
        session.follow(root.begin(client, more), root.name)
        session.press(chain.presses)
        await see_through(session, saving)


def _gives_texts(chain: Chain, course: Course) -> bool:
    """Whether there is no picture to save in the end; refuse to be told where to save it."""
    if chain.gives not in TEXTS:
        return False
    if course.saving != SAVING:
        raise InvalidInput(
            "there is no picture to save: this gives texts, on standard output",
            advice="--click 1 draws the first of them; leave --out and --name away otherwise.",
        )
    return True


class _Rehearsal(Acts):
    """Takes acts on and does nothing: what the library refuses is refused before it is open."""

    _options = Options()

    def _begin(self, act: Act, key: str | None) -> TaskHandle:
        raise _Rehearsed


class _Rehearsed(Exception):
    """Nothing is wrong with an act."""


def _rehearse(root: _Root, more: Mapping[str, Any]) -> None:
    with suppress(_Rehearsed):
        root.begin(_Rehearsal(), more)


def clean(report: Report, prompt: str) -> str:
    """Mend a prompt as the client would, and warn of what was mended."""
    text, warnings = tidy(prompt)
    for warning in warnings:
        report.warn(warning)
    return text


def clean_dialog(report: Report, dialog: Dialog) -> Dialog:
    """Mend the prompt for a dialog."""
    if dialog.prompt is None:
        return dialog
    return evolve(dialog, prompt=clean(report, dialog.prompt))
