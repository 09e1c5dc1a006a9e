"""A task at the server behind: its times are fixed when it starts, its state follows from them."""

from __future__ import annotations

from functools import cached_property

from attrs import define, field

from mjflow.simulator.buttons import Click, Kind, Stage, buttons_of
from mjflow.simulator.prompts import Params, final
from mjflow.simulator.wire import Json

NEVER = float("inf")

# Progress comes from edits of a message, in uneven steps (P§10).
_STEPS = (0, 15, 31, 46, 62, 78, 93)


@define(eq=False)
class Dialog:
    """The dialog a button opened."""

    kind: Kind
    #: The task that shows the button.
    parent: Task
    #: The text it offers.
    final_prompt: str
    #: How many answers were accepted; more than one means that somebody paid twice.
    answers: int = 0


@define(eq=False)
class Task:
    """One task; every instant is in virtual seconds."""

    id: str
    #: The job's uuid, part of every custom id.
    job: str
    action: str
    prompt: str
    state: str
    mode: str
    submitted: float
    #: Seconds from leaving the queue to the start, and from there to the end.
    lag: float
    run: float
    stage: Stage
    #: Width for each unit of height.
    aspect: float
    version: str
    #: Which cell of the grid it came from, 0 for a grid.
    cell: int = 0
    parent: Task | None = None
    click: Click | None = None
    mask: bytes = b""
    dialog: Dialog | None = None
    #: Why it will fail, `""` if it won't.
    failure: str = ""
    #: When it left the queue, None while it waits.
    begun: float | None = None
    #: From when on the server behind no longer knows it.
    lost: float = NEVER
    #: Names of the faults that decide its fate.
    fates: frozenset[str] = field(factory=frozenset)

    @property
    def started(self) -> float:
        """When it was given to Midjourney; never, while it waits."""
        return NEVER if self.begun is None else self.begun + self.lag

    @property
    def ends(self) -> float:
        """When it ends; never, while it waits."""
        return self.started + self.run

    @property
    def answers(self) -> int:
        """How many answers its dialog accepted."""
        return 0 if self.dialog is None else self.dialog.answers

    def status(self, at: float) -> str:
        """Give its status at an instant, P§5.1."""
        if at >= self.ends:
            return "FAILURE" if self.failure else "SUCCESS"
        if at >= self.started:
            # The start is seen as SUBMITTED until the first progress is.
            return "IN_PROGRESS" if self.percent(at) else "SUBMITTED"
        return "NOT_START" if self.dialog is None else "MODAL"

    def percent(self, at: float) -> int:
        """Give its progress at an instant, 0 to 99 until it ended."""
        if at < self.started:
            return 0
        share = (at - self.started) / self.run
        step = _STEPS[min(len(_STEPS) - 1, int(share * len(_STEPS)))]
        return step + int(self.job[0], 16) % 6 if step else 0

    def progress(self, at: float) -> str:
        """Give its progress as the server behind writes it."""
        status = self.status(at)
        if status == "SUCCESS":
            return "100%"
        return f"{self.percent(at)}%" if status in ("SUBMITTED", "IN_PROGRESS") else ""

    @property
    def final_prompt(self) -> str:
        """The text Midjourney reports for it."""
        return final(self.prompt)

    @cached_property
    def buttons(self) -> list[Json]:
        """The buttons it shows once it ended well."""
        return buttons_of(self.stage, self.version, self.job, square=self.aspect == 1)

    def reword(self, prompt: str) -> None:
        """Take the prompt of a dialog's answer, with the version and aspect it names."""
        params = Params.of(prompt)
        self.prompt = prompt
        if params.given.keys() & {"v", "version", "niji"}:
            self.version = params.version
        # A repainted or extended picture keeps the shape its parent gives it.
        if self.dialog is None or self.dialog.kind not in (Kind.INPAINT, Kind.PAN):
            self.aspect = params.aspect or self.aspect
