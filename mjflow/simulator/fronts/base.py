"""What every server does with a request, whatever stands between its clients and the tasks."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping

from attrs import define

from mjflow.simulator import wire
from mjflow.simulator.acts import Act
from mjflow.simulator.buttons import FILMS
from mjflow.simulator.calls import Call, Shot
from mjflow.simulator.faults import Where
from mjflow.simulator.fronts.house import House
from mjflow.simulator.fronts.troubles import SLOWNESS, Asked, Troubles
from mjflow.simulator.ledger import Ledger, Submit
from mjflow.simulator.links import CLIPS, is_good
from mjflow.simulator.prompts import MODES, Params
from mjflow.simulator.telling import code_of, tells
from mjflow.simulator.uploads import Material
from mjflow.simulator.upstream import Answer, Order
from mjflow.simulator.views.showing import has_picture
from mjflow.simulator.views.tamper import tampered
from mjflow.simulator.wire import Ending, Json, Refused, Reply


@define
class Note:
    """What is found out about a submit while it is answered."""

    answer: Answer | None = None
    charged: float = 0.0


class Front(ABC):
    """Answers every request about tasks; subclasses say what stands between."""

    def __init__(self, house: House) -> None:
        self._profile = house.profile
        self._clock = house.clock
        self._faults = house.faults
        self._voice = house.voice
        self._keys = house.keys
        self._upstream = house.upstream
        self._books = house.books
        self._troubles = Troubles(house.voice, house.clock, house.faults)

    def settle(self) -> float:
        """Bring the account up to the present, and give it."""
        now = self._clock.now()
        self._upstream.account.advance(now)
        return now

    def ledger(self) -> Ledger:
        """Give the books up to the present."""
        self._books.refund(self.settle())
        return self._books.ledger

    # --- submits ---------------------------------------------------------------------------

    def submit(self, call: Call, act: Act) -> Reply:
        """Answer one submit, and note what it led to."""
        now = self.settle()
        self._faults.begin(act.where)
        note, peeked = Note(), call.peek()
        try:
            user = self._keys.user(call.headers, call.request_id)
            self._troubles.before(act.where, Asked(call.request_id, peeked, act.name))
            reply = self._carried(call, act, user, note, now)
        except Refused as refused:
            reply = refused.reply
        self._write(now, act, peeked, note, reply)
        return reply

    @abstractmethod
    def _carried(self, call: Call, act: Act, user: str, note: Note, now: float) -> Reply:
        """Check a submit, carry it out, and give the answer."""

    def _order(self, call: Call, body: Json, prompt: str, now: float) -> Order:
        return Order(body, self._mode(call, body, prompt), now, call.origin)

    def _mode(self, call: Call, body: Json, prompt: str) -> str:
        """Choose the speed: path, then `accountFilter`, then the prompt, then the default, P§1."""
        if mode := self._profile.prefixes.get(call.prefix):
            return mode
        asked = _filtered(body)
        if asked and self._profile.obeys_filters and not self._faults.strikes("drops-filters"):
            return asked
        return Params.of(prompt).mode or self._profile.mode

    def _write(self, now: float, act: Act, body: Json, note: Note, reply: Reply) -> None:
        tasks = () if note.answer is None else note.answer.tasks
        submit = Submit(
            at=now,
            act=act.name,
            state=str(body.get("state") or ""),
            task_id=tasks[0].id if tasks else None,
            status=reply.status,
            code=code_of(reply),
            faults=tuple(self._faults.recent),
            parent=str(body.get("taskId") or ""),
            others=tuple(task.id for task in tasks[1:]),
            exists=note.answer is not None and bool(tasks or note.answer.uploads),
            charged=note.charged,
            knowable=tells(reply),
        )
        self._books.ledger.submits.append(submit)

    # --- looks -----------------------------------------------------------------------------

    def looks(self) -> Mapping[str, Callable[[Call, str], Reply]]:
        """Give what answers each look, by its name; ids are `""` where a path has none."""
        return {
            "fetch": self.fetch,
            "image-seed": self.image_seed,
            "list-by-condition": self.list_by_condition,
            "list-by-ids": self.list_by_condition,
        }

    @abstractmethod
    def fetch(self, call: Call, task_id: str) -> Reply:
        """Answer one fetch, P§2.14."""

    @abstractmethod
    def list_by_condition(self, call: Call, _: str = "") -> Reply:
        """Answer a look at many ids, P§2.16."""

    @abstractmethod
    def image_seed(self, call: Call, task_id: str) -> Reply:
        """Answer with the seed of a task, P§2.15."""

    def _reader(self, call: Call) -> tuple[str, float]:
        self._faults.begin(Where.LOOKS)
        user = self._keys.user(call.headers, call.request_id)
        self._troubles.before(Where.LOOKS, Asked(call.request_id, {}))
        if self._faults.strikes("server-error"):
            raise Refused(self._voice.broken(call.request_id))
        return user, self.settle()

    def _unknown(self) -> Reply:
        """Say that there is no such task, in this server's way or another's, P§2.14."""
        if self._faults.strikes("unknown-as-400"):
            return wire.shape_b(4, "task_no_found")
        if self._faults.strikes("unknown-as-empty"):
            return Reply(200, b"", wire.JSON)
        if self._faults.strikes("unknown-as-204"):
            return Reply(204, b"", wire.JSON)
        return self._voice.unknown_task()

    def _one(self, shown: Json, call: Call) -> Reply:
        return self._whole(tampered(shown, call.origin, self._clock, self._faults))

    def _many(self, rows: list[Json], call: Call) -> Reply:
        shown = [tampered(row, call.origin, self._clock, self._faults) for row in rows]
        if shown and self._faults.strikes("rows-repeated"):
            shown = shown + shown
        if len(shown) > 1 and self._faults.strikes("rows-shuffled"):
            self._faults.shuffle("rows-shuffled", shown)
        return self._whole(shown)

    def _whole(self, value: object) -> Reply:
        ending = Ending.CUT if self._faults.strikes("cut-body") else Ending.WHOLE
        return Reply(200, wire.encode(value), wire.JSON, ending)

    # --- pictures --------------------------------------------------------------------------

    def image(self, task_id: str) -> Reply | Shot:
        """Answer with the picture of a task, where the server itself serves pictures, P§2.18."""
        return self._voice.unrouted("GET", f"/mj/image/{task_id}")

    def attachment(self, name: str, file: str, expires: str) -> Reply | Shot | Material:
        """Answer with what Midjourney keeps: a picture, a clip, an upload."""
        now = self.settle()
        if name in self._upstream.uploads:
            return self._upstream.uploads[name]
        task = self._upstream.tasks.get(name)
        if task is None or not is_good(expires, self._clock) or not has_picture(task, now):
            return Reply(404, b"This content is no longer available.", "text/plain")
        clip = CLIPS.get(file) if task.stage in FILMS else None
        return self._shot(Shot(task, task.status(now) != "SUCCESS", clip))

    def _shot(self, shot: Shot) -> Reply | Shot:
        """Let the faults of pictures strike one."""
        self._faults.begin(Where.IMAGES)
        if self._faults.strikes("image-404"):
            return Reply(404, wire.encode({"error": "Not Found"}))
        if self._faults.strikes("image-html"):
            return wire.html(200, wire.DASHBOARD)
        cut = self._faults.strikes("image-cut") or self._faults.strikes("cut-body")
        slow = self._faults.strikes("image-slow")
        return Shot(
            shot.task,
            shot.preview,
            shot.clip,
            Ending.CUT if cut else Ending.WHOLE,
            SLOWNESS if slow else 0.0,
        )


def _filtered(body: Json) -> str | None:
    """Give the first speed mode that the `accountFilter` of a request allows."""
    asked = body.get("accountFilter")
    modes = asked.get("modes") if isinstance(asked, dict) else None
    known = [mode for mode in modes if mode in MODES] if isinstance(modes, list) else []
    return known[0] if known else None
