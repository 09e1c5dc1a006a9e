"""
What a flow will do for an item, foreseen without a server: its own machine, fed with made-up tasks.

Texts, files and names are only gathered here: what they come to is an item's own business
(`checks`), so that thousands of items share one forecast.  It depends on nothing but the values
that conditions and buttons name (`stamps.decisive`).
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import define, field

from mjflow.errors import InvalidInput, RequestRefused
from mjflow.flow.flow import Flow
from mjflow.flow.items import Item
from mjflow.flow.machine.commands import (
    Command,
    Cut,
    Ended,
    Event,
    Pick,
    Picked,
    Save,
    Stored,
    Submit,
)
from mjflow.flow.machine.keys import canonical
from mjflow.flow.machine.layout import Layout
from mjflow.flow.machine.machine import Machine
from mjflow.flow.planning.bill import Entry, seconds_of
from mjflow.flow.planning.findings import Where
from mjflow.flow.planning.gathering import Gathering
from mjflow.flow.planning.openings import Opening, opened
from mjflow.flow.planning.presses import Press, advice_on, changed, pressed
from mjflow.flow.planning.spots import Deed, Forecast, Naming, Region, Spot, Words
from mjflow.flow.planning.stamps import Stamped, Stamps
from mjflow.flow.planning.stand_ins import task_of
from mjflow.flow.steps import Change, Click, Download, Split, Submitting, Video
from mjflow.media.given import can_decode
from mjflow.protocol.dialect import Dialect
from mjflow.protocol.grammar import Stage
from mjflow.protocol.order import RESULTS, TEXTS
from mjflow.protocol.requests import Mode

#: Commands for one item; beyond lies a mistake.
MOST = 10_000

#: A result of which there is no still picture to build on.
_NO_STILL = frozenset({*TEXTS, Stage.CLIPS, Stage.CLIP})
#: Buttons that every grid and every video has, whatever its version.
_CERTAIN = frozenset(f"{letter}{n}" for letter in "UV" for n in range(1, 5))
#: Buttons after which a picture has another shape, or one that nobody knows (P§6.4).
_RESHAPE = ("custom_zoom", "make_square", "pan_", "animate", "extend", "imagine_all")
_PILLOW = "Install it: pip install 'mjflow[images]'."
_TEXTS_FIRST = "Click 1 first, to draw one of its texts."


def foresee(flow: Flow, item: Item, dialect: Dialect, *, mode: Mode | None, lag: float) -> Forecast:
    """
    Foresee what a flow will do for an item, and for all that are like it.

    Args:
        mode: Of all steps that have none of their own.
        lag: Seconds from the end of a task until it is seen.
    """
    stamps = Stamps(flow.file)
    machine = Machine(Layout.of_steps(stamps.put(flow.steps)), item)
    rehearsal = _Rehearsal(flow, machine, stamps, dialect, mode, lag)
    rehearsal.run()
    return rehearsal.forecast()


@define
class _Rehearsal:
    """Carries a machine's commands out in thought."""

    _flow: Flow
    _machine: Machine
    _stamps: Stamps
    _dialect: Dialect
    _mode: Mode | None
    _lag: float
    _found: Gathering = field(factory=Gathering)
    #: By key of a submit and place of its task: where a branch has come to.
    _spots: dict[tuple[str, int], Spot] = field(factory=dict)

    def run(self) -> None:
        """Carry all commands out."""
        while commands := self._machine.commands():
            if len(self._found.deeds) + len(commands) > MOST:
                message = f"the steps branch into more than {MOST:,} commands for one item"
                self._found.note(Where(self._flow.file), message, "Press fewer buttons at once.")
                return
            for command in commands:
                self._machine.apply(command.key, self._carry(command))
        for branch in self._machine.result().branches:
            if branch.error is not None:
                self._found.note(Where(self._flow.file), branch.error.message, branch.error.advice)

    def forecast(self) -> Forecast:
        """Give what was found out."""
        return self._found.forecast(max((s.seconds for s in self._spots.values()), default=0.0))

    def _carry(self, command: Command) -> Event:
        stamped = self._stamps.of(self._machine.step_of(command.key))
        self._found.done.add(stamped.where())
        self._found.unsure = self._found.unsure or _is_unsure(stamped)
        try:
            match command:
                case Submit():
                    return self._submit(command, stamped)
                case Save() | Cut():
                    self._save(command, stamped)
                case Pick():
                    return self._pick(command)
        except (InvalidInput, RequestRefused) as error:
            where = stamped.where("buttons" if isinstance(stamped.step, Click) else "")
            self._found.note(where, error.message, error.advice)
            if isinstance(command, Submit):
                self._look_on(command, stamped)
                return self._come_to(command, [Spot()])
        return Stored(())

    def _look_on(self, submit: Submit, stamped: Stamped) -> None:
        """Take down the data of a click that cannot be: more may be wrong with it."""
        step, given = stamped.step, submit.step
        if isinstance(step, Click) and isinstance(given, Click):
            self._found.say(stamped, step.prompt, button=canonical(given.buttons[0]))
            if step.mask is not None:
                self._found.cover(Region(where=stamped.where("mask"), mask=step.mask))

    def _pick(self, pick: Pick) -> Picked:
        """Choose: which ones, nobody knows, but how many."""
        candidates = pick.candidates
        self._found.deeds.append(Deed(key=pick.key, downloads=len(candidates)))
        self._found.choose([candidate.key for candidate in candidates])
        return Picked(tuple(range(min(pick.best, len(candidates)))))

    def _save(self, command: Save | Cut, stamped: Stamped) -> None:
        step, spot = stamped.step, self._spots[command.parent, command.place]
        assert isinstance(step, Download | Split)
        cells = isinstance(step, Split)
        _check_files(spot, cells=cells)
        naming = Naming(
            where=stamped.where("name"),
            template=step.name,
            source=f"{command.parent} {command.place}",
            branch=command.branch,
            spot=spot,
        )
        self._found.name(naming)
        self._found.deeds.append(Deed(key=command.key, downloads=1 if cells else spot.pictures))

    # --- submits --------------------------------------------------------------------------

    def _submit(self, submit: Submit, stamped: Stamped) -> Ended:
        step = stamped.step
        assert isinstance(step, Submitting)
        before = self._spots.get((submit.parent or "", submit.place), Spot())
        opening = opened(step)
        if opening is not None:
            return self._come_to(submit, [self._open(submit, stamped, opening, before)])
        press = self._press_of(submit, step, before.stage)
        spot = self._press(submit, stamped, press, before)
        return self._come_to(submit, [spot] * press.traits.tasks)

    def _come_to(self, submit: Submit, spots: Sequence[Spot]) -> Ended:
        """Take down where a branch, or several, have come to, and make the tasks up."""
        tasks = []
        for place, spot in enumerate(spots):
            self._spots[submit.key, place] = spot
            buttons = self._dialect.clicks == "action"
            name = str(len(self._spots))
            tasks.append(task_of(name, spot.stage, spot.action, buttons=buttons))
        return Ended(tuple(tasks))

    def _open(self, submit: Submit, stamped: Stamped, opening: Opening, before: Spot) -> Spot:
        self._dialect.check_act(opening.act)
        if opening.on_current:
            self._check_current(opening, before, stamped)
        if opening.mask is not None and not can_decode():
            raise InvalidInput("cutting a part out takes Pillow", advice=_PILLOW)
        self._found.open(stamped, opening)
        words = self._found.say(stamped, opening.prompt)
        entry = Entry(action=opening.action, mode=self._mode_of(stamped))
        deed = Deed(key=submit.key, entries=(entry,), downloads=opening.on_current)
        self._found.deeds.append(deed)
        clips = getattr(stamped.step, "batch_size", None) or 4
        return Spot(
            stage=opening.gives,
            button=opening.act,
            action=opening.action,
            parent=submit.parent or "",
            prompt=words,
            drawn=words if opening.act == "imagine" else None,
            pictures=clips if isinstance(stamped.step, Video) else 1,
            seconds=before.seconds + self._seconds(entry),
        )

    def _check_current(self, opening: Opening, before: Spot, stamped: Stamped) -> None:
        """Make sure that the branch has a picture, where a step builds on that."""
        if before.stage in _NO_STILL:
            assert before.stage is not None
            raise InvalidInput(
                f"`current` is a picture, and here the branch has {RESULTS[before.stage]}",
                advice=_TEXTS_FIRST if before.stage in TEXTS else "",
            )
        if before.stage is Stage.GRID:
            self._found.note(
                stamped.where(opening.argument),
                "`current` is here the whole grid of four, as one picture",
                "Click U1, U2, U3 or U4 first to go on with one of them.",
                fatal=False,
            )

    def _press_of(self, submit: Submit, step: Submitting, stage: Stage | None) -> Press:
        if isinstance(step, Change):
            return changed(step, stage)
        assert isinstance(step, Click)
        assert isinstance(submit.step, Click)
        return pressed(step, submit.step.buttons[0], stage, self._dialect)

    def _press(self, submit: Submit, stamped: Stamped, press: Press, before: Spot) -> Spot:
        words = None
        if isinstance(stamped.step, Click):
            words = self._answer(stamped, stamped.step, press, before)
        entries = press.entries(self._mode_of(stamped))
        deed = Deed(key=submit.key, entries=entries, may_open=press.may_open)
        self._found.deeds.append(deed)
        return Spot(
            stage=press.gives,
            button=press.name,
            action=press.traits.action,
            parent=submit.parent or "",
            prompt=words or (None if before.stage in TEXTS else before.prompt),
            drawn=_shape_after(press.name, words, before),
            pictures=4 if press.gives is Stage.CLIPS else 1,
            seconds=before.seconds + self._seconds(entries[0]),
        )

    def _answer(self, stamped: Stamped, step: Click, press: Press, before: Spot) -> Words | None:
        """Take down the data that a click brings for its dialog, and give the prompt."""
        if step.mask is not None:
            where = stamped.where("mask")
            self._found.cover(Region(where=where, mask=step.mask, drawn=before.drawn))
        if said := advice_on(step, press):
            self._found.note(stamped.where("buttons"), *said, fatal=False)
        return self._found.say(stamped, step.prompt, button=press.name)

    def _mode_of(self, stamped: Stamped) -> Mode | None:
        own: Mode | None = getattr(stamped.step, "mode", None)
        if own is None:
            return self._mode
        try:
            self._dialect.prefix(own)
        except InvalidInput as error:
            self._found.note(stamped.where("mode"), error.message, error.advice)
        return own

    def _seconds(self, entry: Entry) -> float:
        return (seconds_of(entry.action, entry.mode) + self._lag) if entry.tasks else 0.0


def _check_files(spot: Spot, *, cells: bool) -> None:
    """
    Make sure that there is something to save.

    Raises:
        InvalidInput: There is not, or no grid to be split.
    """
    if spot.stage in TEXTS:
        assert spot.stage is not None
        raise InvalidInput(
            f"here the branch has {RESULTS[spot.stage]}, and no picture to save",
            advice=f"{_TEXTS_FIRST} The texts are in the results of the run.",
        )
    if not cells:
        return
    if spot.stage not in (Stage.GRID, None):
        assert spot.stage is not None
        raise InvalidInput(
            f"here the branch has {RESULTS[spot.stage]}, and only a grid can be split",
            advice="Save it by a `download` step.",
        )
    if not can_decode():
        raise InvalidInput("splitting a grid takes Pillow", advice=_PILLOW)


def _shape_after(name: str, words: Words | None, before: Spot) -> Words | None:
    """Tell which prompt says the shape of what a button gives; `None` if nobody knows."""
    if name.startswith(_RESHAPE) or (before.stage in TEXTS and words is None):
        return None
    return words if words is not None and name != "vary_region" else before.drawn


def _is_unsure(stamped: Stamped) -> bool:
    """Whether only the run can tell if a step is done."""
    when = stamped.step.when
    if when is None:
        return False
    wanted = when.has_button
    return when.action is not None or (wanted is not None and wanted.upper() not in _CERTAIN)
