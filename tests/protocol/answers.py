"""Requests and answers to them, in every shape of P§8.1: the words of the tables of verdicts."""

from __future__ import annotations

import json
from typing import Any

from mjflow.protocol.requests import Action, Change, Imagine, Modal, Paying, Upload, Video
from mjflow.protocol.verdicts import Reply

ROOT = Imagine(prompt="a cat")
U1 = Action(task_id="parent", custom_id="MJ::JOB::upsample::1::u")
V1 = Action(task_id="parent", custom_id="MJ::JOB::variation::1::u")
INPAINT = Action(task_id="parent", custom_id="MJ::Inpaint::1::u::SOLO")
ZOOM = Action(task_id="parent", custom_id="MJ::CustomZoom::u")
CHANGE = Change(task_id="parent", action="UPSCALE", index=2)
EXTEND = Video(task_id="parent", extend="extend", index=0)
UPLOAD = Upload(base64_array=("data:image/png;base64,AA==",))
ANSWER = Modal(task_id="dialog", prompt="a crown")

EVERY_KIND: tuple[Paying, ...] = (ROOT, U1, ANSWER)
ID = "0741798445574458"


def reply(http: int, body: object = b"", retry_after: float | None = None) -> Reply:
    """Make a reply of bytes, or of anything as JSON."""
    raw = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    return Reply(http, raw, retry_after)


def submit(code: int, text: str = "", *, http: int = 200, result: Any = None, **more: Any) -> Reply:
    """Make an answer of shape C, as servers give and gateways pass through (P§3.1)."""
    body = {"code": code, "description": text, "result": result, "properties": more}
    return reply(http, body)


def gateway(http: int, code: int, text: str) -> Reply:
    """Make an answer of shape B, with its trailing blank."""
    return reply(http, {"description": f"{text} ", "type": "upstream_error", "code": code})


def error(http: int, text: str) -> Reply:
    """Make an answer of shape A."""
    message = f"{text} (request id: 2025040112345)"
    return reply(http, {"error": {"message": message, "type": "new_api_error"}})


def wrapped(http: int, text: str) -> Reply:
    """Make an exception as trueai wraps it (P§8.3)."""
    return reply(http, {"success": False, "code": -1, "message": text, "timestamp": 1768464763141})


def framework(http: int, text: str) -> Reply:
    """Make an error of the framework below novicezk (P§8.4)."""
    fields = {"timestamp": "2025-04-01T00:00:00", "status": http, "error": text, "path": "/mj"}
    return reply(http, fields)


def page(http: int, title: str = "Dashboard") -> Reply:
    """Make a web page: shapes D and F."""
    return reply(http, f"<!DOCTYPE html><html><title>{title}</title></html>".encode())
