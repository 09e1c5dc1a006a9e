"""What is asserted on the books."""

from __future__ import annotations

import pytest

from mjflow.testing import Entry, Ledger, Submit, assert_paid_once
from mjflow.testing.books import LiveLedger


def submit(act: str = "imagine", token: str = "mj1.t", **changes: object) -> Submit:
    """Make a submit that was accepted and charged."""
    given: dict[str, object] = {
        "at": 5.0,
        "act": act,
        "state": f"{token}:mine",
        "task_id": "7",
        "status": 200,
        "code": 1,
        "exists": True,
        "charged": 0.1,
        **changes,
    }
    return Submit(**given)  # type: ignore[arg-type]


FREE = submit("action", charged=0.0)
CLICK = submit("action")
ANSWER = submit("modal", parent="7")


@pytest.mark.parametrize(
    "submits",
    [
        [],
        [submit()],
        [submit(token="mj1.a"), submit(token="mj1.b")],
        # Refused, and sent again under the same token.
        [submit(exists=False, charged=0.0, task_id=None, status=429, code=30), submit()],
        # In remix mode the click is paid, and so is the answer under the same token.
        [CLICK, ANSWER],
        # An answer that was refused, and the one that was taken.
        [CLICK, submit("modal", parent="7", exists=False, charged=0.0), ANSWER],
        # A click that costs nothing may be sent again.
        [FREE, FREE],
        # Whoever sends no state, as for an upload, can't be told apart.
        [submit(state=""), submit(state="")],
    ],
)
def test_what_is_paid_once_passes(submits: list[Submit]) -> None:
    """One charge for each token, one answer for each dialog."""
    assert_paid_once(Ledger(submits=submits))


def test_a_token_charged_twice_is_listed_with_its_requests() -> None:
    """The message says when, which tasks, how much, and which faults struck."""
    twice = [submit(faults=("lost-reply",)), submit(at=95.0, task_id="8")]
    assert complaint(Ledger(submits=[submit(token="mj1.other"), *twice])) == (
        "paid more than once:\n"
        "  token mj1.t was charged 2 times:\n"
        "    imagine at 5.0 s: task 7, 0.1 USD, answered 200 with code 1, lost-reply\n"
        "    imagine at 95.0 s: task 8, 0.1 USD, answered 200 with code 1"
    )


def test_a_dialog_answered_twice_is_listed_with_its_answers() -> None:
    """Two answers are one too many, whatever their tokens are."""
    other = submit("modal", token="mj1.other", parent="6")
    again = submit("modal", token="mj1.again", parent="7", at=60.0)
    assert complaint(Ledger(submits=[CLICK, ANSWER, other, again])) == (
        "paid more than once:\n"
        "  dialog 7 was answered 2 times:\n"
        "    modal at 5.0 s: task 7, 0.1 USD, answered 200 with code 1\n"
        "    modal at 60.0 s: task 7, 0.1 USD, answered 200 with code 1"
    )


def complaint(ledger: Ledger) -> str:
    with pytest.raises(AssertionError) as caught:
        assert_paid_once(ledger)
    return str(caught.value)


def test_a_live_ledger_is_asked_for_each_time() -> None:
    """It has whatever the books have by now."""
    books = [Ledger(), Ledger([Entry("charge", "7", "IMAGINE", 0.1, "", 0.0)])]
    live = LiveLedger(lambda: books.pop(0) if len(books) > 1 else books[0])
    assert (live.total, live.total) == (0.0, 0.1)
    assert repr(live) == repr(books[0])
