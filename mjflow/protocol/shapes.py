"""The shapes that answers to submits come in, brought into one (P§3.1, 8.1, 8.3, 8.4)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from attrs import Factory, frozen

from mjflow.errors import ReplyUnreadable
from mjflow.protocol import wire
from mjflow.protocol.verdicts import Reply

_TITLE = re.compile(rb"<title[^>]*>([^<]*)", re.IGNORECASE)


class Shape(StrEnum):
    """What a body looks like; the letters are those of P§8.1."""

    #: C: `{"code", "description", "result", "properties"}`, as servers answer a submit (P§3.1).
    SUBMIT = "a submit answer"
    #: B: `{"code", "description", "type"}`, a gateway's own word about Midjourney.
    GATEWAY = "a gateway's error"
    #: A: `{"error": {"message", "type"}}`, a gateway's own word about everything else.
    ERROR = "an error object"
    #: `{"success": false, "code": -1, "message"}`, with which trueai wraps exceptions (P§8.3).
    WRAPPED = "a wrapped exception"
    #: `{"status", "error", ...}`: the web framework below the server speaks (P§8.4).
    FRAMEWORK = "a framework's error"
    #: Other JSON.
    JSON = "JSON of no known shape"
    #: D and F: markup.
    PAGE = "a web page"
    #: F: anything else that is no JSON, also JSON cut short.
    TEXT = "plain text"
    #: E.
    EMPTY = "an empty answer"


@frozen(kw_only=True)
class Answer:
    """An answer in the one form that the table of verdicts reads."""

    #: The HTTP status.
    http: int
    shape: Shape
    #: The code of P§3.3, where the body has one.
    code: int | None = None
    #: What the server says in words: `description`, `message`, the title of a page; one line.
    text: str = ""
    #: The ids in `result`, whatever its type.
    ids: tuple[str, ...] = ()
    #: The links in `result`, as an upload is answered.
    links: tuple[str, ...] = ()
    properties: Mapping[str, Any] = Factory(dict)
    #: Seconds the server asks us to wait.
    retry_after: float | None = None


def read_answer(reply: Reply) -> Answer:
    """Read any reply whatever; never raises."""
    body = reply.body
    if wire.is_empty(body):
        return _plain(reply, Shape.EMPTY, b"")
    try:
        value = wire.load(body)
    except ReplyUnreadable:
        if wire.is_page(body):
            title = _TITLE.search(body[:8192])
            return _plain(reply, Shape.PAGE, title[1] if title else b"")
        return _plain(reply, Shape.TEXT, body[:500])
    return _structured(reply, wire.mapping(value))


def read_ids(result: object) -> tuple[str, ...]:
    """
    Read the ids in a `result`: a text, an integer, a comma list, or an array of these (P§3.1).

    All or none: what is only in part a list of ids is something else.
    """
    entries = result if isinstance(result, list) else [result]
    ids = [wire.identifier(word) for entry in entries for word in _split(entry)]
    known = dict.fromkeys(word for word in ids if word is not None)
    return () if None in ids else tuple(known)


def read_links(result: object) -> tuple[str, ...]:
    """Read the links in the `result` of an upload: an array of them, or a single one (P§2.12)."""
    entries = result if isinstance(result, list) else [result]
    links = [entry.strip() for entry in entries if isinstance(entry, str)]
    good = len(links) == len(entries) and all(map(_is_link, links))
    return tuple(links) if good else ()


def _is_link(text: str) -> bool:
    return text.startswith(("http://", "https://")) and text.isprintable() and " " not in text


def _split(entry: object) -> list[Any]:
    if not isinstance(entry, str):
        return [entry]
    return [word for part in entry.split(",") if (word := part.strip())]


def _plain(reply: Reply, shape: Shape, said: bytes) -> Answer:
    return Answer(
        http=reply.status,
        shape=shape,
        text=wire.clean(said.decode("utf-8", "replace")),
        retry_after=reply.retry_after,
    )


def _structured(reply: Reply, body: Mapping[str, Any]) -> Answer:
    error = body.get("error")
    code = body.get("code")
    return Answer(
        http=reply.status,
        shape=_shape_of(body, reply.status),
        code=code if isinstance(code, int) and not isinstance(code, bool) else None,
        text=wire.clean(_words(wire.mapping(error)) or _words(body) or wire.text(error), 1000),
        ids=read_ids(body.get("result")),
        links=read_links(body.get("result")),
        properties=wire.mapping(body.get("properties")),
        retry_after=reply.retry_after,
    )


def _words(fields: Mapping[str, Any]) -> str:
    return wire.text(fields.get("description")) or wire.text(fields.get("message"))


def _shape_of(body: Mapping[str, Any], http: int) -> Shape:
    if isinstance(body.get("error"), dict):
        return Shape.ERROR
    if isinstance(body.get("code"), int):
        if "success" in body:
            return Shape.WRAPPED
        return Shape.GATEWAY if "type" in body else Shape.SUBMIT
    if body.get("status") == http and "error" in body:
        return Shape.FRAMEWORK
    return Shape.JSON
