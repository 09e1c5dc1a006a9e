"""What every journal has to keep: one class of tests, inherited by those of each store."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve

from mjflow.fsm.events import Event
from mjflow.journal.store import (
    ANONYMOUS,
    AttemptExists,
    Intent,
    Lease,
    LeaseLost,
    Mark,
    Note,
    RunHeader,
    SavedPicture,
    Store,
)

BASE = "https://mj.example"
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


_ASKED = [Event.DIALOG]
_SENT = [Event.DIALOG, Event.ANSWER_INTENT]
_DOUBTED = [*_SENT, Event.ANSWER_UNANSWERED]

#: What was noted of attempts, and whether their dialogs may be answered then.
ANSWERS: list[tuple[list[Event], bool]] = [
    ([], True),
    (_ASKED, True),
    ([Event.ACCEPTED], True),
    (_SENT, False),
    (_DOUBTED, False),
    ([*_SENT, Event.ANSWER_ACCEPTED], False),
    ([*_DOUBTED, Event.ANSWER_ACCEPTED], False),
    ([*_SENT, Event.ANSWER_REJECTED], True),
    ([*_SENT, Event.ANSWER_REFUSED], True),
    ([*_DOUBTED, Event.ANSWER_ABSENT], True),
    ([*_DOUBTED, Event.ANSWER_FORCED], True),
    ([*_DOUBTED, Event.ANSWER_FORCED, Event.ANSWER_ACCEPTED], False),
    ([*_DOUBTED, Event.ANSWER_ACCEPTED, Event.ANSWER_FORCED], False),
    ([*_SENT, Event.ANSWER_REJECTED, Event.ANSWER_INTENT], False),
    ([*_SENT, Event.ANSWER_REJECTED, Event.ANSWER_INTENT, Event.ANSWER_REFUSED], True),
    ([*_ASKED, Event.FAILED], False),
    ([*_SENT, Event.ANSWER_REJECTED, Event.SUCCEEDED], False),
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


def header(name: str = "night-1", *, namespace: str = BASE, payload: bytes = b"flow") -> RunHeader:
    return RunHeader(namespace=namespace, name=name, payload=payload, written_at=AT)


def mark(key: str, *, namespace: str = BASE, payload: bytes = b"files") -> Mark:
    return Mark(namespace=namespace, key=key, payload=payload, written_at=AT)


class StoreContract(ABC):
    """Inherit it as `TestSomeStore` and say how to make one."""

    @abstractmethod
    def make(self) -> Store:
        """Make an empty store."""

    @asynccontextmanager
    async def store(self) -> AsyncIterator[Store]:
        store = self.make()
        await store.start()
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

    @pytest.mark.parametrize("event", [event for event in Event if event in OVER])
    async def test_a_request_that_is_sent_again_is_kept_once(self, event: Event) -> None:
        """Unless the one before it may still turn up, or was refused for good."""
        async with self.store() as store:
            await store.intend(intent(1))
            await store.note(intent(1).token, note(event, b"why"))
            (before,) = await store.attempts(BASE, "k")
            await store.intend(intent(2))
            first, second = await store.attempts(BASE, "k")
            again = event in (Event.REJECTED, Event.WITHDRAWN)
            assert before.intent == intent(1)
            assert first.intent == evolve(intent(1), payload=b"" if again else intent(1).payload)
            assert (second.intent, list(first.notes)) == (intent(2), [note(event, b"why")])

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

    async def test_a_store_is_used_again_after_it_was_closed(self) -> None:
        """Another client, later in the same process, finds all that has been written."""
        store = self.make()
        await store.start()
        await store.intend(intent())
        await store.aclose()
        await store.start()
        (attempt,) = await store.attempts(BASE, "k")
        await store.note(intent().token, note(Event.REJECTED))
        await store.intend(intent(2))
        await store.aclose()
        assert attempt.intent == intent()

    async def test_closing_twice_is_harmless(self) -> None:
        """Whoever closes last need not know, nor whether it was ever opened."""
        store = self.make()
        await store.aclose()
        await store.start()
        await store.aclose()
        await store.aclose()

    async def test_of_two_who_share_it_the_first_to_close_takes_nothing_away(self) -> None:
        """Two clients may have one store, and end in any order."""
        store = self.make()
        await store.start()
        await store.start()
        await store.aclose()
        await store.intend(intent())
        assert len(await store.attempts(BASE, "k")) == 1
        await store.aclose()

    # --- the history of an item -----------------------------------------------------------

    async def test_a_history_is_all_that_begins_so(self) -> None:
        """All attempts of the keys with a prefix, ended or not, with what became of them."""
        async with self.store() as store:
            for key in ("@n/1/a", "@n/10/a", "@n/1", "@n/1/b", "@n/2/a", "x"):
                await store.intend(intent(key=key))
            await store.intend(intent(key="@n/1/a", namespace="https://other.example"))
            await store.note(intent(key="@n/1/a").token, note(Event.REJECTED))
            await store.intend(intent(2, key="@n/1/a"))
            await store.note(intent(key="@n/1/b").token, note(Event.SUCCEEDED, b"{}"))
            found = await store.history(BASE, "@n/1/")
            assert [(one.intent.key, one.intent.attempt) for one in found] == [
                ("@n/1/a", 1),
                ("@n/1/b", 1),
                ("@n/1/a", 2),
            ]
            assert [[said.event for said in one.notes] for one in found] == [
                [Event.REJECTED],
                [Event.SUCCEEDED],
                [],
            ]
            assert len(await store.history(BASE, "")) == 7
            assert list(await store.history(BASE, "@n/3/")) == []

    @pytest.mark.parametrize(
        "odd", ["%", "_", "*", "猫", "\N{GRINNING FACE}", "\ud7ff", "\ue000", "[a]", "'", "\0"]
    )
    async def test_odd_keys_are_keys_like_others(self, odd: str) -> None:
        """Nothing in a key means anything: neither for equality nor at the end of a prefix."""
        keys = [f"a{odd}", f"a{odd}z", f"a{odd}\N{GRINNING FACE}", "aa", "ab", "A", "b", "a"]
        async with self.store() as store:
            for key in keys:
                await store.intend(intent(key=key))
                await store.mark(mark(key))
            found = await store.history(BASE, f"a{odd}")
            marked = await store.marks(BASE, f"a{odd}")
            assert [one.intent.key for one in found] == keys[:3]
            assert [one.key for one in marked] == keys[:3]
            assert [one.intent.key for one in await store.attempts(BASE, keys[0])] == keys[:1]

    async def test_a_history_does_not_change(self) -> None:
        """It is as it was when it was read."""
        async with self.store() as store:
            await store.intend(intent())
            (before,) = await store.history(BASE, "k")
            await store.note(intent().token, note(Event.ACCEPTED))
            assert list(before.notes) == []

    # --- runs and marks -------------------------------------------------------------------

    async def test_a_run_is_kept_as_it_was_given(self) -> None:
        """By its name and its server; nobody has begun another one."""
        async with self.store() as store:
            await store.begin(header())
            assert await store.run(BASE, "night-1") == header()
            assert await store.run(BASE, "night-2") is None
            assert await store.run("https://other.example", "night-1") is None

    async def test_runs_of_all_servers_are_listed_oldest_first(self) -> None:
        """A header written again takes the place of the old one, and is the newest."""
        async with self.store() as store:
            assert list(await store.runs()) == []
            elsewhere = header(namespace="https://other.example")
            changed = header(payload=b"more steps")
            for one in (header(), header("a"), elsewhere, changed):
                await store.begin(one)
            assert list(await store.runs()) == [header("a"), elsewhere, changed]

    async def test_marks_are_found_by_how_their_keys_begin(self) -> None:
        """Of one server, the oldest first; a later one of the same key is another one."""
        async with self.store() as store:
            elsewhere = mark("@n/1/a", namespace="https://other.example")
            for one in (mark("@n/1/a"), mark("@n/1/b"), mark("@n/2/a"), elsewhere):
                await store.mark(one)
            await store.mark(mark("@n/1/a", payload=b"other files"))
            assert list(await store.marks(BASE, "@n/1/")) == [
                mark("@n/1/b"),
                mark("@n/1/a", payload=b"other files"),
            ]
            assert len(await store.marks(BASE, "")) == 3

    # --- leases ---------------------------------------------------------------------------

    async def test_a_lease_is_taken_once(self) -> None:
        """Who comes second gets none, and sees who has it."""
        async with self.store() as store:
            assert await store.lease("run/a") is None
            mine = await store.take("run/a", "me")
            assert mine == Lease(name="run/a", owner="me", epoch=1, beat=0)
            assert await store.take("run/a", "you") is None
            assert await store.take("run/b", "you") is not None
            assert await store.lease("run/a") == mine

    async def test_of_many_at_once_one_gets_the_lease(self) -> None:
        """And the others know that they did not."""
        async with self.store() as store:
            taken = await asyncio.gather(*(store.take("run/a", f"{n}") for n in range(9)))
            assert [bool(one) for one in taken].count(True) == 1

    async def test_a_renewal_counts_its_beat(self) -> None:
        """The beat tells others that the holder lives; an older look at one's own is good, too."""
        async with self.store() as store:
            mine = await store.take("run/a", "me")
            assert mine is not None
            once = await store.renew(mine)
            twice = await store.renew(mine)
            assert (once.beat, twice.beat, twice.epoch) == (1, 2, 1)
            assert await store.lease("run/a") == twice

    async def test_a_lease_is_taken_over_as_it_was_seen(self) -> None:
        """Whoever takes it over has the next epoch, and the former holder has lost it."""
        async with self.store() as store:
            old = await store.take("run/a", "gone")
            assert old is not None
            new = await store.take("run/a", "me", old)
            assert new == Lease(name="run/a", owner="me", epoch=2)
            assert await store.take("run/a", "you", old) is None
            with pytest.raises(LeaseLost):
                await store.renew(old)
            assert await store.lease("run/a") == new

    async def test_a_holder_who_lives_is_not_taken_over(self) -> None:
        """One beat since the look, and the taker was mistaken."""
        async with self.store() as store:
            seen = await store.take("run/a", "alive")
            assert seen is not None
            await store.renew(seen)
            assert await store.take("run/a", "me", seen) is None

    async def test_what_was_given_back_meanwhile_is_taken(self) -> None:
        """There is nobody left to be taken over from."""
        async with self.store() as store:
            seen = await store.take("run/a", "gone")
            assert seen is not None
            await store.release(seen)
            new = await store.take("run/a", "me", seen)
            assert new is not None
            assert new.epoch == 2

    async def test_a_lease_given_back_is_nobodys(self) -> None:
        """The next holder has the next epoch, so that an old one never counts again."""
        async with self.store() as store:
            first = await store.take("run/a", "me")
            assert first is not None
            await store.release(await store.renew(first))
            assert await store.lease("run/a") is None
            with pytest.raises(LeaseLost):
                await store.renew(first)
            second = await store.take("run/a", "you")
            await store.release(first)
            assert second == await store.lease("run/a") == Lease(name="run/a", owner="you", epoch=2)

    async def test_giving_back_what_one_never_had_is_no_error(self) -> None:
        """Closing need not know."""
        async with self.store() as store:
            await store.release(Lease(name="run/z", owner="me", epoch=1))
            assert await store.lease("run/z") is None

    @pytest.mark.parametrize(("events", "may"), ANSWERS, ids=repr)
    async def test_a_dialog_is_answered_once(self, events: list[Event], may: bool) -> None:
        """Another answer may leave after a definite no to the last one, or a person's word."""
        async with self.store() as store:
            await store.intend(intent())
            for event in events:
                await store.note(intent().token, note(event))
            if may:
                await store.note(intent().token, note(Event.ANSWER_INTENT))
            else:
                with pytest.raises(AttemptExists):
                    await store.note(intent().token, note(Event.ANSWER_INTENT))
            (attempt,) = await store.attempts(BASE, "k")
            expected = [*events, Event.ANSWER_INTENT] if may else events
            assert [one.event for one in attempt.notes] == expected

    async def test_of_two_answers_at_once_one_is_written(self) -> None:
        """The others know that it is not theirs to send."""
        async with self.store() as store:
            await store.intend(intent())
            results = await asyncio.gather(
                *(store.note(intent().token, note(Event.ANSWER_INTENT)) for _ in range(5)),
                return_exceptions=True,
            )
            assert [type(one) for one in results if one is not None] == [AttemptExists] * 4
            (attempt,) = await store.attempts(BASE, "k")
            assert len(attempt.notes) == 1

    async def test_an_answer_to_nobodys_dialog_is_no_error(self) -> None:
        """Of a task that somebody else has begun, this journal knows nothing."""
        async with self.store() as store:
            for _ in range(2):
                await store.note("unheard of", note(Event.ANSWER_INTENT))

    async def test_an_intent_under_a_lease_is_written_while_it_holds(self) -> None:
        """Whatever its beat; the lease is not part of what is kept."""
        async with self.store() as store:
            lease = await store.take("run/a", "me")
            assert lease is not None
            await store.renew(lease)
            await store.intend(evolve(intent(), lease=lease))
            (attempt,) = await store.attempts(BASE, "k")
            assert attempt.intent == intent()

    async def test_an_intent_under_a_lost_lease_is_refused(self) -> None:
        """A frozen holder that wakes up writes nothing more, taken over or given back."""
        async with self.store() as store:
            old = await store.take("run/a", "frozen")
            assert old is not None
            new = await store.take("run/a", "me", old)
            assert new is not None
            with pytest.raises(LeaseLost):
                await store.intend(evolve(intent(), lease=old))
            await store.intend(evolve(intent(key="other"), lease=new))
            await store.release(new)
            with pytest.raises(LeaseLost):
                await store.intend(evolve(intent(), lease=new))
            assert list(await store.attempts(BASE, "k")) == []

    async def test_what_is_written_under_a_lease_is_kept_while_it_holds(self) -> None:
        """An answer, a mark, a header; the lease is not part of what is kept."""
        async with self.store() as store:
            lease = await store.take("run/a", "me")
            assert lease is not None
            await store.intend(intent())
            await store.note(intent().token, evolve(note(Event.ANSWER_INTENT), lease=lease))
            await store.mark(evolve(mark("@n/1/a"), lease=lease))
            await store.begin(evolve(header(), lease=lease))
            (attempt,) = await store.attempts(BASE, "k")
            assert list(attempt.notes) == [note(Event.ANSWER_INTENT)]
            assert list(await store.marks(BASE, "")) == [mark("@n/1/a")]
            assert await store.run(BASE, "night-1") == header()

    async def test_what_is_written_under_a_lost_lease_is_refused(self) -> None:
        """What its heir has written meanwhile stands."""
        async with self.store() as store:
            old = await store.take("run/a", "frozen")
            assert old is not None
            await store.intend(intent())
            await store.mark(mark("@n/1/a"))
            await store.begin(header())
            await store.take("run/a", "me", old)
            for write in (
                store.note(intent().token, evolve(note(Event.ANSWER_INTENT), lease=old)),
                store.mark(evolve(mark("@n/1/a", payload=b"other"), lease=old)),
                store.begin(evolve(header(payload=b"other"), lease=old)),
            ):
                with pytest.raises(LeaseLost):
                    await write
            (attempt,) = await store.attempts(BASE, "k")
            assert list(attempt.notes) == []
            assert list(await store.marks(BASE, "")) == [mark("@n/1/a")]
            assert await store.run(BASE, "night-1") == header()
