"""The benchmarks' own server, over a real socket."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from benchmarks import lives
from benchmarks.server import Server, serving
from mjflow.protocol.codec import read_task, read_tasks
from mjflow.protocol.status import Status


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server in another process."""
    with serving() as running:
        yield running


@pytest.fixture
def connection(server: Server) -> Iterator[HTTPConnection]:
    """A connection that is kept alive."""
    opened = HTTPConnection(urlsplit(server.url).netloc, timeout=10)
    yield opened
    opened.close()


def _fetched(connection: HTTPConnection, path: str) -> tuple[int, bytes]:
    connection.request("GET", path)
    answer = connection.getresponse()
    return answer.status, answer.read()


@pytest.mark.parametrize(
    ("age", "status", "progress"),
    [
        (0, Status.SUBMITTED, 0),
        (41_000, Status.IN_PROGRESS, 50),
        (81_000, Status.SUCCESS, 100),
    ],
)
def test_a_task_is_told_as_a_gateway_tells_it(
    connection: HTTPConnection,
    monkeypatch: pytest.MonkeyPatch,
    age: int,
    status: Status,
    progress: int,
) -> None:
    """The codec reads a task of 80 s at each age: id, status, progress, ten buttons."""
    began = lives.now() - age
    monkeypatch.setattr(lives, "now", lambda: began)
    task_id = lives.born(3, 80.0)
    code, body = _fetched(connection, f"/mj/task/{task_id}/fetch")
    task = read_task(body)
    told = (code, task.id, task.status, task.progress, len(task.buttons))
    assert told == (200, task_id, status, progress, 10)


def _listed(ids: list[str], *, bulk: bool) -> tuple[int, bytes]:
    with serving(bulk=bulk) as running:
        connection = HTTPConnection(urlsplit(running.url).netloc, timeout=10)
        connection.request("POST", "/mj/task/list-by-condition", json.dumps({"ids": ids}))
        answer = connection.getresponse()
        said = answer.status, answer.read()
        connection.close()
        return said


def test_many_tasks_are_told_at_once() -> None:
    """The rows come with the ids that were asked for."""
    ids = [lives.undying(number) for number in range(200)]
    code, body = _listed(ids, bulk=True)
    assert (code, [task.id for task in read_tasks(body)]) == (200, ids)


def test_a_server_without_bulk_has_no_such_path() -> None:
    """That is what the contests of single looks are run against."""
    assert _listed([lives.undying(1)], bulk=False) == (404, b"")


def test_other_paths_are_not_found(connection: HTTPConnection) -> None:
    """The connection serves the next request all the same."""
    known = f"/mj/task/{lives.undying(1)}/fetch"
    assert [_fetched(connection, path)[0] for path in ("/", known)] == [404, 200]


def test_a_server_that_has_ended_says_what_an_answer_took() -> None:
    """It counts CPU seconds, a fraction of one for each answer."""
    with serving() as running:
        opened = HTTPConnection(urlsplit(running.url).netloc, timeout=10)
        _fetched(opened, f"/mj/task/{lives.undying(1)}/fetch")
        opened.close()
    assert 0.0 < running.per_answer < 1.0
