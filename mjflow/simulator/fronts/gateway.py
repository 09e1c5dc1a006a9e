"""The gateway: it knows keys, rows and prices, and passes everything else on (P§0.2)."""

from __future__ import annotations

from attrs import evolve

from mjflow.simulator import wire
from mjflow.simulator.acts import Act
from mjflow.simulator.acts.gates import Passage, Request
from mjflow.simulator.books import Bill
from mjflow.simulator.calls import Call, Shot
from mjflow.simulator.fronts import seeds
from mjflow.simulator.fronts.base import Front, Note
from mjflow.simulator.fronts.house import House
from mjflow.simulator.profiles import price_of
from mjflow.simulator.reading import gateway_fields, gateway_ids
from mjflow.simulator.rows import SLOW, Row
from mjflow.simulator.table import Table
from mjflow.simulator.upstream import Answer
from mjflow.simulator.views.gateway import task_object
from mjflow.simulator.views.showing import has_picture
from mjflow.simulator.wire import Json, Refused, Reply, shape_b

#: Booked actions whose code 21 reaches the client as it is.
DIALOG_ACTIONS = frozenset({"INPAINT", "CUSTOM_ZOOM"})


class Gateway(Front):
    """Answers every request about tasks from its own rows, and passes submits on."""

    def __init__(self, house: House) -> None:
        super().__init__(house)
        self._table = Table()

    def _carried(self, call: Call, act: Act, user: str, note: Note, now: float) -> Reply:
        body = gateway_fields(call, self._voice)

        def find(task_id: str) -> Row | None:
            return self._table.first(task_id, now, user)

        passage = act.gate(Request(body, call.request_id, now, find, self._reads_all))
        price = price_of(passage.action)
        if not self._books.affords(price, now):
            raise Refused(shape_b(4, "quota_not_enough"))
        answer = act.run(self._upstream, self._order(call, body, passage.prompt, now))
        if answer.task is None and not answer.uploads:
            return self._passed_on(answer, act, passage)
        note.answer = answer
        if hidden := self._troubles.instead():
            return hidden
        stored = not self._faults.strikes("insert-failed")
        state = str(body.get("state") or "")
        rows = self._rows(answer, passage, user, now)
        note.charged = self._booked(rows, passage, state, now, stored=stored)
        if not stored:
            return shape_b(4, "insert_midjourney_task_failed")
        return self._troubles.sent(self._passed_on(answer, act, passage))

    def _reads_all(self) -> bool:
        return self._profile.reads_all_buttons and not self._faults.strikes("refuses-custom-ids")

    def _rows(self, answer: Answer, passage: Passage, user: str, now: float) -> list[Row]:
        """Make a row for each task; stored pictures have none that could be looked at."""
        return [
            Row(
                user=user,
                task=task,
                action=passage.action,
                prompt=passage.prompt,
                description=answer.body["description"],
                inserted=now,
                period=self._profile.refresh * (SLOW if "slow-refresh" in task.fates else 1),
                limit=self._profile.limit,
            )
            for task in answer.tasks
        ]

    def _booked(
        self, rows: list[Row], passage: Passage, state: str, now: float, *, stored: bool
    ) -> float:
        """Store the rows and charge for the submit; nobody refunds what is not stored."""
        if stored:
            for row in rows:
                self._table.insert(row)
        task_id, what = (rows[0].task.id, rows[0] if stored else None) if rows else ("", None)
        bill = Bill(task_id, passage.action, price_of(passage.action), state, what)
        return self._books.charge(bill, now)

    def _passed_on(self, answer: Answer, act: Act, passage: Passage) -> Reply:
        """Pass an answer on as text, with the codes the gateway replaces in it, P§3.4."""
        text = wire.encode(self._troubles.numbered(answer.body))
        if self._rewrites(answer.body["code"], act, passage):
            text = text.replace(b'"code":22', b'"code":1').replace(b'"code":21', b'"code":1')
        return Reply(answer.status, text, wire.SNIFFED)

    def _rewrites(self, code: int, act: Act, passage: Passage) -> bool:
        if code not in (21, 22) or act.reencoded or not self._profile.rewrites_codes:
            return False
        if code == 21 and passage.action in DIALOG_ACTIONS:
            return False
        return not self._faults.strikes("rewrite-off")

    def fetch(self, call: Call, task_id: str) -> Reply:
        """Answer one fetch: a task of others is as unknown as none, P§2.14."""
        user, now = self._reader(call)
        row = self._table.first(task_id, now, user)
        return self._unknown() if row is None else self._one(self._view(row, now, call), call)

    def list_by_condition(self, call: Call, _: str = "") -> Reply:
        """Answer a look at many ids; a dialog that was answered has two rows, P§2.16."""
        user, now = self._reader(call)
        rows = self._table.all(gateway_ids(call), now, user)
        return self._many([self._view(row, now, call) for row in rows], call)

    def image_seed(self, call: Call, task_id: str) -> Reply:
        """Ask the server behind for a seed, and give up after half a minute, P§2.15."""
        user, now = self._reader(call)
        row = self._table.first(task_id, now, user)
        if row is None:
            return shape_b(4, "task_no_found")
        told = seeds.tell(self._upstream.tasks.get(row.task.id), now)
        whole = self._whole(told.body)
        return evolve(whole, status=told.status, content_type=wire.SNIFFED, delay=told.seconds)

    def _view(self, row: Row, now: float, call: Call) -> Json:
        return task_object(row, now, self._clock, self._profile, call.origin)

    def image(self, task_id: str) -> Reply | Shot:
        """Answer with the picture the gateway knows of, P§2.18; no key is asked for."""
        now = self.settle()
        row = self._table.first(task_id, now)
        if row is None:
            return Reply(400, wire.encode({"error": "midjourney_task_not_found"}))
        seen = row.seen(now)
        if seen is None or not has_picture(row.task, seen):
            return Reply(500, wire.encode({"error": "http_get_image_failed"}))
        return self._shot(Shot(row.task, row.task.status(seen) != "SUCCESS"))
