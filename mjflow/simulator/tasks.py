"""A task at the server behind: its times are fixed when it starts, its state follows from them."""

from __future__ import annotations

from functools import cached_property
from uuid import UUID, uuid5

from attrs import define, field

from mjflow.simulator.buttons import Click, Kind, Stage, buttons_of
from mjflow.simulator.prompts import Params, final
from mjflow.simulator.uploads import Material, Use
from mjflow.simulator.wire import Json

NEVER = float("inf")
# Why a task fails that never left the queue, P§5.5.
UNQUEUED = "任务提交超时"

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
    #: The instant of the first accepted answer.
    answered: float = NEVER


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
    #: Pictures that came with the submit, and what is done with them.
    materials: tuple[Material, ...] = ()
    use: Use | None = None
    #: What a describe or a shorten found.
    texts: tuple[str, ...] = ()
    #: Why it will fail.
    failure: str = ""
    #: Whether it will fail, be it without a reason.
    fails: bool = False
    #: When it left the queue, None while it waits.
    begun: float | None = None
    #: When the queue gives it up, and when somebody cancelled it.
    expires: float = NEVER
    stopped: float = NEVER
    #: From when on the server behind no longer knows it.
    lost: float = NEVER
    #: It is never done, though its place becomes free.
    hangs: bool = False
    #: It shows its dialog until it has ended.
    stale: bool = False
    #: `notifyHook`, if it is obeyed.
    hook: str = ""
    #: `MID_JOURNEY`, `NIJI_JOURNEY` or `INSIGHT_FACE`.
    bot: str = "MID_JOURNEY"
    #: The seed was asked for once.
    seed_known: bool = False
    #: Custom ids of its buttons that were pressed, with the first task each led to.
    pressed: dict[str, str] = field(factory=dict)
    #: How often its buttons got other ids.
    renewals: int = 0
    #: Names of the faults that decide its fate.
    fates: frozenset[str] = field(factory=frozenset)

    @property
    def started(self) -> float:
        """When it was given to Midjourney; never, while it waits."""
        return NEVER if self.begun is None else self.begun + self.lag

    @property
    def leaves(self) -> float:
        """When it gives its place back."""
        return self.started + self.run

    @property
    def ends(self) -> float:
        """When it ends; never, while it waits."""
        if self.begun is None:
            end = self.expires
        else:
            end = NEVER if self.hangs else self.begun + self.lag + self.run
        return end if end < self.stopped else self.stopped

    def ended(self, now: float) -> float:
        """Give the instant at which it ended, never if it has not by now."""
        return self.ends if self.ends <= now else NEVER

    @property
    def failed(self) -> bool:
        """Whether its end is a failure, whenever it comes."""
        return self.fails or bool(self.failure) or self.begun is None

    @property
    def reason(self) -> str:
        """Why it fails, as its server says it; `""` also where it just does not say."""
        return self.failure or ("" if self.fails or self.begun is not None else UNQUEUED)

    @property
    def answers(self) -> int:
        """How many answers its dialog accepted."""
        return 0 if self.dialog is None else self.dialog.answers

    @property
    def square(self) -> bool:
        """Whether its pictures are as wide as high."""
        return self.aspect == 1

    def status(self, at: float) -> str:
        """Give its status at an instant, P§5.1."""
        if at >= self.ends:
            return "FAILURE" if self.failed else "SUCCESS"
        if self.dialog is not None and (self.stale or at < self.started):
            return "MODAL"
        if at < self.started:
            return "NOT_START"
        # The start is seen as SUBMITTED until the first progress is.
        return "IN_PROGRESS" if self.percent(at) else "SUBMITTED"

    def percent(self, at: float) -> int:
        """Give its progress at an instant, 0 to 99 until it ended."""
        if at < self.started:
            return 0
        share = min(0.99, (at - self.started) / self.run)
        if self._twice:
            # An extension has two steps, the second of which begins at 0 again (P§5.2).
            share = share * 2 % 1
        # A hair more, so that the instants of `steps` are on the near side of their step.
        step = _STEPS[min(len(_STEPS) - 1, int(share * len(_STEPS) + 1e-9))]
        return step + int(self.job[0], 16) % 6 if step else 0

    @property
    def _twice(self) -> bool:
        return self.click is not None and self.click.kind is Kind.EXTEND

    def steps(self) -> list[float]:
        """Give the instants at which status or progress change, from the start to the end."""
        parts = [self.started + self.run * number / len(_STEPS) for number in range(len(_STEPS))]
        return [*(at for at in parts if at < self.ends), self.ends]

    def progress(self, at: float) -> str:
        """Give its progress as the server behind writes it."""
        status = self.status(at)
        if status == "SUCCESS":
            return "100%"
        return f"{self.percent(at)}%" if status in ("SUBMITTED", "IN_PROGRESS") else ""

    @property
    def final_prompt(self) -> str:
        """The text Midjourney reports for it."""
        return "\n\n".join(self.texts) if self.texts else final(self.prompt)

    @cached_property
    def buttons(self) -> list[Json]:
        """The buttons it shows once it ended well."""
        return self._buttons(self.job)

    def renew_buttons(self) -> None:
        """Give its buttons other ids, as a server does that has drawn them anew."""
        self.renewals += 1
        self.buttons = self._buttons(str(uuid5(UUID(self.job), str(self.renewals))))

    def _buttons(self, job: str) -> list[Json]:
        return buttons_of(self.stage, self.version, job, square=self.square, texts=len(self.texts))

    def reword(self, prompt: str) -> None:
        """Take the prompt of a dialog's answer, with the version and aspect it names."""
        params = Params.of(prompt)
        self.prompt = prompt
        if params.given.keys() & {"v", "version", "niji"}:
            self.version = params.version
        # A repainted or extended picture keeps the shape its parent gives it.
        if self.dialog is None or self.dialog.kind not in (Kind.INPAINT, Kind.PAN):
            self.aspect = params.aspect or self.aspect
