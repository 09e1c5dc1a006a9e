"""From what a caller asked for to the request that goes out: plain functions."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve

from mjflow.engine.act import Act, Attach, Classic, Click
from mjflow.errors import InvalidInput, UnknownButton
from mjflow.protocol.buttons import (
    Traits,
    as_change,
    canonical,
    check_possible,
    known,
    resolve,
    traits,
)
from mjflow.protocol.dialect import Dialect
from mjflow.protocol.requests import Action, Change, Submit
from mjflow.protocol.spellings import is_custom_id
from mjflow.protocol.task import Button, Task


def request_of(act: Act, parent: Task | None, dialect: Dialect) -> tuple[Submit, Button | None]:
    """
    Build the request of an act, and name the button it presses.

    Raises:
        UnknownButton: The parent has no such button; nothing was sent.
        RequestRefused: The server is known not to offer the act; nothing was sent.
    """
    match act.what:
        case Click() if parent is not None:
            return _click(act, act.what, parent, dialect)
        case Classic() if parent is not None:
            return _change(act, act.what, parent), None
        case Click() | Classic() | Attach():
            raise InvalidInput("this act has no task to build on")
        case root:
            dialect.check_act(root.route.act)
            return root, None


def _click(act: Act, click: Click, parent: Task, dialect: Dialect) -> tuple[Submit, Button | None]:
    if dialect.clicks == "change" and not parent.buttons:
        check_possible(click.button, dialect, answered=bool(act.answer))
        return _change(act, _classic(click.button), parent), None
    button = resolve(click.button, parent.buttons)
    opens = traits(canonical(button)).opens
    wants_remix = True if act.answer and opens == "remix" else None
    request = Action(
        task_id=parent.id,
        custom_id=button.custom_id,
        enable_remix=wants_remix if click.enable_remix is None else click.enable_remix,
        notify_hook=act.notify_hook,
        extra=act.extra,
    )
    return request, button


def _classic(wanted: str) -> Classic:
    """Turn U, V or reroll into the call that a server without buttons has instead (P§2.3)."""
    classic = as_change(known(wanted))
    assert classic is not None  # `check_possible` has looked
    action, index = classic
    return Classic(action=action, index=index)


def _change(act: Act, classic: Classic, parent: Task) -> Change:
    return Change(
        task_id=parent.id,
        action=classic.action,
        index=classic.index,
        notify_hook=act.notify_hook,
        extra=act.extra,
    )


def renewed(request: Action, act: Act, shown: Sequence[Button]) -> Button | None:
    """
    Find a refused button by its name among those that its task shows now.

    Args:
        request: The click that was refused.
        shown: The buttons of the task as it was just fetched.

    Returns:
        The button under its new id; `None` when it has none.
    """
    name = canonical(Button(custom_id=request.custom_id))
    try:
        button = resolve(act.button if is_custom_id(name) else name, shown)
    except UnknownButton:
        return None
    return None if button.custom_id == request.custom_id else button


def with_state(request: Submit, state: str) -> Submit:
    """Put the wire's state, token and all, into a request."""
    return evolve(request, state=state)


def button_name(button: Button | None, act: Act) -> str:
    """Name the pressed button canonically: from the button itself, else as it was asked for."""
    if button is not None:
        return canonical(button)
    if not act.button:
        return ""
    if is_custom_id(act.button):
        return canonical(Button(custom_id=act.button.strip()))
    try:
        return known(act.button)
    except UnknownButton:
        return act.button


def dialog_traits(button: Button | None, act: Act) -> Traits:
    """Tell what the dialog of the pressed button wants."""
    return traits(button_name(button, act))
