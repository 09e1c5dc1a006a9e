"""The rows of the fact sheet about answers to paying requests, with the verdicts they call for."""

from __future__ import annotations

from mjflow.protocol.requests import Paying
from mjflow.protocol.status import Status
from mjflow.protocol.verdicts import (
    Accepted,
    Cause,
    Dialog,
    Doubt,
    Existing,
    NotSent,
    Outcome,
    Refused,
    Rejected,
    Unanswered,
    Verdict,
)
from tests.protocol.answers import (
    ANSWER,
    CHANGE,
    EXTEND,
    ID,
    INPAINT,
    ROOT,
    U1,
    V1,
    ZOOM,
    error,
    framework,
    gateway,
    page,
    reply,
    submit,
    wrapped,
)

#: A name, the request, what became of it, and the verdict without its words.
Row = tuple[str, Paying, Outcome, Verdict]

YES = Accepted((ID,))
DIALOG = Dialog(ID)
DOUBT = Doubt("")


def no(cause: Cause) -> Refused:
    """Name a definite no."""
    return Refused(cause, "")


def later(cause: Cause) -> Rejected:
    """Name a no that may become a yes."""
    return Rejected(cause, "")


KEY = later(Cause.KEY)
SATURATED = later(Cause.SATURATED)
NO_CHANNEL = later(Cause.NO_CHANNEL)
FULL = later(Cause.QUEUE_FULL)
NO_ACCOUNT = later(Cause.NO_ACCOUNT)
INVALID = no(Cause.INVALID)
NO_ROUTE = no(Cause.NO_ROUTE)
NO_PARENT = no(Cause.PARENT_MISSING)

# fmt: off
#: P§3.3, by code.
CODES: list[Row] = [
    ("1", ROOT, submit(1, "提交成功", result=ID, discordInstanceId="5"), YES),
    ("1 on a click", U1, submit(1, result=ID), YES),
    ("1 on the classic click", CHANGE, submit(1, result=ID), YES),
    ("1 under HTTP 201", ROOT, submit(1, http=201, result=ID), YES),
    ("1 rewritten from 22", ROOT, submit(1, result=ID, numberOfQueues=3), Accepted((ID,), 3)),
    ("3 no account", ROOT, submit(3, "无可用的账号实例"), NO_ACCOUNT),
    ("3 no parent", U1, submit(3, "关联任务不存在或已失效"), NO_PARENT),
    ("4", ROOT, submit(4, "prompt不能为空"), INVALID),
    ("5", ROOT, gateway(400, 5, "do_request_failed"), DOUBT),
    ("9 queue full", ROOT, submit(9, "提交失败，队列已满，请稍后重试"), FULL),
    ("9 queue full, in English", U1, submit(9, "Queue is full"), FULL),
    ("9 otherwise", ROOT, submit(9, "视频功能未启用"), INVALID),
    ("22", ROOT, submit(22, "排队中", result=ID, numberOfQueues=0), Accepted((ID,), 0)),
    ("23", ROOT, submit(23, "队列已满，请稍后尝试"), FULL),
    ("23 with an id", ROOT, submit(23, result=ID), FULL),
    ("24", ROOT, submit(24, "可能包含敏感词", promptEn="x", bannedWord="nude"),
     Refused(Cause.BANNED, "", "nude")),
    ("24 of 2.3.5", ROOT, submit(24, "可能包含敏感词"), no(Cause.BANNED)),
    ("30", ROOT, gateway(429, 30, "group saturated"), SATURATED),
    ("30 under HTTP 200", ROOT, submit(30, "busy", result="busy"), SATURATED),
    ("-1", ROOT, wrapped(200, "state 过长"), INVALID),
    ("other", ROOT, submit(7, "error", result=ID), DOUBT),
    ("a truth value", ROOT, reply(200, {"code": True, "result": ID}), DOUBT),
    ("a text", ROOT, reply(200, {"code": "1", "result": ID}), DOUBT),
]

#: P§3.1 and 3.2: what `result` can be.
RESULTS: list[Row] = [
    ("leading zeros", ROOT, submit(1, result="0001"), Accepted(("0001",))),
    ("an integer", ROOT, submit(1, result=1320098173412546), Accepted(("1320098173412546",))),
    ("an integer above 2^53", ROOT, submit(1, result=14001934816969359),
     Accepted(("14001934816969359",))),
    ("a comma list", U1, submit(1, result="1,2, 3,4"), Accepted(("1", "2", "3", "4"))),
    ("an array", U1, submit(1, result=["1", 2]), Accepted(("1", "2"))),
    ("an id twice", U1, submit(1, result="1,1"), Accepted(("1",))),
    ("null", ROOT, submit(1, result=None), DOUBT),
    ("empty", ROOT, submit(1, result=""), DOUBT),
    ("only commas", ROOT, submit(1, result=" , "), DOUBT),
    ("an empty array", ROOT, submit(1, result=[]), DOUBT),
    ("a fraction", ROOT, submit(1, result=1.5), DOUBT),
    ("a float in disguise", ROOT, reply(200, b'{"code":1,"result":1.3200981734e15}'), DOUBT),
    ("a truth value", ROOT, submit(1, result=True), DOUBT),
    ("an object", ROOT, submit(1, result={"id": ID}), DOUBT),
    ("words", ROOT, submit(1, result="task accepted"), DOUBT),
    ("an id and words", ROOT, submit(1, result=f"{ID}, thank you"), DOUBT),
    ("a control character", ROOT, submit(1, result="12\x1b[2J"), DOUBT),
    ("missing", ROOT, reply(200, {"code": 1}), DOUBT),
    ("null on 22", ROOT, submit(22, result=None), DOUBT),
    ("null on 21", INPAINT, submit(21, result=None, remix=True), DOUBT),
]

WAITING = "Waiting for window confirm"
#: P§3.4: code 21 and its disguise.
TWENTY_ONE: list[Row] = [
    ("(a) duplicate", CHANGE, submit(21, "任务已存在", result=ID, status="SUCCESS", imageUrl="u"),
     Existing(ID, Status.SUCCESS)),
    ("(a) a failed one", CHANGE, submit(21, "任务已存在", result=ID, status="FAILURE"),
     Existing(ID, Status.FAILURE)),
    ("(b) dialog", INPAINT, submit(21, WAITING, result=ID, finalPrompt="", remix=True), DIALOG),
    ("(b) dialog with a prompt", V1,
     submit(21, "窗口等待", result=ID, finalPrompt="a cat", remix=True), Dialog(ID, "a cat")),
    ("Inpaint by a gateway", INPAINT, submit(21, WAITING, result=ID), DIALOG),
    ("CustomZoom by a gateway", ZOOM, submit(21, WAITING, result=ID), DIALOG),
    ("remix by a gateway", V1, submit(1, WAITING, result=ID, finalPrompt="a cat", remix=True),
     Dialog(ID, "a cat")),
    ("duplicate by a gateway", U1, submit(1, "任务已存在", result=ID, status="SUCCESS"), YES),
    ("queued by a gateway", U1, submit(1, result=ID, numberOfQueues=2), Accepted((ID,), 2)),
    ("remix before status", V1, submit(21, result=ID, remix=True, status="MODAL"), DIALOG),
    ("otherwise: fetch and look", V1, submit(21, WAITING, result=ID), YES),
    ("otherwise, classic click", CHANGE, submit(21, "任务已存在", result=ID), YES),
    ("not a dialog", V1, submit(1, result=ID, remix=False), YES),
]

#: P§3.6: the task, the money, and whether to send it again.
MONEY: list[Row] = [
    ("code 1", ROOT, submit(1, result=ID), YES),
    ("code 22", ROOT, submit(22, result=ID), YES),
    ("21 on Inpaint", INPAINT, submit(21, result=ID, remix=True), DIALOG),
    ("21 on CustomZoom", ZOOM, submit(21, result=ID, remix=True), DIALOG),
    ("21 by remix", V1, submit(21, result=ID, remix=True), DIALOG),
    ("21 duplicate", CHANGE, submit(21, result=ID, status="IN_PROGRESS"),
     Existing(ID, Status.IN_PROGRESS)),
    ("3 no account", ROOT, submit(3), NO_ACCOUNT),
    ("9 queue full", ROOT, submit(9, "队列已满"), FULL),
    ("23", U1, submit(23), FULL),
    ("30/429", U1, gateway(429, 30, "saturated"), SATURATED),
    ("4", U1, submit(4, "关联任务状态错误"), INVALID),
    ("24", ROOT, submit(24), no(Cause.BANNED)),
    ("5 do_request_failed", ROOT, gateway(400, 5, "do_request_failed"), DOUBT),
    ("5 unmarshal", ROOT, gateway(400, 5, "unmarshal_response_body_failed"), DOUBT),
    ("5 read", ROOT, gateway(400, 5, "read_response_body_failed"), DOUBT),
    ("5 empty_response_body", ROOT, gateway(400, 5, "empty_response_body"), DOUBT),
    ("empty body", ROOT, reply(200), DOUBT),
    ("empty body, 400", ROOT, reply(400), DOUBT),
    ("insert failed", ROOT, gateway(400, 4, "insert_midjourney_task_failed"), DOUBT),
    ("503 no channel", ROOT, error(503, "对于模型 mj_imagine 无可用渠道"), NO_CHANNEL),
    ("401", ROOT, error(401, "无效的令牌"), KEY),
    ("403", ROOT, error(403, "该用户已被封禁"), KEY),
    ("500 panic", ROOT, error(500, "Panic detected"), DOUBT),
    ("refused connection", ROOT, NotSent("connection refused"), later(Cause.UNREACHABLE)),
    ("no such host", ANSWER, NotSent("no such host"), later(Cause.UNREACHABLE)),
    ("read timeout", ROOT, Unanswered("no answer within 90 s"), DOUBT),
    ("reset", U1, Unanswered("the connection was reset"), DOUBT),
    ("502", ROOT, page(502, "Bad Gateway"), DOUBT),
    ("503 of a front proxy", ROOT, page(503), DOUBT),
    ("504", ROOT, page(504), DOUBT),
    ("520", ROOT, page(520), DOUBT),
    ("524", ROOT, reply(524, b"error code: 524"), DOUBT),
]

#: P§8.2: what gateways say.
GATEWAY: list[Row] = [
    ("401 no token", ROOT, error(401, "未提供令牌"), KEY),
    ("401 invalid", ROOT, error(401, "无效的令牌"), KEY),
    ("401 expired", ROOT, error(401, "该令牌已过期"), KEY),
    ("401 key budget", ROOT, error(401, "该令牌额度已用尽"), KEY),
    ("403 banned", ROOT, error(403, "用户已被封禁"), KEY),
    ("403 model", ROOT, error(403, "该令牌无权访问模型 mj_imagine"), KEY),
    ("400 A", ROOT, error(400, "Invalid request, json: cannot unmarshal number"), INVALID),
    ("400 A unknown action", V1, error(400, "Invalid request, unknown_action:animate"), INVALID),
    ("quota", ROOT, gateway(400, 4, "quota_not_enough"), later(Cause.QUOTA)),
    *(
        (text, ROOT, gateway(400, 4, text), INVALID)
        for text in (
            "prompt_is_required",
            "index_is_required",
            "action_is_required",
            "custom_id_is_required",
            "bind_request_body_failed",
            "sour_base64_and_target_base64_is_required",
        )
    ),
    ("task_no_found", U1, gateway(400, 4, "task_no_found"), NO_PARENT),
    ("task_not_found", U1, gateway(400, 4, "task_not_found"), NO_PARENT),
    ("task_not_found, answer", ANSWER, gateway(400, 4, "task_not_found"), NO_PARENT),
    ("task_not_found, clip to make longer", EXTEND, gateway(400, 4, "task_not_found"), NO_PARENT),
    ("clip not finished", EXTEND, gateway(400, 4, "task_status_not_success"),
     later(Cause.PARENT_STALE)),
    ("parent not finished", U1, gateway(400, 4, "task_status_not_success"),
     later(Cause.PARENT_STALE)),
    ("channel lost", U1, gateway(400, 4, "get_channel_info_failed"), INVALID),
    ("channel disabled", U1, gateway(400, 4, "该任务所属渠道已被禁用"), INVALID),
    ("insert failed", ROOT, gateway(400, 4, "insert_midjourney_task_failed"), DOUBT),
    *(
        (text, ROOT, gateway(400, 5, text), DOUBT)
        for text in (
            "do_request_failed",
            "read_response_body_failed",
            "unmarshal_response_body_failed",
            "create_request_failed",
            "read_request_body_failed",
        )
    ),
    ("429 B 30", ROOT, gateway(429, 30, "当前分组负载已饱和"), SATURATED),
    ("503 A", U1, error(503, "no channel for model mj_upscale"), NO_CHANNEL),
    ("500 A", ROOT, error(500, "panic"), DOUBT),
    ("500 readObjectStart", ROOT,
     gateway(500, 4, "readObjectStart: expect { or n, but found <"), DOUBT),
    ("readObjectStart under 400", ROOT,
     gateway(400, 4, "readObjectStart: expect { or n, but found <"), DOUBT),
]

#: P§8.1: shapes A to F, where nothing but the shape can be gone by.
SHAPES: list[Row] = [
    ("A 400", ROOT, error(400, "x"), INVALID),
    ("A 401", ROOT, error(401, "x"), KEY),
    ("A 403", ROOT, error(403, "x"), KEY),
    ("A 404", ROOT, error(404, "Invalid URL"), NO_ROUTE),
    ("A 429 of later builds", ROOT, error(429, "x"), SATURATED),
    ("A 500", ROOT, error(500, "x"), DOUBT),
    ("A 503", ROOT, error(503, "x"), NO_CHANNEL),
    ("A 200", ROOT, error(200, "x"), DOUBT),
    ("B 400", ROOT, gateway(400, 4, "x"), INVALID),
    ("C 404", U1, submit(3, "关联任务不存在", http=404), NO_PARENT),
    ("C 404, code 4", U1, submit(4, http=404), INVALID),
    ("C yes under 400", ROOT, submit(1, http=400, result=ID), DOUBT),
    ("C yes under 404", ROOT, submit(1, http=404, result=ID), DOUBT),
    ("C yes under 500", ROOT, submit(1, http=500, result=ID), DOUBT),
    ("C no under 500", ROOT, submit(4, http=500), DOUBT),
    ("D", ROOT, page(200), NO_ROUTE),
    ("E 200", ROOT, reply(200), DOUBT),
    ("E 204", ROOT, reply(204), DOUBT),
    ("E blanks", ROOT, reply(200, b" \r\n"), DOUBT),
    ("E 400", ROOT, reply(400), DOUBT),
    ("F 400", ROOT, page(400), DOUBT),
    ("F 404", ROOT, page(404), NO_ROUTE),
    ("F 502 text", ROOT, reply(502, b"upstream connect error"), DOUBT),
    ("F 526", ROOT, page(526), DOUBT),
    ("a redirect", ROOT, reply(302), NO_ROUTE),
    ("a redirect with a page", ROOT, page(308), NO_ROUTE),
    ("405", ROOT, reply(405), NO_ROUTE),
    ("413", ROOT, page(413, "Request Entity Too Large"), INVALID),
    ("415", ROOT, reply(415, b"unsupported"), NO_ROUTE),
    ("501: a server that has no POST", ROOT, page(501, "Unsupported method"), NO_ROUTE),
    ("408", ROOT, page(408), DOUBT),
    ("text under 200", ROOT, reply(200, b"OK"), DOUBT),
    ("JSON cut short", ROOT, reply(200, b'{"code":1,"description":"ok","resu'), DOUBT),
    ("an array", ROOT, reply(200, [ID]), DOUBT),
    ("null", ROOT, reply(200, None), DOUBT),
    ("a task", ROOT, reply(200, {"id": ID, "status": "SUCCESS"}), DOUBT),
]

#: P§8.3: trueai.
TRUEAI: list[Row] = [
    ("401 text", ROOT, reply(401, b"Authorization header missing."), KEY),
    ("403 text", ROOT, reply(403, "未登录".encode()), KEY),
    ("403 empty", ROOT, reply(403), KEY),
    ("429 empty", ROOT, reply(429), SATURATED),
    ("404 code 3", U1, submit(3, http=404), NO_PARENT),
    ("404 code 3, clip to make longer", EXTEND, submit(3, http=404), NO_PARENT),
    ("404 code 3, answer", ANSWER, submit(3, http=404), NO_PARENT),
    ("400 code 4", U1, submit(4, http=400), INVALID),
    ("400 text", U1, reply(400, b"cannot cancel"), DOUBT),
    ("-1 concurrency", U1, wrapped(200, "并发数已达上限"), FULL),
    ("-1 queue", U1, wrapped(200, "队列数已达上限"), FULL),
    ("-1 queue, in English", ROOT, wrapped(200, "Queue limit reached"), FULL),
    ("-1 daily quota", U1, wrapped(200, "用户今日绘图次数已达上限"), later(Cause.QUOTA)),
    ("-1 total quota", U1, wrapped(200, "总绘图次数已达上限"), later(Cause.QUOTA)),
    ("-1 quota, in English", U1, wrapped(200, "Drawing quota used up"), later(Cause.QUOTA)),
    ("-1 block", U1, wrapped(200, "账号已被临时封锁，请勿使用违规词作图"), later(Cause.BLOCKED)),
    ("-1 block, in English", U1, wrapped(200, "Temporarily blocked"), later(Cause.BLOCKED)),
    ("-1 state too long", U1, wrapped(200, "state too long"), INVALID),
    ("-1 binding", U1, wrapped(200, "The JSON value could not be converted"), INVALID),
    ("4 concurrency", ROOT, submit(4, "并发数已达上限"), FULL),
    ("4 queue", ROOT, submit(4, "队列数已达上限"), FULL),
    ("4 quota", ROOT, submit(4, "总绘图次数已达上限"), later(Cause.QUOTA)),
    ("4 block", ROOT, submit(4, "账号已被临时封锁，请勿使用违规词作图"), later(Cause.BLOCKED)),
    ("4 echoes a prompt", ROOT, submit(4, "bad prompt: a blocked queue, quota 3"), INVALID),
    ("500", ROOT, wrapped(500, "并发数已达上限"), DOUBT),
]

#: P§8.4: novicezk.
NOVICEZK: list[Row] = [
    ("401 empty", ROOT, reply(401), KEY),
    ("400", ROOT, framework(400, "Bad Request"), INVALID),
    ("405", ROOT, framework(405, "Method Not Allowed"), NO_ROUTE),
    ("415", ROOT, framework(415, "Unsupported Media Type"), NO_ROUTE),
    ("404", ROOT, framework(404, "Not Found"), NO_ROUTE),
    ("500", ROOT, framework(500, "Internal Server Error"), DOUBT),
]

#: P§5.4: an answer to a dialog; it is never given twice.
ANSWERS: list[Row] = [
    ("same id", ANSWER, submit(1, result="dialog"), Accepted(("dialog",))),
    ("new id", ANSWER, submit(1, result=ID), YES),
    ("no id", ANSWER, submit(1, result=""), Accepted(("dialog",))),
    ("null", ANSWER, submit(1, result=None), Accepted(("dialog",))),
    ("22", ANSWER, submit(22, result="dialog"), Accepted(("dialog",))),
    ("21", ANSWER, submit(21, WAITING, result="dialog"), Accepted(("dialog",))),
    ("21 remix", ANSWER, submit(21, result="dialog", remix=True), Accepted(("dialog",))),
    ("1 remix", ANSWER, submit(1, result="dialog", remix=True), Accepted(("dialog",))),
    ("21 with status", ANSWER, submit(21, result="dialog", status="MODAL"),
     Accepted(("dialog",))),
    ("3", ANSWER, submit(3), NO_PARENT),
    ("404", ANSWER, submit(3, http=404), NO_PARENT),
    ("4", ANSWER, submit(4), INVALID),
    ("24", ANSWER, submit(24, bannedWord="nude"), Refused(Cause.BANNED, "", "nude")),
    ("9 queue full", ANSWER, submit(9, "队列已满"), FULL),
    ("23", ANSWER, submit(23), FULL),
    ("429", ANSWER, reply(429), SATURATED),
    ("5", ANSWER, gateway(400, 5, "do_request_failed"), DOUBT),
    ("empty", ANSWER, reply(200), DOUBT),
]
# fmt: on

TABLES = {
    "P§3.3": CODES,
    "P§3.1": RESULTS,
    "P§3.4": TWENTY_ONE,
    "P§3.6": MONEY,
    "P§8.2": GATEWAY,
    "P§8.1": SHAPES,
    "P§8.3": TRUEAI,
    "P§8.4": NOVICEZK,
    "P§5.4": ANSWERS,
}
