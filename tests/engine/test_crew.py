"""The engine's asyncio tasks: who ends how when all is closed."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from mjflow.engine.act import Act, Attach
from mjflow.engine.crew import Crew
from mjflow.engine.record import Record
from mjflow.errors import CannotWrite, IllegalTransition, InvalidInput, MjflowError
from mjflow.fsm.events import Event
from mjflow.fsm.states import State
from tests.virtual import virtual_time

Failure = tuple[Record, MjflowError]


def record(state: State = State.NEW) -> Record:
    return Record(act=Act(what=Attach()), key="a", state=state)


def crew(failures: list[Failure] | None = None) -> Crew:
    told = [] if failures is None else failures
    made = Crew(lambda record, error: told.append((record, error)))
    made.open()
    return made


async def fails(error: Exception) -> None:
    raise error


# --- open and closed ----------------------------------------------------------------------


@pytest.mark.parametrize("closed", [False, True], ids=["not open", "closed"])
@virtual_time
async def test_errands_are_run_only_while_the_crew_is_open(closed: bool) -> None:
    """Before and after, a clear error says so, and the errand's coroutine is not left over."""
    some = Crew(lambda *_: None)
    if closed:
        some.open()
        await some.close()
    with pytest.raises(InvalidInput, match="is closed" if closed else "is not open"):
        some.run(asyncio.sleep(0))


@virtual_time
async def test_a_crew_opens_once() -> None:
    """What was closed stays closed, for its connections and its books are gone."""
    some = crew()
    with pytest.raises(InvalidInput, match="was opened before"):
        some.open()
    await some.close()
    with pytest.raises(InvalidInput, match="was opened before"):
        some.open()


@virtual_time
async def test_closing_cancels_errands_and_waits_for_their_end() -> None:
    """An errand that tidies up is given the time."""
    some, tidied = crew(), []

    async def tidy() -> None:
        try:
            await asyncio.sleep(3600)
        finally:
            await asyncio.sleep(5)
            tidied.append(True)

    some.run(tidy())
    await asyncio.sleep(0)
    await some.close()
    assert tidied == [True]
    assert len(asyncio.all_tasks()) == 1


# --- failures -----------------------------------------------------------------------------


@virtual_time
async def test_a_bug_is_logged_at_once_told_to_its_record_and_raised_at_the_end(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The others go on meanwhile."""
    failures: list[Failure] = []
    some, mine = crew(failures), record()
    other = some.run(asyncio.sleep(60))
    some.carry(mine, fails(ZeroDivisionError("what a bug")))
    await asyncio.sleep(1)
    ((hurt, told),) = failures
    assert hurt is mine
    assert told.message == "a bug in mjflow: ZeroDivisionError('what a bug')"
    assert isinstance(told.__cause__, ZeroDivisionError)
    assert [line.levelno for line in caplog.records] == [logging.ERROR]
    assert not other.done()
    await some.close()
    with pytest.raises(ExceptionGroup) as raised:
        some.check_bugs()
    assert [type(error) for error in raised.value.exceptions] == [ZeroDivisionError]


@virtual_time
async def test_an_error_of_ours_is_told_and_is_no_bug() -> None:
    """A full disk is nothing to report."""
    failures: list[Failure] = []
    some, mine, full = crew(failures), record(), CannotWrite("the disk is full")
    some.carry(mine, fails(full))
    await asyncio.sleep(1)
    await some.close()
    some.check_bugs()
    assert failures == [(mine, full)]


@virtual_time
async def test_an_illegal_step_is_a_bug() -> None:
    """The automaton's own error says so itself."""
    failures: list[Failure] = []
    some, illegal = crew(failures), IllegalTransition(State.NEW, Event.SUCCEEDED)
    some.carry(record(), fails(illegal))
    await asyncio.sleep(1)
    await some.close()
    assert failures[0][1] is illegal
    with pytest.raises(ExceptionGroup):
        some.check_bugs()


@virtual_time
async def test_a_bug_of_an_errand_without_a_record_is_raised_at_the_end() -> None:
    """There is nobody to tell, and it does not pass in silence."""
    failures: list[Failure] = []
    some = crew(failures)
    some.run(fails(ZeroDivisionError()))
    await asyncio.sleep(1)
    await some.close()
    assert failures == []
    with pytest.raises(ExceptionGroup):
        some.check_bugs()


# --- draining -----------------------------------------------------------------------------


@pytest.mark.parametrize("state", [State.SUBMITTING, State.ANSWERING, State.IN_PROGRESS])
@pytest.mark.parametrize("sends", [False, True])
@virtual_time
async def test_draining_tears_only_what_has_nothing_paid_on_the_wire(
    state: State, sends: bool
) -> None:
    """A carrier on the wire is waited for, whatever its record's state; the others are not."""
    some, ends = crew(), []
    sending: set[Any] = set()

    async def carry() -> None:
        if sends:
            sending.add(asyncio.current_task())
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            ends.append("torn")
            raise
        ends.append("whole")

    some.carry(record(state), carry())
    await asyncio.sleep(0)
    await some.drain(95, sending)
    assert ends == ["whole" if sends else "torn"]
    await some.close()


@virtual_time
async def test_draining_has_an_end() -> None:
    """A server that never answers does not keep the program for ever."""
    some, loop = crew(), asyncio.get_running_loop()
    some.carry(record(State.SUBMITTING), asyncio.sleep(3600))
    (carrier,) = some._carriers
    begun = loop.time()
    await some.drain(95, {carrier})
    assert loop.time() - begun == pytest.approx(95, abs=0.1)
    await some.close()
