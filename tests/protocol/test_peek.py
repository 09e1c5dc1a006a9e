"""Peeks, lists and junk: the two ways into a body agree."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mjflow.errors import NotAnApi, ReplyUnreadable
from mjflow.protocol.codec import Peek, peek, peek_all, percent, read_task, read_tasks
from mjflow.protocol.status import Status
from mjflow.protocol.task import Task
from tests.strategies import (
    DIALECTS,
    Wire,
    any_wire_tasks,
    body_of,
    json_values,
    junk_bodies,
    odd_tasks,
    wire_tasks,
)


class TestLists:
    """Lists of tasks."""

    @given(st.lists(any_wire_tasks, max_size=4))
    def test_rows(self, wires: list[Wire]) -> None:
        """Rows come in their order, two of one id too (P§2.16)."""
        body = body_of(wires)
        assert [task.raw for task in read_tasks(body)] == wires
        assert [row.id for row in peek_all(body)] == [wire["id"] for wire in wires]

    @pytest.mark.parametrize("read", [read_tasks, peek_all])
    def test_null_is_an_empty_list(self, read: Callable[[bytes], list[Any]]) -> None:
        """A gateway's empty list may come as null."""
        assert read(b"null") == []

    @pytest.mark.parametrize("read", [read_tasks, peek_all])
    @pytest.mark.parametrize("junk", [b'{"id":""}', b'{"id":" "}', b'{"status":"SUCCESS"}', b"7"])
    def test_rows_without_id_are_left_out(
        self, read: Callable[[bytes], list[Any]], junk: bytes
    ) -> None:
        """One bad row does not sink the others."""
        rows = read(b'[%b,{"id":"5","status":"MODAL"}]' % junk)
        assert [(row.id, row.status) for row in rows] == [("5", "MODAL")]

    @pytest.mark.parametrize("body", [b"{}", b'{"id":"1"}', b'[{"code":-1}]', b"[1]", b'"x"'])
    @pytest.mark.parametrize("read", [read_tasks, peek_all])
    def test_no_list(self, read: Callable[[bytes], list[Any]], body: bytes) -> None:
        """Something else than a list, or a list without a single task, is unreadable."""
        with pytest.raises(ReplyUnreadable):
            read(body)


class TestPeeks:
    """Peeks agree with whole tasks."""

    def test_peek(self) -> None:
        """A peek has the four fields as the wire has them."""
        body = b'{"id":"07","buttons":null,"status":"","progress":"0%","imageUrl":"https://x/a"}'
        assert peek(body) == Peek(id="07", status="", progress="0%", image_url="https://x/a")

    @pytest.mark.parametrize("dialect", DIALECTS)
    @given(data=st.data())
    def test_agrees_on_every_dialect(self, dialect: str, data: st.DataObject) -> None:
        """A peek and the whole task agree on all that they share."""
        body = body_of(data.draw(wire_tasks(dialect)))
        assert shared_by(peek(body)) == shared(read_task(body))

    @given(junk_bodies)
    @example(b'{"id":"1","x":"\xff"}')
    @example(b'{"id":"1","\xff":1}')
    @example(b'{"id":"1","x":' + b"9" * 5000 + b"}")
    @example(b'{"id":"1","x":1e999}')
    @example(b'{"id":"1","x":"\\ud800"}')
    @example(b'{"id":"\\ud800"}')
    @example(b'{"id":"1","x":NaN}')
    @example(b'\xef\xbb\xbf{"id":"1"}')
    @example(b'{"id":2,"id":"1"}')
    @example(b'{"id":"1","status":7,"progress":57}')
    @example(b'{"id":"1","x":' + b"[" * 90_000 + b"]" * 90_000 + b"}")
    def test_agrees_on_junk(self, body: bytes) -> None:
        """For junk both raise, and nothing but our error, or neither does and they agree."""
        assert outcome(lambda: shared_by(peek(body))) == outcome(lambda: shared(read_task(body)))
        assert outcome(lambda: [shared_by(row) for row in peek_all(body)]) == outcome(
            lambda: [shared(task) for task in read_tasks(body)]
        )

    @given(st.lists(odd_tasks(), max_size=3))
    def test_lists_agree(self, wires: list[Wire]) -> None:
        """Lists agree row by row, also on which rows are left out."""
        body = body_of(wires)
        assert outcome(lambda: [shared_by(row) for row in peek_all(body)]) == outcome(
            lambda: [shared(task) for task in read_tasks(body)]
        )


class TestJunk:
    """Bodies that are no task."""

    @pytest.mark.parametrize(
        ("body", "message"),
        [
            (b"", "the server's answer is empty"),
            (b" \r\n", "the server's answer is empty"),
            (b'{"id":"1","sta', 'is not JSON, or is cut short: {"id":"1","sta'),
            (b"upstream timed out", "is not JSON, or is cut short: upstream timed out"),
            (b'{"status":"SUCCESS"}', "is JSON, but not a task"),
            (b'{"code":-1,"message":"no such thing"}', "but not a task: no such thing"),
            (b"null", "is JSON, but not a task"),
            (b'{"id":""}', "is JSON, but not a task"),
            (b'{"id":true}', "is JSON, but not a task"),
            (b'{"id":1.5}', "is JSON, but not a task"),
            (b'{"id":"a\\u0007b"}', "is JSON, but not a task"),
        ],
    )
    @pytest.mark.parametrize("read", [read_task, peek])
    def test_says_what_came(
        self, read: Callable[[bytes], Task | Peek], body: bytes, message: str
    ) -> None:
        """The error says what came instead of a task."""
        with pytest.raises(ReplyUnreadable, match=message.replace("{", "\\{")):
            read(body)

    @pytest.mark.parametrize("body", [b"<!DOCTYPE html><html>", b"\n <html>", b"\xef\xbb\xbf<x/>"])
    @pytest.mark.parametrize("read", [read_task, peek, read_tasks, peek_all])
    def test_web_pages(self, read: Callable[[bytes], object], body: bytes) -> None:
        """A web page is told from other junk."""
        with pytest.raises(NotAnApi):
            read(body)


class TestPercent:
    """Progress."""

    @pytest.mark.parametrize(
        ("told", "read"),
        [
            ("57%", 57),
            ("0%", 0),
            ("100%", 100),
            ("57", 57),
            (" 57 % ", 57),
            ("57.9%", 57),
            (57, 57),
            ("101%", None),
            ("-1%", None),
            ("", None),
            (None, None),
            ("Waiting to start", None),
            (True, None),
            ([], None),
        ],
    )
    def test_percent(self, told: object, read: int | None) -> None:
        """Percents are read in all their spellings; anything else is none (P§4.4)."""
        assert percent(told) == read

    @given(json_values)
    def test_never_fails(self, value: object) -> None:
        """Whatever comes, it is 0 to 100 or none."""
        assert percent(value) in {None, *range(101)}


def shared(task: Task) -> tuple[object, ...]:
    """Return what a task has in common with a peek."""
    return task.id, task.status, task.progress, task.image_url


def shared_by(seen: Peek) -> tuple[object, ...]:
    """Return the same of a peek, read."""
    return seen.id, Status.read(seen.status), percent(seen.progress), seen.image_url or None


def outcome(read: Callable[[], object]) -> object:
    """Return what a reader returns, or the class of our error; let any other error through."""
    try:
        return read()
    except ReplyUnreadable as error:
        return type(error)
