"""What every journal has to keep: one class of tests, inherited by those of each store."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from mjflow.fsm.events import Event
from mjflow.journal.store import ANONYMOUS, AttemptExists, Intent, Note, SavedPicture, Store

AT = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)

#: After these the next attempt may be written (design: attempts).
OVER = {Event.REJECTED, Event.REFUSED, Event.WITHDRAWN, Event.ABSENT, Event.FORCED}

#: What was noted of attempts of which something is still to come, and of all others.
OPEN = [
    [],
    [Event.UNANSWERED],
    [Event.ACCEPTED],
    [Event.UNANSWERED, Event.FORCED, Event.FOUND],
    [Event.UNANSWERED, Event.FOUND, Event.REJECTED],
    [Event.DIALOG, Event.ANSWER_INTENT, Event.ANSWER_UNANSWERED],
    [Event.DIALOG, Event.ANSWER_INTENT, Event.ANSWER_REFUSED],
]
SHUT = [
    *([event] for event in sorted(OVER, key=lambda event: event.name)),
    [Event.ACCEPTED, Event.SUCCEEDED],
    [Event.ACCEPTED, Event.FAILED],
    [Event.CANCELLED],
    [Event.UNANSWERED, Event.ABSENT],
    [Event.UNANSWERED, Event.FORCED],
    [Event.UNANSWERED, Event.FOUND, Event.SUCCEEDED, Event.REFUSED],
]


def intent(
    attempt: int = 1, *, key: str = "k", namespace: str = "https://mj.example", token: str = ""
) -> Intent:
    return Intent(
        namespace=namespace,
        key=key,
        attempt=attempt,
        token=token or f"{namespace}-{key}-{attempt}",
        digest="d" * 64,
        payload=b'{"prompt":"a cat \xe7\x8c\xab"}',
        written_at=AT,
    )


def note(event: Event, payload: bytes = b"") -> Note:
    return Note(event=event, payload=payload, written_at=AT + timedelta(seconds=1))


class StoreContract(ABC):
    """Inherit it as `TestSomeStore` and say how to make one."""

    @abstractmethod
    def make(self) -> Store:
        """Make an empty store."""

    @asynccontextmanager
    async def store(self) -> AsyncIterator[Store]:
        store = self.make()
        try:
            yield store
        finally:
            await store.aclose()

    async def test_an_unknown_key_has_no_attempts(self) -> None:
        """A key nobody used is no error."""
        async with self.store() as store:
            assert list(await store.attempts("https://mj.example", "k")) == []

    async def test_an_intent_is_kept_as_it_was_given(self) -> None:
        """Bytes, times and all come back unchanged, with no word about what came of it."""
        async with self.store() as store:
            await store.intend(intent())
            (attempt,) = await store.attempts("https://mj.example", "k")
            assert (attempt.intent, list(attempt.notes)) == (intent(), [])

    async def test_notes_stand_behind_their_attempt_in_order(self) -> None:
        """A token finds its attempt; what is noted is kept in the order in which it came."""
        first = [note(Event.REJECTED, b'{"reason":"full"}')]
        second = [note(Event.DIALOG, b"{}"), note(Event.ANSWER_INTENT), note(Event.ANSWER_REJECTED)]
        async with self.store() as store:
            await store.intend(intent(1))
            for one in first:
                await store.note(intent(1).token, one)
            await store.intend(intent(2))
            for one in second:
                await store.note(intent(2).token, one)
            attempts = await store.attempts("https://mj.example", "k")
            assert [attempt.intent.attempt for attempt in attempts] == [1, 2]
            assert [list(attempt.notes) for attempt in attempts] == [first, second]

    async def test_what_was_read_does_not_change(self) -> None:
        """Attempts are as they were when they were read, whatever is noted later."""
        async with self.store() as store:
            await store.intend(intent())
            (before,) = await store.attempts("https://mj.example", "k")
            await store.note(intent().token, note(Event.ACCEPTED))
            (after,) = await store.attempts("https://mj.example", "k")
            assert (list(before.notes), len(after.notes)) == ([], 1)

    async def test_keys_and_namespaces_are_apart(self) -> None:
        """The same key at another server, and another key, are other tasks."""
        async with self.store() as store:
            for one in (intent(), intent(key="other"), intent(namespace="https://other.example")):
                await store.intend(one)
            await store.note(intent(key="other").token, note(Event.ACCEPTED))
            (attempt,) = await store.attempts("https://mj.example", "k")
            assert (attempt.intent, list(attempt.notes)) == (intent(), [])

    @pytest.mark.parametrize("event", Event)
    async def test_the_next_attempt_needs_a_definite_end_of_the_last(self, event: Event) -> None:
        """Only what is rejected, refused, withdrawn, absent or forced makes room for another."""
        async with self.store() as store:
            await store.intend(intent(1))
            await store.note(intent(1).token, note(event))
            if event in OVER:
                await store.intend(intent(2))
            else:
                with pytest.raises(AttemptExists):
                    await store.intend(intent(2))
            written = await store.attempts("https://mj.example", "k")
            assert len(written) == (2 if event in OVER else 1)

    @pytest.mark.parametrize("found", [Event.ACCEPTED, Event.DIALOG, Event.FOUND])
    async def test_a_late_no_does_not_undo_a_task_that_was_found(self, found: Event) -> None:
        """Presence proves: a paid task is never bought again because a late reply says no."""
        async with self.store() as store:
            await store.intend(intent(1))
            for event in (Event.UNANSWERED, found, Event.REJECTED):
                await store.note(intent(1).token, note(event))
            with pytest.raises(AttemptExists):
                await store.intend(intent(2))

    async def test_an_attempt_without_a_word_about_it_is_open(self) -> None:
        """The request may be on the wire: no other may be written."""
        async with self.store() as store:
            await store.intend(intent(1))
            with pytest.raises(AttemptExists):
                await store.intend(intent(2, token="another"))

    async def test_only_the_last_word_counts(self) -> None:
        """A task found after it was given up is no room for another attempt."""
        async with self.store() as store:
            await store.intend(intent(1))
            for event in (Event.UNANSWERED, Event.FORCED, Event.FOUND):
                await store.note(intent(1).token, note(event))
            with pytest.raises(AttemptExists):
                await store.intend(intent(2))

    @pytest.mark.parametrize("number", [0, 1, 3])
    async def test_attempts_are_counted_without_gaps(self, number: int) -> None:
        """After the first comes the second, and nothing else."""
        async with self.store() as store:
            await store.intend(intent(1))
            await store.note(intent(1).token, note(Event.REJECTED))
            with pytest.raises(AttemptExists):
                await store.intend(intent(number, token="another"))

    @pytest.mark.parametrize("number", [0, 2])
    async def test_the_first_attempt_is_number_one(self, number: int) -> None:
        """A refused intent leaves nothing behind."""
        async with self.store() as store:
            with pytest.raises(AttemptExists):
                await store.intend(intent(number))
            assert list(await store.attempts("https://mj.example", "k")) == []
            await store.intend(intent(1))

    async def test_of_two_intents_at_once_one_is_written(self) -> None:
        """The key's next attempt goes to one of those who ask for it."""
        async with self.store() as store:
            results = await asyncio.gather(
                *(store.intend(intent(1, token=f"t{n}")) for n in range(5)),
                return_exceptions=True,
            )
            assert [type(one) for one in results if one is not None] == [AttemptExists] * 4
            assert len(await store.attempts("https://mj.example", "k")) == 1

    @pytest.mark.parametrize("events", OPEN, ids=repr)
    async def test_what_is_still_to_come_is_open(self, events: list[Event]) -> None:
        """Without a last word something may run, wait for us, or be in doubt."""
        async with self.store() as store:
            await store.intend(intent())
            for event in events:
                await store.note(intent().token, note(event))
            (attempt,) = await store.open("https://mj.example")
            assert (attempt.intent, [one.event for one in attempt.notes]) == (intent(), events)

    @pytest.mark.parametrize("events", SHUT, ids=repr)
    async def test_what_has_ended_or_came_to_nothing_is_not_open(self, events: list[Event]) -> None:
        """The server's last word ends an attempt, and so does what makes room for another."""
        async with self.store() as store:
            await store.intend(intent())
            for event in events:
                await store.note(intent().token, note(event))
            assert list(await store.open("https://mj.example")) == []

    async def test_open_attempts_come_oldest_first(self) -> None:
        """Of all keys of one namespace, those that nobody can ask for included."""
        keys = ["z", f"{ANONYMOUS}1", "a", "m"]
        async with self.store() as store:
            for key in keys:
                await store.intend(intent(key=key))
            await store.intend(intent(key="b", namespace="https://other.example"))
            await store.note(intent(key="a").token, note(Event.SUCCEEDED))
            await store.note(intent(key="z").token, note(Event.REJECTED))
            await store.intend(intent(2, key="z"))
            found = await store.open("https://mj.example")
            assert [(one.intent.key, one.intent.attempt) for one in found] == [
                (f"{ANONYMOUS}1", 1),
                ("m", 1),
                ("z", 2),
            ]

    async def test_open_attempts_do_not_change(self) -> None:
        """They are as they were when they were read."""
        async with self.store() as store:
            await store.intend(intent())
            (before,) = await store.open("https://mj.example")
            await store.note(intent().token, note(Event.UNANSWERED))
            (after,) = await store.open("https://mj.example")
            assert (list(before.notes), len(after.notes)) == ([], 1)

    async def test_a_note_for_nobody_is_no_error(self) -> None:
        """Late evidence of an attempt that was dropped harms nobody."""
        async with self.store() as store:
            await store.note("unheard of", note(Event.ACCEPTED))

    async def test_a_saved_picture_is_taken(self) -> None:
        """A picture on disk is written down, and the same one twice, too."""
        saved = SavedPicture(task_id="1", path="out/1.png", size=10, sha256="0" * 64)
        async with self.store() as store:
            await store.saved(saved)
            await store.saved(saved)

    async def test_closing_twice_is_harmless(self) -> None:
        """Whoever closes last need not know."""
        store = self.make()
        await store.aclose()
        await store.aclose()
