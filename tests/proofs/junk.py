"""What a server may say that lost its mind: strategies of answers to each kind of request."""

from __future__ import annotations

import json
from typing import Any

from attrs import field, frozen
from hypothesis import strategies as st

from mjflow.errors import (
    DownloadFailed,
    MjflowError,
    NoReply,
    NotAnApi,
    ReplyUnreadable,
    TransportError,
    Unreachable,
)
from mjflow.protocol.verdicts import NotSent, Outcome, Reply, Unanswered

from .. import wires
from ..media.pictures import PNG
from ..strategies import any_wire_tasks, body_of, json_values, junk_bodies, odd_tasks

Wire = dict[str, Any]

#: Every status that somebody may put before a body, the usual one first.
http = st.sampled_from(
    [
        *(200, 200, 200, 200, 201, 204, 301, 307, 400, 401, 403, 404, 405, 413, 415, 429),
        *(500, 501, 502, 503, 504, 520, 599, 101, 0, 999),
    ]
)
retry_afters = st.sampled_from([None, None, None, 0.0, 7.0, 1e9])


# --- answers to submits -----------------------------------------------------------------------


@frozen
class Told:
    """An answer to a paying request, and what it means for the money if that is known."""

    #: `None` for what a good server would say, under a fresh id.
    outcome: Outcome | None
    #: `"yes"`, `"doubt"` or `"no"`; `""` for junk, of which we do not say.
    means: str = ""


#: Ids that a server gives: texts, numbers, several at once, none.
results: st.SearchStrategy[Any] = st.sampled_from(
    ["11", "12", "0741798445574458", 13, 14001934816969359, "15,16", ["17"]]
)


def _answers(task_id: Any) -> list[Told]:
    yes = [
        wires.accepted(task_id),
        wires.queued(task_id, 3),
        wires.existing(task_id),
        wires.asking(task_id, "offered"),
        wires.remix(task_id, "offered"),
    ]
    doubt: list[Outcome] = [wires.LOST, wires.code_5(), wires.bad_gateway()]
    no: list[Outcome] = [
        wires.UNREACHABLE,
        wires.queue_full(),
        wires.queue_full_9(),
        wires.saturated(7.0),
        wires.no_channel(),
        wires.code_3(),
        wires.banned("gore"),
        wires.invalid(),
        wires.key_refused(),
        wires.quota_empty(),
        wires.blocked(),
        wires.parent_stale(),
        wires.task_not_found(),
        wires.web_page(),
    ]
    return (
        [Told(one, "yes") for one in yes]
        + [Told(one, "doubt") for one in [*doubt, Unanswered("the line went dead")]]
        + [Told(one, "no") for one in no]
    )


GOOD = Told(None, "yes")
known_answers = results.flatmap(lambda task_id: st.sampled_from(_answers(task_id)))


@st.composite
def cut_answers(draw: st.DrawFn) -> Told:
    """Cut a yes short: nobody can know then."""
    outcome = wires.accepted(draw(results))
    place = draw(st.integers(1, len(outcome.body) - 1))
    return Told(Reply(200, outcome.body[:place]), "doubt")


@st.composite
def mutated_answers(draw: st.DrawFn) -> Told:
    """Turn one byte of an answer into another."""
    told = draw(known_answers)
    if not isinstance(told.outcome, Reply):
        return told
    body = bytearray(told.outcome.body)
    body[draw(st.integers(0, len(body) - 1))] = draw(st.integers(0, 255))
    return Told(Reply(told.outcome.status, bytes(body)))


@st.composite
def odd_answers(draw: st.DrawFn) -> Told:
    """Give some fields of an answer any type, or leave them out, under any status."""
    answer = draw(known_answers.map(lambda told: told.outcome))
    fields = json.loads(answer.body) if isinstance(answer, Reply) and _is_json(answer) else {}
    for name in draw(st.lists(st.sampled_from(["code", "result", "properties", "description"]))):
        fields[name] = draw(json_values)
    return Told(Reply(draw(http), body_of(fields), draw(retry_afters)))


def _is_json(answer: Reply) -> bool:
    return answer.body.startswith(b"{")


told_anything = st.one_of(
    known_answers,
    known_answers,
    cut_answers(),
    mutated_answers(),
    odd_answers(),
    st.builds(Reply, http, junk_bodies, retry_afters).map(Told),
    st.text(max_size=5).map(lambda reason: Told(NotSent(reason), "no")),
)
#: Answers to the requests of one route: some of anything, and then mostly a good one.
told = st.lists(told_anything, max_size=2).flatmap(
    lambda some: st.sampled_from([GOOD, GOOD, GOOD, *some]).map(lambda last: [*some, last])
)

# --- looks and reads --------------------------------------------------------------------------

#: What is looked at is replaced by this in a row.
ASKED_FOR = "asked for"
Shown = Reply | TransportError | Wire

failures = st.sampled_from(
    [
        Unreachable("no such host"),
        NoReply("the server did not answer in time"),
        ReplyUnreadable("what answers does not speak HTTP"),
        NotAnApi("the server answered with a web page"),
    ]
)
_STATUSES = ["", "NOT_START", "SUBMITTED", "MODAL", "IN_PROGRESS", "SUCCESS", "FAILURE", "CANCEL"]


def _snapshot(status: str, progress: str) -> Wire:
    return {**wires.row(status, progress, buttons=wires.BUTTONS), "id": ASKED_FOR}


#: Snapshots of a task, each with all that a client may want of it; in any order they make no sense.
snapshots = st.builds(
    _snapshot,
    st.sampled_from([*_STATUSES, "PAUSED", "success"]),
    st.sampled_from(["", "0%", "57%", "100%", "Waiting to start"]),
)
DONE_AT_LAST = _snapshot("SUCCESS", "100%")
#: Rows as the three dialects have them, under our id or under any other.
rows = st.one_of(
    snapshots,
    snapshots,
    any_wire_tasks.map(lambda wire: {**wire, "id": ASKED_FOR}),
    any_wire_tasks,
    odd_tasks().map(lambda wire: {**wire, "id": ASKED_FOR}),
    odd_tasks(),
)
shown_anything: st.SearchStrategy[Shown] = st.one_of(
    rows,
    rows,
    rows,
    failures,
    st.just(wires.task_not_found()),
    st.sampled_from([Reply(200, b""), Reply(204, b""), wires.key_refused(), wires.web_page()]),
    st.builds(Reply, http, junk_bodies, retry_afters),
)
#: A life out of order: every status once or twice, before the last one.
shuffled = st.permutations(["", "SUBMITTED", "MODAL", "IN_PROGRESS", "SUBMITTED", "MODAL"]).map(
    lambda words: [_snapshot(word, "") for word in words]
)
#: What is shown of a task: some of anything, and then mostly a good end.
shown = (shuffled | st.lists(shown_anything, max_size=4)).flatmap(
    lambda some: st.sampled_from([DONE_AT_LAST, DONE_AT_LAST, DONE_AT_LAST, *some]).map(
        lambda last: [*some, last]
    )
)
#: Lists: rows in any order and number, the same one twice, and things that are no rows.
lists_anything: st.SearchStrategy[list[Any] | Reply | TransportError] = st.one_of(
    st.lists(rows | json_values, max_size=4),
    st.lists(snapshots, min_size=1, max_size=3).map(lambda some: [*some, some[0]]),
    failures,
    st.builds(Reply, http, junk_bodies, retry_afters),
)

# --- pictures ---------------------------------------------------------------------------------


@frozen
class Shot:
    """What a host answers to a link; a `Stream` while it is open."""

    body: bytes = field(default=PNG, repr=False)
    status: int = 200
    content_type: str = "image/png"
    retry_after: float | None = None
    length: int | None = None
    breaks: MjflowError | None = None


shots_anything: st.SearchStrategy[Shot | MjflowError] = st.one_of(
    st.just(Shot()),
    st.builds(
        Shot,
        body=st.one_of(
            st.binary(max_size=40),
            st.integers(0, len(PNG)).map(lambda place: PNG[:place]),
            st.sampled_from([b"", b"<html>sorry</html>", PNG + b"more", b"\x89PNG\r\n\x1a\n"]),
        ),
        status=http,
        content_type=st.sampled_from(["image/png", "text/html", "", "image/jpeg"]),
        retry_after=retry_afters,
        length=st.none() | st.integers(0, 2**40),
        breaks=st.none() | failures,
    ),
    failures,
    st.just(DownloadFailed("the link leads to where pictures may not come from")),
)
