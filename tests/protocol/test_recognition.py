"""How a server denies a task that nobody has tells what kind it is (P§2.14)."""

from __future__ import annotations

import pytest

from mjflow.errors import MjflowError, NotAnApi, NotAuthorized, ReplyUnreadable
from mjflow.protocol.dialect import GATEWAY, NOVICEZK, TRUEAI, Dialect, dialect_at
from mjflow.protocol.recognition import recognised
from mjflow.protocol.verdicts import Reply

DENIAL = b'{"description":"task_no_found ","type":"upstream_error","code":4}'


@pytest.mark.parametrize(
    ("reply", "dialect"),
    [
        (Reply(400, DENIAL), GATEWAY),
        (Reply(400, DENIAL.replace(b"no_found", b"not_found")), GATEWAY),
        (Reply(204, b""), TRUEAI),
        (Reply(404, b'{"code":3,"description":"not found","result":null}'), GATEWAY),
        (Reply(200, b""), NOVICEZK),
        (Reply(200, b"\r\n"), NOVICEZK),
    ],
)
def test_a_denial_names_its_server(reply: Reply, dialect: Dialect) -> None:
    """204, an empty 200, a 400 with code 4: each kind has its own."""
    assert recognised(reply) is dialect


@pytest.mark.parametrize(
    "reply",
    [
        Reply(200, b'{"id":"0","status":"SUCCESS"}'),
        Reply(400, b'{"error":{"message":"Invalid request"}}'),
    ],
)
def test_other_answers_name_none(reply: Reply) -> None:
    """They are no mark of any kind."""
    assert recognised(reply) is None


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(401, b""), NotAuthorized),
        (Reply(401, b"Authorization header missing."), NotAuthorized),
        (Reply(403, b'{"error":{"message":"banned"}}'), NotAuthorized),
        (Reply(302, b""), NotAnApi),
        (Reply(404, b"<html>nginx</html>"), NotAnApi),
        (Reply(405, b""), NotAnApi),
        (Reply(200, b"<!doctype html><title>Shop</title>"), NotAnApi),
        (Reply(200, b"hello"), ReplyUnreadable),
        (Reply(429, b""), ReplyUnreadable),
        (Reply(500, b'{"error":{"message":"panic","type":"new_api_panic"}}'), ReplyUnreadable),
        (Reply(502, b"<html>Bad gateway</html>"), ReplyUnreadable),
        (Reply(503, b""), ReplyUnreadable),
    ],
)
def test_a_refused_key_and_a_wrong_address_are_told(reply: Reply, error: type[MjflowError]) -> None:
    """They stand for what a person has to mend."""
    with pytest.raises(error):
        recognised(reply)


@pytest.mark.parametrize(
    ("base_url", "dialect"),
    [
        ("https://api.deerapi.com", GATEWAY),
        ("https://API.DeerAPI.com:443/v9", GATEWAY),
        ("https://deerapi.example", None),
        ("http://127.0.0.1:8080", None),
    ],
)
def test_a_public_host_needs_no_question(base_url: str, dialect: Dialect | None) -> None:
    """Of some hosts it is known."""
    assert dialect_at(base_url) is dialect
