"""The tracker's books: who is found by what, who is woken when."""

from __future__ import annotations

import asyncio

import pytest

from mjflow.engine.act import Act, Attach
from mjflow.engine.feed import Feed
from mjflow.engine.record import Record
from mjflow.engine.tracker import Tracker
from mjflow.errors import IllegalTransition, RequestRefused, TaskLost
from mjflow.fsm.events import Event
from mjflow.fsm.states import State
from mjflow.observers import Observers, Update
from tests.scripted import task
from tests.virtual import virtual_time


def tracker(*observers: list[Update]) -> Tracker:
    return Tracker(Observers(tuple(one.append for one in observers)), lambda _: None)


def record(key: str = "order-17", state: State = State.SUBMITTED) -> Record:
    return Record(act=Act(what=Attach()), key=key, state=state)


REFUSED = RequestRefused("the server refuses the request")
LOST = TaskLost("lost", task_id="7")

# --- finding ------------------------------------------------------------------------------


def test_a_record_is_found_by_its_key_and_by_each_of_its_ids() -> None:
    """An older id stays as an alias behind the newer one."""
    books, one = tracker(), record()
    books.add(one)
    books.name(one, ("7",))
    books.name(one, ("8",))
    assert books.with_key("order-17") is one
    assert books.with_id("7") == books.with_id("8") == (one,)
    assert one.ids == ("8", "7")
    assert one.id == "8"


def test_a_new_first_id_needs_a_new_address_for_looks() -> None:
    """The prepared address is dropped with the id it was made for, and only then."""
    books, one = tracker(), record()
    books.name(one, ("7",))
    one.target = object()  # type: ignore[assignment]
    books.name(one, ("7",))
    assert one.target is not None
    books.name(one, ("8",))
    assert one.target is None


def test_one_id_may_belong_to_two_records() -> None:
    """A button that was pressed twice gives the same task twice."""
    books, one, other = tracker(), record("a"), record("b")
    for each in (one, other):
        books.add(each)
        books.name(each, ("7",))
    assert books.with_id("7") == (one, other)
    books.forget(one)
    assert books.with_id("7") == (other,)
    assert len(books) == 1


def test_what_is_forgotten_is_found_no_more_and_still_counted() -> None:
    """Nothing is kept of a record that was struck from the books but its state."""
    books, one, other = tracker(), record("a"), record("b")
    for each in (one, other):
        books.add(each)
        books.name(each, (each.key, "alias"))
    books.move(one, Event.SUCCEEDED, task=task())
    books.forget(one)
    books.forget(one)
    assert books.with_key("a") is None
    assert books.with_id("a") == ()
    assert books.with_id("alias") == (other,)
    assert books.states() == {State.SUCCESS: 1, State.SUBMITTED: 1}


def test_a_record_that_was_never_in_the_books_is_not_counted() -> None:
    """To forget what was only borrowed changes nothing."""
    books = tracker()
    books.forget(record())
    assert books.states() == {}


# --- moving -------------------------------------------------------------------------------


def test_a_step_tells_its_state_and_error_to_observers() -> None:
    """One update a step, with what waiters get."""
    seen: list[Update] = []
    books, one = tracker(seen), record(state=State.SUBMITTING)
    assert books.move(one, Event.REFUSED, error=REFUSED) is True
    assert [(update.kind, update.state, update.error) for update in seen] == [
        ("state", State.REFUSED, REFUSED)
    ]
    assert one.outcome is REFUSED


def test_an_event_that_moves_nothing_tells_nothing() -> None:
    """A refused answer that arrives after the task was seen to run is no error of it."""
    seen: list[Update] = []
    books, one = tracker(seen), record(state=State.IN_PROGRESS)
    assert books.move(one, Event.ANSWER_REFUSED, error=REFUSED) is False
    assert (one.state, one.outcome, seen) == (State.IN_PROGRESS, None, [])


def test_a_step_without_an_error_takes_the_old_one_back() -> None:
    """What was told in one state holds in that state only."""
    books, one = tracker(), record()
    books.move(one, Event.DEADLINE, error=LOST)
    books.move(one, Event.FOUND)
    assert (one.state, one.outcome) == (State.SUBMITTED, None)


def test_an_impossible_step_changes_nothing() -> None:
    """The automaton raises before anything is written."""
    books, one = tracker(), record(state=State.NEW)
    with pytest.raises(IllegalTransition):
        books.move(one, Event.SUCCEEDED, task=task())
    assert (one.state, one.task) == (State.NEW, None)


# --- waiting ------------------------------------------------------------------------------


@virtual_time
async def test_all_waiters_wake_with_the_same_outcome_and_leave_nothing() -> None:
    """A hundred waiters, one task, no Future left behind."""
    books, one = tracker(), record()
    waits = [asyncio.ensure_future(books.outcome(one)) for _ in range(100)]
    await asyncio.sleep(0)
    assert one.waiters is not None
    assert len(one.waiters) == 100
    done = task()
    books.move(one, Event.SUCCEEDED, task=done)
    assert await asyncio.gather(*waits) == [done] * 100
    assert not one.waiters


@virtual_time
async def test_a_cancelled_waiter_leaves_the_others_waiting() -> None:
    """Cancelling a wait takes its Future out and touches nothing else."""
    books, one = tracker(), record()
    waits = [asyncio.ensure_future(books.outcome(one)) for _ in range(3)]
    changes = [asyncio.ensure_future(books.change(one)) for _ in range(3)]
    await asyncio.sleep(0)
    for wait in (waits[1], changes[1]):
        wait.cancel()
    await asyncio.sleep(0)
    assert one.waiters is not None
    assert one.watchers is not None
    assert (len(one.waiters), len(one.watchers)) == (2, 2)
    books.move(one, Event.SUCCEEDED, task=task())
    await asyncio.gather(waits[0], waits[2], changes[0], changes[2])
    assert not (one.waiters or one.watchers)


@virtual_time
async def test_an_error_that_was_taken_back_wakes_nobody() -> None:
    """Who was rung and finds no outcome waits on."""
    books, one = tracker(), record()
    wait = asyncio.ensure_future(books.outcome(one))
    await asyncio.sleep(0)
    books.tell(one, LOST)
    books.clear(one)
    await asyncio.sleep(0)
    assert not wait.done()
    books.move(one, Event.SUCCEEDED, task=task())
    assert await wait is one.task


@virtual_time
async def test_waiters_and_readers_go_over_to_the_successor() -> None:
    """When another record takes its place, nobody is left with the old one."""
    books, one, successor = tracker(), record(), record()
    feed = Feed()
    one.feeds = [feed]
    books.add(one)
    wait = asyncio.ensure_future(books.outcome(one))
    change = asyncio.ensure_future(books.change(one))
    await asyncio.sleep(0)
    books.supersede(one, successor)
    await change
    assert books.with_key("order-17") is successor
    assert one.latest is successor
    books.move(successor, Event.RUNNING)
    update = await feed.pull()
    assert update is not None and update.state is State.IN_PROGRESS
    books.move(successor, Event.SUCCEEDED, task=task())
    assert await wait is successor.task


@virtual_time
async def test_a_step_wakes_watchers_and_only_an_outcome_wakes_waiters() -> None:
    """Waiters do not hear of what concerns them not."""
    books, one = tracker(), record()
    wait = asyncio.ensure_future(books.outcome(one))
    change = asyncio.ensure_future(books.change(one))
    await asyncio.sleep(0)
    books.move(one, Event.RUNNING)
    await change
    assert one.waiters is not None
    assert [waiter.done() for waiter in one.waiters] == [False]
    wait.cancel()
