"""
The wire, literally: every JSON body the simulated servers answer with.

Nothing here comes from the client's own codec, so that a misread fact cannot pass
unnoticed by being misread the same way on both sides.
"""

from __future__ import annotations

from enum import Enum
from typing import Any, TypeAlias

import msgspec
from attrs import evolve, frozen

Json: TypeAlias = dict[str, Any]

JSON = "application/json"
JSON_UTF8 = "application/json; charset=utf-8"
# A gateway sets no type on answers it passes through, and the library guesses (P§1).
SNIFFED = "text/plain; charset=utf-8"
HTML = "text/html; charset=utf-8"

INSTANCE_ID = "1118138338562560102"


class Ending(Enum):
    """How an answer leaves."""

    WHOLE = "whole"
    #: The connection breaks before the first byte.
    LOST = "lost"
    #: The connection breaks in the middle of the body.
    CUT = "cut"
    #: Nothing comes for five minutes, then the connection breaks.
    HUNG = "hung"


@frozen
class Reply:
    """One HTTP answer."""

    status: int
    body: bytes
    content_type: str = JSON_UTF8
    ending: Ending = Ending.WHOLE
    #: Virtual seconds before the first byte.
    delay: float = 0.0

    def ended(self, ending: Ending) -> Reply:
        """Give the same answer, leaving in another way."""
        return evolve(self, ending=ending)


class Refused(Exception):
    """Raised where a request is answered before it is carried out."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status)
        self.reply = reply


def encode(value: object) -> bytes:
    """Write compact JSON."""
    return msgspec.json.encode(value)


# Answers of the server behind, P§3.


def accepted(task_id: str) -> Json:
    """The task was taken and starts at once."""
    return {
        "code": 1,
        "description": "提交成功",
        "properties": {"discordInstanceId": INSTANCE_ID},
        "result": task_id,
    }


def queued(task_id: str, ahead: int) -> Json:
    """The task was taken and waits behind `ahead` others."""
    return {
        "code": 22,
        "description": f"排队中，前面还有{ahead}个任务",
        "properties": {"numberOfQueues": ahead, "discordInstanceId": INSTANCE_ID},
        "result": task_id,
    }


def dialog(task_id: str, final_prompt: str) -> Json:
    """The button opened a dialog that waits for an answer, P§3.4 (b)."""
    return {
        "code": 21,
        "description": "Waiting for window confirm",
        "properties": {"finalPrompt": final_prompt, "remix": True},
        "result": task_id,
    }


def queue_full(code: int = 23) -> Json:
    """The queue is full; no task was made: 23 at novicezk and plus, 9 at trueai, P§3.3."""
    texts = {23: "队列已满，请稍后尝试", 9: "提交失败，队列已满，请稍后重试"}
    return {
        "code": code,
        "description": texts[code],
        "properties": {"discordInstanceId": INSTANCE_ID},
        "result": None,
    }


def duplicate(task_id: str, status: str, image_url: str) -> Json:
    """The button was pressed before, and led to that task, P§3.4 (a)."""
    return {
        "code": 21,
        "description": "任务已存在",
        "properties": {"status": status, "imageUrl": image_url},
        "result": task_id,
    }


def done(result: str | list[str]) -> Json:
    """The work was done at once: links of uploads, a seed."""
    return {"code": 1, "description": "成功", "properties": {}, "result": result}


def banned(prompt: str, word: str) -> Json:
    """The prompt holds a forbidden word."""
    return {
        "code": 24,
        "description": "可能包含敏感词",
        "properties": {"promptEn": prompt, "bannedWord": word},
        "result": None,
    }


def rejected(code: int, description: str) -> Json:
    """The request was not taken, for the reason in the description."""
    return {"code": code, "description": description, "properties": {}, "result": None}


def button(custom_id: str, label: str = "", emoji: str = "") -> Json:
    """One button of a finished task, P§4.5."""
    return {"customId": custom_id, "emoji": emoji, "label": label, "type": 2, "style": 2}


# Answers of the gateway, P§8.1.


def shape_a(status: int, message: str, request_id: str, kind: str = "new_api_error") -> Reply:
    """The gateway's own error about key, group, routing or binding."""
    text = f"{message} (request id: {request_id})"
    return Reply(status, encode({"error": {"message": text, "type": kind}}))


def shape_b(code: int, description: str, *, status: int = 400, result: str = "") -> Reply:
    """The gateway's own error about a Midjourney request; note the blank before the result."""
    body = {"code": code, "description": f"{description} {result}", "type": "upstream_error"}
    return Reply(status, encode(body))


def html(status: int, text: str) -> Reply:
    """A web page where JSON was hoped for."""
    return Reply(status, text.encode(), HTML)


DASHBOARD = (
    "<!doctype html>\n"
    '<html lang="zh"><head><meta charset="utf-8"/><title>New API</title></head>'
    "<body><noscript>You need to enable JavaScript to run this app.</noscript>"
    '<div id="root"></div></body></html>\n'
)
BAD_GATEWAY = (
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"
    "<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n"
    "</body>\r\n</html>\r\n"
)
