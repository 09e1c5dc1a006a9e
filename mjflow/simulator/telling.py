"""What an answer to a submit tells its client about money (P§3.6)."""

from __future__ import annotations

import msgspec

from mjflow.simulator.wire import Ending, Json, Reply

#: Codes that say yes, if a task is named; and codes that say no.
YES = frozenset({1, 21, 22})
NO = frozenset({-1, 3, 4, 9, 23, 24, 30})
#: Statuses that are a no by themselves.
REFUSALS = frozenset({401, 403, 404, 405, 413, 415, 429})
#: The gateway's error that hides a task which runs.
UNSTORED = "insert_midjourney_task_failed"


def tells(reply: Reply) -> bool:
    """
    Say whether an answer lets its client know if there is a task, and which.

    It is judged by what leaves, not by what was done: an answer that breaks off, an error of
    which a running task may be the cause, and a yes without an id tell nothing.
    """
    if reply.ending is not Ending.WHOLE:
        return False
    body = body_of(reply)
    if reply.status in REFUSALS:
        return True
    if reply.status == 503:
        return body is not None and "error" in body
    if reply.status >= 500:
        return False
    if body is None:
        # A page in place of an answer: the path is not routed.  Nothing at all says nothing.
        return reply.body[:1] == b"<"
    return _says(body)


def _says(body: Json) -> bool:
    if "error" in body:
        return True
    code = body.get("code")
    if code in YES:
        return bool(body.get("result"))
    return code in NO and UNSTORED not in str(body.get("description"))


def body_of(reply: Reply) -> Json | None:
    """Read an answer as a JSON object, None if it is none."""
    try:
        body = msgspec.json.decode(reply.body)
    except msgspec.DecodeError:
        return None
    return body if isinstance(body, dict) else None


def code_of(reply: Reply) -> int | None:
    """Give the `code` of an answer, None where it has none."""
    body = body_of(reply)
    code = None if body is None else body.get("code")
    return code if isinstance(code, int) else None
