"""What all views need, and what every server shows in the same way."""

from __future__ import annotations

from attrs import field, frozen

from mjflow.simulator.buttons import FILMS, Stage
from mjflow.simulator.clock import Clock
from mjflow.simulator.links import clip_link, picture_link
from mjflow.simulator.tasks import Task
from mjflow.simulator.uploads import Use
from mjflow.simulator.wire import INSTANCE_ID, Json


@frozen
class Glance:
    """A task as it was at an instant, for a client that reached the server at `origin`."""

    task: Task
    at: float
    now: float
    clock: Clock
    origin: str
    #: Its status then.
    status: str = field(init=False)

    @status.default
    def _status(self) -> str:
        return self.task.status(self.at)

    @property
    def ended(self) -> bool:
        """Whether it had ended."""
        return self.at >= self.task.ends

    @property
    def prompt(self) -> str:
        """Its prompt; a describe has none until it has found some."""
        texts = self.task.texts
        if self.task.stage is Stage.DESCRIBED:
            return "\n\n".join(texts) if self.status == "SUCCESS" else ""
        return self.task.prompt

    @property
    def final_prompt(self) -> str:
        """What Midjourney reports as its prompt, or what its dialog offers."""
        if self.task.texts:
            return self.task.final_prompt if self.status == "SUCCESS" else ""
        if self.at >= self.task.started and not self.task.stale:
            return self.task.final_prompt
        return "" if self.task.dialog is None else self.task.dialog.final_prompt

    @property
    def raw_link(self) -> str:
        """The link to its picture where Midjourney keeps it, `""` while there is none."""
        first = self.task.materials[0] if self.task.use is Use.SHOW else None
        if first is not None and first.link and self.task.texts:
            return first.link
        if not has_picture(self.task, self.at):
            return ""
        preview = self.status != "SUCCESS"
        at = self.now if self.ended else self.at
        return picture_link(self.task, at, self.clock, self.origin, preview=preview)

    def clips(self) -> list[str]:
        """Give the links to its clips, none while it runs."""
        if self.status != "SUCCESS" or self.task.stage not in FILMS:
            return []
        count = 4 if self.task.stage is Stage.VIDEO else 1
        numbers = range(1, count + 1)
        return [clip_link(self.task, n, self.now, self.clock, self.origin) for n in numbers]

    def millis(self, instant: float) -> int | None:
        """Give an instant that has come as the wire does, None for one that has not."""
        return self.clock.millis(instant) if self.at >= instant else None

    def properties(self) -> Json:
        """Give the properties that servers keep for themselves and show all the same."""
        shown: Json = {
            "botType": self.task.bot,
            "discordInstanceId": INSTANCE_ID,
            "finalPrompt": self.final_prompt,
            "nonce": str(int(self.task.job[:8], 16)),
        }
        if self.task.hook:
            shown["notifyHook"] = self.task.hook
        if self.status == "SUCCESS":
            shown |= {"messageId": self.task.id, "messageHash": self.task.job, "flags": 0}
        return shown


def has_picture(task: Task, seen: float) -> bool:
    """Tell whether there was anything to look at, be it a preview, at an instant."""
    if task.stage is Stage.SHORTENED:
        return False
    status = task.status(seen)
    return status == "SUCCESS" or (status == "IN_PROGRESS" and task.percent(seen) > 0)


def pressed(task: Task) -> list[Json]:
    """Give the buttons of a task, those green that were pressed (P§4.5)."""
    return [
        button | {"style": 3} if button["customId"] in task.pressed else button
        for button in task.buttons
    ]
