"""A server that is spoken to directly: it shows its tasks as they are, at once."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping

from attrs import evolve

from mjflow.simulator import wire
from mjflow.simulator.acts import Act
from mjflow.simulator.books import Bill
from mjflow.simulator.calls import Call
from mjflow.simulator.fates import CANCELLED
from mjflow.simulator.fronts import seeds
from mjflow.simulator.fronts.base import Front, Note
from mjflow.simulator.profiles import Server, price_of
from mjflow.simulator.reading import LONGEST_STATE, direct_fields, direct_ids
from mjflow.simulator.tasks import Task
from mjflow.simulator.upstream import Answer
from mjflow.simulator.views import novicezk, trueai
from mjflow.simulator.views.showing import Glance
from mjflow.simulator.voices import TEXT
from mjflow.simulator.wire import Json, Refused, Reply, rejected

# trueai lists no more than the newest tasks, of all users, P§2.16.
NEWEST = 100
NOT_ALLOWED = "演示模式，禁止操作"
NO_QUOTA = "今日绘图次数已达上限"


class Direct(Front):
    """trueai and novicezk, without a gateway before them; users share all tasks."""

    @property
    def _is_trueai(self) -> bool:
        return self._profile.server is Server.TRUEAI

    def _carried(self, call: Call, act: Act, user: str, note: Note, now: float) -> Reply:
        body = direct_fields(call, self._voice, lenient=not self._is_trueai)
        self._check_rules(body, act, call, now)
        prompt = str(body.get("prompt") or "")
        answer = act.run(self._upstream, self._order(call, body, prompt, now))
        if answer.task is None and not answer.uploads:
            return self._said(answer)
        note.answer = answer
        note.charged = self._charged(answer, act, str(body.get("state") or ""), now)
        return self._troubles.nothing() or self._troubles.sent(self._said(answer))

    def _check_rules(self, body: Json, act: Act, call: Call, now: float) -> None:
        """Refuse what trueai's own rules forbid; an imagine wraps that as code 4 (P§8.3)."""
        if not self._is_trueai:
            return
        problem = ""
        if len(str(body.get("state") or "")) > LONGEST_STATE:
            problem = "state 长度不能超过 255"
        elif not self._books.affords(price_of("IMAGINE"), now):
            problem = NO_QUOTA
        if problem and act.name == "imagine":
            raise Refused(self._troubles.submitted(rejected(4, problem)))
        if problem:
            raise Refused(self._voice.unreadable(problem, call.request_id))

    def _charged(self, answer: Answer, act: Act, state: str, now: float) -> float:
        """
        Book what Midjourney draws: a dialog that only waits costs nothing.

        Nobody sends a bill here; the amounts are those of a gateway, for comparison.
        """
        if answer.old or answer.body["properties"].get("remix"):
            return 0.0
        # The price by what is drawn: an answer to a dialog is one price, whatever the dialog.
        words = ["MODAL" if act.name == "modal" else task.action for task in answer.tasks]
        bills = [
            Bill(task.id, word, price_of(word), state, task)
            for task, word in zip(answer.tasks, words, strict=True)
        ]
        return round(sum(self._books.charge(bill, now) for bill in bills), 6)

    def _said(self, answer: Answer) -> Reply:
        body = self._troubles.numbered(answer.body)
        is_rewritten = body["code"] == 22 or body["properties"].get("remix")
        if is_rewritten and self._faults.strikes("rewrite-on"):
            body = body | {"code": 1}
        return Reply(answer.status, wire.encode(body), self._voice.submit_type)

    # --- looks -----------------------------------------------------------------------------

    def looks(self) -> Mapping[str, Callable[[Call, str], Reply]]:
        """Give what answers each look, by its name."""
        return {
            **super().looks(),
            "list": self.newest,
            "queue": self.queue,
            "cancel": self.cancel,
        }

    def fetch(self, call: Call, task_id: str) -> Reply:
        """Answer one fetch: whoever has a key may read any id, P§2.14."""
        _, now = self._reader(call)
        task = self._upstream.find(task_id, now)
        return self._unknown() if task is None else self._one(self._view(task, now, call), call)

    def list_by_condition(self, call: Call, _: str = "") -> Reply:
        """Answer a look at many ids, P§2.16."""
        _, now = self._reader(call)
        ids = dict.fromkeys(direct_ids(call, self._voice, lenient=not self._is_trueai))
        found = (self._upstream.find(task_id, now) for task_id in ids)
        return self._listed((task for task in found if task is not None), now, call)

    def newest(self, call: Call, _: str = "") -> Reply:
        """Answer with the tasks of all users, the newest first, P§2.16."""
        _, now = self._reader(call)
        known = reversed(self._upstream.tasks.values())
        found = (task for task in known if self._upstream.find(task.id, now))
        limit = NEWEST if self._is_trueai else None
        return self._listed(itertools.islice(found, limit), now, call)

    def queue(self, call: Call, _: str = "") -> Reply:
        """Answer with the tasks that wait, P§2.16."""
        _, now = self._reader(call)
        return self._listed(self._upstream.account.waiting, now, call)

    def _listed(self, tasks: Iterable[Task], now: float, call: Call) -> Reply:
        rows: list[Json] = []
        for task in tasks:
            shown = self._view(task, now, call)
            is_answered = task.dialog is not None and task.answers
            if is_answered and self._faults.strikes("two-rows"):
                rows.append(shown | {"status": "MODAL", "progress": None, "buttons": []})
            rows.append(shown)
        return self._many(rows, call)

    def _view(self, task: Task, now: float, call: Call) -> Json:
        jumps = "jumps-to-success" in task.fates and now < task.ends
        at = min(now, task.submitted) if jumps else now
        glance = Glance(task, at, now, self._clock, call.origin)
        if self._is_trueai:
            return trueai.task_object(glance)
        return novicezk.task_object(glance, self._profile)

    def image_seed(self, call: Call, task_id: str) -> Reply:
        """Ask Midjourney for a seed, which takes a while, P§2.15."""
        _, now = self._reader(call)
        told = seeds.tell(self._upstream.find(task_id, now), now)
        return evolve(self._whole(told.body), status=told.status, delay=told.seconds)

    def cancel(self, call: Call, task_id: str) -> Reply:
        """Cancel a task, which only admins may, P§2.17; it ends as FAILURE."""
        user, now = self._reader(call)
        if not self._keys.is_admin(user):
            return Reply(400, NOT_ALLOWED.encode(), TEXT)
        task = self._upstream.find(task_id, now)
        if task is not None and task.ends > now:
            task.stopped, task.failure = now, CANCELLED
        return Reply(200, b"", TEXT)
