"""
What an answer means: the one table that decides over money (P§3, P§8).

House rules.  `judge` is total: any bytes under any HTTP status give a verdict.  `RULES` is read
from the top, and the first row whose every column holds decides; what no row knows is `Doubt`,
because a task may run and may be paid.  A row that gives `Rejected` or `Refused` claims that
nothing was started, and cites its evidence.

The order matters in three places.  Rows of the HTTP status come first, where the status alone is
proof (401, 403, 429, a redirect) or where no body can be proof (5xx).  Rows with texts come
before the plain row of their code.  A code that means yes is first looked at for a missing id,
a dialog and a duplicate.
"""

from __future__ import annotations

from mjflow.errors import (
    MjflowError,
    NoReply,
    NotAnApi,
    NotAuthorized,
    ReplyUnreadable,
    RequestRefused,
    TaskNotFound,
)
from mjflow.protocol import wire
from mjflow.protocol.refusals import refusal
from mjflow.protocol.requests import Charged, Kind, Paying, Upload
from mjflow.protocol.rules import (
    ANY,
    Rule,
    accepted,
    always_asks,
    banned,
    contains,
    dialog,
    doubt,
    duplicate,
    existing,
    no_id,
    reason,
    refused,
    rejected,
    remix,
    says,
)
from mjflow.protocol.shapes import Answer, Shape, read_answer
from mjflow.protocol.verdicts import (
    Cause,
    Doubt,
    NotSent,
    Outcome,
    Refused,
    Rejected,
    Reply,
    Stored,
    Unanswered,
    UploadVerdict,
    Verdict,
)

ACTS = frozenset({Kind.ROOT, Kind.CLICK})
CHILDREN = frozenset({Kind.CLICK, Kind.ANSWER})
OK = range(200, 300)
REDIRECT = range(300, 400)
BROKEN = range(500, 1000)
#: Started; a dialog or a duplicate; queued (P§3.3).
YES = frozenset({1, 21, 22})
#: Uploaded; a gateway may have rewritten the second into the first (P§3.4).
STORED = frozenset({1, 22})
UNCODED = frozenset({None})
_NO_DIALOG = "the server does not know the dialog any more"
_NO_LINK = "accepted, but no link was given"
#: One server, two spellings (P§8.2).
DENIALS = ("task_not_found", "task_no_found")

# fmt: off
RULES: tuple[Rule, ...] = (
    # The HTTP status decides.  P§3.6, 8.2, 8.3; 503 of a front proxy is no gateway's word.
    Rule(ANY, {401, 403}, ANY, ANY, ANY, rejected(Cause.KEY)),
    Rule(ANY, {429}, ANY, ANY, ANY, rejected(Cause.SATURATED)),
    Rule(ANY, REDIRECT, ANY, ANY, ANY, refused(Cause.NO_ROUTE, "the server sends us elsewhere")),
    Rule(ANY, {503}, {Shape.ERROR}, ANY, ANY, rejected(Cause.NO_CHANNEL)),
    # A server that knows no POST at all is no server of this family.
    Rule(ANY, {501}, {Shape.PAGE, Shape.EMPTY}, ANY, ANY, refused(Cause.NO_ROUTE)),
    Rule(ANY, BROKEN, ANY, ANY, ANY, doubt("the server broke down over it")),

    # The words behind a code decide.  Gateways: P§3.6, 8.2.
    Rule(ANY, ANY, ANY, {4}, says("insert_midjourney_task_failed"),
         doubt("a task runs, but its id was lost")),
    Rule(ANY, ANY, ANY, ANY, says("readobjectstart"),
         doubt("the server behind the gateway answered with a web page")),
    Rule(ANY, ANY, ANY, {4}, says("quota_not_enough"), rejected(Cause.QUOTA)),
    Rule(CHILDREN, ANY, ANY, {4}, says("task_status_not_success"), rejected(Cause.PARENT_STALE)),
    Rule({Kind.ANSWER}, ANY, ANY, {4}, says(*DENIALS), refused(Cause.PARENT_MISSING, _NO_DIALOG)),
    Rule(CHILDREN, ANY, ANY, {4}, says(*DENIALS), refused(Cause.PARENT_MISSING)),
    # trueai: P§8.3, where an imagine wraps the same texts as code 4; 9 is P§3.3.
    Rule(ANY, ANY, ANY, {4, -1}, says("并发数", "队列数", "队列已满"), rejected(Cause.QUEUE_FULL)),
    Rule(ANY, ANY, ANY, {4, -1}, says("绘图次数"), rejected(Cause.QUOTA)),
    Rule(ANY, ANY, ANY, {4, -1}, says("临时封锁"), rejected(Cause.BLOCKED)),
    Rule(ANY, ANY, ANY, {-1}, says("concurren", "queue", "队列"), rejected(Cause.QUEUE_FULL)),
    Rule(ANY, ANY, ANY, {-1}, says("quota", "drawing"), rejected(Cause.QUOTA)),
    Rule(ANY, ANY, ANY, {-1}, says("blocked", "封锁"), rejected(Cause.BLOCKED)),
    Rule(ANY, ANY, ANY, {9}, says("queue", "队列"), rejected(Cause.QUEUE_FULL)),

    # Codes that mean no, or nothing.  P§3.3.
    Rule(ANY, ANY, ANY, {4, 9, -1}, ANY, refused(Cause.INVALID)),
    Rule(ANY, ANY, ANY, {5}, ANY, doubt("the gateway heard nothing readable from its server")),
    Rule(ANY, ANY, ANY, {23}, ANY, rejected(Cause.QUEUE_FULL)),
    Rule(ANY, ANY, ANY, {24}, ANY, banned),
    Rule(ANY, ANY, ANY, {30}, ANY, rejected(Cause.SATURATED)),
    Rule({Kind.ANSWER}, ANY, ANY, {3}, ANY, refused(Cause.PARENT_MISSING, _NO_DIALOG)),
    Rule(CHILDREN, ANY, ANY, {3}, ANY, refused(Cause.PARENT_MISSING)),
    Rule(ANY, ANY, ANY, {3}, ANY, rejected(Cause.NO_ACCOUNT)),

    # Codes that mean yes.  P§3.4; a dialog is never answered twice: P§5.4.
    Rule({Kind.ANSWER}, OK, ANY, YES, ANY, accepted),
    Rule(ACTS, OK, ANY, YES, no_id, doubt("accepted, but no task was named")),
    Rule(ACTS, OK, ANY, YES, remix, dialog),
    Rule(ACTS, OK, ANY, {21}, duplicate, existing),
    Rule(ACTS, OK, ANY, {21}, always_asks, dialog),
    Rule(ACTS, OK, ANY, YES, ANY, accepted),

    # No code: the shape decides.  P§8.1, 8.2, 8.4.
    Rule(ANY, {400}, {Shape.ERROR, Shape.FRAMEWORK}, UNCODED, ANY, refused(Cause.INVALID)),
    Rule(ANY, {413}, ANY, UNCODED, ANY, refused(Cause.INVALID, "the request is too large")),
    Rule(ANY, {404, 405}, ANY, UNCODED, ANY, refused(Cause.NO_ROUTE)),
    Rule(ANY, {415}, ANY, UNCODED, ANY, refused(Cause.NO_ROUTE, "the server takes no JSON here")),
    Rule(ANY, OK, {Shape.PAGE}, UNCODED, ANY,
         refused(Cause.NO_ROUTE, "the server answered with a web page: it has no such route")),

    Rule(ANY, ANY, ANY, ANY, ANY, doubt("the answer says neither yes nor no")),
)
# fmt: on


def judge(request: Paying, outcome: Outcome) -> Verdict:
    """Say what became of a paying request; never raises, and in doubt says `Doubt`."""
    if isinstance(outcome, Reply):
        return _judged(request, read_answer(outcome))
    return _unheard(outcome)


def judge_upload(request: Upload, outcome: Outcome) -> UploadVerdict:
    """
    Say what became of an upload; never raises, and in doubt says `Doubt`.

    A yes has links where others have an id (P§2.12); a no is a no for all kinds of requests.
    """
    if not isinstance(outcome, Reply):
        return _unheard(outcome)
    answer = read_answer(outcome)
    if answer.http in OK and answer.code in STORED:
        return Stored(answer.links) if answer.links else Doubt(reason(_NO_LINK, answer))
    verdict = _judged(request, answer)
    assert isinstance(verdict, Rejected | Refused | Doubt)  # no rule says yes to an upload
    return verdict


def _judged(request: Charged, answer: Answer) -> Verdict:
    return next(rule for rule in RULES if rule.holds(request, answer)).give(request, answer)


def _unheard(outcome: NotSent | Unanswered) -> Rejected | Doubt:
    if isinstance(outcome, NotSent):
        return Rejected(Cause.UNREACHABLE, wire.clean(outcome.reason))
    return Doubt(wire.clean(outcome.reason))


def unknown_task(reply: Reply) -> bool:
    """
    Whether a read says that there is no such task.

    Servers spell it in three ways: 204, an empty 200, a gateway's 400 (P§2.14); the route of
    the seed adds a 404 with code 3 (P§2.15).
    """
    if reply.status in (200, 204):
        return wire.is_empty(reply.body)
    answer = read_answer(reply)
    denied = answer.code == 4 and contains(answer, DENIALS)
    return (reply.status == 400 and denied) or (reply.status == 404 and answer.code == 3)


def check_read(reply: Reply, *, task_id: str | None = None) -> None:
    """
    Pass an answer to a read that is worth decoding, and raise what any other means.

    Without `task_id` it is a list, which can't deny a task.

    Raises:
        TaskNotFound: The server does not know the task.
        NotAuthorized: The key is refused.
        NotAnApi: There is a web page, or no such route.
        ReplyUnreadable: It is something else than an answer.
    """
    if reply.status == 200 and reply.body[:1] in (b"{", b"["):
        return
    if task_id is not None and unknown_task(reply):
        raise _unknown(task_id)
    answer = read_answer(reply)
    if answer.http in (401, 403):
        raise NotAuthorized(reason("the key is refused", answer))
    if answer.http in REDIRECT or answer.http in (404, 405):
        raise NotAnApi(reason("the server has no such route", answer))
    if answer.http not in OK:
        raise ReplyUnreadable(reason("the server could not answer", answer))
    if answer.shape in (Shape.EMPTY, Shape.PAGE, Shape.TEXT):
        raise wire.unreadable(reply.body)


def read_seed(reply: Reply, task_id: str) -> str:
    """
    Read the seed of a task out of the answer to the question for it (P§2.15).

    Raises:
        TaskNotFound: The server does not know the task.
        RequestRefused: There is no seed of it, or the server tells none at all.
        NoReply: The server itself did not hear of it in time.
        NotAuthorized, ReplyUnreadable: As of `check_read`.
    """
    answer = read_answer(reply)
    if answer.http in OK and answer.code in YES and answer.ids:
        return answer.ids[0]
    if unknown_task(reply):
        raise _unknown(task_id)
    _check_route(answer, "seed")
    if answer.code == 5:
        raise NoReply(reason("the server did not hear of the seed in time", answer))
    if answer.code is not None and answer.http not in BROKEN:
        raise RequestRefused(
            reason(f"the server tells no seed of task {task_id}", answer),
            advice="Nothing was paid. Ask when the task has ended; some tasks have none.",
        )
    raise _not_told(reply)


def check_cancelled(reply: Reply, task_id: str) -> None:
    """
    Pass an answer that says that a task was cancelled (P§2.17), and raise what any other means.

    Raises:
        TaskNotFound: The server does not know the task.
        RequestRefused: The server cancels nothing, or not for this user.
        NotAuthorized, ReplyUnreadable: As of `check_read`.
    """
    answer = read_answer(reply)
    if answer.http in OK and (answer.shape is Shape.EMPTY or answer.code in YES):
        return
    if unknown_task(reply):
        raise _unknown(task_id)
    _check_route(answer, "cancel", advice=_GOES_ON)
    if answer.http in (400, 403) or (answer.code is not None and answer.http not in BROKEN):
        meaning = "the server does not let you cancel a task; mostly that is for its admins"
        raise RequestRefused(reason(meaning, answer), advice=_GOES_ON)
    raise _not_told(reply)


_GOES_ON = "The task goes on: mjflow can only stop waiting for it."


def _check_route(answer: Answer, act: str, advice: str | None = None) -> None:
    """Raise `RequestRefused` when the answer says that the server has no such route."""
    page = answer.http in OK and answer.shape is Shape.PAGE
    absent = answer.code is None and answer.http in (404, 405)
    if page or absent or answer.http in REDIRECT:
        no = Refused(Cause.NO_ROUTE, reason("the server has no such route", answer))
        error = refusal(no, act=act)
        raise RequestRefused(error.message, advice=advice or error.advice)


def _unknown(task_id: str) -> TaskNotFound:
    return TaskNotFound(f"the server does not know the task {task_id}", task_id=task_id)


def _not_told(reply: Reply) -> MjflowError:
    """Return the error of an answer that is none to what was asked."""
    try:
        check_read(reply)
    except MjflowError as error:
        return error
    return ReplyUnreadable(reason("the server answers something else", read_answer(reply)))
