"""Which kind of server this is, by how it denies a task that nobody has (P§2.14)."""

from __future__ import annotations

from mjflow.errors import NotAnApi, NotAuthorized, ReplyUnreadable
from mjflow.protocol import wire
from mjflow.protocol.dialect import GATEWAY, NOVICEZK, TRUEAI, Dialect
from mjflow.protocol.replies import unknown_task
from mjflow.protocol.rules import reason
from mjflow.protocol.shapes import Shape, read_answer
from mjflow.protocol.verdicts import Reply

#: An id that no server gives to a task: to ask for it costs nothing.
NOBODYS = "0"


def recognised(reply: Reply) -> Dialect | None:
    """
    Tell a server by its answer to a fetch of `NOBODYS`; `None` where the answer tells nothing.

    Every kind denies an unknown task in a way of its own: 204, an empty 200, or a gateway's 400.

    Raises:
        NotAuthorized: The key is refused.
        NotAnApi: A web page, or nothing at all, stands at this address.
        ReplyUnreadable: The server is in trouble; another time it may tell.
    """
    if unknown_task(reply):
        return {200: NOVICEZK, 204: TRUEAI}.get(reply.status, GATEWAY)
    answer = read_answer(reply)
    if reply.status in (401, 403):
        raise NotAuthorized(reason("the key is refused", answer))
    if reply.status in range(300, 400) or reply.status in (404, 405, 501):
        raise NotAnApi(reason("the server has no such route", answer))
    if reply.status == 200 and answer.shape in (Shape.PAGE, Shape.TEXT):
        raise wire.unreadable(reply.body)
    if reply.status == 429 or reply.status >= 500:
        raise ReplyUnreadable(reason("the server could not answer", answer))
    return None
