"""What holds of a client at any quiet moment, whatever has happened to it."""

from __future__ import annotations

from collections import Counter
from typing import Any

from mjflow import Client
from mjflow.engine.pasts import past_of
from mjflow.engine.record import Record
from mjflow.fsm.events import Event
from mjflow.fsm.observe import observe
from mjflow.fsm.replay import replay
from mjflow.fsm.states import LOOKED_AT, SETTLED, State
from mjflow.journal.memory import MemoryStore
from mjflow.journal.store import Attempt
from mjflow.protocol.status import Status

#: Where a record is, and whether an answer is out.
Position = tuple[State, bool]


def check_books(client: Client) -> None:
    """Compare the statistics with the records, and the places in flight with who holds them."""
    engine = client._engine
    records = list(engine.tracker)
    statistics = client.statistics()
    placed = [record for record in records if record.placed]
    assert statistics.in_flight == len(placed), placed
    assert not [record for record in placed if record.state in SETTLED | {State.IN_DOUBT}]
    known = Counter(record.state for record in records)
    assert known <= Counter(statistics.states), statistics
    bugs: Any = engine._crew._bugs
    assert bugs == [], bugs


async def check_journal(client: Client, store: MemoryStore, namespace: str) -> None:
    """Replay what the journal has on each record: it is where the record is, give or take looks."""
    for record in client._engine.tracker:
        # What becomes of several tasks that one button started is not the journal's word.
        if record.token and not record.children:
            attempt = await attempt_of(store, namespace, record)
            events = past_of(attempt).events
            reached = _seen_after(events)
            if not attempt.notes or attempt.notes[-1].event is Event.ANSWER_INTENT:
                # The answer may be on its way; the journal alone would tell of silence.
                reached |= _seen_after(events[:-1])
            assert (record.state, record.answered) in reached, (record, events)


async def attempt_of(store: MemoryStore, namespace: str, record: Record) -> Attempt:
    """Find the attempt in which a record stands."""
    for attempt in await store.attempts(namespace, record.key):
        if attempt.intent.token == record.token:
            return attempt
    raise AssertionError(f"the journal does not know {record}")


def _seen_after(events: tuple[Event, ...]) -> set[Position]:
    """Return where looks, which no journal keeps, can have led a record after these events."""
    ways = {replay(events): events}
    open_ends = list(ways)
    while open_ends:
        position = open_ends.pop()
        for look in _looks_at(*position):
            way = (*ways[position], look)
            after = replay(way)
            if after not in ways:
                ways[after] = way
                open_ends.append(after)
    return set(ways)


#: What a look may show that is not kept; the server's last word is.
_UNKEPT = [status for status in Status if not status.ended]


def _looks_at(state: State, answered: bool) -> set[Event]:
    if state not in LOOKED_AT:
        return set()
    shown = {
        observe(state, status, answered=answered, rows=rows)
        for status in _UNKEPT
        for rows in (1, 2)
    }
    return shown | {Event.DEADLINE}
