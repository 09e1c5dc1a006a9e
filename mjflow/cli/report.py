"""
What a command tells: data on standard output, talk on standard error.

`Report` writes plain lines and `JsonReport` objects; `view.LiveReport` draws on a terminal.
"""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from typing import Any, TextIO

from attrs import define

from mjflow.cli import fields
from mjflow.cli.leftovers import Left
from mjflow.cli.streams import write_line
from mjflow.cli.words import hitch, lapse, sayings, standing, table
from mjflow.errors import MjflowError
from mjflow.fsm.states import SETTLED, State
from mjflow.media.store import Saved
from mjflow.observers import Update
from mjflow.protocol.task import Task

#: Exit codes, the worst first.
SEVERITY = (130, 4, 3, 1, 2, 0)

#: Said by what comes next: the submit by its answer, the end of a chain by its error.
_UNSAID = frozenset({State.NEW, State.SUBMITTING, State.WITHDRAWN})
#: States before anything has left, or in which nothing ever did.
_NOT_BEGUN = frozenset({State.NEW, State.WITHDRAWN})


@define
class Progress:
    """How far one act has come."""

    label: str
    id: str | None = None
    #: The last news; `None` before there are any.
    news: Update | None = None
    #: Instants on the monotonic clock; `None` before the submit, and while it runs.
    began: float | None = None
    ended: float | None = None
    #: Whether this command submitted it, and so knows how long it took.
    ours: bool = False
    #: What was last said of it, and whether its id was.
    said: str = ""
    named: bool = False

    def take(self, update: Update, now: float) -> None:
        """Take in what happened."""
        self.news = update
        self.id = update.id or self.id
        self.ours = self.ours or update.state is State.SUBMITTING
        if self.began is None and update.state not in _NOT_BEGUN:
            self.began = now
        self.ended = (self.ended or now) if update.state in SETTLED else None

    def elapsed(self, now: float) -> float:
        """Seconds since the submit, until the end if it has come."""
        return 0.0 if self.began is None else (self.ended or now) - self.began


class Report:
    """Plain lines: for pipes, logs and simple terminals."""

    def __init__(self, out: TextIO | None = None, err: TextIO | None = None) -> None:
        # Either is None in a process that was started without it.
        self._out: TextIO | None = out or sys.stdout
        self._err: TextIO | None = err or sys.stderr
        self._acts: dict[str, Progress] = {}
        self._codes = {0}

    def rest(self) -> None:
        """End the progress: what is said from here on are last words."""

    @property
    def code(self) -> int:
        """The exit code: that of the worst that happened."""
        return next(code for code in SEVERITY if code in self._codes)

    def blame(self, code: int) -> None:
        """Count an exit code in."""
        self._codes.add(code)

    # --- progress -------------------------------------------------------------------------

    def follow(self, key: str, label: str, *, named: bool = False) -> None:
        """
        Tell of the act with this key from now on.

        Args:
            named: The label is the task's id already.
        """
        self._acts[key] = Progress(label, named=named)

    def update(self, update: Update) -> None:
        """Tell what happened; an observer of the client."""
        act = self._act(update.key)
        if act is not None:
            act.take(update, time.monotonic())
            self._show(act, update)
        elif not update.key and any(act.id for act in self._acts.values()):
            # Before anything was accepted the error that follows says it all.
            self._hitch(update)

    def _act(self, key: str) -> Progress | None:
        """Find an act; of several tasks that one button started, each is one."""
        if key not in self._acts:
            parent, _, number = key.rpartition("/")
            if parent not in self._acts:
                return None
            self.follow(key, f"{self._acts[parent].label} {number}")
        return self._acts[key]

    def _show(self, act: Progress, update: Update) -> None:
        if update.kind in ("retry", "stalled"):
            self.say(f"{act.label}: {hitch(update)}")
        elif update.state not in _UNSAID and act.said != standing(update):
            act.said = standing(update)
            self.say(_line(act, update))

    def _hitch(self, update: Update) -> None:
        self.say(hitch(update) if update.kind == "paused" else "submitting again")

    # --- results --------------------------------------------------------------------------

    def saved(self, saved: Saved, task_id: str | None) -> None:
        """Tell where a picture is."""
        self.data(str(saved.path))

    def task(self, task: Task) -> None:
        """Tell what the server says of a task."""
        for line in table(task):
            self.data(line)

    def tell(self, kind: str, /, *lines: str, **content: Any) -> None:
        """Tell a small result: lines to people, an object of this type to programs."""
        for line in lines:
            self.data(line)

    def data(self, text: str) -> None:
        """Write a line to standard output."""
        try:
            write_line(self._out, text)
        except OSError as error:
            self.error(MjflowError(f"standard output takes nothing more: {error.strerror}"))

    # --- talk -----------------------------------------------------------------------------

    def say(self, text: str) -> None:
        """Say something to a person."""
        self._talk(text)

    def warn(self, text: str) -> None:
        """Say something that a person should not miss."""
        self._talk(text, "warning")

    def error(self, error: MjflowError | OSError, code: int | None = None) -> None:
        """Say what went wrong and what to do; count its exit code in."""
        self.blame(code_of(error) if code is None else code)
        for message, advice in sayings(error):
            self._talk(message, "error")
            if advice:
                self._advise(advice)

    def left(self, left: Left) -> None:
        """Say what is left at the server, and how to pick it up."""
        for line in left.lines:
            self._talk(line)

    def _talk(self, text: str, word: str = "") -> None:
        with suppress(OSError):  # nobody is left to be told
            write_line(self._err, f"{word}: {text}" if word else text)

    def _advise(self, text: str) -> None:
        self._talk(f"  {text}")


class JsonReport(Report):
    """One JSON object per line on standard output; warnings and errors are also said."""

    def _emit(self, content: dict[str, Any]) -> None:
        self.data(fields.line(content))

    def update(self, update: Update) -> None:
        """Tell what happened; an observer of the client."""
        act = self._act(update.key)
        if update.kind == "preview" and not update.preview:
            return
        if act is not None or not update.key:
            self._emit(fields.of_update(update, act.label if act else ""))

    def saved(self, saved: Saved, task_id: str | None) -> None:
        """Tell where a picture is."""
        self._emit(fields.of_saved(saved, task_id))

    def task(self, task: Task) -> None:
        """Tell what the server says of a task."""
        self._emit({"type": "task", **fields.of_task(task)})

    def tell(self, kind: str, /, *lines: str, **content: Any) -> None:
        """Tell a small result: lines to people, an object of this type to programs."""
        self._emit({"type": kind, **content})

    def say(self, text: str) -> None:
        """Say nothing: who asks for JSON wants no talk."""

    def error(self, error: MjflowError | OSError, code: int | None = None) -> None:
        """Tell what went wrong and what to do; count its exit code in."""
        self._emit(fields.of_error(error, code_of(error) if code is None else code))
        super().error(error, code)

    def left(self, left: Left) -> None:
        """Tell what is left at the server, and how to pick it up."""
        self._emit(left.as_json())
        super().left(left)


def code_of(error: MjflowError | OSError) -> int:
    """Return the exit code of an error."""
    return error.exit_code if isinstance(error, MjflowError) else 1


def _line(act: Progress, update: Update) -> str:
    said = f"{act.label}: {standing(update)}"
    if update.state is State.SUCCESS and act.ours:
        said += f" after {lapse(act.elapsed(time.monotonic()))}"
    if act.id and not act.named:
        act.named = True
        said += f" (task {act.id})"
    return said
