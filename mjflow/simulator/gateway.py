"""The gateway: it knows keys, rows and prices, and passes everything else on (P§0.2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import msgspec

from mjflow.simulator import acts, gates, wire
from mjflow.simulator.books import Books
from mjflow.simulator.calls import Call, Shot
from mjflow.simulator.clock import Clock
from mjflow.simulator.faults import Faults
from mjflow.simulator.gates import Passage, Request
from mjflow.simulator.keys import Keys
from mjflow.simulator.ledger import Ledger, Submit
from mjflow.simulator.profiles import Profile, price_of
from mjflow.simulator.prompts import Params
from mjflow.simulator.rows import SLOW, Row
from mjflow.simulator.table import Table
from mjflow.simulator.tasks import Task
from mjflow.simulator.upstream import Answer, Order, Upstream
from mjflow.simulator.views import has_picture, task_object
from mjflow.simulator.wire import Ending, Json, Refused, Reply, shape_a, shape_b


class Act(NamedTuple):
    """One kind of submit: what the gateway checks, and what the server behind does."""

    gate: Callable[[Request], Passage]
    run: Callable[[Upstream, Order], Answer]


#: Every submit by the last part of its path.
ACTS: dict[str, Act] = {
    "imagine": Act(gates.imagine, acts.imagine),
    "action": Act(gates.action, acts.action),
    "change": Act(gates.change, acts.change),
    "modal": Act(gates.modal, acts.modal),
    "simple-change": Act(gates.simple_change, acts.change),
}
#: Booked actions whose code 21 reaches the client as it is.
DIALOG_ACTIONS = frozenset({"INPAINT", "CUSTOM_ZOOM"})
SATURATED = "当前分组负载已饱和，请稍后再试，或升级账户以提升服务质量。"


class Gateway:
    """Answers every request about tasks from its own rows, and passes submits on."""

    def __init__(
        self,
        upstream: Upstream,
        profile: Profile,
        clock: Clock,
        faults: Faults,
        keys: Keys,
        balance: float | None,
    ) -> None:
        self._upstream = upstream
        self._profile = profile
        self._clock = clock
        self._faults = faults
        self._keys = keys
        self._table = Table()
        self._books = Books(self._table, balance)

    def settle(self) -> float:
        """Bring the account up to the present, and give it."""
        now = self._clock.now()
        self._upstream.account.advance(now)
        return now

    def ledger(self) -> Ledger:
        """Give the books up to the present."""
        self._books.refund(self.settle())
        return self._books.ledger

    def submit(self, call: Call, name: str) -> Reply:
        """Answer one submit, and note what it led to."""
        user = self._keys.user(call.headers, call.request_id)
        now = self.settle()
        self._faults.recent.clear()
        body: Json = {}
        task: Task | None = None
        try:
            self._strike()
            body = call.fields()
            reply, task = self._passed(call, name, user, body, now)
        except Refused as refused:
            reply = refused.reply
        self._note(now, name, body, task, reply)
        return reply

    def _strike(self) -> None:
        """Let the faults strike that come before anything is accepted."""
        if self._faults.strikes("http-502"):
            raise Refused(wire.html(502, wire.BAD_GATEWAY))
        if self._faults.strikes("queue-full-429"):
            raise Refused(shape_b(30, "", status=429, result=SATURATED))

    def _passed(
        self, call: Call, name: str, user: str, body: Json, now: float
    ) -> tuple[Reply, Task | None]:
        """Check a submit, hand it to the server behind, and book its answer."""

        def find(task_id: str) -> Row | None:
            return self._table.first(task_id, now, user)

        act = ACTS[name]
        passage = act.gate(Request(body, call.request_id, now, find))
        self._books.check(price_of(passage.action), now)
        mode = call.mode or Params.of(passage.prompt).mode or self._profile.mode
        answer = act.run(self._upstream, Order(body, mode, now))
        if answer.task is None:
            return self._rewritten(answer, passage), None
        if self._faults.strikes("do-request-failed"):
            return shape_b(5, "do_request_failed"), answer.task
        self._insert(answer.task, answer, passage, user, body, now)
        reply = self._rewritten(answer, passage)
        if self._faults.strikes("lost-reply"):
            reply = reply.ended(Ending.LOST)
        return reply, answer.task

    def _insert(
        self, task: Task, answer: Answer, passage: Passage, user: str, body: Json, now: float
    ) -> None:
        row = Row(
            user=user,
            task=task,
            action=passage.action,
            prompt=passage.prompt,
            description=answer.body["description"],
            state=str(body.get("state") or ""),
            inserted=now,
            price=price_of(passage.action),
            period=self._profile.refresh * (SLOW if "slow-refresh" in task.fates else 1),
            limit=self._profile.limit,
        )
        self._table.insert(row)
        self._books.charge(row)

    def _rewritten(self, answer: Answer, passage: Passage) -> Reply:
        """Pass an answer on as text, with the codes the gateway replaces in it, P§3.4."""
        text = wire.encode(answer.body)
        if self._profile.rewrites_codes:
            text = text.replace(b'"code":22', b'"code":1')
            if passage.action not in DIALOG_ACTIONS:
                text = text.replace(b'"code":21', b'"code":1')
        return Reply(answer.status, text, wire.SNIFFED)

    def _note(self, now: float, name: str, body: Json, task: Task | None, reply: Reply) -> None:
        submit = Submit(
            at=now,
            act=name,
            state=str(body.get("state") or ""),
            task_id=None if task is None else task.id,
            status=reply.status,
            code=_code(reply),
            faults=tuple(self._faults.recent),
        )
        self._books.ledger.submits.append(submit)

    def fetch(self, call: Call, task_id: str) -> Reply:
        """Answer one fetch, P§2.14."""
        user, now = self._reader(call)
        row = self._table.first(task_id, now, user)
        if row is None:
            return shape_b(4, "task_no_found")
        return self._shown(self._view(row, now, call))

    def list_by_condition(self, call: Call) -> Reply:
        """Answer a look at many ids; a dialog that was answered has two rows, P§2.16."""
        user, now = self._reader(call)
        rows = self._table.all(call.ids(), now, user)
        return self._shown([self._view(row, now, call) for row in rows])

    def _reader(self, call: Call) -> tuple[str, float]:
        user = self._keys.user(call.headers, call.request_id)
        if self._faults.strikes("server-error"):
            raise Refused(shape_a(500, "Internal Server Error", call.request_id))
        return user, self.settle()

    def _view(self, row: Row, now: float, call: Call) -> Json:
        return task_object(row, now, self._clock, self._profile, call.origin)

    def _shown(self, value: object) -> Reply:
        return Reply(200, wire.encode(value), wire.JSON, self._ending())

    def _ending(self) -> Ending:
        return Ending.CUT if self._faults.strikes("cut-body") else Ending.WHOLE

    def image(self, task_id: str) -> Reply | Shot:
        """Answer with the picture the gateway knows of, P§2.18; no key is asked for."""
        now = self.settle()
        row = self._table.first(task_id, now)
        if row is None:
            return Reply(400, wire.encode({"error": "midjourney_task_not_found"}))
        seen = row.seen(now)
        if seen is None or not has_picture(row.task, seen):
            return Reply(500, wire.encode({"error": "http_get_image_failed"}))
        return Shot(row.task, row.task.status(seen) != "SUCCESS", self._ending())


def _code(reply: Reply) -> int | None:
    try:
        body = msgspec.json.decode(reply.body)
    except msgspec.DecodeError:
        return None
    return body.get("code") if isinstance(body, dict) else None
