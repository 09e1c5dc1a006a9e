"""Of a list of tasks only the tokens are read; junk is taken and refused as by `read_tasks`."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mjflow.errors import NotAnApi, ReplyUnreadable
from mjflow.protocol.codec import read_tasks
from mjflow.protocol.marks import Marks, read_marks

from ..wires import DONE, RUNNING

A, B = "a" * 20, "b" * 20


def rows(*wanted: tuple[Any, Any]) -> bytes:
    return json.dumps(
        [{**DONE, "id": task_id, "state": state} for task_id, state in wanted]
    ).encode()


LISTS: list[tuple[bytes, Marks]] = [
    (b"[]", Marks(0, {})),
    (b"null", Marks(0, {})),
    (rows(("1", f"mj1.{A}:")), Marks(1, {A: ("1",)})),
    (rows(("1", f"mj1.{A}:a cat"), ("2", "theirs"), ("3", "")), Marks(3, {A: ("1",)})),
    (
        rows(("2", f"mj1.{A}:"), ("3", f"mj1.{B}:"), ("1", f"mj1.{A}:")),
        Marks(3, {A: ("1", "2"), B: ("3",)}),
    ),
    (rows(("1", f"mj1.{A}:"), ("1", f"mj1.{A}:")), Marks(2, {A: ("1",)})),
    (rows((17, f"mj1.{A}:"), ("2", None)), Marks(2, {A: ("17",)})),
    (rows(("1", 5), ("2", f"mj1.{A}:")), Marks(2, {A: ("2",)})),
    (rows(("2", f"mj1.{A}:"), (None, f"mj1.{B}:")), Marks(1, {A: ("2",)})),
    (json.dumps([{**RUNNING, "id": "1"}]).encode(), Marks(1, {})),
]


@pytest.mark.parametrize(("body", "marks"), LISTS, ids=repr)
def test_tokens_are_read_with_their_ids_the_oldest_first(body: bytes, marks: Marks) -> None:
    """A server lists the newest first; a task listed twice is one task."""
    assert read_marks(body) == marks


@pytest.mark.parametrize(("body", "marks"), LISTS, ids=repr)
def test_marks_are_those_of_the_whole_tasks(body: bytes, marks: Marks) -> None:
    """Reading less does not mean reading something else."""
    found = {(task.token, task.id) for task in read_tasks(body) if task.token}
    assert found == {(token, one) for token, ids in marks.ids.items() for one in ids}


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"{}", ReplyUnreadable),
        (b"[", ReplyUnreadable),
        (b"[1]", ReplyUnreadable),
        (b"", ReplyUnreadable),
        (b"\xff", ReplyUnreadable),
        (b"<!doctype html><html></html>", NotAnApi),
    ],
    ids=repr,
)
def test_what_is_no_list_of_tasks_is_refused(body: bytes, error: type[ReplyUnreadable]) -> None:
    """With the error that any read gives."""
    with pytest.raises(error) as raised:
        read_marks(body)
    assert type(raised.value) is error


def test_an_id_without_a_word_in_it_is_no_task() -> None:
    """Such a row is left out, as everywhere."""
    assert read_marks(rows(("", f"mj1.{A}:"), ("2", f"mj1.{B}:"))).ids == {B: ("2",)}
