"""A bulk answer, peeked at as a whole and built row by row (P§2.16)."""

from __future__ import annotations

import json

import pytest

from mjflow.errors import NotAnApi, ReplyUnreadable
from mjflow.protocol.rows import Rows

ROWS = [
    {"id": "1", "status": "IN_PROGRESS", "progress": "3%", "prompt": "a cat"},
    {"id": "2", "status": "SUCCESS", "progress": "100%", "prompt": "a dog"},
    {"id": "1", "status": "MODAL", "progress": None, "prompt": "a cow"},
]


def rows(value: object) -> Rows:
    return Rows(json.dumps(value).encode())


def test_every_row_is_seen_and_built_at_its_place() -> None:
    """Also when an id comes twice, as that of a dialog does at a gateway (P§5.4)."""
    read = rows(ROWS)
    assert [(peek.id, peek.status) for peek in read.peeks] == [
        ("1", "IN_PROGRESS"),
        ("2", "SUCCESS"),
        ("1", "MODAL"),
    ]
    assert [read.task(place).prompt for place in range(3)] == ["a cat", "a dog", "a cow"]


def test_rows_without_an_id_do_not_shift_the_others() -> None:
    """They are left out."""
    read = rows([{"status": "SUCCESS"}, *ROWS, None, 7])
    assert [peek.id for peek in read.peeks] == ["1", "2", "1"]
    assert [read.task(place).prompt for place in range(3)] == ["a cat", "a dog", "a cow"]


def test_odd_types_are_forgiven() -> None:
    """An id may come as a number, a progress as anything."""
    read = rows([{"id": 14001934816969359, "status": "SUCCESS", "progress": 100}])
    assert read.peeks[0].id == "14001934816969359"
    assert read.task(0).id == "14001934816969359"


@pytest.mark.parametrize("body", [b"[]", b"null"])
def test_no_rows_are_no_trouble(body: bytes) -> None:
    """Ids that nobody knows are left out by the server."""
    assert Rows(body).peeks == []


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b'{"code":4,"description":"no"}', ReplyUnreadable),
        (b'[{"status":"SUCCESS"}]', ReplyUnreadable),
        (b'[{"id":"1","sta', ReplyUnreadable),
        (b"<html></html>", NotAnApi),
        (b"", ReplyUnreadable),
    ],
)
def test_what_is_no_list_of_tasks_is_told(body: bytes, error: type[ReplyUnreadable]) -> None:
    """Cut short, an error object, a web page."""
    with pytest.raises(error):
        Rows(body)
