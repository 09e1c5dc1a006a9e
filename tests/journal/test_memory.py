"""The journal in memory: the contract, and what it forgets on purpose."""

from __future__ import annotations

import pytest

from mjflow.fsm.events import Event
from mjflow.journal.memory import MemoryStore
from mjflow.journal.store import ANONYMOUS, SavedPicture

from .contract import StoreContract, intent, note

ENDINGS = [
    Event.SUCCEEDED,
    Event.FAILED,
    Event.CANCELLED,
    Event.REFUSED,
    Event.WITHDRAWN,
    Event.ABSENT,
]


class TestMemoryStore(StoreContract):
    """What every journal keeps."""

    def make(self) -> MemoryStore:
        return MemoryStore()


@pytest.mark.parametrize("ending", ENDINGS)
async def test_what_nobody_can_ask_for_is_dropped_when_it_ends(ending: Event) -> None:
    """A key that mjflow made up is forgotten with all its attempts: a long batch fills nothing."""
    store, key = MemoryStore(), f"{ANONYMOUS}1"
    await store.intend(intent(1, key=key))
    await store.note(intent(1, key=key).token, note(Event.REJECTED))
    await store.intend(intent(2, key=key))
    assert repr(store) == "<MemoryStore: 2 attempts>"
    await store.note(intent(2, key=key).token, note(ending))
    assert repr(store) == "<MemoryStore: 0 attempts>"
    assert await store.attempts(intent().namespace, key) == ()
    await store.note(intent(2, key=key).token, note(Event.FOUND))


@pytest.mark.parametrize("ending", ENDINGS)
async def test_a_key_of_the_callers_own_is_kept(ending: Event) -> None:
    """It may be asked for again at any time."""
    store = MemoryStore()
    await store.intend(intent())
    await store.note(intent().token, note(ending))
    assert len(await store.attempts(intent().namespace, "k")) == 1


async def test_a_refused_intent_leaves_nothing_behind() -> None:
    """Neither the key nor the token of an intent that was not written is kept."""
    store = MemoryStore()
    with pytest.raises(Exception, match="attempt 7"):
        await store.intend(intent(7))
    assert repr(store) == "<MemoryStore: 0 attempts>"
    await store.note(intent(7).token, note(Event.ACCEPTED))
    assert await store.attempts(intent().namespace, "k") == ()


async def test_saved_pictures_are_kept_in_order() -> None:
    """`pictures` is what was saved, oldest first."""
    store = MemoryStore()
    saved = [SavedPicture(task_id=n, path=f"{n}.png", size=1, sha256="0") for n in "12"]
    for one in saved:
        await store.saved(one)
    assert store.pictures == saved
