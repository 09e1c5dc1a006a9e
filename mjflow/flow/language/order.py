"""What may follow what in a step list, as far as that is known without buttons and files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mjflow.flow import steps, templates
from mjflow.flow.language.forms import FILES, ROOTS, Form, pictures_of
from mjflow.flow.language.nodes import At, Report
from mjflow.flow.language.reading import Draft
from mjflow.flow.steps import CURRENT, Click
from mjflow.protocol.buttons import traits
from mjflow.protocol.spellings import is_custom_id, is_glob, meanings

_BEGIN = "A flow begins with imagine, blend, describe, shorten, video, edits or swap_face."


def check(drafts: Sequence[Draft], report: Report) -> None:
    """Tell a report of every step that stands where it cannot."""
    if drafts:
        _check_first(drafts[0], report)
    _check_list(drafts, report, first=True)
    _check_ids(drafts, report)


def _check_first(draft: Draft, report: Report) -> None:
    form, step = draft.form, draft.step
    if form is None:
        return
    if form.kind not in ROOTS:
        report.tell(draft.at, f"{form.verb} needs a task, and nothing stands before it", _BEGIN)
    elif step is not None and CURRENT in pictures_of(step):
        report.tell(
            draft.at, "there is no current picture yet", "The first step names its own pictures."
        )
    if step is not None and step.when is not None:
        report.tell(
            step.at("when") or draft.at,
            "the first step cannot be skipped: nothing would be left to go on with",
            "Leave items out of the inputs, or of the matrix by exclude.",
        )


def _check_list(drafts: Sequence[Draft], report: Report, *, first: bool = False) -> None:
    ended: Form | None = None
    for place, draft in enumerate(drafts):
        form = draft.form
        if form is None:
            continue
        if ended is not None:
            _check_behind(ended, draft, form, report)
        if not (first and place == 0):
            _check_later(draft, form, report)
        if form.kind is steps.Choose:
            _check_choice(draft.at, drafts[:place], report)
        for tail in draft.tails.values():
            _check_list(tail, report)
        if form.kind in (steps.Fork, steps.Split) and ended is None:
            ended = form


def _check_behind(ended: Form, draft: Draft, form: Form, report: Report) -> None:
    """Check what stands behind a fork or a split."""
    if ended.kind is steps.Fork:
        report.tell(
            draft.at,
            f"{form.verb} stands behind a fork, and nothing follows one",
            "Put it at the end of each of the fork's branches.",
        )
    elif form.kind not in FILES:
        report.tell(
            draft.at,
            f"{form.verb} stands behind a split, which only makes files",
            "Put the split last, or into a branch of a fork.",
        )


def _check_later(draft: Draft, form: Form, report: Report) -> None:
    """Check a step that builds on what the branch has come to."""
    if form.kind not in ROOTS:
        return
    if not ROOTS[form.kind]:
        report.tell(draft.at, f"{form.verb} takes no picture, so it can only be the first step")
    elif draft.step is not None and CURRENT not in pictures_of(draft.step):
        name = ROOTS[form.kind][0]
        report.tell(
            draft.at,
            f"{form.verb} stands in mid-list and takes no notice of the steps before it",
            f"Say what it goes on with: `{name}: {CURRENT}`; or give it a flow of its own.",
        )


def _check_choice(at: At, above: Sequence[Draft], report: Report) -> None:
    # A draft with something wrong in it may well have been the one.
    if any(draft.form and (draft.step is None or _may_split(draft.step)) for draft in above):
        return
    report.tell(
        at,
        "there is nothing to choose from: no step above splits the branch",
        "Press several buttons first, such as `click: [U1, U2, U3, U4]`.",
    )


def _may_split(step: steps.Step) -> bool:
    if not isinstance(step, Click):
        return False
    return len(step.buttons) > 1 or any(map(_may_start_several, step.buttons))


def _may_start_several(button: str) -> bool:
    if templates.fields(button) or is_glob(button) or is_custom_id(button):
        return True
    return any(traits(name).tasks > 1 for name in meanings(button))


def _check_ids(drafts: Sequence[Draft], report: Report) -> None:
    seen: set[str] = set()
    for draft in _every(drafts):
        step = draft.step
        if step is None or not step.id:
            continue
        if step.id in seen:
            at = step.at("id") or draft.at
            report.tell(at, f"another step has the id {step.id!r} already")
        seen.add(step.id)


def _every(drafts: Sequence[Draft]) -> Iterator[Draft]:
    for draft in drafts:
        yield draft
        for tail in draft.tails.values():
            yield from _every(tail)
