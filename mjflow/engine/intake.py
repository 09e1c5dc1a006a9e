"""Takes acts on: gives them keys, finds the ones it knows, and opens a record for the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import count
from secrets import token_urlsafe

from mjflow.engine.act import Act, Attach, Classic, Click
from mjflow.engine.outcomes import failure_of
from mjflow.engine.record import Record
from mjflow.engine.resolve import button_name
from mjflow.engine.tracker import Tracker
from mjflow.errors import InvalidInput, KeyConflict
from mjflow.fsm.observe import observe
from mjflow.fsm.states import State
from mjflow.journal.store import ANONYMOUS
from mjflow.protocol import codec
from mjflow.protocol.checks import check_key
from mjflow.protocol.requests import Action, Change
from mjflow.protocol.task import Button, Task

#: After these the caller may ask for the same key again: nothing is left at the server.
_ASK_AGAIN = frozenset({State.REFUSED, State.WITHDRAWN})


class Intake:
    """The door of the engine; plain and synchronous."""

    def __init__(
        self,
        tracker: Tracker,
        *,
        carry: Callable[[Record], None],
        watch: Callable[[Record], None],
    ) -> None:
        self._tracker = tracker
        self._carry = carry
        self._watch = watch

    def root(self, act: Act, key: str | None) -> Record:
        """
        Take on an act that builds on nothing.

        Raises:
            KeyConflict: The key stands for another act.
        """
        return self._begin(act, _checked(key) or _anonymous(), None)

    def chain(self, act: Act, parent: Record, key: str | None, clicks: Counter[str]) -> Record:
        """
        Take on an act on another task; its key is the parent's, the button and its occurrence.

        Raises:
            KeyConflict: The key stands for another act.
        """
        return self._begin(act, _checked(key) or self._chained(act, parent, clicks), parent)

    def attach(self, act: Act, task_id: str) -> Record:
        """Take on a task that runs at the server already."""
        record = Record(act=act, key=_anonymous(), state=State.SUBMITTED)
        self._tracker.add(record)
        self._tracker.name(record, (task_id,))
        self._watch(record)
        return record

    def adopt(self, act: Act, task: Task) -> Record:
        """Take on a task that has ended, so that its buttons can be clicked."""
        record = Record(act=act, key=_anonymous(), ids=(task.id,), state=State.SUBMITTED)
        event = observe(record.state, task.status, answered=False)
        self._tracker.move(record, event, task=task, error=failure_of(task))
        return record

    def remember(
        self, act: Act, task: Task, *, key: str, parent: Record | None, button: Button | None
    ) -> Record:
        """
        Take on a task that has ended well in another life, with all that led to it.

        Nobody is told of it, and it is not in the books: there is nothing to wait for.
        """
        return Record(
            act=act,
            key=key,
            ids=(task.id,),
            state=State.SUCCESS,
            task=task,
            parent=parent,
            button=button,
        )

    def split(self, record: Record) -> None:
        """
        Give each of several tasks that one button started a record of its own.

        The journal knows all of them by the one attempt; what becomes of each is not its word.
        """
        children = []
        share, record.charged = record.charged / len(record.ids), 0.0
        for number, task_id in enumerate(record.ids, start=1):
            child = Record(
                act=record.act,
                key=f"{record.key}/{number}",
                parent=record.parent,
                button=record.button,
                state=State.SUBMITTED,
                mode=record.mode,
                charged=share,
            )
            self._tracker.add(child)
            self._tracker.name(child, (task_id,))
            self._watch(child)
            children.append(child)
        record.children = tuple(children)

    def _begin(self, act: Act, key: str, parent: Record | None) -> Record:
        known = self._tracker.with_key(key)
        if known is not None and known.latest.state not in _ASK_AGAIN:
            if not (_met(known.latest, act, parent) or _same(known, act, parent)):
                raise KeyConflict(key)
            return known
        record = Record(act=act, key=key, parent=parent)
        self._tracker.add(record)
        self._carry(record)
        return record

    def _chained(self, act: Act, parent: Record, clicks: Counter[str]) -> str:
        """
        Make the key of a click that was given none.

        A parent with a key of the caller's may be asked for again, by a request that is tried
        twice or after a restart: the same clicks then mean the same tasks, so each asker counts
        for itself.  On any other parent every click is a new one.
        """
        name = button_name(None, act)
        if parent.key.startswith(ANONYMOUS):
            clicks = parent.clicks = parent.clicks or Counter()
        clicks[name] += 1
        occurrence = clicks[name]
        again = "" if occurrence == 1 else f"#{occurrence}"
        return f"{parent.key}/{name}{again}"


def _checked(key: str | None) -> str | None:
    if key is not None:
        check_key(key)
        if key.startswith(ANONYMOUS):
            raise InvalidInput(
                f"{key!r} is no key of your own: it begins with {ANONYMOUS!r}",
                advice="Begin it with anything else.",
            )
    return key


def _met(known: Record, act: Act, parent: Record | None) -> bool:
    """
    Let a click that only the journal knew be the one that is asked for, if it is the same.

    Nobody had asked for it in this life (see `Reviver.doubts`), so that it had no parent.
    """
    if known.parent is not None or parent is None or not isinstance(known.request, Action | Change):
        return False
    asked, written = button_name(None, act), button_name(known.button, known.act)
    same = asked == written and act.extra == known.act.extra
    if same and (parent.latest.id is None or known.request.task_id in parent.latest.ids):
        known.act, known.parent = act, parent
    return known.parent is not None


def _same(known: Record, act: Act, parent: Record | None) -> bool:
    """Tell whether an act asks for what a known one asked for, however it was written."""
    builds = isinstance(act.what, Click | Classic)
    same_task = not builds or _same_task(known.parent, parent)
    return same_task and _content(known.act) == _content(act)


def _same_task(one: Record | None, other: Record | None) -> bool:
    """Tell whether two records stand for the same task; a finished one may have been adopted."""
    if one is None or other is None:
        return one is other
    one, other = one.latest, other.latest
    return one is other or not set(one.ids).isdisjoint(other.ids)


def _content(act: Act) -> tuple[object, ...]:
    """Take out of an act what its task depends on."""
    match act.what:
        case Click(enable_remix=remix):
            return button_name(None, act), remix, act.extra, act.answer
        case Classic() | Attach():
            return act.what, act.extra, act.answer
        case request:
            return codec.digest(request), act.answer


_numbers = count(1)
_process = token_urlsafe(6)  # eight characters, for there are many keys


def _anonymous() -> str:
    """Make up a key that no caller can ask for, unique in all processes."""
    return f"{ANONYMOUS}{_process}-{next(_numbers)}"
