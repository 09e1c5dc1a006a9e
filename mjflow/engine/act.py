"""What a caller asked for: one act, before anything has become of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any, Literal

from attrs import Attribute, evolve, field, fields, frozen, validators

from mjflow.config import mode_named
from mjflow.errors import InvalidInput
from mjflow.journal.store import Lease
from mjflow.media.masks import Mask, MaskLike, load_mask
from mjflow.protocol import checks
from mjflow.protocol.requests import Mode, Root
from mjflow.protocol.task import Task

#: Seconds from acceptance until we stop looking.  Gateways end a task by themselves after an
#: hour (P§5.5); ten minutes more let that ending be seen.
DEADLINE = 4200.0
#: Seconds from the first "no room" until a submit gives up.
ADMISSION_TIMEOUT = 4200.0
#: Seconds without a change after which readers are told that a task has stalled: even a slow
#: mode has drawn a whole grid by then, as a rule (P§10).
STALL_AFTER = 600.0


def _loaded(mask: MaskLike | None) -> Mask | None:
    return None if mask is None else load_mask(mask)


@frozen(kw_only=True)
class Answer:
    """Data for a dialog."""

    #: `""` lets the offered prompt stand, else the parent's.
    prompt: str = field(default="", validator=validators.instance_of(str))
    #: Whatever describes a mask will do; a picture file is read and checked now.
    mask: Mask | None = field(default=None, converter=_loaded)

    def __bool__(self) -> bool:
        return bool(self.prompt) or self.mask is not None


@frozen(kw_only=True)
class OpenDialog:
    """A dialog that waits, as an `on_dialog` callable sees it."""

    task_id: str
    #: Canonical name of the button that opened it, `""` when unknown.
    button: str
    #: `"prompt"` or `"mask and prompt"`.
    wants: str
    #: The prompt the server offers, `""` if none.
    suggested: str
    #: The task whose button was clicked, when it is known.
    parent: Task | None = None


#: What to do when a dialog opens: answer it from what the click brought, tell the waiters, or ask.
OnDialog = (
    Literal["auto", "raise"] | Callable[[OpenDialog], Answer | Awaitable[Answer | None] | None]
)


def _seconds(_: object, attribute: Attribute[Any], value: object) -> None:
    if value is None:
        return
    if not isinstance(value, int | float) or isinstance(value, bool) or not value > 0:
        raise InvalidInput(f"{attribute.name} is seconds above 0, or None, not {value!r}")


def _policy(_: object, attribute: Attribute[Any], value: object) -> None:
    if value not in ("auto", "raise") and not callable(value):
        raise InvalidInput(f'{attribute.name} is "auto", "raise" or a callable, not {value!r}')


def _flag(_: object, attribute: Attribute[Any], value: object) -> None:
    if not isinstance(value, bool):
        raise InvalidInput(f"{attribute.name} is True or False, not {value!r}")


def _name(_: object, attribute: Attribute[Any], value: object) -> None:
    if not isinstance(value, str):
        raise InvalidInput(f"{attribute.name} is a text, not {value!r}")


@frozen(kw_only=True)
class Options:
    """How one act is carried out; the client's own settings where a call says nothing."""

    mode: Mode | None = None
    #: Seconds from acceptance; `None` waits without end.
    deadline: float | None = field(default=DEADLINE, validator=_seconds)
    #: Seconds from the first "no room"; `None` waits without end.
    admission_timeout: float | None = field(default=ADMISSION_TIMEOUT, validator=_seconds)
    #: Seconds without a change until readers of events are told; `None` never tells.
    stall_after: float | None = field(default=STALL_AFTER, validator=_seconds)
    on_dialog: OnDialog = field(default="auto", validator=_policy)
    #: Whether an act may go down to a cheaper mode when there is no room in its own.
    spill_over: bool = field(default=False, validator=_flag)
    #: For whom it is done: callers take turns where acts have to wait.
    caller: str = field(default="", validator=_name)
    #: Under which lease it is sent, if it is part of a run: nobody sends anything after the run was
    #: taken over.
    lease: Lease | None = field(default=None, metadata={"internal": True})


def changed(options: Options, changes: Mapping[str, Any]) -> Options:
    """
    Return options with some of them changed.

    Raises:
        InvalidInput: There is no such option or speed mode, or a value cannot be.
    """
    if not changes:
        return options
    names = [field.name for field in fields(Options) if not field.metadata]
    for name in changes:
        if name not in names:
            raise InvalidInput(
                f"there is no option {name!r}", advice=f"The options: {', '.join(names)}."
            )
    given = dict(changes)
    if "mode" in given:
        given["mode"] = mode_named(given["mode"])
    return evolve(options, **given)


@frozen(kw_only=True)
class Click:
    """A button to press on another task, or its place in the classic `change` call."""

    #: As the caller wrote it; resolved against the parent's own buttons when the parent has ended.
    button: str
    enable_remix: bool | None = None


@frozen(kw_only=True)
class Classic:
    """The classic change call on another task, which names no button (P§2.3)."""

    #: `UPSCALE`, `VARIATION` or `REROLL`.
    action: str
    #: 1-4.
    index: int = 1

    @property
    def button(self) -> str:
        """The button it amounts to."""
        letter = {"UPSCALE": "U", "VARIATION": "V"}.get(self.action)
        return f"{letter}{self.index}" if letter else "reroll"


@frozen
class Attach:
    """A task that was submitted by somebody else, or in another life; its id is the record's."""


#: One for all of them, as the other values that most acts have in common.
ATTACH = Attach()
NO_ANSWER, NO_OPTIONS = Answer(), Options()
NO_EXTRA: Mapping[str, Any] = MappingProxyType({})


@frozen(kw_only=True)
class Act:
    """One act with its answer for a dialog, should one open, and its options."""

    what: Root | Click | Classic | Attach
    answer: Answer = NO_ANSWER
    options: Options = NO_OPTIONS
    #: The user's own `state`, carried behind our token.
    state: str = ""
    notify_hook: str | None = field(default=None, validator=checks.hook)
    extra: Mapping[str, Any] = NO_EXTRA

    @property
    def name(self) -> str:
        """What was asked for, by the name of the client's method."""
        match self.what:
            case Click():
                return "click"
            case Classic():
                return "change"
            case Attach():
                return "attach"
            case root:
                return root.route.act

    @property
    def prompt(self) -> str:
        """The prompt it was asked for with; `""` for acts without one."""
        return getattr(self.what, "prompt", "") or self.answer.prompt

    @property
    def button(self) -> str:
        """The button as the caller wrote it; `""` for acts that press none."""
        return self.what.button if isinstance(self.what, Click | Classic) else ""
